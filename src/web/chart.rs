//! Figures by month as bars: an SVG in per cent, so that it fits any width and the strict policy
//! needs no exception, with the months below it in HTML and, on the page, the same figures in a table.

use chrono::{Datelike, Months, NaiveDate};

/// How much of the height the longest bar takes: the rest is air.
const TALLEST: f64 = 92.0;

/// A row of bars; `templates/shared/chart.html` draws it.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows.
    pub name: String,
    /// The sum, in words, at the right of the name.
    pub sum: String,
    /// What a screen reader says of it.
    pub label: String,
    /// One for each month, the oldest first.
    pub bars: Vec<Bar>,
    /// Where zero lies, in per cent from the top.
    pub zero: String,
}

/// One month's bar, in per cent of the plot.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Below it: `Oct`.
    pub month: String,
    /// Of the whole: `Oct 2026: $2,771.01`.
    pub title: String,
    /// From the left.
    pub x: String,
    /// From the top.
    pub y: String,
    /// Its width.
    pub width: String,
    /// Its height.
    pub height: String,
    /// The latest month, which stands out.
    pub is_last: bool,
}

impl Chart {
    /// A chart of these months' values, the oldest first. `words` writes a value as the page does.
    pub fn new(name: &str, sum: String, months: &[(NaiveDate, i64)], words: impl Fn(i64) -> String) -> Chart {
        let (lowest, highest) = months.iter().fold((0, 0), |(low, high), (_, v)| (low.min(*v), high.max(*v)));
        let scale = if lowest == highest { 0.0 } else { TALLEST / (highest as f64 - lowest as f64) };
        let zero = if scale == 0.0 { 100.0 } else { 100.0 + lowest as f64 * scale };
        let slot = 100.0 / months.len().max(1) as f64;
        let bars = months.iter().enumerate().map(|(place, (month, value))| {
            let height = (*value as f64 * scale).abs();
            let y = if *value < 0 { zero } else { zero - height };
            Bar {
                month: month.format("%b").to_string(),
                title: format!("{}: {}", month.format("%b %Y"), words(*value)),
                x: per_cent(slot * (place as f64 + 0.24)),
                y: per_cent(y),
                width: per_cent(slot * 0.52),
                height: per_cent(height),
                is_last: place + 1 == months.len(),
            }
        });
        let bars: Vec<Bar> = bars.collect();
        let label = match (months.first(), months.last()) {
            (Some((first, _)), Some((last, latest))) => format!(
                "{name} by month, {} to {}, latest {}",
                first.format("%b %Y"),
                last.format("%b %Y"),
                words(*latest)
            ),
            _ => name.to_string(),
        };
        Chart { name: name.to_string(), sum, label, bars, zero: per_cent(zero) }
    }
}

/// The first days of the twelve months that end with the month of this day, the oldest first.
pub fn twelve_months(last: NaiveDate) -> Vec<NaiveDate> {
    let month = last.with_day(1).unwrap_or(last);
    (0..12).rev().map(|back| month - Months::new(back)).collect()
}

fn per_cent(value: f64) -> String {
    format!("{value:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[i64]) -> Chart {
        let months = twelve_months(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap());
        let months: Vec<_> = months.into_iter().zip(values.iter().copied()).collect();
        Chart::new("Sales", String::new(), &months, |value| value.to_string())
    }

    #[test]
    fn bars_stand_on_zero_and_hang_below_it_where_they_are_negative() {
        let chart = chart(&[0, 300, -100]);
        assert_eq!(chart.zero, "77.00%");
        let drawn: Vec<_> = chart.bars.iter().map(|bar| (bar.y.as_str(), bar.height.as_str())).collect();
        assert_eq!(drawn, [("77.00%", "0.00%"), ("8.00%", "69.00%"), ("77.00%", "23.00%")]);
        assert_eq!(chart.label, "Sales by month, Jan 2026 to Mar 2026, latest -100");
        assert!(chart.bars[2].is_last && !chart.bars[1].is_last);
    }

    #[test]
    fn months_without_anything_are_a_bare_line() {
        let chart = chart(&[0, 0]);
        assert_eq!((chart.zero.as_str(), chart.bars[1].height.as_str()), ("100.00%", "0.00%"));
    }
}
