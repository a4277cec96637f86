//! A form as a page offers it, to be filled in and sent as a browser would.

use crate::support::http::{Page, Visitor};
use scraper::{ElementRef, Html, Selector};

/// The fields of a form that a browser would send, and where to.
pub struct Filled {
    action: String,
    fields: Vec<(String, String)>,
}

impl Filled {
    /// The form that goes to an address on the page.
    pub fn of(page: &Page, action: &str) -> Filled {
        let html = Html::parse_document(&page.html);
        let all = |selector: &str| Selector::parse(selector).expect("a selector");
        let form = html.select(&all(&format!("form[action=\"{action}\"]"))).next();
        let form = form.unwrap_or_else(|| panic!("no form to {action} ({}): {}", page.status, page.text()));
        let mut fields = Vec::new();
        for field in form.select(&all("input, textarea, select")) {
            let attribute = |name: &str| field.value().attr(name);
            let ticked =
                !matches!(attribute("type"), Some("radio" | "checkbox")) || attribute("checked").is_some();
            if let (Some(name), None, true) = (attribute("name"), attribute("disabled"), ticked) {
                fields.push((name.to_string(), value(field)));
            }
        }
        Filled { action: action.into(), fields }
    }

    /// The same, with this typed into a field; a field that is not there is added, as a box is ticked.
    pub fn with(mut self, name: &str, value: &str) -> Filled {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, typed)) => *typed = value.into(),
            None => self.fields.push((name.into(), value.into())),
        }
        self
    }

    /// What stands in a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Presses the button that saves.
    pub fn send(&self, visitor: &Visitor) -> Page {
        self.send_to(visitor, &self.action)
    }

    /// Presses a button that leads elsewhere.
    pub fn send_to(&self, visitor: &Visitor, action: &str) -> Page {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        visitor.post(action, &fields)
    }

    /// Presses a button with a name.
    pub fn press(self, visitor: &Visitor, name: &str, value: &str) -> Page {
        self.with(name, value).send(visitor)
    }
}

fn value(field: ElementRef) -> String {
    match field.value().name() {
        "textarea" => field.text().collect::<String>().trim_start_matches('\n').to_string(),
        "select" => {
            let options = Selector::parse("option[selected]").expect("a selector");
            let chosen = field.select(&options).next();
            chosen.and_then(|option| option.value().attr("value")).unwrap_or_default().to_string()
        }
        _ => field.value().attr("value").unwrap_or_default().to_string(),
    }
}
