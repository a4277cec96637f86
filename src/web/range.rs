//! A range of dates as people ask for it: two fields, and buttons for the usual ranges.

use chrono::NaiveDate;

use super::forms::{FormData, Problems};
use super::html::Format;
use crate::domain::period::{Period, Preset};
use crate::domain::typed::Trimmed;

/// The dates that have a button: word in the address, words on the button.
const PRESETS: [(Preset, &str, &str); 7] = [
    (Preset::ThisMonth, "this_month", "This month"),
    (Preset::LastMonth, "last_month", "Last month"),
    (Preset::ThisQuarter, "this_quarter", "This quarter"),
    (Preset::LastQuarter, "last_quarter", "Last quarter"),
    (Preset::ThisYear, "this_year", "This year"),
    (Preset::LastYear, "last_year", "Last year"),
    (Preset::All, "all", "All"),
];

/// The dates as they were typed.
#[derive(Debug, Clone, Default)]
pub struct RangeForm {
    /// Empty: from the first day on.
    pub from: String,
    /// Empty: up to the last one.
    pub to: String,
    /// A name that no dates have.
    preset: String,
}

impl RangeForm {
    /// Reads the dates; this range where none are asked for.
    pub fn read(query: &FormData, today: NaiveDate, otherwise: Preset) -> RangeForm {
        let field = |name: &str| query.get(name).trimmed().to_string();
        let mut form = RangeForm { from: field("from"), to: field("to"), preset: field("preset") };
        let preset = PRESETS.iter().find(|(_, word, _)| *word == form.preset).map(|(preset, ..)| *preset);
        let asked = query.has("from") || query.has("to") || !form.preset.is_empty();
        if let Some(preset) = preset.or((!asked).then_some(otherwise)) {
            form = RangeForm::of(Period::preset(preset, today));
        }
        form
    }

    /// The dates as the fields show them: an open end is an empty field.
    fn of(period: Period) -> RangeForm {
        let shown =
            |day: NaiveDate, open: NaiveDate| if day == open { String::new() } else { day.to_string() };
        RangeForm {
            from: shown(period.from(), Period::FIRST_DAY),
            to: shown(period.to(), Period::LAST_DAY),
            preset: String::new(),
        }
    }

    /// The dates, or what is wrong with them.
    pub fn parse(&self) -> Result<Period, Problems> {
        let mut problems = Problems::none();
        match self.period(&mut problems) {
            Some(period) => problems.or(period),
            None => Err(problems),
        }
    }

    /// The dates; none where something is wrong with them.
    pub fn period(&self, problems: &mut Problems) -> Option<Period> {
        if !self.preset.is_empty() {
            problems.add("preset", format!("There are no dates of the name “{}”.", shortened(&self.preset)));
            return None;
        }
        let from = day_or(problems, "from", "From", &self.from, Period::FIRST_DAY);
        let to = day_or(problems, "to", "To", &self.to, Period::LAST_DAY);
        let (from, to) = from.zip(to)?;
        let period = Period::new(from, to);
        if period.is_none() {
            problems.add("to", format!("To ({to}) lies before From ({from}): no day is in this range."));
        }
        period
    }
}

/// The dates of a file's address, which must both be there.
pub fn of_file(query: &FormData) -> Result<Period, Problems> {
    let mut problems = Problems::none();
    for (field, label) in [("from", "From"), ("to", "To")] {
        problems.day(field, label, query.get(field));
    }
    let form =
        RangeForm { from: query.get("from").into(), to: query.get("to").into(), preset: String::new() };
    match form.period(&mut problems) {
        Some(period) => problems.or(period),
        None => Err(problems),
    }
}

/// The dates that have a button: word, label, and whether they are shown now.
pub fn presets(shown: Option<Period>, today: NaiveDate) -> Vec<(&'static str, &'static str, bool)> {
    let is_shown = |preset| shown == Some(Period::preset(preset, today));
    PRESETS.iter().map(|(preset, word, label)| (*word, *label, is_shown(*preset))).collect()
}

/// A range in words; an end that is open is not shown as a day of the year 2999.
pub fn words(period: &Period, format: &Format) -> String {
    let all = Period::preset(Preset::All, period.from());
    match (period.from() == all.from(), period.to() == all.to()) {
        (true, true) => "All dates".into(),
        (true, false) => format!("Up to {}", format.day(&period.to())),
        (false, true) => format!("From {} on", format.day(&period.from())),
        (false, false) if period.from() == period.to() => format.day(&period.from()),
        (false, false) => format.period(period),
    }
}

fn day_or(
    problems: &mut Problems,
    field: &'static str,
    label: &str,
    typed: &str,
    open: NaiveDate,
) -> Option<NaiveDate> {
    if typed.is_empty() { Some(open) } else { problems.day(field, label, typed) }
}

/// What somebody typed, short enough for a sentence.
pub fn shortened(typed: &str) -> String {
    let mut short: String = typed.chars().take(40).collect();
    if short.len() < typed.len() {
        short.push('…');
    }
    short
}
