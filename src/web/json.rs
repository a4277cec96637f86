//! JSON from other systems, read to the letter: figures by their digits and never through a binary fraction,
//! and everything that is wrong with it at once, each at its place.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

use super::forms;
use super::problem::{Fault, Problem};
use crate::domain::typed::{Lines, Trimmed, flaw};

/// The most that may be sent.
pub const MOST_BYTES: usize = 1_000_000;

/// How many characters of an unknown name are told back.
const MOST_TOLD: usize = 60;

/// The text of a JSON body, or why there is none.
pub async fn body(request: &HttpRequest, payload: web::Payload) -> Result<String, Problem> {
    if request.content_type() != "application/json" {
        let detail = "Send JSON, and say so: Content-Type: application/json. Nothing was recorded.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let mut payload: Payload = payload.into_inner();
    let body = forms::body(&mut payload, MOST_BYTES).await.map_err(|status| match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "What was sent is larger than 1 MB. Nothing was recorded.")
        }
        status => Problem::new(status, "What was sent did not arrive whole. Nothing was recorded."),
    })?;
    String::from_utf8(body).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        no_json(&format!("it is not UTF-8 at line {line} column {column}"))
    })
}

fn no_json(why: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, format!("This is not JSON: {why}. Nothing was recorded."))
}

/// Everything that is wrong with what was sent, in the order in which it was read.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    told: Vec<Fault>,
    places: HashSet<String>,
}

impl Faults {
    /// Notes what is wrong at a place, as a sentence. A place keeps its first fault: the others mostly follow
    /// from it.
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        let pointer = pointer.into();
        if self.places.insert(pointer.clone()) {
            self.told.push(Fault { pointer, detail: detail.into() });
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The value where nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Problem> {
        if self.told.is_empty() { Ok(value) } else { Err(Problem::of_faults(self.told)) }
    }
}

/// A JSON object: its fields as they are written.
pub struct Object<'t> {
    pointer: String,
    fields: Vec<(String, &'t RawValue)>,
}

impl<'t> Object<'t> {
    /// The object that a body is.
    pub fn of_body(text: &'t str) -> Result<Object<'t>, Problem> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| no_json(&error.to_string()))?;
        let mut faults = Faults::default();
        let object = Object::read(raw, String::new(), &mut faults);
        match object {
            Some(object) => faults.or(object),
            None => Err(Problem::of_faults(faults.told)),
        }
    }

    fn read(raw: &'t RawValue, pointer: String, faults: &mut Faults) -> Option<Object<'t>> {
        if !raw.get().starts_with('{') {
            let what = if pointer.is_empty() { "What was sent" } else { label(&pointer) };
            faults.add(pointer.clone(), format!("{what} must be an object, {{…}}."));
            return None;
        }
        let Ok(Fields(fields)) = serde_json::from_str(raw.get()) else {
            faults.add(pointer, "A name in this object is no text.");
            return None;
        };
        let mut names = HashSet::new();
        for (name, _) in &fields {
            if !names.insert(name) {
                faults.add(below(&pointer, name), format!("{} stands here twice.", told(name)));
            }
        }
        Some(Object { pointer, fields })
    }

    /// Where this object stands.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where a field of this object stands.
    pub fn at(&self, name: &str) -> String {
        below(&self.pointer, name)
    }

    /// Notes every field that is none of these.
    pub fn only(&self, known: &[&str], faults: &mut Faults) {
        for (name, _) in self.fields.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            faults.add(
                self.at(name),
                format!("There is no field {}: the fields here are {known}.", told(name)),
            );
        }
    }

    /// A text of one line without the blanks around it; empty where it is missing, null or wrong.
    pub fn text(&self, name: &str, most: usize, faults: &mut Faults) -> String {
        self.text_with(name, most, Lines::One, faults)
    }

    /// The same, and missing it is a fault.
    pub fn required(&self, name: &str, most: usize, faults: &mut Faults) -> String {
        let text = self.text(name, most, faults);
        self.miss(name, &text, faults);
        text
    }

    /// A text that may have several lines.
    pub fn lines(&self, name: &str, most: usize, faults: &mut Faults) -> String {
        self.text_with(name, most, Lines::Many, faults)
    }

    /// Notes that a field is missing where nothing was read from it.
    pub fn miss(&self, name: &str, read: &str, faults: &mut Faults) {
        if read.is_empty() {
            faults.add(self.at(name), format!("{name} is missing."));
        }
    }

    fn text_with(&self, name: &str, most: usize, lines: Lines, faults: &mut Faults) -> String {
        let Some(raw) = self.get(name) else { return String::new() };
        let Some(text) = text_of(raw) else {
            let detail = if raw.get().starts_with('"') {
                format!("{name} is no text: half of a character is missing.")
            } else {
                format!("{name} must be text in quotes.")
            };
            faults.add(self.at(name), detail);
            return String::new();
        };
        let text = text.trimmed();
        let length = text.chars().count();
        if length > most {
            faults.add(self.at(name), format!("{name} has {length} characters; it may have {most}."));
        } else if let Some(flaw) = flaw(text, lines) {
            faults.add(self.at(name), format!("{name} {flaw}."));
        }
        text.to_string()
    }

    /// The digits of a number, or a text that is to hold one; empty where it is missing, null or wrong.
    pub fn figure(&self, name: &str, faults: &mut Faults) -> String {
        let Some(raw) = self.get(name) else { return String::new() };
        let text = raw.get();
        match text.bytes().next() {
            Some(b'0'..=b'9' | b'-') => text.to_string(),
            Some(b'"') => text_of(raw).unwrap_or_else(|| "?".into()),
            _ => {
                faults.add(self.at(name), format!("{name} must be a number, or text like \"1234.50\"."));
                String::new()
            }
        }
    }

