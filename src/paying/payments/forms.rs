//! What the pages of payments send: which preview, how to pay, why it is voided, what to look for.

use super::process::NewBatch;
use super::queries::Search;
use crate::domain::ids::{EntryId, RunId};
use crate::domain::payment::{OnAccount, PayType, PaymentMethod};
use crate::domain::period::Period;
use crate::web::forms::{FormData, Problems};
use crate::web::list::Address;
use crate::web::paths;
use chrono::NaiveDate;
use uuid::Uuid;

/// Which preview is shown: the chosen partners, as of when, by which method, without what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub run: RunId,
    pub as_of: RunId,
    pub method: PaymentMethod,
    /// Payments on account that are left out.
    pub leave: Vec<EntryId>,
}

/// The form below the preview, as typed.
#[derive(Debug, Clone, Default)]
pub struct BatchForm {
    pub pay_type: String,
    pub batch_id: String,
    pub paid_on: String,
    pub note: String,
    /// Ticked: a date before an entry that is paid is meant.
    pub early: bool,
    pub key: String,
    pub shown: String,
}

/// Date and reason of a void, as typed.
#[derive(Debug, Clone, Default)]
pub struct VoidForm {
    pub voided_on: String,
    pub reason: String,
}

/// What Payment Search is asked for, as typed.
#[derive(Debug, Clone, Default)]
pub struct SearchForm {
    pub from: String,
    pub to: String,
    pub partner: String,
    pub batch: String,
    pub pay_type: String,
    pub state: String,
}

impl Choice {
    /// Reads it from an address or a form. None where no preview is named.
    pub fn read(fields: &FormData) -> Option<Choice> {
        let run = fields.id("run", RunId)?;
        Some(Choice {
            run,
            as_of: fields.id("as_of", RunId).unwrap_or(run),
            method: PaymentMethod::from_word(fields.get("method")).unwrap_or(PaymentMethod::Commission),
            leave: fields.all("leave").filter_map(|id| id.parse().ok().map(EntryId)).collect(),
        })
    }

    /// Which payments on account count.
    pub fn on_account(&self) -> OnAccount {
        if self.leave.is_empty() { OnAccount::TakenIn } else { OnAccount::Without(self.leave.clone()) }
    }

    /// The address that shows it.
    pub fn address(&self) -> Address {
        let mut fields = format!("run={}&method={}", self.run, self.method.word());
        if self.as_of != self.run {
            fields.push_str(&format!("&as_of={}", self.as_of));
        }
        for entry in &self.leave {
            fields.push_str(&format!("&leave={entry}"));
        }
        // Numbers and words of ours: nothing in it could be refused.
        Address::new(paths::NEW_PAYMENT_BATCH, &FormData::parse(fields.as_bytes()).unwrap_or_default())
    }

    /// The same by another method. What was left out stays left out.
    pub fn by(&self, method: PaymentMethod) -> Choice {
        Choice { method, ..self.clone() }
    }

    /// The same as of another run.
    pub fn as_of(&self, as_of: RunId) -> Choice {
        Choice { as_of, leave: Vec::new(), ..self.clone() }
    }
}

impl BatchForm {
    /// What was sent.
    pub fn read(form: &FormData) -> BatchForm {
        BatchForm {
            pay_type: form.get("pay_type").into(),
            batch_id: form.get("batch_id").into(),
            paid_on: form.get("paid_on").into(),
            note: form.get("note").into(),
            early: form.has("early"),
            key: form.get("key").into(),
            shown: form.get("shown").into(),
        }
    }

    /// What is proposed: Manual, the next Batch Id, today.
    pub fn proposed(batch_id: String, today: NaiveDate) -> BatchForm {
        BatchForm {
            pay_type: PayType::Manual.word().into(),
            batch_id,
            paid_on: today.to_string(),
            key: Uuid::new_v4().to_string(),
            ..BatchForm::default()
        }
    }

    /// What it means.
    pub fn parse(&self, choice: &Choice, period: Period) -> Result<NewBatch, Problems> {
        let mut problems = Problems::none();
        let pay_type = PayType::from_word(&self.pay_type);
        if pay_type.is_none() {
            problems.add("pay_type", "Choose a pay type from the list.");
        }
        let batch_id = problems.text("batch_id", "Batch Id", &self.batch_id, 60);
        let paid_on = problems.day("paid_on", "Date", &self.paid_on);
        let note = problems.optional_lines("note", "Note", &self.note, 2000);
        let form_key = Uuid::try_parse(&self.key).ok();
        if form_key.is_none() {
            problems.add("key", "This form is incomplete: open the page again. Nothing was recorded.");
        }
        match (pay_type, paid_on, form_key) {
            (Some(pay_type), Some(paid_on), Some(form_key)) => problems.or(NewBatch {
                chosen: choice.run,
                as_of: choice.as_of,
                period,
                method: choice.method,
                on_account: choice.on_account(),
                batch_id,
                pay_type,
                paid_on,
                note,
                form_key,
                shown: Some(self.shown.clone()),
            }),
            _ => Err(problems),
        }
    }
}

impl VoidForm {
    /// What is proposed: today, or the day of the payment where that is yet to come.
    pub fn proposed(today: NaiveDate, paid_on: NaiveDate) -> VoidForm {
        VoidForm { voided_on: today.max(paid_on).to_string(), reason: String::new() }
    }

    /// What was sent.
    pub fn read(form: &FormData) -> VoidForm {
        VoidForm { voided_on: form.get("voided_on").into(), reason: form.get("reason").into() }
    }

    /// What it means.
    pub fn parse(&self) -> Result<(NaiveDate, String), Problems> {
        let mut problems = Problems::none();
        let voided_on = problems.day("voided_on", "Date", &self.voided_on);
        let reason = problems.lines("reason", "Reason", &self.reason, 2000);
        match voided_on {
            Some(voided_on) => problems.or((voided_on, reason)),
            None => Err(problems),
        }
    }
}

impl SearchForm {
    /// What stands in the address.
    pub fn read(query: &FormData) -> SearchForm {
        SearchForm {
            from: query.get("from").into(),
            to: query.get("to").into(),
            partner: query.get("partner").into(),
            batch: query.get("batch").into(),
            pay_type: query.get("pay_type").into(),
            state: query.get("state").into(),
        }
    }

    /// What it means.
    pub fn parse(&self) -> Result<Search, Problems> {
        let mut problems = Problems::none();
        let search = Search {
            from: problems.optional_day("from", "From", &self.from),
            to: problems.optional_day("to", "To", &self.to),
            partner: problems.optional_text("partner", "Partner", &self.partner, 200),
            batch: problems.optional_text("batch", "Batch Id", &self.batch, 60),
            pay_type: PayType::from_word(&self.pay_type),
            standing: match self.state.as_str() {
                "standing" => Some(true),
                "voided" => Some(false),
                _ => None,
            },
        };
        if let (Some(from), Some(to)) = (search.from, search.to)
            && from > to
        {
            problems.add("to", "To is before From: the dates stand the wrong way round.");
        }
        problems.or(search)
    }

    /// The choices of pay types, with any at first.
    pub fn pay_types(&self) -> Vec<(&'static str, &'static str)> {
        let all = PayType::ALL.into_iter().map(|pay_type| (pay_type.word(), pay_type.label()));
        [("", "Any")].into_iter().chain(all).collect()
    }

    /// The choices of states.
    pub fn states(&self) -> [(&'static str, &'static str); 3] {
        [("", "Any"), ("standing", "Stands"), ("voided", "Voided")]
    }
}
