//! Text from the browser: what was typed, and everything that is wrong with it, at once.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;
use futures_util::StreamExt;
use percent_encoding::percent_decode;
use std::borrow::Cow;
use std::future::{Ready, ready};

use crate::domain::destination::Destination;
use crate::domain::money::{Currency, Money};
use crate::domain::period::is_plausible;
use crate::domain::typed::{Lines, Trimmed, flaw};
use crate::error::AppError;

/// The fields of a form or of a query string, in their order, repeated keys and all (ticked rows
/// come as `tick=3&tick=7`). As a handler's argument it is the body of a POST whose token was
/// checked; see [`Query`] for what stands after the `?`.
#[derive(Debug, Clone, Default)]
pub struct FormData(Vec<(String, String)>);

impl FormData {
    /// Parses `a=1&b=2`. Refuses NUL characters, which no text in the database can hold, and bytes that are
    /// no UTF-8: read as something else than was meant, they would be stored as that.
    pub fn parse(encoded: &[u8]) -> Result<FormData, AppError> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(encoded)
            .map_err(|_| AppError::refused("This form could not be read. Nothing was recorded."))?;
        let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let broken = pairs.zip(&fields).find(|(pair, _)| percent_decode(pair).decode_utf8().is_err());
        if let Some((_, (name, _))) = broken {
            return Err(AppError::Refused(format!(
                "The field “{name}” holds bytes that are no text (UTF-8). Nothing was recorded; go back and type \
                 it anew."
            )));
        }
        FormData::of(fields)
    }

    /// A form of these fields, in their order. Refuses NUL characters as well.
    pub fn of(fields: Vec<(String, String)>) -> Result<FormData, AppError> {
        if let Some((name, _)) =
            fields.iter().find(|(name, value)| name.contains('\0') || value.contains('\0'))
        {
            let name = name.replace('\0', "");
            return Err(AppError::Refused(format!(
                "The field “{name}” contains a NUL character, which no text can hold. Nothing was recorded; \
                 go back and remove it."
            )));
        }
        Ok(FormData(fields))
    }

    /// The field as it was typed; the first one where it is repeated; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a repeated field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent at all: a ticked box, a pressed button.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All fields, for carrying a search along in links.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// Reads the field as a number of a record: `FormData::id("run", RunId)`. None where it is no number.
    pub fn id<T>(&self, name: &str, make: impl FnOnce(i64) -> T) -> Option<T> {
        self.get(name).trimmed().parse().ok().map(make)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for FormData {
    fn from(fields: [(&str, &str); N]) -> FormData {
        FormData(fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
    }
}

impl FromRequest for FormData {
    type Error = AppError;
    type Future = Ready<Result<FormData, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Put there by `csrf::guard`, which has checked the token; without it there is no form.
        ready(request.extensions().get::<FormData>().cloned().ok_or(AppError::BadToken))
    }
}

/// What stands after the `?` of the address, read like a form.
#[derive(Debug, Clone, Default)]
pub struct Query(FormData);

impl std::ops::Deref for Query {
    type Target = FormData;
    fn deref(&self) -> &FormData {
        &self.0
    }
}

impl FromRequest for Query {
    type Error = AppError;
    type Future = Ready<Result<Query, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(FormData::parse(request.query_string().as_bytes()).map(Query))
    }
}

/// Everything that is wrong with a form: field → sentence, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(Cow<'static, str>, String)>);

impl Problems {
    /// No problem yet.
    pub fn none() -> Problems {
        Problems::default()
    }

    /// One problem: `Problems::one("code", "Samantha Whitlock already has this code.")`.
    pub fn one(field: &'static str, sentence: impl Into<String>) -> Problems {
        let mut problems = Problems::none();
        problems.add(field, sentence);
        problems
    }

