//! The number that a new order is proposed to have: the one after the last.

use crate::error::AppError;
use crate::selling::orders::queries::by_hand as queries;
use diesel::PgConnection;

/// Where nothing speaks for another number.
const FIRST: &str = "1001";
/// How many numbers are looked at in one query, and how often.
const AT_ONCE: usize = 200;
const TRIES: usize = 50;
/// The most digits that are counted on.
const MOST_DIGITS: usize = 15;

/// A number that is free: the one after that of the order that was recorded last, by hand if there is
/// such a one. Empty where none was found.
pub fn propose(conn: &mut PgConnection) -> Result<String, AppError> {
    let mut next = match queries::last_number(conn)? {
        Some(last) => after(&last),
        None => FIRST.to_string(),
    };
    for _ in 0..TRIES {
        let candidates: Vec<String> =
            std::iter::successors(Some(next.clone()), |number| Some(after(number))).take(AT_ONCE).collect();
        let taken = queries::taken(conn, &candidates)?;
        if let Some(free) = candidates.iter().find(|number| !taken.contains(number)) {
            return Ok(free.clone());
        }
        next = candidates.last().map_or_else(String::new, |last| after(last));
    }
    Ok(String::new())
}

/// The number after this one: its last digits counted on, as wide as they were; or the number and `-2`.
fn after(number: &str) -> String {
    let digits = number.len() - number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let digits = digits.min(MOST_DIGITS);
    let (start, end) = number.split_at(number.len() - digits);
    match end.parse::<u64>() {
        Ok(count) => format!("{start}{:0width$}", count + 1, width = digits),
        Err(_) => format!("{number}-2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_counts_the_last_digits_on() {
        for (last, next) in [
            ("1001", "1002"),
            ("A-0099", "A-0100"),
            ("INV/2026/9", "INV/2026/10"),
            ("Zoë", "Zoë-2"),
            ("C536365x", "C536365x-2"),
            ("999999999999999999", "9991000000000000000"),
        ] {
            assert_eq!(after(last), next, "{last}");
        }
    }
}
