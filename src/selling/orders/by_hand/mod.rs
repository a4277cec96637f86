//! Orders, and what happens to them, recorded by hand. Each form is shown first with what it would
//! write into the ledger: it is recorded as it will be, read back, and undone ([`press::try_out`]).
//! Recorded is exactly what was shown, once for each form, or nothing, and the page says what changed.

pub mod effect;
pub mod happening;
mod number;
pub mod placing;
pub mod press;
pub mod typed;

/// The id of a field in a line of a form: `price-2`. Its problems stand under the same name.
pub fn field_of_line(name: &str, place: &str) -> String {
    format!("{name}-{place}")
}
