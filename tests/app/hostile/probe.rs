//! Sends a form with something hostile in it, and looks what became of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use partnerbook::domain::typed::Trimmed;
use scraper::{Html, Node, Selector};

use super::forms::{Button, Field, Form, Kind, breaks};
use super::strings::Typed;
use super::walk::{Origin, Walk};
use crate::support::http::Page;

/// Longer than this nobody waits, on the busiest machine.
const HANGS: Duration = Duration::from_secs(20);

/// All that can be read or is filled in on a page, with single blanks.
pub fn everything_on(page: &Page) -> String {
    let html = Html::parse_document(&page.html);
    let mut all = String::new();
    for node in html.tree.nodes() {
        match node.value() {
            Node::Text(text) => all.push_str(text),
            Node::Element(element) if ["input", "option", "button"].contains(&element.name()) => {
                all.push(' ');
                all.push_str(element.attr("value").unwrap_or_default());
                all.push(' ');
            }
            _ => {}
        }
    }
    squeezed(&all)
}

pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the page says in words what is wrong.
pub fn says_why(page: &Page) -> bool {
    if !page.header("content-type").starts_with("text/html") {
        return page.html.split_whitespace().count() > 2;
    }
    let html = Html::parse_document(&page.html);
    let words =
        Selector::parse(".error, .note, [role=alert], main h1 ~ p, section h1 + p").expect("a selector");
    html.select(&words).any(|element| element.text().any(|text| text.split_whitespace().count() > 2))
}

/// Digits, and what people put between them.
fn is_figure(text: &str) -> bool {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_digit() || ".,+-−:$ \u{a0}'%".contains(c);
    text.chars().all(plain)
}

/// A form that is being tried.
pub struct Probe<'a> {
    pub signature: &'a str,
    pub form: &'a Form,
    pub origin: &'a Origin,
    pub button: Option<&'a Button>,
}

impl Probe<'_> {
    /// Sends it; the answer, or how long nothing came.
    pub fn send(&self, walk: &Walk, values: &[Option<Vec<u8>>]) -> (Page, Option<String>) {
        let started = Instant::now();
        let page = self.form.send(walk.visitor, values, self.button);
        let hung = (started.elapsed() > HANGS).then(|| format!("an answer after {:?}", started.elapsed()));
        (page, hung)
    }

    /// What is wrong with how this was taken: nothing, mostly.
    pub fn judge(&self, walk: &mut Walk, field: &Field, typed: &Typed, answer: &Page) -> Result<(), String> {
        let status = answer.status;
        if status >= 500 {
            return Err(format!("{status}: {}", answer.text()));
        }
        if (400..500).contains(&status) && !says_why(answer) {
            return Err(format!("{status} without a reason: {}", answer.text()));
        }
        // A button of a search sets what it says, whatever stands in the fields.
        let sets = self
            .button
            .is_some_and(|button| !button.validates || (!self.form.posts && button.name.is_some()));
        match (status, typed.text()) {
            // The name of a file is read as it comes.
            (_, None) if field.kind == Kind::File => Ok(()),
            (303, None) => Err("what is no text was taken".into()),
            (303, Some(text)) => self.is_kept(walk, field, text, answer),
            (200 | 400..500, Some(text)) if field.shows_back() && !sets => {
                self.is_shown_back(walk, field, text, answer)
            }
            _ => Ok(()),
        }
    }

    /// The form came back: it holds what was typed.
    fn is_shown_back(&self, walk: &Walk, field: &Field, text: &str, answer: &Page) -> Result<(), String> {
        if !answer.header("content-type").starts_with("text/html") {
            return Ok(());
        }
        let forms = Form::all(answer, &self.origin.page);
        let of_it = |form: &&Form| walk.signature(form) == self.signature;
        let (mut same, mut others): (Vec<&Form>, Vec<&Form>) = forms.iter().partition(of_it);
        same.append(&mut others);
        let wanted = breaks(text);
        if wanted.trimmed().is_empty() {
            return Ok(());
        }
        let held: Vec<String> = same
            .iter()
            .flat_map(|form| &form.fields)
            .filter(|other| other.name == field.name)
            .filter_map(|other| Some(breaks(other.value.as_ref()?)))
            .collect();
        let same_text = |held: &String| *held == wanted || held.trimmed() == wanted.trimmed();
        if held.iter().any(same_text)
            || (answer.status == 200 && everything_on(answer).contains(&squeezed(text)))
        {
            return Ok(());
        }
        let held: Vec<String> = held.iter().map(|held| held.chars().take(60).collect()).collect();
        Err(format!("{} shows {held:?} instead: {}", answer.status, said(answer)))
    }

    /// It was taken: it can be read where the answer leads, or where it was typed.
    fn is_kept(&self, walk: &mut Walk, field: &Field, text: &str, answer: &Page) -> Result<(), String> {
        let location = answer.header("location").to_string();
        let page = walk.visitor.get(&location);
        if page.status >= 400 {
            return Err(format!("leads to {location}, which answers {}: {}", page.status, page.text()));
        }
        if field.kind == Kind::Figure && !is_figure(text) {
            return Err(format!("was taken for a figure, and leads to {location}"));
        }
        // Of a file's name its folders are not kept, and a browser writes these signs otherwise.
        let plain_name = self.form.action == "/imports" && !text.contains(['"', '\\', '\r', '\n']);
        let is_kept = match field.kind {
            // Partners are named by any code that they had; the page shows the one that they have.
            _ if field.name == "codes" => false,
            Kind::Line | Kind::Area => true,
            Kind::File => plain_name,
            _ => false,
        };
        if !is_kept || text.trimmed().is_empty() {
            return Ok(());
        }
        let list = format!("/{}", self.form.action.split('/').nth(1).unwrap_or_default());
        let all = format!("{}?preset=all", location.split('?').next().unwrap_or_default());
        let wanted: Vec<String> = match field.kind {
            Kind::File => vec![file_name(text)],
            _ if field.name.contains("tags") => text.split(',').map(squeezed).collect(),
            _ => vec![squeezed(text.trimmed())],
        };
        let holds = |page: &Page| {
            let all = everything_on(page);
            wanted.iter().all(|text| all.contains(text))
        };
        if holds(&page) || [&self.origin.page, &list, &all].iter().any(|path| holds(&walk.visitor.get(path)))
        {
            return Ok(());
        }
        // Or on one of the records that stand there: why a batch was voided is told by its payments.
        let html = Html::parse_document(&page.html);
        let records = Selector::parse("main tbody a[href^='/']").expect("a selector");
        let of_record = |link: scraper::ElementRef| Some(link.value().attr("href")?.to_string());
        let records: BTreeSet<String> = html.select(&records).filter_map(of_record).take(8).collect();
        if records.iter().any(|path| holds(&walk.visitor.get(path))) {
            return Ok(());
        }
        Err(format!("was taken, and is not on {location}, {} or {list}", self.origin.page))
    }
}

/// The name of a file without its folders, and no more of it than is kept.
fn file_name(text: &str) -> String {
    let name = text.rsplit('/').next().unwrap_or_default();
    squeezed(&name.chars().filter(|c| !c.is_control()).take(150).collect::<String>())
}

fn said(page: &Page) -> String {
    page.all(".error, .note").join(" / ").chars().take(200).collect()
}
