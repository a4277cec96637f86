//! What is typed about a partner.

use super::{Facts, Record, Sound, Versions};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::typed::Trimmed;
use crate::people::contacts::record as person;
use crate::people::contacts::record::forms::{AddressForm, MOST, read_email};
use crate::people::partners::{PartnerStatus, is_code};
use crate::web::forms::{FormData, Problems};
use std::collections::HashSet;

/// The most tags that a partner may have.
const MOST_TAGS: usize = 30;
/// The most characters of a tag.
pub const MOST_TAG: usize = 60;

/// What was typed about a partner.
#[derive(Debug, Clone, Default)]
pub struct PartnerForm {
    pub name: String,
    pub email: String,
    pub code: String,
    /// The parent's code.
    pub parent: String,
    pub status: String,
    /// Numbers of programs.
    pub programs: Vec<String>,
    pub notify_on_lead: bool,
    pub notify_on_sale: bool,
    pub track_leads_days: String,
    pub opted_in: bool,
    pub address: AddressForm,
    /// Separated by commas.
    pub tags: String,
    pub version: String,
    pub contact_version: String,
}

impl PartnerForm {
    /// A new partner's form, empty but for what most will have.
    pub fn fresh() -> PartnerForm {
        PartnerForm {
            status: PartnerStatus::Active.word().into(),
            notify_on_lead: true,
            notify_on_sale: true,
            opted_in: true,
            ..PartnerForm::default()
        }
    }

    /// Reads the fields.
    pub fn read(form: &FormData) -> PartnerForm {
        let text = |name: &str| form.get(name).to_string();
        PartnerForm {
            name: text("name"),
            email: text("email"),
            code: text("code"),
            parent: text("parent"),
            status: text("status"),
            programs: form.all("program").map(String::from).collect(),
            notify_on_lead: form.has("notify_on_lead"),
            notify_on_sale: form.has("notify_on_sale"),
            track_leads_days: text("track_leads_days"),
            opted_in: form.has("opted_in"),
            address: AddressForm::read(form),
            tags: text("tags"),
            version: text("version"),
            contact_version: text("contact_version"),
        }
    }

    /// The form for a partner that there is.
    pub fn of(record: &Record) -> PartnerForm {
        let (facts, person) = (&record.facts, &record.person.facts);
        PartnerForm {
            name: person.name.clone(),
            email: person.email.clone().unwrap_or_default(),
            code: facts.code.clone(),
            parent: record.parent_code.clone(),
            status: facts.status.word().into(),
            programs: facts.programs.iter().map(ToString::to_string).collect(),
            notify_on_lead: facts.notify_on_lead,
            notify_on_sale: facts.notify_on_sale,
            track_leads_days: facts.track_leads_days.map(|days| days.to_string()).unwrap_or_default(),
            opted_in: person.opted_in,
            address: AddressForm::of(&person.address),
            tags: facts.tags.join(", "),
            version: record.version.to_string(),
            contact_version: record.person.version.to_string(),
        }
    }

    /// What it means; whom codes and numbers name is looked up when it is saved.
    pub fn parse(&self) -> Result<Sound, Problems> {
        let mut problems = Problems::none();
        let name = problems.text("name", "Name", &self.name, MOST);
        let email = read_email(&mut problems, &self.email);
        let code = problems.text("code", "Code", &self.code, MOST);
        if !code.is_empty() && !is_code(&code) {
            problems.add(
                "code",
                "A code stands in links: up to 60 letters, digits, dashes and underscores, without accents or blanks.",
            );
        }
        let parent = problems.optional_text("parent", "Parent", &self.parent, MOST);
        let status = PartnerStatus::from_word(&self.status);
        if status.is_none() {
            problems.add("status", "Choose whether the partner is active.");
        }
        let programs: Result<Vec<ProgramId>, _> =
            self.programs.iter().map(|number| number.parse().map(ProgramId)).collect();
        let programs = programs.unwrap_or_else(|_: std::num::ParseIntError| {
            problems.add("programs", "One of the programs is none of ours. Choose again.");
            Vec::new()
        });
        let track_leads_days = match self.track_leads_days.trimmed() {
            "" => None,
            days => {
                problems.whole("track_leads_days", "Track leads for", days, 1, 36_500).map(|days| days as i32)
            }
        };
        let tags = read_tags(&mut problems, "tags", &self.tags);
        let address = self.address.parse(&mut problems);
        let facts = Facts {
            code,
            parent: None,
            status: status.unwrap_or(PartnerStatus::Active),
            track_leads_days,
            notify_on_lead: self.notify_on_lead,
            notify_on_sale: self.notify_on_sale,
            programs,
            tags,
        };
        let opted_in = self.opted_in;
        let person = person::Facts { name, email, external_id: None, address, opted_in, sales_rep: None };
        problems.or(Sound { facts, parent_code: Some(parent).filter(|code| !code.is_empty()), person })
    }

