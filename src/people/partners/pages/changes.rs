//! What was changed about a partner, in words.

use super::super::queries::tabs::{ChangeRow, Names};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// One change.
pub struct Change {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub facts: Vec<(String, String)>,
}

impl Change {
    /// The change as the audit log keeps it, with the names that its numbers have now.
    pub fn new(row: ChangeRow, names: &Names) -> Change {
        let by_machine = if row.source == "import" { "An import" } else { "A command" };
        let is_update = row.action.ends_with(".update");
        let facts = row.details.as_object().into_iter().flatten();
        Change {
            at: row.written_at,
            who: row.user_name.unwrap_or_else(|| by_machine.into()),
            what: words(&row.action),
            facts: facts.map(|(name, value)| (label(name), told(name, value, is_update, names))).collect(),
        }
    }
}

/// Every number in these changes that may be a partner or a program.
pub fn named_in(rows: &[ChangeRow]) -> Vec<i64> {
    fn numbers(value: &Value, found: &mut Vec<i64>) {
        match value {
            Value::Number(number) => found.extend(number.as_i64()),
            Value::Array(values) => values.iter().for_each(|value| numbers(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| numbers(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    rows.iter().for_each(|row| numbers(&row.details, &mut found));
    found
}

/// The value of a detail; of an edit what it was and what it is.
fn told(name: &str, value: &Value, is_update: bool, names: &Names) -> String {
    match value {
        Value::Array(pair) if is_update && pair.len() == 2 => {
            format!("{} → {}", one(name, &pair[0], names), one(name, &pair[1], names))
        }
        value => one(name, value, names),
    }
}

fn one(name: &str, value: &Value, names: &Names) -> String {
    let of = |known: &std::collections::HashMap<i64, String>, number: &serde_json::Number| {
        let name = number.as_i64().and_then(|id| known.get(&id));
        name.cloned().unwrap_or_else(|| number.to_string())
    };
    match (name, value) {
        ("track_leads_days", Value::Null) => "for ever".into(),
        (_, Value::Null) => "none".into(),
        (_, Value::Bool(yes)) => if *yes { "yes" } else { "no" }.into(),
        (_, Value::String(text)) => text.clone(),
        ("parent" | "parent_before" | "merged_into" | "took_over" | "partner", Value::Number(number)) => {
            of(&names.partners, number)
        }
        ("programs" | "enrolled_in" | "left", Value::Number(number)) => of(&names.programs, number),
        (_, Value::Array(values)) if values.is_empty() => "none".into(),
        (_, Value::Array(values)) => {
            values.iter().map(|value| one(name, value, names)).collect::<Vec<_>>().join(", ")
        }
        (_, value) => value.to_string(),
    }
}

/// What a detail is called on the partner's form.
fn label(name: &str) -> String {
    let words = match name {
        "email" => "E-mail",
        "wants_e_mail" => "Wants e-mail",
        "notify_on_lead" => "Mail about leads",
        "notify_on_sale" => "Mail about sales",
        "track_leads_days" => "Track leads for",
        "parent_before" => "Parent before",
        "merged_into" => "Merged into",
        "took_over" => "Took over",
        "code" => "Code",
        "name" => "Name",
        "parent" => "Parent",
        "status" => "Status",
        "programs" => "Programs",
        "enrolled_in" => "Enrolled in",
        "left" => "Left",
        "tags" => "Tags",
        "tags_added" => "Tags added",
        "tags_removed" => "Tags removed",
        "address" => "Address",
        other => return other.replace('_', " "),
    };
    words.into()
}

/// `partner.make_inactive` → `Make inactive`
fn words(action: &str) -> String {
    let known = match action {
        "partner.create" => "Created",
        "partner.update" => "Edited",
        "partner.note" => "Note written",
        "partner.mass_update" => "Mass Update",
        "partner.merge" => "Took over another record",
        "partner.merge_into" => "Merged into another record",
        _ => "",
    };
    if !known.is_empty() {
        return known.into();
    }
    let verb = action.split_once('.').map_or(action, |(_, verb)| verb).replace('_', " ");
    let mut letters = verb.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
