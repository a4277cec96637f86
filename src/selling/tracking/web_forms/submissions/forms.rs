//! What somebody outside has typed into a web form.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ids::WebFormId;
use crate::domain::typed::Trimmed;
use crate::people::contacts::record::forms::read_email;
use crate::people::contacts::{NewContact, PostalAddress};
use crate::selling::tracking::visits::cookie;
use crate::selling::tracking::web_forms::fields::{Asked, Input, InputKind, OPT_IN};
use crate::selling::tracking::web_forms::forms::lines;
use crate::web::forms::{FormData, Problems};

/// A field that people do not see, and robots fill in.
pub const TRAP: &str = "website";
/// The hidden field with the key of the page.
pub const PAGE_KEY: &str = "page";
/// The hidden field with the visitor's key, for pages that are not ours.
pub const VISITOR: &str = "visitor";

/// What is kept at most of an answer that a robot gave.
const MOST_OF_A_ROBOT: usize = 500;

/// What was typed, for each field of the form in its order.
#[derive(Debug, Clone, Default)]
pub struct SubmissionForm {
    pub typed: Vec<(Input, String)>,
    /// The key of the page that it stood on, as it was sent.
    pub page_key: String,
    /// The visitor's key, where it is one.
    pub visitor: Option<String>,
    /// Whether the field was filled in that nobody sees.
    pub is_trapped: bool,
}

/// One answer, under the words that it stood under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub label: String,
    pub answer: String,
}

/// What was typed and found sound.
#[derive(Debug, Clone)]
pub struct Sound {
    pub contact: NewContact,
    /// Wants e-mail.
    pub opted_in: bool,
    pub answers: Vec<Answer>,
}

impl SubmissionForm {
    /// A form that nobody has typed into.
    pub fn blank(asked: &Asked) -> SubmissionForm {
        SubmissionForm::read(asked, &FormData::default())
    }

    /// Reads the fields that the form has. It never had the others.
    pub fn read(asked: &Asked, form: &FormData) -> SubmissionForm {
        let typed = asked.inputs().into_iter().map(|input| {
            let typed = form.get(input.name).to_string();
            (input, typed)
        });
        SubmissionForm {
            typed: typed.collect(),
            page_key: form.get(PAGE_KEY).into(),
            visitor: Some(form.get(VISITOR).to_string()).filter(|key| cookie::is_key(key)),
            is_trapped: !form.get(TRAP).is_empty(),
        }
    }

    /// What it means.
    pub fn parse(&self) -> Result<Sound, Problems> {
        let mut problems = Problems::none();
        let mut answers = Vec::new();
        for (input, typed) in &self.typed {
            let answer = answer(&mut problems, input, typed);
            if !answer.is_empty() {
                answers.push(Answer { label: input.label.clone(), answer });
            }
        }
        problems.or(Sound { contact: self.contact(), opted_in: !self.of(OPT_IN).is_empty(), answers })
    }

    /// Whose answers these are.
    fn contact(&self) -> NewContact {
        let of = |name| self.of(name).to_string();
        let name = format!("{} {}", self.of("first_name"), self.of("last_name"));
        NewContact {
            external_id: None,
            email: Some(of("email")),
            name: name.trimmed().into(),
            address: PostalAddress {
                line1: of("address_line1"),
                line2: of("address_line2"),
                city: of("city"),
                state: of("state"),
                postal_code: of("postal_code"),
                country: of("country"),
            },
        }
    }

    fn of(&self, name: &str) -> &str {
        self.typed.iter().find(|(input, _)| input.name == name).map_or("", |(_, typed)| typed.trimmed())
    }

    /// What a robot typed: so much of it that a person can see whether it was one.
    pub fn of_a_robot(&self) -> Vec<Answer> {
        let typed = self.typed.iter().filter(|(_, typed)| !typed.trimmed().is_empty());
        let cut = |text: &str| text.chars().filter(|c| !c.is_control()).take(MOST_OF_A_ROBOT).collect();
        typed.map(|(input, typed)| Answer { label: input.label.clone(), answer: cut(typed) }).collect()
    }
}

/// Reads one answer; empty where there is none.
fn answer(problems: &mut Problems, input: &Input, typed: &str) -> String {
    let is_missing = typed.trimmed().is_empty();
    match input.kind {
        InputKind::Box if is_missing && input.is_required => {
            problems.add(input.name, format!("“{}” must be ticked.", input.label));
            String::new()
        }
        InputKind::Box => if is_missing { "" } else { "Yes" }.into(),
        InputKind::Choice if is_missing && !input.is_required => String::new(),
        InputKind::Choice if !input.choices.iter().any(|choice| choice == typed) => {
            problems.add(input.name, format!("Choose one of the answers to “{}”.", input.label));
            String::new()
        }
        InputKind::Email => {
            if is_missing {
                problems.add(input.name, format!("{} is missing.", input.label));
            }
            read_email(problems, typed).unwrap_or_default()
        }
        _ => {
            if is_missing && input.is_required {
                problems.add(input.name, format!("{} is missing.", input.label));
            }
            match input.kind {
                InputKind::Lines => {
                    lines(&problems.optional_lines(input.name, &input.label, typed, input.most))
                }
                _ => problems.optional_text(input.name, &input.label, typed, input.most),
            }
        }
    }
}

/// What makes two submissions the same: the form, the questions and the answers.
pub fn content_hash(form: WebFormId, answers: &[Answer]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(form.0.to_be_bytes());
    for text in answers.iter().flat_map(|answer| [&answer.label, &answer.answer]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}
