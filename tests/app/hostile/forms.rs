//! Forms as pages offer them: every field of any kind, every button, and how a browser would send them.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use scraper::{ElementRef, Html, Selector};

use crate::support::http::{MULTIPART, Page, Visitor, multipart};

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One line of any text.
    Line,
    /// Several lines.
    Area,
    /// A line that is not shown back.
    Password,
    /// A number, a day or a time: what is none is refused.
    Figure,
    /// A box, a list, one of several.
    Choice,
    /// What the page carries along.
    Hidden,
    /// A file; what is typed is its name.
    File,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    /// `type`, or which records are offered while typing.
    pub asks_for: String,
    /// As the page shows it; none for a box without its tick.
    pub value: Option<String>,
    pub options: Vec<String>,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    pub name: Option<String>,
    pub value: String,
    pub action: Option<String>,
    /// Whether it sends what was typed to be looked at, and is not there to change the form itself.
    pub validates: bool,
}

#[derive(Debug, Clone)]
pub struct Form {
    pub posts: bool,
    pub action: String,
    pub multipart: bool,
    pub fields: Vec<Field>,
    pub buttons: Vec<Button>,
}

/// The smallest picture that a logo can be.
const LOGO: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB`\x82";

fn chosen(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn of(element: ElementRef, name: &str) -> String {
    element.value().attr(name).unwrap_or_default().to_string()
}

/// What stands in a text field, as a browser has it: line breaks are one character.
pub fn breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

impl Form {
    /// All forms of a page, which stands at this address.
    pub fn all(page: &Page, address: &str) -> Vec<Form> {
        let html = Html::parse_document(&page.html);
        html.select(&chosen("form")).map(|form| Form::one(&html, form, address)).collect()
    }

    fn one(html: &Html, form: ElementRef, address: &str) -> Form {
        let id = of(form, "id");
        let mut controls: Vec<ElementRef> = form
            .select(&chosen("input, textarea, select, button"))
            .filter(|control| control.value().attr("form").is_none_or(|other| other == id))
            .collect();
        if !id.is_empty() {
            let beside = format!("input[form='{id}'], button[form='{id}'], select[form='{id}']");
            controls.extend(
                html.select(&chosen(&beside))
                    .filter(|control| control.ancestors().all(|above| above.id() != form.id())),
            );
        }
        let mut made = Form {
            posts: of(form, "method").eq_ignore_ascii_case("post"),
            action: without_fragment(form.value().attr("action").unwrap_or(address)),
            multipart: of(form, "enctype") == "multipart/form-data",
            fields: Vec::new(),
            buttons: Vec::new(),
        };
        for control in controls.into_iter().filter(|control| control.value().attr("disabled").is_none()) {
            if control.value().name() == "button" {
                made.buttons.push(Button {
                    name: control.value().attr("name").map(String::from),
                    value: of(control, "value"),
                    action: control.value().attr("formaction").map(without_fragment),
                    validates: control.value().attr("formnovalidate").is_none(),
                });
            } else {
                made.take(control);
            }
        }
        if !made.posts {
            made.action = made.action.split('?').next().unwrap_or_default().to_string();
        }
        made
    }

    fn take(&mut self, control: ElementRef) {
        let name = of(control, "name");
        if name.is_empty() {
            return;
        }
        let (asks_for, required) = (of(control, "type"), control.value().attr("required").is_some());
        let (kind, value, options) = match (control.value().name(), asks_for.as_str()) {
            ("textarea", _) => {
                // A browser leaves out the line break after the opening tag; so does the parser.
                (Kind::Area, Some(control.text().collect()), Vec::new())
            }
            ("select", _) => {
                let options: Vec<ElementRef> = control.select(&chosen("option")).collect();
                let value = |option: ElementRef| match option.value().attr("value") {
                    Some(value) => value.to_string(),
                    None => option.text().collect(),
                };
                let picked = options.iter().find(|option| option.value().attr("selected").is_some());
                let value_picked = picked.or(options.first()).map(|option| value(*option));
                (Kind::Choice, value_picked, options.into_iter().map(value).collect())
            }
            (_, "radio") => {
                let value = of(control, "value");
                let ticked = control.value().attr("checked").is_some();
                if let Some(group) = self.fields.iter_mut().find(|field| field.name == name) {
                    group.options.push(value.clone());
                    if ticked {
                        group.value = Some(value);
                    }
                    return;
                }
                (Kind::Choice, ticked.then(|| value.clone()), vec![value])
            }
            (_, "checkbox") => {
                let value = control.value().attr("value").unwrap_or("on").to_string();
                (Kind::Choice, control.value().attr("checked").map(|_| value.clone()), vec![value])
            }
            (_, "hidden") => (Kind::Hidden, Some(of(control, "value")), Vec::new()),
            (_, "password") => (Kind::Password, Some(String::new()), Vec::new()),
            (_, "file") => (Kind::File, None, Vec::new()),
            (_, "date" | "time" | "number" | "datetime-local") => {
                (Kind::Figure, Some(of(control, "value")), Vec::new())
            }
            _ if control.value().attr("inputmode").is_some() => {
                (Kind::Figure, Some(of(control, "value")), Vec::new())
            }
            _ => (Kind::Line, Some(of(control, "value")), Vec::new()),
        };
        let choices = of(control, "data-choices").rsplit('/').next().unwrap_or_default().to_string();
        let asks_for = if choices.is_empty() { asks_for } else { choices };
        self.fields.push(Field { name, kind, asks_for, value, options, required });
    }

    /// Where it leads, as a route has it, and what it asks for: the same for the same form of another record.
    pub fn signature(&self, route: &str) -> String {
        let shapes = self.fields.iter().filter_map(|field| match (field.kind, &field.value) {
            // `kind=refund` makes another form than `kind=payment`; the rest is carried along.
            (Kind::Hidden, Some(value)) => (field.name == "kind").then(|| format!("kind={value}")),
            _ => Some(field.shape()),
        });
        let names: BTreeSet<String> = shapes.collect();
        let names: Vec<String> = names.into_iter().collect();
        format!("{} {route} {}", if self.posts { "POST" } else { "GET" }, names.join(" "))
    }

    /// The fields that somebody can type into or send by hand: the token is tried elsewhere.
    pub fn open_to_all(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields.iter().enumerate().filter(|(_, field)| field.name != "csrf")
    }

    /// What it would send, by field; none where a field sends nothing.
    pub fn filled(&self) -> Vec<Option<Vec<u8>>> {
        self.fields.iter().map(|field| field.value.clone().map(String::into_bytes)).collect()
    }

    /// Sends it by this button.
    pub fn send(&self, visitor: &Visitor, values: &[Option<Vec<u8>>], button: Option<&Button>) -> Page {
        if !self.posts {
            return visitor.get(&self.address(values, button));
        }
        let action = button.and_then(|button| button.action.as_ref()).unwrap_or(&self.action);
        if self.multipart {
            return self.send_with_file(visitor, action, values);
        }
        let encoded = self.encoded(values, button).into_bytes();
        visitor.post_bytes(action, "application/x-www-form-urlencoded", encoded)
    }

    /// Where a search leads.
    pub fn address(&self, values: &[Option<Vec<u8>>], button: Option<&Button>) -> String {
        format!("{}?{}", self.action, self.encoded(values, button))
    }

    fn encoded(&self, values: &[Option<Vec<u8>>], button: Option<&Button>) -> String {
        let sent = self.fields.iter().zip(values);
        let mut pairs: Vec<String> =
            sent.filter_map(|(field, value)| Some(pair(&field.name, value.as_ref()?))).collect();
        if let Some(Button { name: Some(name), value, .. }) = button {
            pairs.push(pair(name, value.as_bytes()));
        }
        pairs.join("&")
    }

    fn send_with_file(&self, visitor: &Visitor, action: &str, values: &[Option<Vec<u8>>]) -> Page {
        let texts: Vec<(&str, String)> = self
            .fields
            .iter()
            .zip(values)
            .filter(|(field, _)| field.kind != Kind::File)
            .filter_map(|(field, value)| Some((field.name.as_str(), lossy(value.as_ref()?))))
            .collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let file = self.fields.iter().zip(values).find(|(field, _)| field.kind == Kind::File);
        let (name, file_name) = file.map_or(("file", "products.csv".to_string()), |(field, value)| {
            (field.name.as_str(), value.as_ref().map_or("products.csv".into(), |name| lossy(name)))
        });
        // A browser writes these so.
        let file_name = file_name.replace('\r', "%0D").replace('\n', "%0A");
        let content: &[u8] = if name == "logo" { LOGO } else { b"code,name\r\nP1,Plan\r\n" };
        visitor.post_bytes(action, MULTIPART, multipart(&texts, Some((name, &file_name, content))))
    }
}

impl Field {
    /// Its name with every number as one: `rule-#-level_#-sale_percent`.
    pub fn shape(&self) -> String {
        let mut shape = String::new();
        for c in self.name.chars() {
            match c {
                c if c.is_ascii_digit() && shape.ends_with('#') => {}
                c if c.is_ascii_digit() => shape.push('#'),
                c => shape.push(c),
            }
        }
        shape
    }

    /// Whether what is typed stands in it when the page comes back.
    pub fn shows_back(&self) -> bool {
        matches!(self.kind, Kind::Line | Kind::Area | Kind::Figure)
    }
}

fn pair(name: &str, value: &[u8]) -> String {
    format!(
        "{}={}",
        percent_encode(name.as_bytes(), NON_ALPHANUMERIC),
        percent_encode(value, NON_ALPHANUMERIC)
    )
}

fn without_fragment(address: &str) -> String {
    address.split('#').next().unwrap_or_default().to_string()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
