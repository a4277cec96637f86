//! Settings through HTTP: forms are filled in as the page offers them, and sent by pressing a button.

mod company;
mod defaults;
mod logo;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use partnerbook::domain::ids::{PartnerId, ProductId};
use partnerbook::domain::money::Money;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::selling::products;
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use scraper::{ElementRef, Html, Selector};

use crate::support::http::{Page, TestApp, Visitor};

/// What stands in a form of a page, as a browser would send it.
struct Filled {
    action: String,
    fields: Vec<(String, String)>,
}

impl Filled {
    /// The page's form with this action, with the button that saves.
    fn of(page: &Page, action: &str) -> Filled {
        let html = Html::parse_document(&page.html);
        let form = html.select(&chosen(&format!("form[action='{action}']"))).next();
        let form = form.unwrap_or_else(|| panic!("no form for {action} in: {}", page.html));
        let mut fields: Vec<_> = form.select(&chosen("input, #save-button")).filter_map(sent).collect();
        for select in form.select(&chosen("select")) {
            let option = select.select(&chosen("option[selected]")).next().expect("an option is selected");
            fields.push((attribute(select, "name"), attribute(option, "value")));
        }
        Filled { action: action.into(), fields }
    }

    /// Types or chooses something.
    fn with(mut self, name: &str, value: &str) -> Filled {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Takes a tick away, or leaves a field out.
    fn without(mut self, name: &str) -> Filled {
        self.fields.retain(|(field, _)| field != name);
        self
    }

    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    fn send(&self, visitor: &Visitor) -> Page {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        visitor.post(&self.action, &fields)
    }
}

fn sent(field: ElementRef) -> Option<(String, String)> {
    let is_off = matches!(field.value().attr("type"), Some("radio" | "checkbox"))
        && field.value().attr("checked").is_none();
    (!is_off).then(|| (attribute(field, "name"), attribute(field, "value")))
}

fn attribute(field: ElementRef, name: &str) -> String {
    field.value().attr(name).unwrap_or_default().to_string()
}

fn chosen(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

/// Adds a partner.
fn partner(app: &TestApp, code: &str) -> PartnerId {
    let new = NewPartner {
        code: code.into(),
        name: code.into(),
        email: None,
        parent: None,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: Default::default(),
    };
    app.database.db.run_now(|conn| partners::make(conn, &[new])).expect("a partner")[0]
}

/// Saves a program: level, sale percent, sale amount in cents, lead percent.
fn program(app: &TestApp, name: &str, rates: &[(Level, i64, i64, i64)]) {
    let percent = |whole: i64| Percent::new(whole.into()).expect("a percent");
    let rows = rates.iter().map(|(level, sale, amount, lead)| {
        let sale = Rate { percent: percent(*sale), amount: Money::from_minor(*amount) };
        (*level, Rates { sale, lead: Rate { percent: percent(*lead), amount: Money::ZERO } })
    });
    let rules = vec![TermsRule { product: None, rows: rows.collect() }];
    save_program(app, name, rules);
}

fn save_program(app: &TestApp, name: &str, rules: Vec<TermsRule>) {
    let terms = ProgramTerms {
        name: name.into(),
        priority: 1,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        rules,
    };
    app.database.db.run_now(|conn| programs::save(conn, &[terms], None)).expect("a program");
}

fn product(app: &TestApp, code: &str) -> ProductId {
    let made = app.database.db.run_now(|conn| {
        products::find_or_make(conn, &[products::NewProduct { code: code.into(), name: code.into() }])
    });
    made.expect("a product")[0].id
}

/// What a query gives, as text.
pub fn told(app: &TestApp, sql: &str) -> String {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = Text)]
        told: String,
    }
    let sql = format!("SELECT coalesce(({sql})::text, '') AS told");
    let told: Told =
        sql_query(&sql).get_result(&mut app.database.owner()).unwrap_or_else(|e| panic!("{e} in: {sql}"));
    told.told
}

/// The strings that break programs, and some of our own.
fn nasty_strings() -> Vec<String> {
    let mut strings: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).expect("a list");
    strings.extend(["x".repeat(5_000), "ä".repeat(5_000), "https://".repeat(625), " ".repeat(5_000)]);
    strings
}

/// As a browser shows a value in a field: HTML itself turns CR into LF.
fn shown(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
