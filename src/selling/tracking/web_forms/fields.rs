//! What a form asks: the e-mail always, what contacts have, and questions of its own.

use std::collections::BTreeMap;

/// How many questions of its own a form may have.
pub const QUESTIONS: usize = 6;

/// The fields of questions, by their numbers. A question keeps its number, so that a page of the company's own
/// that has the form on it goes on asking what it asked.
pub const QUESTION_FIELDS: [&str; QUESTIONS] =
    ["question_1", "question_2", "question_3", "question_4", "question_5", "question_6"];

/// The field of the box for e-mail.
pub const OPT_IN: &str = "opt_in";

/// What every form can ask in the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standard {
    FirstName,
    LastName,
    Company,
    Phone,
    /// A postal address, in six fields.
    Address,
}

/// A question of a form's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// From 1.
    pub number: usize,
    pub label: String,
    pub kind: QuestionKind,
    pub is_required: bool,
    /// For [`QuestionKind::Choice`].
    pub choices: Vec<String>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    Line,
    Lines,
    Choice,
    Box,
}

/// All that a form asks beside the e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What is asked, and whether it must be answered.
    pub standard: BTreeMap<Standard, bool>,
    /// By number.
    pub questions: Vec<Question>,
    /// The words of the box for e-mail; none where it is not there.
    pub opt_in: Option<String>,
}

/// A field of a form as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub name: &'static str,
    pub label: String,
    pub kind: InputKind,
    pub is_required: bool,
    /// What browsers may fill in by themselves.
    pub complete: &'static str,
    /// For a choice.
    pub choices: Vec<String>,
    /// The most characters that may be typed.
    pub most: usize,
    /// Whether another one stands beside it where there is room.
    pub is_half: bool,
}

/// How a field looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    Email,
    Phone,
    Line,
    Lines,
    Choice,
    Box,
}

impl Standard {
    pub const ALL: [Standard; 5] =
        [Standard::FirstName, Standard::LastName, Standard::Company, Standard::Phone, Standard::Address];

    /// Its field's name; that of a group for an address.
    pub fn name(self) -> &'static str {
        match self {
            Standard::FirstName => "first_name",
            Standard::LastName => "last_name",
            Standard::Company => "company",
            Standard::Phone => "phone",
            Standard::Address => "address",
        }
    }

    /// The words before it.
    pub fn label(self) -> &'static str {
        match self {
            Standard::FirstName => "First name",
            Standard::LastName => "Last name",
            Standard::Company => "Company",
            Standard::Phone => "Phone",
            Standard::Address => "Postal address",
        }
    }

    /// What has a field of this name.
    pub fn from_name(name: &str) -> Option<Standard> {
        Standard::ALL.into_iter().find(|standard| standard.name() == name)
    }
}

impl InputKind {
    /// The type of its control, where that is a line.
    pub fn html(self) -> &'static str {
        match self {
            InputKind::Email => "email",
            InputKind::Phone => "tel",
            InputKind::Box => "checkbox",
            InputKind::Line | InputKind::Lines | InputKind::Choice => "text",
        }
    }
}

impl QuestionKind {
    pub const ALL: [QuestionKind; 4] =
        [QuestionKind::Line, QuestionKind::Lines, QuestionKind::Choice, QuestionKind::Box];

    /// The word for it in the database.
    pub fn word(self) -> &'static str {
        match self {
            QuestionKind::Line => "line",
            QuestionKind::Lines => "lines",
            QuestionKind::Choice => "choice",
            QuestionKind::Box => "box",
        }
    }

    /// What it is called where one is chosen.
    pub fn label(self) -> &'static str {
        match self {
            QuestionKind::Line => "One line",
            QuestionKind::Lines => "Many lines",
            QuestionKind::Choice => "One of several answers",
            QuestionKind::Box => "A box to tick",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<QuestionKind> {
        QuestionKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Asked {
    /// The fields of the form, in their order.
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        let names = [(Standard::FirstName, "given-name"), (Standard::LastName, "family-name")];
        let is_half = names.iter().all(|(name, _)| self.standard.contains_key(name));
        for (name, complete) in names {
            inputs.extend(self.line(name, complete).map(|input| Input { is_half, ..input }));
        }
        inputs.push(Input { kind: InputKind::Email, most: 254, ..line("email", "E-mail", true, "email") });
        inputs.extend(self.line(Standard::Company, "organization"));
        let phone = self.line(Standard::Phone, "tel");
        inputs.extend(phone.map(|phone| Input { kind: InputKind::Phone, most: 60, ..phone }));
        if let Some(must) = self.standard.get(&Standard::Address) {
            // Not every country has states or postal codes.
            inputs.extend([
                line("address_line1", "Address", *must, "address-line1"),
                line("address_line2", "Address, second line", false, "address-line2"),
                Input { is_half: true, ..line("postal_code", "Postal code", false, "postal-code") },
                Input { is_half: true, ..line("city", "City", *must, "address-level2") },
                Input { is_half: true, ..line("state", "State or region", false, "address-level1") },
                Input { is_half: true, ..line("country", "Country", *must, "country-name") },
            ]);
        }
        inputs.extend(self.questions.iter().filter_map(Question::input));
        if let Some(words) = &self.opt_in {
            inputs.push(Input { kind: InputKind::Box, ..line(OPT_IN, words, false, "off") });
        }
        inputs
    }

    fn line(&self, standard: Standard, complete: &'static str) -> Option<Input> {
        let must = self.standard.get(&standard)?;
        let half_a_name = [Standard::FirstName, Standard::LastName].contains(&standard);
        let most = if half_a_name { 99 } else { 200 };
        Some(Input { most, ..line(standard.name(), standard.label(), *must, complete) })
    }
}

impl Question {
    /// Its field; none where no form can have a question of this number.
    fn input(&self) -> Option<Input> {
        let name = QUESTION_FIELDS.get(self.number.checked_sub(1)?)?;
        let (kind, most) = match self.kind {
            QuestionKind::Line => (InputKind::Line, 500),
            QuestionKind::Lines => (InputKind::Lines, 5000),
            QuestionKind::Choice => (InputKind::Choice, 300),
            QuestionKind::Box => (InputKind::Box, 300),
        };
        let line = line(name, &self.label, self.is_required, "off");
        Some(Input { kind, most, choices: self.choices.clone(), ..line })
    }
}

fn line(name: &'static str, label: &str, is_required: bool, complete: &'static str) -> Input {
    let (kind, choices, most) = (InputKind::Line, Vec::new(), 200);
    Input { name, label: label.into(), kind, is_required, complete, choices, most, is_half: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_asks_nothing_asks_the_email() {
        let names: Vec<_> = Asked::default().inputs().iter().map(|input| input.name).collect();
        assert_eq!(names, ["email"]);
    }

    #[test]
    fn a_question_keeps_its_field_when_one_before_it_goes() {
        let question = |number| Question {
            number,
            label: format!("Question {number}"),
            kind: QuestionKind::Line,
            is_required: false,
            choices: Vec::new(),
        };
        let asked = Asked { questions: vec![question(2), question(6), question(7)], ..Asked::default() };
        let names: Vec<_> = asked.inputs().iter().map(|input| input.name).collect();
        assert_eq!(names, ["email", "question_2", "question_6"]);
    }
}
