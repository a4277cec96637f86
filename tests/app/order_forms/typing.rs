//! Somebody who fills in a form as the page offers it, and presses one of its buttons.

use scraper::{ElementRef, Html, Selector};

use crate::support::http::{Page, Visitor};

/// A form of a page, with what stands in its fields.
#[derive(Clone)]
pub struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

fn chosen(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

impl Form {
    /// The form with this id, as a browser would send it.
    pub fn of(page: &Page, id: &str) -> Form {
        let html = Html::parse_document(&page.html);
        let form = html.select(&chosen(&format!("form#{id}"))).next();
        let form = form.unwrap_or_else(|| panic!("no form {id} in: {}", page.text()));
        let of = |element: ElementRef, name: &str| element.value().attr(name).unwrap_or_default().to_string();
        let mut fields = Vec::new();
        for field in form.select(&chosen("input[name], textarea[name], select[name]")) {
            let name = of(field, "name");
            let kind = of(field, "type");
            let is_box = kind == "checkbox" || kind == "radio";
            if is_box && field.value().attr("checked").is_none() {
                continue;
            }
            let value = match field.value().name() {
                // A browser leaves out the line break after the opening tag.
                "textarea" => field.text().collect::<String>().trim_start_matches('\n').to_string(),
                "select" => {
                    let picked = field.select(&chosen("option[selected]")).next();
                    picked
                        .or(field.select(&chosen("option")).next())
                        .map_or(String::new(), |o| of(o, "value"))
                }
                _ => of(field, "value"),
            };
            fields.push((name, value));
        }
        Form { action: of(form, "action"), fields }
    }

    /// Types into the field of this name.
    pub fn set(self, name: &str, value: &str) -> Form {
        self.set_in(name, 0, value)
    }

    /// Types into the field of this name in a line, from 0.
    pub fn set_in(mut self, name: &str, line: usize, value: &str) -> Form {
        let field = self.fields.iter_mut().filter(|(known, _)| known == name).nth(line);
        field.unwrap_or_else(|| panic!("no field {name} in line {line}")).1 = value.into();
        self
    }

    /// Types a whole line of a new order.
    pub fn line(self, line: usize, product: &str, quantity: &str, price: &str) -> Form {
        let form = self.set_in("product", line, product).set_in("quantity", line, quantity);
        form.set_in("price", line, price)
    }

    /// As if the page had more fields.
    pub fn adding(mut self, fields: &[(&str, &str)]) -> Form {
        self.fields.extend(fields.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        self
    }

    /// Unticks a box.
    pub fn untick(mut self, name: &str, value: &str) -> Form {
        let before = self.fields.len();
        self.fields.retain(|(known, held)| !(known == name && held == value));
        assert_eq!(self.fields.len() + 1, before, "no box {name} of {value} is ticked");
        self
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// What stands in a field.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Presses the button of this value.
    pub fn press(&self, visitor: &Visitor, button: &str) -> Page {
        let mut fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("press", button));
        visitor.post(&self.action, &fields)
    }
}
