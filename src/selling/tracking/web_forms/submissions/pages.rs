//! What people outside see of a web form.

use super::forms::{PAGE_KEY, SubmissionForm, TRAP, VISITOR};
use super::handlers::Sign;
use crate::selling::tracking::web_forms::Record;
use crate::selling::tracking::web_forms::fields::InputKind;
use crate::web::forms::Problems;
use crate::web::paths;
use askama::Template;

/// The form.
#[derive(Template)]
#[template(path = "web_forms/hosted.html")]
pub struct FormPage {
    sign: Sign,
    logo: String,
    action: String,
    title: String,
    introduction: String,
    button: String,
    form: SubmissionForm,
    problems: Problems,
    /// Why it has come back although nothing is wrong with what was typed; empty where it has not.
    notice: String,
}

/// A heading and a few words.
#[derive(Template)]
#[template(path = "web_forms/words.html")]
pub struct WordsPage {
    sign: Sign,
    logo: String,
    heading: String,
    text: String,
}

impl FormPage {
    pub fn new(
        record: &Record,
        sign: &Sign,
        form: SubmissionForm,
        problems: Problems,
        notice: &str,
    ) -> FormPage {
        let facts = &record.facts;
        FormPage {
            sign: sign.clone(),
            logo: paths::hosted_form_logo(&facts.code),
            action: paths::hosted_form(&facts.code),
            title: facts.title.clone(),
            introduction: facts.introduction.clone(),
            button: facts.button.clone(),
            form,
            problems,
            notice: notice.into(),
        }
    }
}

impl WordsPage {
    /// `form` is the one whose address the logo has, where there is one.
    pub fn new(sign: &Sign, form: Option<&Record>, heading: &str, text: &str) -> WordsPage {
        let logo = form.map_or_else(String::new, |form| paths::hosted_form_logo(&form.facts.code));
        let sign = Sign { has_logo: sign.has_logo && form.is_some(), ..sign.clone() };
        WordsPage { sign, logo, heading: heading.into(), text: text.into() }
    }
}
