//! Instants and days as people and other systems write them.

use super::typed::Trimmed;
use chrono::{
    DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

/// Why a text is no time. Reads on after the column's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeProblem {
    #[error("is missing")]
    Missing,
    #[error("is not a date and time: write it like 2011-03-01 08:26:00, 2011-03-01T08:26:00Z or 2011-03-01")]
    NotATime,
    #[error("is not a date: write it like 2011-03-01")]
    NotADay,
}

/// Reads an instant: an ISO date with or without a time, with or without a zone. A time without a
/// zone is the company's; a date alone is the beginning of that day there.
pub fn parse_instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, TimeProblem> {
    let text = text.trimmed();
    if text.is_empty() {
        return Err(TimeProblem::Missing);
    }
    let (day, rest) = split_day(text).ok_or(TimeProblem::NotATime)?;
    let (time, offset) = match rest.strip_prefix([' ', 'T', 't']) {
        None if rest.is_empty() => (NaiveTime::MIN, None),
        None => return Err(TimeProblem::NotATime),
        Some(rest) => {
            let end = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
            let (time, offset) = rest.split_at(end);
            (parse_time(time).ok_or(TimeProblem::NotATime)?, parse_offset(offset.trim_start())?)
        }
    };
    let local = day.and_time(time);
    Ok(match offset {
        Some(offset) => offset.from_local_datetime(&local).single().ok_or(TimeProblem::NotATime)?.to_utc(),
        None => first_instant(local, zone),
    })
}

/// Reads a day: `2011-03-01`.
pub fn parse_day(text: &str) -> Result<NaiveDate, TimeProblem> {
    let text = text.trimmed();
    if text.is_empty() {
        return Err(TimeProblem::Missing);
    }
    match split_day(text) {
        Some((day, "")) => Ok(day),
        _ => Err(TimeProblem::NotADay),
    }
}

/// The instant at which clocks in the zone show this. Where they skip it, in spring, the first one
/// after the gap; where they show it twice, in autumn, the earlier one.
pub fn first_instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => end_of_gap(local, zone),
    }
}

/// Gaps are rare and end at a full second, so halving two days finds the end quickly: before it
/// clocks show less than `local`, after it more.
fn end_of_gap(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let shows_more = |at: i64| {
        DateTime::from_timestamp(at, 0).is_none_or(|at| at.with_timezone(&zone).naive_local() > local)
    };
    let near = local.and_utc();
    let (mut before, mut after) =
        ((near - TimeDelta::days(2)).timestamp(), (near + TimeDelta::days(2)).timestamp());
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if shows_more(middle) { after = middle } else { before = middle }
    }
    DateTime::from_timestamp(after, 0).unwrap_or(near)
}

/// `2011-03-01…` → the day and the rest. Four, two and two digits, no others.
fn split_day(text: &str) -> Option<(NaiveDate, &str)> {
    let (day, rest) = text.split_at_checked(10)?;
    let written_so = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let mut parts = day.split('-').map(|part| part.parse::<u32>().ok());
    let mut part = || parts.next().flatten().filter(|_| written_so);
    let (year, month, day) = (part()?, part()?, part()?);
    Some((NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?, rest))
}

/// `08:26`, `08:26:00`, `08:26:00.123456`; microseconds are kept, as the database keeps them.
fn parse_time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let two_digits = |part: &str| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| fits)
    };
    let mut parts = whole.split(':');
    let hour = two_digits(parts.next()?)?;
    let minute = parts.next().filter(|part| part.len() == 2).and_then(two_digits)?;
    let second = parts.next().map_or(Some(0), |part| two_digits(part).filter(|_| part.len() == 2))?;
    let fraction_fits =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let micros: u32 = format!("{fraction:0<9}").get(..6)?.parse().ok().filter(|_| fraction_fits)?;
    let none_left = parts.next().is_none();
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros).filter(|_| none_left)
}

/// ``, `Z`, `+02:00`, `+0200`, `+02`; none where there is no zone.
fn parse_offset(text: &str) -> Result<Option<FixedOffset>, TimeProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.eq_ignore_ascii_case("z") {
        return Ok(FixedOffset::east_opt(0));
    }
    let east = text.starts_with('+');
    let digits = text.get(1..).unwrap_or_default().replacen(':', "", 1);
    let fits = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i32 = digits.parse().ok().filter(|_| fits).ok_or(TimeProblem::NotATime)?;
    let (hours, minutes) = if digits.len() == 2 { (number, 0) } else { (number / 100, number % 100) };
    let seconds = (hours * 60 + minutes) * 60;
    let offset = FixedOffset::east_opt(if east { seconds } else { -seconds });
    offset.filter(|_| minutes < 60 && hours <= 18).map(Some).ok_or(TimeProblem::NotATime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let london = chrono_tz::Europe::London;
        for (text, at) in [
            ("2011-03-01 08:26:00", "2011-03-01T08:26:00Z"),
            ("2011-07-01 08:26", "2011-07-01T07:26:00Z"),
            ("2011-07-01T08:26:00Z", "2011-07-01T08:26:00Z"),
            ("2011-07-01T08:26:00+02:00", "2011-07-01T06:26:00Z"),
            ("2011-07-01 08:26:00 -0530", "2011-07-01T13:56:00Z"),
            ("2011-07-01T08:26:00.1234567z", "2011-07-01T08:26:00.123456Z"),
            (" 2011-07-01 ", "2011-06-30T23:00:00Z"),
            // Clocks go from 01:00 to 02:00, and later in the year from 02:00 back to 01:00.
            ("2011-03-27 01:30:00", "2011-03-27T01:00:00Z"),
            ("2011-10-30 01:30:00", "2011-10-30T00:30:00Z"),
        ] {
            assert_eq!(parse_instant(text, london), Ok(at.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_day_without_midnight_begins_after_the_gap() {
        let zone = chrono_tz::America::Sao_Paulo;
        assert_eq!(parse_instant("2018-11-04", zone), Ok("2018-11-04T03:00:00Z".parse().unwrap()));
        // A whole day that Samoa left out.
        let samoa = chrono_tz::Pacific::Apia;
        assert_eq!(parse_instant("2011-12-30 12:00", samoa), Ok("2011-12-30T10:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "1/3/2011",
            "01-03-2011",
            "2011-3-1",
            "2011-02-30",
            "2011-03-01 25:00",
            "2011-03-01 8",
            "20110301",
            "2011-03-01T08:26:00+25:00",
            "2011-03-01 08:26:00.",
            "2011-03-01 08:26:00:00",
            "NaN",
            "2011-03-01x",
            "2011-03-01 08:26 Europe/London",
            "+2011-03-01",
            "２０１１-03-01",
        ] {
            assert_eq!(parse_instant(text, chrono_tz::UTC), Err(TimeProblem::NotATime), "{text}");
        }
        assert_eq!(parse_instant(" ", chrono_tz::UTC), Err(TimeProblem::Missing));
        assert_eq!(parse_day("2011-03-01 08:26"), Err(TimeProblem::NotADay));
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_refused(text in "[0-9TZ:+. -]{0,30}|\\PC{0,20}") {
            let _ = parse_instant(&text, chrono_tz::Europe::London);
            let _ = parse_day(&text);
        }
    }
}
