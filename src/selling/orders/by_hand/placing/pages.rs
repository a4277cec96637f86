//! What the page of a new order shows.

use super::super::press::{Became, Tried};
use super::forms::OrderForm;
use crate::domain::money::Money;
use crate::selling::orders::pages::Credit;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// How many commissions the preview shows by name.
const ROWS_SHOWN: usize = 100;

/// The form, and what it would record.
#[derive(Template)]
#[template(path = "orders/new.html")]
pub struct NewPage {
    layout: Layout,
    form: OrderForm,
    problems: Problems,
    preview: Option<Preview>,
}

/// What would be recorded.
pub struct Preview {
    pub total: Money,
    pub credit: Credit,
    /// What somebody should look at first.
    pub notices: Vec<String>,
    /// It was to be recorded, and is not what the page had shown before.
    pub changed: bool,
    /// What the button says.
    pub button: String,
}

impl NewPage {
    pub fn new(admin: &Administrator, form: OrderForm, problems: Problems) -> NewPage {
        let layout = admin.layout("New order").under("CRM", "").under("Orders", paths::ORDERS);
        NewPage { layout, form, problems, preview: None }
    }

    /// With what it would record.
    pub fn showing(
        admin: &Administrator,
        mut form: OrderForm,
        tried: &Tried,
        notices: Vec<String>,
    ) -> NewPage {
        form.shown.clone_from(&tried.digest);
        let page = NewPage::new(admin, form, Problems::none());
        let preview = Preview::new(tried, notices, &page.layout.format);
        NewPage { preview: Some(preview), ..page }
    }

    fn paid_options(&self) -> [(&'static str, &'static str); 2] {
        [("full", "Paid in full with the order"), ("later", "Not paid yet")]
    }
}

impl Preview {
    fn new(tried: &Tried, notices: Vec<String>, format: &Format) -> Preview {
        let mut credit = Credit::new(&tried.file, tried.file.credits.len() - 1, format, 0, ROWS_SHOWN);
        // There is no page of an order that is not recorded.
        credit.all = String::new();
        Preview {
            total: tried.file.total(format.currency),
            credit,
            notices,
            changed: tried.became == Became::Changed,
            button: format!("Record the order: {}", tried.effect.words(format)),
        }
    }
}
