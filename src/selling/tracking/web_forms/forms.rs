//! What is typed about a form.

use super::fields::{Asked, QUESTION_FIELDS, Question, QuestionKind, Standard};
use super::{Facts, Record};
use crate::domain::ids::PartnerId;
use crate::domain::typed::Trimmed;
use crate::running::mails;
use crate::web::forms::{FormData, Problems};

/// Whether something is asked: the codes of the choice, and its words.
pub const ASK: [(&str, &str); 3] = [("no", "Leave out"), ("ask", "Ask"), ("must", "Require")];

/// How many answers may be offered for a question.
const CHOICES: usize = 30;

/// How many addresses may be mailed what is sent by a form.
const ADDRESSES: usize = 5;

/// Where the answers to a question are typed, among which one is chosen; its words have the question's name.
const CHOICE_FIELDS: [&str; QUESTION_FIELDS.len()] =
    ["choices_1", "choices_2", "choices_3", "choices_4", "choices_5", "choices_6"];

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct WebFormForm {
    pub name: String,
    pub code: String,
    pub title: String,
    pub introduction: String,
    pub button: String,
    /// For each of [`Standard::ALL`], one of [`ASK`].
    pub asks: [String; 5],
    pub questions: [QuestionForm; QUESTION_FIELDS.len()],
    pub opt_in: String,
    pub thanks: String,
    pub redirect: String,
    pub is_open: bool,
    pub is_embedded: bool,
    pub notifies: bool,
    /// One a line, or with commas between them.
    pub mail_to: String,
    /// The partner's code.
    pub sales_rep: String,
    pub version: String,
}

/// What was typed about a question.
#[derive(Debug, Clone, Default)]
pub struct QuestionForm {
    pub label: String,
    pub kind: String,
    pub is_required: bool,
    /// One a line.
    pub choices: String,
}

impl WebFormForm {
    /// What a new form asks where nothing else is said.
    pub fn fresh() -> WebFormForm {
        let asks = ["ask", "ask", "no", "no", "no"].map(String::from);
        WebFormForm { button: "Send".into(), asks, is_open: true, notifies: true, ..WebFormForm::default() }
    }

    /// Reads the fields.
    pub fn read(form: &FormData) -> WebFormForm {
        let text = |name: &str| form.get(name).to_string();
        let question = |at: usize| {
            let number = at + 1;
            QuestionForm {
                label: text(QUESTION_FIELDS[at]),
                kind: text(&format!("kind_{number}")),
                is_required: form.has(&format!("required_{number}")),
                choices: text(CHOICE_FIELDS[at]),
            }
        };
        WebFormForm {
            name: text("name"),
            code: text("code"),
            title: text("title"),
            introduction: text("introduction"),
            button: text("button"),
            asks: Standard::ALL.map(|standard| text(standard.name())),
            questions: std::array::from_fn(question),
            opt_in: text("opt_in"),
            thanks: text("thanks"),
            redirect: text("redirect"),
            is_open: form.has("is_open"),
            is_embedded: form.has("is_embedded"),
            notifies: form.has("notifies"),
            mail_to: text("mail_to"),
            sales_rep: text("sales_rep"),
            version: text("version"),
        }
    }

    /// The form for a record that there is.
    pub fn of(record: &Record) -> WebFormForm {
        let facts = record.facts.clone();
        let ask = |standard| match facts.asked.standard.get(&standard) {
            None => "no",
            Some(false) => "ask",
            Some(true) => "must",
        };
        let question = |at: usize| {
            let found = facts.asked.questions.iter().find(|question| question.number == at + 1);
            found.map_or_else(QuestionForm::default, QuestionForm::of)
        };
        WebFormForm {
            asks: Standard::ALL.map(ask).map(String::from),
            questions: std::array::from_fn(question),
            name: facts.name,
            code: facts.code,
            title: facts.title,
            introduction: facts.introduction,
            button: facts.button,
            opt_in: facts.asked.opt_in.unwrap_or_default(),
            thanks: facts.thanks,
            redirect: facts.redirect,
            is_open: facts.is_open,
            is_embedded: facts.is_embedded,
            notifies: facts.notifies,
            mail_to: facts.mail_to.join("\n"),
            sales_rep: record.sales_rep_code.clone(),
            version: record.version.to_string(),
        }
    }