    /// Yes or no; none where it is missing, null or wrong.
    pub fn truth(&self, name: &str, faults: &mut Faults) -> Option<bool> {
        match self.get(name)?.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                faults.add(self.at(name), format!("{name} must be true or false."));
                None
            }
        }
    }

    /// An object in this one; none where it is missing, null or wrong.
    pub fn object(&self, name: &str, faults: &mut Faults) -> Option<Object<'t>> {
        Object::read(self.get(name)?, self.at(name), faults)
    }

    /// A list of objects, of at most so many; empty where it is missing, null or wrong.
    pub fn objects(&self, name: &str, most: usize, faults: &mut Faults) -> Vec<Object<'t>> {
        let Some(raw) = self.get(name) else { return Vec::new() };
        let place = self.at(name);
        let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            faults.add(place, format!("{name} must be a list, […]."));
            return Vec::new();
        };
        if list.len() > most {
            faults.add(place, format!("{name} has {} entries; it may have {most}.", list.len()));
            return Vec::new();
        }
        let objects = list.into_iter().enumerate();
        objects.filter_map(|(at, raw)| Object::read(raw, format!("{place}/{at}"), faults)).collect()
    }

    /// A field that says something.
    fn get(&self, name: &str) -> Option<&'t RawValue> {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, raw)| *raw).filter(|raw| raw.get() != "null")
    }
}

fn text_of(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A JSON pointer to a field.
fn below(pointer: &str, name: &str) -> String {
    let name: String = name.chars().take(MOST_TOLD).collect();
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The last part of a pointer, or its list where that is a number.
fn label(pointer: &str) -> &str {
    let is_name = |part: &&str| !part.bytes().all(|byte| byte.is_ascii_digit());
    pointer.rsplit('/').find(is_name).unwrap_or(pointer)
}

/// A name that somebody sent, in short.
fn told(name: &str) -> String {
    let cut: String = name.chars().filter(|c| !c.is_control()).take(MOST_TOLD).collect();
    format!("“{cut}”")
}

/// The fields of an object in their order, also where one stands there twice.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Fields<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Fields<'t>, D::Error> {
        struct InOrder;
        impl<'t> Visitor<'t> for InOrder {
            type Value = Fields<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Fields<'t>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(read: impl FnOnce(&Object, &mut Faults), text: &str) -> Vec<(String, String)> {
        let mut faults = Faults::default();
        read(&Object::of_body(text).expect("it is an object"), &mut faults);
        faults.told.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    #[test]
    fn figures_are_read_by_their_digits() {
        let text = r#"{"a": 0.1000000000000000055, "b": "19.99", "c": 1e3, "d": null, "e": -0, "f": 123456789012345678901}"#;
        let object = Object::of_body(text).unwrap();
        let mut faults = Faults::default();
        let read = ["a", "b", "c", "d", "e", "f", "g"].map(|name| object.figure(name, &mut faults));
        assert_eq!(read, ["0.1000000000000000055", "19.99", "1e3", "", "-0", "123456789012345678901", ""]);
        assert!(faults.is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_its_place() {
        let told = faults(
            |object, faults| {
                object.only(&["a", "b", "list", "c"], faults);
                object.required("a", 3, faults);
                object.figure("b", faults);
                object.truth("c", faults);
                for line in object.objects("list", 9, faults) {
                    line.required("x", 3, faults);
                }
            },
            r#"{"a": "four", "b": [1], "c": "yes", "list": [{"x": "y\u0000"}, 7, {"x": 5}, {}], "m/n~": 1}"#,
        );
        let expected = [
            ("/m~1n~0", "There is no field “m/n~”: the fields here are a, b, list, c."),
            ("/a", "a has 4 characters; it may have 3."),
            ("/b", "b must be a number, or text like \"1234.50\"."),
            ("/c", "c must be true or false."),
            ("/list/1", "list must be an object, {…}."),
            ("/list/0/x", "x has a control character (U+0000)."),
            ("/list/2/x", "x must be text in quotes."),
            ("/list/3/x", "x is missing."),
        ];
        assert_eq!(told, expected.map(|(pointer, detail)| (pointer.to_string(), detail.to_string())));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_line_and_column() {
        for (text, words) in [
            ("", "line 1 column 0"),
            ("{\n  \"a\": 1,\n}", "line 3 column 1"),
            ("{} {}", "line 1 column 4"),
            ("{'a': 1}", "line 1 column 2"),
            ("{\"a\": 01}", "line 1 column 8"),
            ("{\"a\": NaN}", "line 1 column 7"),
        ] {
            let problem = Object::of_body(text).err().expect("it is none").to_string();
            assert!(
                problem.starts_with("This is not JSON: ") && problem.contains(words),
                "{text}: {problem}"
            );
        }
    }

    #[test]
    fn deep_nesting_and_doubled_names_are_refused_and_break_nothing() {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
        let told = faults(|object, faults| drop(object.text("a", 9, faults)), &deep);
        assert_eq!(told, [("/a".to_string(), "a must be text in quotes.".to_string())]);
        let twice = Object::of_body(r#"{"a": 1, "a": 2}"#).err().expect("it is refused");
        assert!(serde_json::to_string(&twice).unwrap().contains("“a” stands here twice."));
        for text in ["[]", "7", "\"x\"", "null"] {
            let problem = Object::of_body(text).err().expect("it is refused");
            assert!(serde_json::to_string(&problem).unwrap().contains("must be an object"), "{text}");
        }
        let half = faults(|object, faults| drop(object.text("a", 9, faults)), r#"{"a": "\ud800"}"#);
        assert_eq!(half[0].1, "a is no text: half of a character is missing.");
    }
}
