//! The form of the company.

use chrono_tz::Tz;

use super::NewCompany;
use crate::domain::mail::is_email;
use crate::domain::money::Currency;
use crate::domain::settings::Place;
use crate::running::settings::queries::Company;
use crate::web::forms::{FormData, Problems};
use crate::web::html::DateFormat;

/// What was typed and chosen.
#[derive(Debug, Clone, Default)]
pub struct CompanyForm {
    pub name: String,
    pub address_line1: String,
    pub address_line2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub email: String,
    pub phone: String,
    /// Empty where it is fixed: the page has no field for it then.
    pub currency: String,
    pub time_zone: String,
    pub date_format: String,
    /// How often the company had been saved when the page was shown.
    pub version: String,
    /// The key of the change that the pressed button named; empty where it named none.
    pub confirm: String,
}

impl CompanyForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> CompanyForm {
        let text = |name| form.get(name).to_string();
        CompanyForm {
            name: text("name"),
            address_line1: text("address_line1"),
            address_line2: text("address_line2"),
            city: text("city"),
            state: text("state"),
            postal_code: text("postal_code"),
            country: text("country"),
            email: text("email"),
            phone: text("phone"),
            currency: text("currency"),
            time_zone: text("time_zone"),
            date_format: text("date_format"),
            version: text("version"),
            confirm: text("confirm"),
        }
    }

    /// The form for the company as it is saved.
    pub fn of(company: &Company) -> CompanyForm {
        let company = company.clone();
        CompanyForm {
            name: company.name,
            address_line1: company.address_line1,
            address_line2: company.address_line2,
            city: company.city,
            state: company.state,
            postal_code: company.postal_code,
            country: company.country,
            email: company.email,
            phone: company.phone,
            currency: company.currency,
            time_zone: company.time_zone,
            date_format: company.date_format,
            version: company.version.to_string(),
            confirm: String::new(),
        }
    }

    /// The company, or everything that is wrong with it. `saved` is its currency, for where it is fixed.
    pub fn parse(&self, saved: Currency) -> Result<NewCompany, Problems> {
        let mut problems = Problems::none();
        let new = NewCompany {
            name: problems.text("name", "Name", &self.name, 200),
            address_line1: problems.optional_text("address_line1", "Address", &self.address_line1, 200),
            address_line2: problems.optional_text(
                "address_line2",
                "Address, second line",
                &self.address_line2,
                200,
            ),
            city: problems.optional_text("city", "City", &self.city, 200),
            state: problems.optional_text("state", "State", &self.state, 200),
            postal_code: problems.optional_text("postal_code", "Postal code", &self.postal_code, 200),
            country: problems.optional_text("country", "Country", &self.country, 200),
            email: self.email(&mut problems),
            phone: problems.optional_text("phone", "Phone", &self.phone, 200),
            place: Place { currency: self.currency(&mut problems, saved), zone: self.zone(&mut problems) },
            dates: self.dates(&mut problems),
            // A version that is no number was not made by our page; it counts as an old one.
            version: self.version.parse().unwrap_or(-1),
            confirm: self.confirm.clone(),
        };
        problems.or(new)
    }

    /// Currency and time zone as far as they can be read; what cannot is left as it is saved. For showing
    /// what they would do.
    pub fn place(&self, saved: Place) -> Place {
        Place {
            currency: Currency::from_code(&self.currency).unwrap_or(saved.currency),
            zone: self.time_zone.parse().unwrap_or(saved.zone),
        }
    }

    fn email(&self, problems: &mut Problems) -> String {
        let email = problems.optional_text("email", "E-mail", &self.email, 200);
        if !email.is_empty() && !is_email(&email) {
            problems.add("email", "This is no e-mail address: write it like partners@example.com.");
        }
        email
    }

    fn currency(&self, problems: &mut Problems, saved: Currency) -> Currency {
        if self.currency.is_empty() {
            return saved;
        }
        Currency::from_code(&self.currency).unwrap_or_else(|| {
            problems.add("currency", "Choose a currency from the list.");
            saved
        })
    }

    fn zone(&self, problems: &mut Problems) -> Tz {
        self.time_zone.parse().unwrap_or_else(|_| {
            problems.add("time_zone", "Choose a time zone from the list.");
            Tz::UTC
        })
    }

    fn dates(&self, problems: &mut Problems) -> DateFormat {
        DateFormat::from_code(&self.date_format).unwrap_or_else(|| {
            problems.add("date_format", "Choose how days are written.");
            DateFormat::default()
        })
    }
}
