//! From cells to values: each is what it should be, or its row is bad and the message says how to
//! write it.

use super::report::RowError;
use super::table::{Place, Row};
use crate::domain::instant::{parse_day, parse_instant};
use crate::domain::mail::is_email;
use crate::domain::money::{AmountProblem, Currency, Money, parse_decimal};
use crate::domain::period::{business_date, is_plausible};
use crate::domain::typed::{Lines, Trimmed, flaw};
use crate::people::partners::is_code;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

/// Names, titles, one line of an address: what `short_text` in the database holds.
pub const SHORT: usize = 200;
/// Notes: what `long_text` in the database holds.
pub const LONG: usize = 2000;
/// Product codes.
pub const PRODUCT_CODE: usize = 100;
const EMAIL: usize = 254;

impl<'t> Row<'t> {
    /// One line of text without the blanks around it; may be empty.
    pub fn text(&self, place: Place, most_characters: usize) -> Result<&'t str, RowError> {
        self.text_with(place, most_characters, Lines::One)
    }

    /// One line of text that must be there.
    pub fn required(&self, place: Place, most_characters: usize) -> Result<&'t str, RowError> {
        let text = self.text(place, most_characters)?;
        if text.is_empty() { Err(self.error(place, "is missing")) } else { Ok(text) }
    }

    /// Text that may have several lines.
    pub fn lines(&self, place: Place, most_characters: usize) -> Result<&'t str, RowError> {
        self.text_with(place, most_characters, Lines::Many)
    }

    fn text_with(&self, place: Place, most_characters: usize, lines: Lines) -> Result<&'t str, RowError> {
        let text = self.utf8(place)?;
        // Every character is a byte at least, so short texts need not be counted.
        if text.len() > most_characters {
            let length = text.chars().count();
            if length > most_characters {
                return Err(
                    self.error(place, format!("has {length} characters; at most {most_characters} are kept"))
                );
            }
        }
        match flaw(text, lines) {
            None => Ok(text),
            Some(flaw) => Err(self.error(place, flaw.to_string())),
        }
    }

    /// Whether nothing is said: nothing that somebody could see.
    pub fn is_empty(&self, place: Place) -> bool {
        std::str::from_utf8(self.bytes(place)).is_ok_and(|text| text.trimmed().is_empty())
    }

    fn utf8(&self, place: Place) -> Result<&'t str, RowError> {
        let bytes = self.bytes(place);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.trimmed()),
            Err(error) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).chars().count();
                let byte = bytes[error.valid_up_to()];
                let problem = format!(
                    "is not UTF-8 at character {} (byte {byte:02X}): save the file as CSV in UTF-8",
                    before + 1
                );
                Err(self.error(place, problem))
            }
        }
    }

    /// A partner's code: letters, digits, dash and underscore.
    pub fn partner_code(&self, place: Place) -> Result<&'t str, RowError> {
        let code = self.required(place, SHORT)?;
        if is_code(code) {
            Ok(code)
        } else {
            Err(self
                .error(place, "is not a code: use up to 60 letters (a to z), digits, dashes and underscores"))
        }
    }

    /// An e-mail address; none where the cell is empty.
    pub fn email(&self, place: Place) -> Result<Option<&'t str>, RowError> {
        let email = self.text(place, EMAIL)?;
        if email.is_empty() {
            Ok(None)
        } else if is_email(email) {
            Ok(Some(email))
        } else {
            Err(self.error(place, "is not an e-mail address"))
        }
    }

    /// A number with at most so many decimals, nearer to zero than the limit.
    pub fn decimal(&self, place: Place, most_decimals: u32, limit: i64) -> Result<Decimal, RowError> {
        let text = self.utf8(place)?;
        let value =
            parse_decimal(text, most_decimals).map_err(|problem| self.no_number(place, text, problem))?;
        if value.abs() >= Decimal::from(limit) {
            return Err(self.error(place, "is too large"));
        }
        Ok(value)
    }

    /// An amount of money; none where the cell is empty.
    pub fn money(&self, place: Place, currency: Currency) -> Result<Option<Money>, RowError> {
        let text = self.utf8(place)?;
        if text.is_empty() {
            return Ok(None);
        }
        Money::parse(text, currency).map(Some).map_err(|problem| self.no_number(place, text, problem))
    }

    fn no_number(&self, place: Place, text: &str, problem: AmountProblem) -> RowError {
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let decimal_comma = text
            .trim_start_matches(['-', '\u{2212}', '+'])
            .rsplit_once(',')
            .is_some_and(|(whole, decimals)| digits(whole) && digits(decimals) && !decimals.contains('.'));
        match problem {
            AmountProblem::NotANumber if decimal_comma => {
                self.error(place, "has a decimal comma: write a point, like 1234.50")
            }
            problem => self.error(place, problem.to_string()),
        }
    }

    /// A whole number within limits; none where the cell is empty.
    pub fn whole(&self, place: Place, least: i32, most: i32) -> Result<Option<i32>, RowError> {
        let text = self.utf8(place)?;
        if text.is_empty() {
            return Ok(None);
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<i32>().ok().filter(|number| digits && (least..=most).contains(number));
        number
            .map(Some)
            .ok_or_else(|| self.error(place, format!("is not a whole number from {least} to {most}")))
    }

    /// An instant; a time without a zone is the company's.
    pub fn instant(&self, place: Place, zone: Tz) -> Result<DateTime<Utc>, RowError> {
        let at = parse_instant(self.utf8(place)?, zone)
            .map_err(|problem| self.error(place, problem.to_string()))?;
        self.plausible(place, business_date(at, zone)).map(|_| at)
    }

    /// A day.
    pub fn day(&self, place: Place) -> Result<NaiveDate, RowError> {
        let day = parse_day(self.utf8(place)?).map_err(|problem| self.error(place, problem.to_string()))?;
        self.plausible(place, day)
    }

    /// An instant that is not still to come; a day is allowed for clocks and zones that differ.
    pub fn past_instant(
        &self,
        place: Place,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, RowError> {
        let at = self.instant(place, zone)?;
        if at <= now + TimeDelta::days(1) { Ok(at) } else { Err(self.error(place, "lies in the future")) }
    }

    /// A day that is not still to come; a day is allowed for zones that differ.
    pub fn past_day(&self, place: Place, today: NaiveDate) -> Result<NaiveDate, RowError> {
        let day = self.day(place)?;
        if day <= today + TimeDelta::days(1) { Ok(day) } else { Err(self.error(place, "lies in the future")) }
    }

    fn plausible(&self, place: Place, day: NaiveDate) -> Result<NaiveDate, RowError> {
        if is_plausible(day) {
            Ok(day)
        } else {
            Err(self.error(place, "is not between the years 1900 and 2999"))
        }
    }

    /// Yes or no; none where the cell is empty.
    pub fn yes_no(&self, place: Place) -> Result<Option<bool>, RowError> {
        match self.utf8(place)?.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "yes" | "y" | "true" | "1" => Ok(Some(true)),
            "no" | "n" | "false" | "0" => Ok(Some(false)),
            _ => Err(self.error(place, "is neither yes nor no")),
        }
    }

    /// One of some words, whatever their case; the first where the cell is empty.
    pub fn word<T: Copy>(&self, place: Place, words: &[(&str, T)]) -> Result<T, RowError> {
        let text = self.utf8(place)?;
        if let (true, Some((_, first))) = (text.is_empty(), words.first()) {
            return Ok(*first);
        }
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.error(place, format!("is none of: {}", known.join(", ")))
        })
    }
}