    /// Notes a problem as a whole sentence. A field keeps its first problem: the others mostly follow
    /// from it.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, sentence: impl Into<String>) {
        let field = field.into();
        if self.of(&field).is_empty() {
            self.0.push((field, sentence.into()));
        }
    }

    /// The sentence beside this field; empty where nothing is wrong.
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| name == field).map_or("", |(_, sentence)| sentence)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, for the note above the form.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, sentence)| (&**field, sentence.as_str()))
    }

    /// How many, as the note above the form says it.
    pub fn heading(&self) -> String {
        match self.0.len() {
            1 => "One thing needs another look:".into(),
            n => format!("{n} things need another look:"),
        }
    }

    /// The value when nothing is wrong, or else the problems.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Reads a text of one line that must be there and may have so many characters. Trimmed.
    pub fn text(&mut self, field: &'static str, label: &str, typed: &str, most: usize) -> String {
        self.required(field, label, typed);
        self.optional_text(field, label, typed, most)
    }

    /// Reads a text of one line that may be left out. Trimmed.
    pub fn optional_text(&mut self, field: &'static str, label: &str, typed: &str, most: usize) -> String {
        self.text_with(field, label, typed, most, Lines::One)
    }

    /// Reads a text of several lines that must be there and may have so many characters. Trimmed.
    pub fn lines(&mut self, field: &'static str, label: &str, typed: &str, most: usize) -> String {
        self.required(field, label, typed);
        self.optional_lines(field, label, typed, most)
    }

    /// Reads a text of several lines that may be left out. Trimmed.
    pub fn optional_lines(&mut self, field: &'static str, label: &str, typed: &str, most: usize) -> String {
        self.text_with(field, label, typed, most, Lines::Many)
    }

    fn required(&mut self, field: &'static str, label: &str, typed: &str) {
        if typed.trimmed().is_empty() {
            self.add(field, format!("{label} is missing."));
        }
    }

    fn text_with(
        &mut self,
        field: &'static str,
        label: &str,
        typed: &str,
        most: usize,
        lines: Lines,
    ) -> String {
        let text = typed.trimmed();
        let length = text.chars().count();
        if length > most {
            self.add(field, format!("{label} has {length} characters; it may have {most}."));
        } else if let Some(flaw) = flaw(text, lines) {
            self.add(field, format!("{label} {flaw}. {}.", flaw.remedy()));
        }
        text.to_string()
    }

    /// Reads the address of a page to lead people to; as it is kept. Empty where it may be left out and was, and
    /// where there is something wrong with it.
    pub fn destination(&mut self, field: &'static str, label: &str, typed: &str) -> String {
        let typed = self.optional_text(field, label, typed, 4000);
        if typed.is_empty() {
            return typed;
        }
        match Destination::parse(&typed) {
            Ok(destination) => destination.as_str().to_string(),
            Err(problem) => {
                self.add(field, format!("{label} {problem}."));
                String::new()
            }
        }
    }

    /// Reads where a partner's link leads: as above, and to no other one. `ours` are the addresses that links begin
    /// with.
    pub fn leading(&mut self, field: &'static str, label: &str, typed: &str, ours: &[String]) -> String {
        let read = self.destination(field, label, typed);
        let is_link = |destination: Destination| ours.iter().any(|base| destination.is_link_of(base));
        if Destination::parse(&read).is_ok_and(is_link) {
            self.add(
                field,
                format!("{label} is itself a partner’s link here. Choose the page that it leads to."),
            );
        }
        read
    }

    /// Reads a day as date fields send it.
    pub fn day(&mut self, field: &'static str, label: &str, typed: &str) -> Option<NaiveDate> {
        if typed.trimmed().is_empty() {
            self.add(field, format!("{label} is missing."));
            return None;
        }
        self.optional_day(field, label, typed)
    }

    /// Reads a day that may be left out.
    pub fn optional_day(&mut self, field: &'static str, label: &str, typed: &str) -> Option<NaiveDate> {
        let typed = typed.trimmed();
        if typed.is_empty() {
            return None;
        }
        // chrono also takes `2026-1-5` and `+2026-01-05`; a date field never sends them.
        let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok().filter(|_| typed.len() == 10);
        match day {
            None => self.add(field, format!("{label} is no date: write it like 2026-10-31.")),
            Some(day) if !is_plausible(day) => self.add(field, format!("{label} lies outside 1900 to 2999.")),
            Some(day) => return Some(day),
        }
        None
    }

    /// Reads an amount of money.
    pub fn amount(
        &mut self,
        field: &'static str,
        label: &str,
        typed: &str,
        currency: Currency,
    ) -> Option<Money> {
        Money::parse(typed, currency).map_err(|problem| self.add(field, format!("{label} {problem}."))).ok()
    }

    /// Reads a whole number between two bounds, both included.
    pub fn whole(
        &mut self,
        field: &'static str,
        label: &str,
        typed: &str,
        least: i64,
        most: i64,
    ) -> Option<i64> {
        let typed = typed.trimmed();
        let digits_only = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
        let number = typed.parse().ok().filter(|n| digits_only && (least..=most).contains(n));
        if number.is_none() {
            self.add(field, format!("{label} is a whole number from {least} to {most}."));
        }
        number
    }
}

