//! What the Company page shows.

use askama::Template;

use super::Current;
use super::forms::CompanyForm;
use super::logo::Logo;
use super::place::{PlaceChange, why_fixed};
use super::zones::{ZoneGroup, zone_groups};
use crate::domain::money::Currency;
use crate::domain::typed::Trimmed;
use crate::running::settings::queries::LastSave;
use crate::web::App;
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::html::DateFormat;
use crate::web::layout::Layout;
use crate::web::paths;

/// CRM > Settings > Company.
#[derive(Template)]
#[template(path = "settings/company/edit.html")]
pub struct EditPage {
    layout: Layout,
    form: CompanyForm,
    problems: Problems,
    may_save: bool,
    why_again: WhyAgain,
    /// The currency in words: *USD, United States dollar*.
    currency: String,
    /// Why there is no choice of currencies; empty where there is.
    currency_fixed: String,
    currencies: Vec<(&'static str, String)>,
    zones: Vec<ZoneGroup>,
    date_formats: Vec<(&'static str, String)>,
    /// What another currency or time zone would do; empty where both stay.
    effects: Vec<String>,
    button: String,
    key: String,
    /// Fields that differ from what is saved: field, name, what is saved, what was typed.
    differences: Vec<(&'static str, &'static str, String, String)>,
    logo: Option<Logo>,
    /// How often the logo was changed.
    logo_version: i32,
}

/// Why the form is shown again although nothing in it is wrong.
pub enum WhyAgain {
    /// It is not.
    No,
    /// Currency or time zone change: what that does is to be seen first.
    ToBeSeen,
    /// Somebody else has saved meanwhile.
    Stale(Option<LastSave>),
}

impl EditPage {
    pub fn new(
        visitor: &SignedIn,
        app: &App,
        current: &Current,
        form: CompanyForm,
        problems: Problems,
    ) -> EditPage {
        let layout = visitor.layout("Company").under("CRM", "").under("Settings", paths::SETTINGS).narrow();
        let today = app.clock.today(current.place.zone);
        let change =
            PlaceChange::new(current.place, form.place(current.place), |place| app.clock.today(place.zone));
        let day = |day: &_| layout.format.day(day);
        let saved = CompanyForm::of(&current.company);
        // The page shows what differs from what is saved now, so pressing Save again means just that.
        let mut form = CompanyForm { version: saved.version.clone(), ..form };
        let differences = differences(&saved, &form);
        // A drop-down cannot show what is not on its list.
        if Currency::from_code(&form.currency).is_none() {
            form.currency = saved.currency;
        }
        if form.time_zone.parse::<chrono_tz::Tz>().is_err() {
            form.time_zone = saved.time_zone;
        }
        EditPage {
            may_save: app
                .routes
                .access("POST", paths::COMPANY)
                .is_some_and(|may| may.allows(visitor.user.role)),
            why_again: WhyAgain::No,
            currency: words(current.place.currency),
            currency_fixed: why_fixed(current.recorded, current.place.currency),
            currencies: Currency::all()
                .into_iter()
                .map(|currency| (currency.code(), words(currency)))
                .collect(),
            zones: zone_groups(app.clock.now()),
            date_formats: DateFormat::ALL.map(|format| (format.code(), format.show(today))).into(),
            effects: change.as_ref().map(|change| change.sentences(current, day)).unwrap_or_default(),
            button: change.as_ref().map_or("Save".into(), PlaceChange::button),
            key: change.as_ref().map(PlaceChange::key).unwrap_or_default(),
            layout,
            form,
            problems,
            differences,
            logo: current.logo.0.clone(),
            logo_version: current.logo.1,
        }
    }

    /// Shown again for this reason.
    pub fn again(self, why_again: WhyAgain) -> EditPage {
        EditPage { why_again, ..self }
    }
}

/// *USD, United States dollar*
fn words(currency: Currency) -> String {
    format!("{currency}, {}", currency.name())
}

fn differences(
    saved: &CompanyForm,
    typed: &CompanyForm,
) -> Vec<(&'static str, &'static str, String, String)> {
    let fields = [
        ("name", "Name", &saved.name, &typed.name),
        ("address_line1", "Address", &saved.address_line1, &typed.address_line1),
        ("address_line2", "Address, second line", &saved.address_line2, &typed.address_line2),
        ("city", "City", &saved.city, &typed.city),
        ("state", "State", &saved.state, &typed.state),
        ("postal_code", "Postal code", &saved.postal_code, &typed.postal_code),
        ("country", "Country", &saved.country, &typed.country),
        ("email", "E-mail", &saved.email, &typed.email),
        ("phone", "Phone", &saved.phone, &typed.phone),
        ("currency", "Currency", &saved.currency, &typed.currency),
        ("time_zone", "Time zone", &saved.time_zone, &typed.time_zone),
        ("date_format", "Dates", &saved.date_format, &typed.date_format),
    ];
    let shown = |text: &str| if text.is_empty() { "nothing".into() } else { text.to_string() };
    let differ = fields.into_iter().filter(|(field, _, saved, typed)| {
        saved.trimmed() != typed.trimmed() && !(*field == "currency" && typed.is_empty())
    });
    differ.map(|(field, name, saved, typed)| (field, name, shown(saved), shown(typed))).collect()
}
