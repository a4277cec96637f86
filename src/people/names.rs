//! Names as pages show them. Some are missing, and some are made of characters that nobody can see;
//! a link has to have something to press on.

use crate::domain::ids::{ContactId, PartnerId};
use crate::web::paths;

/// Somebody on a page: the name as shown, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// As shown, never invisible.
    pub name: String,
    /// The page about it.
    pub path: String,
}

impl Person {
    /// A partner; by its code where its name cannot be seen.
    pub fn partner(id: PartnerId, name: &str, code: &str) -> Person {
        Person { name: shown(name, code), path: paths::partner(id) }
    }

    /// A contact; by its e-mail or its number elsewhere where its name cannot be seen.
    pub fn contact(id: ContactId, name: &str, otherwise: &str) -> Person {
        Person { name: shown(name, otherwise), path: paths::contact(id) }
    }
}

/// The name, or what is said in its place where there is nothing to be seen of it.
pub fn shown(name: &str, otherwise: &str) -> String {
    if name.chars().any(is_seen) { name.to_string() } else { otherwise.to_string() }
}

/// Whether a character leaves a mark. The ranges are Unicode's *default ignorable* ones, and the
/// fillers and the empty braille cell that are drawn as nothing.
fn is_seen(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    !(ignorable || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_seen_is_replaced_and_every_other_is_left_alone() {
        for invisible in ["", " \u{a0}\t", "\u{200b}\u{feff}", "\u{202e}", "\u{2800}"] {
            assert_eq!(shown(invisible, "sam"), "sam", "{invisible:?}");
        }
        for name in ["Zoë", "عائشة", "\u{202e}esrever", "—", "👩\u{200d}👧", "\u{200b}.\u{200b}"]
        {
            assert_eq!(shown(name, "sam"), name);
        }
    }
}