    /// The versions that were edited. One that is no number was not made by our page; it counts as old.
    pub fn versions(&self) -> Versions {
        let version = |text: &str| text.parse().unwrap_or(-1);
        Versions { partner: version(&self.version), person: version(&self.contact_version) }
    }

    /// Each field as label, what is saved, and what was typed: for two who edit at once. `program_name`
    /// tells a program's name.
    pub fn beside(
        &self,
        record: &Record,
        program_name: impl Fn(&str) -> String,
    ) -> Vec<(&'static str, String, String)> {
        let saved = PartnerForm::of(record);
        let yes = |ticked: bool| if ticked { "yes" } else { "no" }.to_string();
        let programs = |form: &PartnerForm| {
            let mut names: Vec<String> = form.programs.iter().map(|id| program_name(id)).collect();
            names.sort();
            names.join(", ")
        };
        let mut fields = vec![
            ("Name", saved.name.clone(), self.name.clone()),
            ("E-mail", saved.email.clone(), self.email.clone()),
            ("Code", saved.code.clone(), self.code.clone()),
            ("Parent", saved.parent.clone(), self.parent.clone()),
            ("Status", saved.status.clone(), self.status.clone()),
            ("Commission programs", programs(&saved), programs(self)),
            ("Mail about leads", yes(saved.notify_on_lead), yes(self.notify_on_lead)),
            ("Mail about sales", yes(saved.notify_on_sale), yes(self.notify_on_sale)),
            ("Track leads for", saved.track_leads_days.clone(), self.track_leads_days.clone()),
            ("Wants e-mail", yes(saved.opted_in), yes(self.opted_in)),
            ("Tags", saved.tags.clone(), self.tags.clone()),
        ];
        fields.extend(self.address.beside(&saved.address));
        fields
    }

    /// Whether a program's box is ticked.
    pub fn is_in(&self, program: &ProgramId) -> bool {
        self.programs.iter().any(|number| *number == program.to_string())
    }
}

/// Reads tags separated by commas, each once whatever its letter case.
pub fn read_tags(problems: &mut Problems, field: &'static str, typed: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let words =
        typed.split([',', '\n']).map(|tag| tag.trimmed().split_whitespace().collect::<Vec<_>>().join(" "));
    let tags: Vec<String> = words.filter(|tag| !tag.is_empty() && seen.insert(tag.to_lowercase())).collect();
    if let Some(tag) = tags.iter().find(|tag| tag.chars().count() > MOST_TAG) {
        let begin: String = tag.chars().take(20).collect();
        problems.add(
            field,
            format!("The tag “{begin}…” has {} characters; it may have {MOST_TAG}.", tag.chars().count()),
        );
    } else if tags.len() > MOST_TAGS {
        problems.add(field, format!("These are {} tags; a partner may have {MOST_TAGS}.", tags.len()));
    } else {
        let joined = tags.join(", ");
        problems.optional_text(field, "Tags", &joined, MOST_TAGS * (MOST_TAG + 2));
    }
    tags
}

/// Where a partner's number stands in a form.
pub fn partner_id(text: &str) -> Option<PartnerId> {
    text.trimmed().parse().ok().map(PartnerId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_at_commas_and_each_counts_once() {
        let mut problems = Problems::none();
        assert_eq!(
            read_tags(&mut problems, "tags", " VIP,,north  west, vip,\u{e9}t\u{e9} "),
            ["VIP", "north west", "\u{e9}t\u{e9}"]
        );
        assert!(problems.is_empty());
        read_tags(&mut problems, "tags", &"x".repeat(61));
        assert!(problems.of("tags").contains("61 characters"));
    }

    #[test]
    fn a_code_is_what_can_stand_in_a_link() {
        for (code, ok) in
            [("sam", true), ("Sam_1-b", true), ("sam whit", false), ("s\u{e4}m", false), ("a/b", false)]
        {
            let form = PartnerForm { name: "Sam".into(), code: code.into(), ..PartnerForm::fresh() };
            assert_eq!(form.parse().is_ok(), ok, "{code}");
        }
    }
}
