//! Text as people type it, paste it and other systems send it: what is cut off its ends, and what none may hold.

use std::collections::HashMap;
use std::fmt;

/// How many lines a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// A name, a code, a number: what stands in one field of one line.
    One,
    /// A note, a reason, an answer: with line breaks and tabs.
    Many,
}

/// What a text may not hold. Displayed as what the text does: `has a line break`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Only in a text of one line.
    LineBreak,
    /// Only in a text of one line.
    Tab,
    /// Any other control character: nobody can see it, and some stop other programs.
    Control(char),
}

impl Flaw {
    /// What to do about it, for whoever has typed or pasted it.
    pub fn remedy(self) -> &'static str {
        match self {
            Flaw::LineBreak => "Write it on one line",
            Flaw::Tab => "Write a blank instead",
            Flaw::Control(_) => "Type it anew instead of pasting it",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::LineBreak => f.write_str("has a line break"),
            Flaw::Tab => f.write_str("has a tab"),
            Flaw::Control(c) => write!(f, "has a control character (U+{:04X})", u32::from(*c)),
        }
    }
}

/// Cutting off what nobody sees at the ends of a text.
pub trait Trimmed {
    /// The text without the blanks at its ends, and without the marks that come along when somebody copies: addresses
    /// and phone numbers from Windows and messengers stand between marks of writing direction, and files begin with a
    /// byte order mark. Nobody sees them, and no comparison would find what has them. A pair of marks around a part of
    /// the text stays.
    fn trimmed(&self) -> &str;
}

impl Trimmed for str {
    fn trimmed(&self) -> &str {
        let text = self.trim_matches(is_blank);
        let has_marks = text.starts_with(is_mark_of_direction) || text.ends_with(is_mark_of_direction);
        let text = if has_marks { without_marks(text) } else { text };
        // These tell where a last full stop is to stand; a code or a number has no use for them.
        let plain = text.trim_matches(['\u{200e}', '\u{200f}']);
        if plain.is_ascii() { plain.trim() } else { text }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Without marks at the ends that open or close nothing within, and without pairs around everything. In one pass:
/// anybody may send a million of them.
fn without_marks(text: &str) -> &str {
    let (mut open, mut other_of) = (Vec::new(), HashMap::new());
    for (at, c) in text.char_indices() {
        if is_opening(c) {
            open.push(at);
        } else if is_closing(c)
            && let Some(opened_at) = open.pop()
        {
            other_of.extend([(opened_at, at), (at, opened_at)]);
        }
    }
    let (mut from, mut to) = (0, text.len());
    while let (Some(first), Some(last)) = (text[from..to].chars().next(), text[from..to].chars().next_back())
    {
        let (after_first, last_at) = (from + first.len_utf8(), to - last.len_utf8());
        let is_alone = |at: usize| other_of.get(&at).is_none_or(|other| !(from..to).contains(other));
        if is_blank(first) || is_mark_of_direction(first) && is_alone(from) {
            from = after_first;
        } else if is_blank(last) || is_mark_of_direction(last) && is_alone(last_at) {
            to = last_at;
        } else if is_opening(first) && other_of.get(&from) == Some(&last_at) {
            (from, to) = (after_first, last_at);
        } else {
            break;
        }
    }
    &text[from..to]
}

/// A mark that turns the direction of writing, until another closes it, or that closes one.
pub fn is_mark_of_direction(c: char) -> bool {
    is_opening(c) || is_closing(c)
}

/// A mark of writing direction that holds until it is closed.
fn is_opening(c: char) -> bool {
    matches!(c, '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2066}'..='\u{2068}')
}

fn is_closing(c: char) -> bool {
    matches!(c, '\u{202c}' | '\u{2069}')
}

/// The first thing in a text that it may not hold.
pub fn flaw(text: &str, lines: Lines) -> Option<Flaw> {
    text.chars().filter(|c| c.is_control()).find_map(|c| match (c, lines) {
        ('\n' | '\r' | '\t', Lines::Many) => None,
        ('\n' | '\r', Lines::One) => Some(Flaw::LineBreak),
        ('\t', Lines::One) => Some(Flaw::Tab),
        _ => Some(Flaw::Control(c)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_along_is_cut_off_and_what_is_written_stays() {
        for (copied, text) in [
            ("\u{202a}+1 555 0100\u{202c}", "+1 555 0100"),
            ("\u{feff}sam\u{a0}\r\n", "sam"),
            (" \u{200b} \u{2067}עדן\u{2069}", "עדן"),
            ("\u{202e}\u{feff} ", ""),
            ("شركة!\u{200f}", "شركة!\u{200f}"),
            ("\u{200e}1001\u{200f}", "1001"),
            ("Acme \u{2067}עדן\u{2069}", "Acme \u{2067}עדן\u{2069}"),
            ("\u{2066}א\u{2069} ב \u{2067}ג\u{2069}", "\u{2066}א\u{2069} ב \u{2067}ג\u{2069}"),
            ("\u{202a}\u{2066}א\u{2069}\u{202c}", "א"),
            ("\u{202e}אב", "אב"),
            ("אב\u{2069}\u{202a}", "אב"),
            ("a\u{200b}b", "a\u{200b}b"),
            ("नमस्ते\u{200d}", "नमस्ते\u{200d}"),
        ] {
            assert_eq!(copied.trimmed(), text, "{copied:?}");
        }
    }

    #[test]
    fn a_million_marks_are_one_pass() {
        let many = "\u{202a}".repeat(1_000_000);
        assert_eq!(many.trimmed(), "");
        assert_eq!(format!("{many}א").trimmed(), "א");
        assert_eq!(format!("{many}א{}", "\u{202c}".repeat(1_000_000)).trimmed(), "א");
    }

    #[test]
    fn one_line_is_one_line_and_control_characters_are_in_none() {
        for (text, one, many) in [
            ("Zoë 👩\u{200d}👧", None, None),
            ("a\nb", Some(Flaw::LineBreak), None),
            ("a\rb", Some(Flaw::LineBreak), None),
            ("a\tb", Some(Flaw::Tab), None),
            ("a\u{85}b\n", Some(Flaw::Control('\u{85}')), Some(Flaw::Control('\u{85}'))),
            ("a\n\0", Some(Flaw::LineBreak), Some(Flaw::Control('\0'))),
        ] {
            assert_eq!((flaw(text, Lines::One), flaw(text, Lines::Many)), (one, many), "{text:?}");
        }
    }
}