    /// The sales rep's code in lower case, as partners are looked for; empty where none is named.
    pub fn sales_rep_code(&self) -> String {
        self.sales_rep.trimmed().to_ascii_lowercase()
    }

    /// What it means; `sales_rep` is whom the code was found to name.
    pub fn parse(&self, sales_rep: Option<PartnerId>) -> Result<Facts, Problems> {
        let mut problems = Problems::none();
        let name = problems.text("name", "Name", &self.name, 200);
        let code = problems.text("code", "Code", &self.code, 50);
        if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            problems.add("code", "A code has letters A to Z, digits, dashes and underscores only.");
        }
        let title = problems.text("title", "Heading", &self.title, 200);
        let introduction = problems.optional_lines("introduction", "Introduction", &self.introduction, 5000);
        let asked = self.asked(&mut problems);
        let button = problems.text("button", "Words on the button", &self.button, 60);
        let thanks = problems.optional_lines("thanks", "Thanks", &self.thanks, 5000);
        let redirect = problems.destination("redirect", "Page to lead to", &self.redirect);
        if sales_rep.is_none() && !self.sales_rep.trimmed().is_empty() {
            problems.add(
                "sales_rep",
                "No partner has or had this code. Type the partner’s code, or choose from the list.",
            );
        }
        let mail_to = self.mail_to(&mut problems);
        problems.or(Facts {
            name,
            code,
            title,
            introduction: lines(&introduction),
            button,
            asked,
            thanks: lines(&thanks),
            redirect,
            is_open: self.is_open,
            is_embedded: self.is_embedded,
            notifies: self.notifies,
            mail_to,
            sales_rep,
        })
    }

    /// Who is mailed: each address once, however its letters are written.
    fn mail_to(&self, problems: &mut Problems) -> Vec<String> {
        let typed = problems.optional_lines("mail_to", "Notify by e-mail", &self.mail_to, 2000);
        let mut addresses: Vec<String> = Vec::new();
        for address in
            typed.split([',', ';', '\n', '\r']).map(Trimmed::trimmed).filter(|address| !address.is_empty())
        {
            if address.chars().count() > 254 || !mails::can_be_mailed(address) {
                problems.add(
                    "mail_to",
                    format!("“{address}” is no e-mail address: write it like dana@example.com."),
                );
            } else if !addresses.iter().any(|other| other.eq_ignore_ascii_case(address)) {
                addresses.push(address.into());
            }
        }
        if addresses.len() > ADDRESSES {
            let there = addresses.len();
            problems
                .add("mail_to", format!("Notify by e-mail has {there} addresses; it may have {ADDRESSES}."));
        }
        addresses
    }

    fn asked(&self, problems: &mut Problems) -> Asked {
        let mut asked = Asked::default();
        for (standard, ask) in Standard::ALL.into_iter().zip(&self.asks) {
            match ask.as_str() {
                "no" => {}
                "ask" => drop(asked.standard.insert(standard, false)),
                "must" => drop(asked.standard.insert(standard, true)),
                _ => problems.add(standard.name(), format!("Choose whether to ask: {}.", standard.label())),
            }
        }
        for (at, question) in self.questions.iter().enumerate() {
            asked.questions.extend(question.parse(at, problems));
        }
        let opt_in = problems.optional_text("opt_in", "Box for e-mail", &self.opt_in, 300);
        asked.opt_in = Some(opt_in).filter(|words| !words.is_empty());
        asked
    }

    /// The version that was edited. One that is no number was not made by our page; it counts as old.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// Each field as label, what is saved, and what was typed: for two who edit at once.
    pub fn beside(&self, saved: &Record) -> Vec<(&'static str, String, String)> {
        let saved = WebFormForm::of(saved);
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_string();
        let asks = |form: &WebFormForm| {
            let asked = Standard::ALL.into_iter().zip(&form.asks);
            let told = asked.filter_map(|(standard, ask)| {
                let (_, words) = ASK.into_iter().find(|(code, _)| code == ask)?;
                Some(format!("{}: {}", standard.label(), words.to_lowercase()))
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let questions = |form: &WebFormForm| {
            form.questions.iter().filter_map(QuestionForm::told).collect::<Vec<_>>().join("\n")
        };
        vec![
            ("Name", saved.name.clone(), self.name.clone()),
            ("Code", saved.code.clone(), self.code.clone()),
            ("Heading", saved.title.clone(), self.title.clone()),
            ("Introduction", saved.introduction.clone(), self.introduction.clone()),
            ("Asks", asks(&saved), asks(self)),
            ("Questions", questions(&saved), questions(self)),
            ("Box for e-mail", saved.opt_in.clone(), self.opt_in.clone()),
            ("Words on the button", saved.button.clone(), self.button.clone()),
            ("Thanks", saved.thanks.clone(), self.thanks.clone()),
            ("Page to lead to", saved.redirect.clone(), self.redirect.clone()),
            ("Sales rep", saved.sales_rep.clone(), self.sales_rep.clone()),
            ("Open", yes(saved.is_open), yes(self.is_open)),
            ("On other pages", yes(saved.is_embedded), yes(self.is_embedded)),
            ("Notify by e-mail", saved.mail_to.clone(), self.mail_to.clone()),
            ("Told on the start page", yes(saved.notifies), yes(self.notifies)),
        ]
    }
}

impl QuestionForm {
    fn of(question: &Question) -> QuestionForm {
        QuestionForm {
            label: question.label.clone(),
            kind: question.kind.word().into(),
            is_required: question.is_required,
            choices: question.choices.join("\n"),
        }
    }

    /// Whether anything was typed about it.
    pub fn is_used(&self) -> bool {
        !self.label.trimmed().is_empty() || !self.choices.trimmed().is_empty()
    }

    /// The question; none where there is none in this place.
    fn parse(&self, at: usize, problems: &mut Problems) -> Option<Question> {
        if !self.is_used() {
            return None;
        }
        let name = format!("Question {}", at + 1);
        let label = problems.text(QUESTION_FIELDS[at], &name, &self.label, 300);
        let kind = QuestionKind::from_word(&self.kind).unwrap_or_else(|| {
            problems.add(QUESTION_FIELDS[at], format!("{name}: choose how it is answered."));
            QuestionKind::Line
        });
        let choices = match kind {
            QuestionKind::Choice => self.read_choices(at, problems),
            _ if self.choices.trimmed().is_empty() => Vec::new(),
            _ => {
                let one_of = QuestionKind::Choice.label();
                problems.add(
                    CHOICE_FIELDS[at],
                    format!("Answers to {name}: choose “{one_of}” as well, or empty this.")
                        .replace("Question", "question"),
                );
                Vec::new()
            }
        };
        Some(Question { number: at + 1, label, kind, is_required: self.is_required, choices })
    }

    fn read_choices(&self, at: usize, problems: &mut Problems) -> Vec<String> {
        let name = format!("Answers to question {}", at + 1);
        let field = CHOICE_FIELDS[at];
        let typed = problems.optional_lines(field, &name, &self.choices, 5000);
        let mut choices: Vec<String> = Vec::new();
        for choice in typed.lines().map(Trimmed::trimmed).filter(|choice| !choice.is_empty()) {
            if !choices.iter().any(|other| other == choice) {
                choices.push(choice.into());
            }
        }
        if choices.len() < 2 {
            problems.add(field, format!("{name}: write at least two, each on a line of its own."));
        }
        if choices.len() > CHOICES {
            problems.add(field, format!("{name}: there are {}; there may be {CHOICES}.", choices.len()));
        }
        if choices.iter().any(|choice| choice.chars().count() > 200) {
            problems.add(field, format!("{name}: one is longer than 200 characters."));
        }
        choices
    }

    /// In one line, for two who edit at once.
    fn told(&self) -> Option<String> {
        let kind = QuestionKind::from_word(&self.kind).map_or("", QuestionKind::label).to_lowercase();
        let must = if self.is_required { ", required" } else { "" };
        let choices = self.choices.lines().map(Trimmed::trimmed).filter(|line| !line.is_empty());
        let choices = choices.collect::<Vec<_>>().join(" / ");
        self.is_used()
            .then(|| format!("{} ({kind}{must}) {choices}", self.label.trimmed()).trimmed().to_string())
    }
}

/// A text with the ends of its lines as they are kept.
pub fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
