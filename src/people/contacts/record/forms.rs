//! What is typed about a person: on the forms of contacts, and on those of partners, who are contacts.

use super::{Facts, Record};
use crate::domain::ids::PartnerId;
use crate::domain::mail::is_email;
use crate::domain::typed::Trimmed;
use crate::people::contacts::PostalAddress;
use crate::web::forms::{FormData, Problems};

/// The most characters that one line of a person's record may have.
pub const MOST: usize = 200;

/// What was typed about a contact.
#[derive(Debug, Clone, Default)]
pub struct ContactForm {
    pub name: String,
    pub email: String,
    pub external_id: String,
    pub address: AddressForm,
    pub opted_in: bool,
    /// The partner's code.
    pub sales_rep: String,
    pub version: String,
}

/// What was typed as postal address.
#[derive(Debug, Clone, Default)]
pub struct AddressForm {
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
}

impl ContactForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> ContactForm {
        ContactForm {
            name: form.get("name").into(),
            email: form.get("email").into(),
            external_id: form.get("external_id").into(),
            address: AddressForm::read(form),
            opted_in: form.has("opted_in"),
            sales_rep: form.get("sales_rep").into(),
            version: form.get("version").into(),
        }
    }

    /// The form for a contact that there is.
    pub fn of(record: &Record) -> ContactForm {
        let facts = &record.facts;
        ContactForm {
            name: facts.name.clone(),
            email: facts.email.clone().unwrap_or_default(),
            external_id: facts.external_id.clone().unwrap_or_default(),
            address: AddressForm::of(&facts.address),
            opted_in: facts.opted_in,
            sales_rep: record.sales_rep_code.clone(),
            version: record.version.to_string(),
        }
    }

    /// The sales rep's code in lower case, as partners are looked for; empty where none is named.
    pub fn sales_rep_code(&self) -> String {
        self.sales_rep.trimmed().to_ascii_lowercase()
    }

    /// What it means; `sales_rep` is whom the code was found to name.
    pub fn parse(&self, sales_rep: Option<PartnerId>) -> Result<Facts, Problems> {
        let mut problems = Problems::none();
        let name = problems.optional_text("name", "Name", &self.name, MOST);
        let email = read_email(&mut problems, &self.email);
        let number = problems.optional_text("external_id", "Customer number", &self.external_id, MOST);
        if name.is_empty() && email.is_none() && number.is_empty() {
            problems.add("name", "Give at least a name, an e-mail or a customer number.");
        }
        let address = self.address.parse(&mut problems);
        let external_id = Some(number).filter(|number| !number.is_empty());
        if sales_rep.is_none() && !self.sales_rep_code().is_empty() {
            problems.add(
                "sales_rep",
                "No partner has or had this code. Type the partner’s code, or choose from the list.",
            );
        }
        problems.or(Facts { name, email, external_id, address, opted_in: self.opted_in, sales_rep })
    }

    /// The version that was edited. One that is no number was not made by our page; it counts as an old one.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// Each field as label, what is saved, and what was typed: for two who edit at once.
    pub fn beside(&self, saved: &Record) -> Vec<(&'static str, String, String)> {
        let saved = ContactForm::of(saved);
        let yes = |ticked: bool| if ticked { "yes" } else { "no" }.to_string();
        let mut fields = vec![
            ("Name", saved.name, self.name.clone()),
            ("E-mail", saved.email, self.email.clone()),
            ("Customer number", saved.external_id, self.external_id.clone()),
            ("Wants e-mail", yes(saved.opted_in), yes(self.opted_in)),
            ("Sales rep", saved.sales_rep, self.sales_rep.clone()),
        ];
        fields.extend(self.address.beside(&saved.address));
        fields
    }
}

impl AddressForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> AddressForm {
        AddressForm {
            line1: form.get("address_line1").into(),
            line2: form.get("address_line2").into(),
            city: form.get("city").into(),
            state: form.get("state").into(),
            postal_code: form.get("postal_code").into(),
            country: form.get("country").into(),
        }
    }

    /// The fields of an address that there is.
    pub fn of(address: &PostalAddress) -> AddressForm {
        AddressForm {
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
        }
    }

    /// What it means.
    pub fn parse(&self, problems: &mut Problems) -> PostalAddress {
        PostalAddress {
            line1: problems.optional_text("address_line1", "Address", &self.line1, MOST),
            line2: problems.optional_text("address_line2", "Address, second line", &self.line2, MOST),
            city: problems.optional_text("city", "City", &self.city, MOST),
            state: problems.optional_text("state", "State", &self.state, MOST),
            postal_code: problems.optional_text("postal_code", "Postal code", &self.postal_code, MOST),
            country: problems.optional_text("country", "Country", &self.country, MOST),
        }
    }

    /// Each line as label, what is saved, and what was typed.
    pub fn beside(&self, saved: &AddressForm) -> [(&'static str, String, String); 6] {
        let of = |label, line: fn(&AddressForm) -> &String| (label, line(saved).clone(), line(self).clone());
        [
            of("Address", |address| &address.line1),
            of("Address, second line", |address| &address.line2),
            of("City", |address| &address.city),
            of("State", |address| &address.state),
            of("Postal code", |address| &address.postal_code),
            of("Country", |address| &address.country),
        ]
    }
}

/// Reads an e-mail address that may be left out.
pub fn read_email(problems: &mut Problems, typed: &str) -> Option<String> {
    let email = problems.optional_text("email", "E-mail", typed, 254);
    if email.is_empty() {
        return None;
    }
    if !is_email(&email) {
        problems.add("email", "This is no e-mail address: write it like dana@example.com.");
    }
    Some(email)
}
