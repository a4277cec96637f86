//! What is typed to credit many orders.

use super::super::by_hand::press::{Press, hash_of};
use super::super::by_hand::typed;
use super::{Asked, MOST_ORDERS, Part};
use crate::domain::ids::{OrderEventId, OrderId};
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::web::forms::{FormData, Problems};
use crate::web::html::{count, counted};
use diesel::PgConnection;
use uuid::Uuid;

/// The most characters of a reason.
const MOST_LONG: usize = 2000;

/// The fields of the form, beside those that say which orders are meant.
pub const FIELDS: [&str; 6] = ["partner", "part", "reason", "key", "seen", "shown"];

/// What was typed.
#[derive(Debug, Clone)]
pub struct CreditForm {
    pub partner: String,
    /// `both`, `lead` or `sale`.
    pub part: String,
    pub reason: String,
    pub key: String,
    /// The latest event that the page knew.
    pub seen: String,
    /// The fingerprint of what the page showed.
    pub shown: String,
}

impl Part {
    pub const ALL: [Part; 3] = [Part::Both, Part::Lead, Part::Sale];

    /// The word for it in forms.
    pub fn word(self) -> &'static str {
        match self {
            Part::Both => "both",
            Part::Lead => "lead",
            Part::Sale => "sale",
        }
    }

    /// On its button.
    pub fn label(self) -> &'static str {
        match self {
            Part::Both => "Lead and sale partner",
            Part::Lead => "Lead partner only",
            Part::Sale => "Sale partner only",
        }
    }
}

impl CreditForm {
    /// Reads the fields; a form that is shown for the first time gets its key.
    pub fn read(form: &FormData) -> CreditForm {
        let [partner, part, reason, key, seen, shown] = FIELDS.map(|name| form.get(name).to_string());
        let part = if part.is_empty() { Part::Both.word().to_string() } else { part };
        let key = if key.is_empty() { Uuid::new_v4().to_string() } else { key };
        CreditForm { partner, part, reason, key, seen, shown }
    }

    /// The same, as a form of its own.
    pub fn anew(self) -> CreditForm {
        let nothing = String::new;
        CreditForm { key: Uuid::new_v4().to_string(), seen: nothing(), shown: nothing(), ..self }
    }

    /// The press, by a form that has a key; `meant` says which orders are meant.
    pub fn press(&self, is_final: bool, meant: &[(String, String)]) -> Option<Press> {
        let key = Uuid::parse_str(&self.key).ok()?;
        let typed = [&self.partner, &self.part, &self.reason].map(|text| text.trimmed());
        let meant = meant.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        Some(Press {
            key,
            content: hash_of(typed.into_iter().chain(meant)),
            shown: self.shown.clone(),
            is_final,
        })
    }

    /// What is asked for these orders, or everything that is wrong with it. The reason may be missing until
    /// it is recorded.
    pub fn parse(
        &self,
        conn: &mut PgConnection,
        orders: Vec<OrderId>,
        is_final: bool,
    ) -> Result<Result<Asked, Problems>, AppError> {
        let mut problems = Problems::none();
        if orders.is_empty() {
            problems.add("orders", "No order is meant: the list holds none any more.");
        } else if orders.len() > MOST_ORDERS {
            problems.add("orders", too_many());
        }
        if self.partner.trimmed().is_empty() {
            problems.add("partner", "Say who is to be credited.");
        }
        let partner = typed::partner(conn, &mut problems, "partner", &self.partner)?;
        let part = Part::ALL.into_iter().find(|part| part.word() == self.part);
        if part.is_none() {
            problems.add("part", "Choose which of the two partners becomes another.");
        }
        let reason = match is_final {
            true => problems.lines("reason", "Reason", &self.reason, MOST_LONG),
            false => problems.optional_lines("reason", "Reason", &self.reason, MOST_LONG),
        };
        let seen = self.seen.parse().ok().map(OrderEventId);
        Ok(match partner.zip(part) {
            Some((partner, part)) => problems.or(Asked { orders, partner, part, reason, seen }),
            None => Err(problems),
        })
    }
}

/// Where more orders are meant than are credited at once.
pub fn too_many() -> String {
    format!(
        "These are more than {}, which is the most that is credited at once. Narrow the list, by dates for example.",
        counted(MOST_ORDERS, "order", "orders")
    )
}

/// How many orders are meant, in words.
pub fn meant_words(orders: usize) -> String {
    if orders > MOST_ORDERS {
        format!("more than {} orders", count(MOST_ORDERS))
    } else {
        counted(orders, "order", "orders")
    }
}
