//! Lines of text that fit a width.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::shaping::Shaper;

/// The text in lines no wider than this, in points. It breaks where its script allows, and anywhere in
/// a word that is too long by itself. Ends of lines in the text stay; a text of nothing has no line.
pub fn wrap(shaper: &mut Shaper, text: &str, bold: bool, size: f32, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let paragraph = paragraph.trim();
        if paragraph.is_empty() {
            continue;
        }
        if shaper.width(paragraph, bold, size) <= width {
            lines.push(paragraph.to_string());
        } else {
            wrap_long(shaper, paragraph, bold, size, width, &mut lines);
        }
    }
    lines
}

fn wrap_long(shaper: &mut Shaper, text: &str, bold: bool, size: f32, width: f32, lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut from = 0;
    for (at, kind) in linebreaks(text) {
        let part = &text[from..at];
        from = at;
        let longer = format!("{line}{part}");
        if shaper.width(longer.trim_end(), bold, size) <= width {
            line = longer;
        } else {
            push(lines, &mut line);
            line = last_piece(shaper, part, bold, size, width, lines);
        }
        if kind == BreakOpportunity::Mandatory {
            push(lines, &mut line);
        }
    }
    push(lines, &mut line);
}

/// Cuts a part that is too wide for any line; what is left of it begins the next one.
fn last_piece(
    shaper: &mut Shaper,
    part: &str,
    bold: bool,
    size: f32,
    width: f32,
    lines: &mut Vec<String>,
) -> String {
    let mut rest = part;
    while shaper.width(rest.trim_end(), bold, size) > width {
        let cut = fitting(shaper, rest, bold, size, width);
        lines.push(rest[..cut].to_string());
        rest = &rest[cut..];
    }
    rest.to_string()
}

/// How many bytes of a text fit: at least one character, and no mark is parted from its letter.
fn fitting(shaper: &mut Shaper, text: &str, bold: bool, size: f32, width: f32) -> usize {
    let ends: Vec<usize> = unicode_segmentation::UnicodeSegmentation::grapheme_indices(text, true)
        .map(|(at, grapheme)| at + grapheme.len())
        .collect();
    let fits = ends.partition_point(|end| shaper.width(&text[..*end], bold, size) <= width);
    ends[fits.max(1) - 1]
}

fn push(lines: &mut Vec<String>, line: &mut String) {
    let text = std::mem::take(line);
    if !text.trim().is_empty() {
        lines.push(text.trim().to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_no_line_is_too_wide() {
        let mut shaper = Shaper::default();
        let long = "x".repeat(500);
        for text in [
            "Roaster’s Choice, twelve months, as a present for a friend",
            long.as_str(),
            "年年有余年年有余年年有余年年有余年年有余",
        ] {
            let lines = wrap(&mut shaper, text, false, 9.0, 100.0);
            assert!(lines.len() > 1, "{text}");
            for line in &lines {
                assert!(shaper.width(line, false, 9.0) <= 100.0, "{line}");
            }
            let blanks = |text: &str| text.replace(' ', "");
            assert_eq!(blanks(&lines.concat()), blanks(text));
        }
        assert!(wrap(&mut shaper, " \n ", false, 9.0, 100.0).is_empty());
    }
}