/// The body of a form that was sent, or the status of one that cannot be read or is too large.
pub async fn body(payload: &mut Payload, most_bytes: usize) -> Result<Vec<u8>, StatusCode> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if body.len() + chunk.len() > most_bytes {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The page, 200.
pub fn page(page: &impl Template) -> Result<HttpResponse, AppError> {
    rendered(page, StatusCode::OK)
}

/// The same page again with what was typed and a sentence beside each problem, 422. Nothing was done.
pub fn page_with_problems(page: &impl Template) -> Result<HttpResponse, AppError> {
    rendered(page, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Where to go after a change, 303: reloading the next page repeats nothing.
pub fn see_other(path: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", path.as_ref())).finish()
}

/// The page with another status.
pub fn rendered(page: &impl Template, status: StatusCode) -> Result<HttpResponse, AppError> {
    let html = page.render().map_err(|error| AppError::Internal(error.into()))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_rows_come_as_repeated_keys() {
        let form = FormData::parse(b"tick=3&name=Zo%C3%AB+%26+Co&tick=7").unwrap();
        assert_eq!(form.all("tick").collect::<Vec<_>>(), ["3", "7"]);
        assert_eq!(form.get("name"), "Zoë & Co");
        assert_eq!(form.get("nothing"), "");
    }

    #[test]
    fn a_nul_character_is_refused_by_the_name_of_its_field() {
        let refusal = FormData::parse(b"name=a%00b").unwrap_err().to_string();
        assert!(refusal.contains("“name” contains a NUL character"), "{refusal}");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_by_the_name_of_their_field() {
        for encoded in
            [&b"a=1&name=Z%FCrich"[..], b"&a=&name=%ED%A0%80", b"name=\xff", b"a=1&&name=%C0%AF&b=2"]
        {
            let refusal = FormData::parse(encoded).unwrap_err().to_string();
            assert!(refusal.contains("“name” holds bytes that are no text"), "{refusal}");
        }
        assert_eq!(
            FormData::parse("name=Zürich&n%C3%A4me=%F0%9F%92%A9".as_bytes()).unwrap().get("näme"),
            "💩"
        );
    }

    #[test]
    fn all_problems_are_found_at_once_in_the_order_of_the_form() {
        let mut problems = Problems::none();
        problems.text("name", "Name", "  ", 200);
        problems.day("from", "From", "2026-02-30");
        problems.amount("amount", "Amount", "1e3", Currency::from_code("USD").unwrap());
        problems.whole("days", "Track leads for", "-1", 0, 9999);
        problems.optional_lines("note", "Note", &"x".repeat(5001), 5000);
        let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "from", "amount", "days", "note"]);
        assert_eq!(problems.of("amount"), "Amount is not a number: write it like 1234.50.");
        assert_eq!(problems.of("note"), "Note has 5001 characters; it may have 5000.");
        assert!(problems.or(()).is_err());
    }

    #[test]
    fn a_day_is_read_as_a_date_field_sends_it() {
        let mut problems = Problems::none();
        for (typed, ok) in
            [("2026-10-31", true), ("2026-1-5", false), ("31.10.2026", false), ("1899-12-31", false)]
        {
            assert_eq!(problems.day("from", "From", typed).is_some(), ok, "{typed}");
        }
    }
}
