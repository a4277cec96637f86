//! The links that partners hand out: how one is written, and when two partners' would be the same
//! (spec 2, settings 1 and 6).

use std::collections::HashMap;
use std::fmt;

/// What links begin with, without a slash at its end: the custom address of setting 6, or else the server's
/// own.
pub fn base<'a>(custom: &'a str, own: &'a str) -> &'a str {
    let base = if custom.is_empty() { own } else { custom };
    base.trim_end_matches('/')
}

/// The address of a partner's link. `base` is what browsers put before our paths, without a slash at
/// its end: the custom address of setting 6, or else the server's own.
pub fn address(base: &str, link: &str, prefix: &str, code: &str) -> String {
    format!("{base}/go/{link}/{prefix}{code}")
}

/// The address of a partner's link to the default destination.
pub fn default_address(base: &str, prefix: &str, code: &str) -> String {
    format!("{base}/go/{prefix}{code}")
}

/// How a partner is written at the end of a link: its code, after a prefix or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spelling {
    pub prefix: String,
    pub code: String,
}

/// Two partners who would be written in the same way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EqualLinks {
    /// The one with the shorter prefix, or with none.
    pub one: Spelling,
    pub other: Spelling,
}

/// The pairs of partners whose links would be the same: prefix `x` and code `am` are the partner `xam`.
/// `prefixes` are all that were ever in force, for links with an earlier one keep working; links
/// without any count always. `codes` are all that partners have or had, each with its partner: two
/// codes of one partner lead to the same place and may be equal. Letter case makes no difference.
pub fn equal_links<Partner: PartialEq>(prefixes: &[&str], codes: &[(&str, Partner)]) -> Vec<EqualLinks> {
    let mut prefixes: Vec<(String, &str)> =
        prefixes.iter().chain(&[""]).map(|prefix| (prefix.to_ascii_lowercase(), *prefix)).collect();
    prefixes.sort_by(|one, other| one.0.cmp(&other.0)); // stable: of two that differ in case, the first is told
    prefixes.dedup_by(|one, other| one.0 == other.0);
    let codes: HashMap<String, &(&str, Partner)> =
        codes.iter().map(|code| (code.0.to_ascii_lowercase(), code)).collect();
    let mut equal = Vec::new();
    for (short, short_written) in &prefixes {
        for (long, long_written) in &prefixes {
            // Two links are equal where what the longer prefix has more stands at the start of a code.
            let Some(more) = long.strip_prefix(short.as_str()).filter(|more| !more.is_empty()) else {
                continue;
            };
            for (code, (written, partner)) in &codes {
                let rest = code.strip_prefix(more).and_then(|rest| codes.get(rest));
                if let Some((rest, other)) = rest
                    && partner != other
                {
                    equal.push(EqualLinks {
                        one: Spelling { prefix: short_written.to_string(), code: written.to_string() },
                        other: Spelling { prefix: long_written.to_string(), code: rest.to_string() },
                    });
                }
            }
        }
    }
    equal.sort();
    equal
}

impl EqualLinks {
    /// Whether one of the two is this code.
    pub fn names(&self, code: &str) -> bool {
        [&self.one, &self.other].iter().any(|spelling| spelling.code.eq_ignore_ascii_case(code))
    }

    /// Whether one of the two has this prefix.
    pub fn begins_with(&self, prefix: &str) -> bool {
        [&self.one, &self.other].iter().any(|spelling| spelling.prefix.eq_ignore_ascii_case(prefix))
    }
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix.as_str() {
            "" => write!(f, "the code “{}”", self.code),
            prefix => write!(f, "the prefix “{prefix}” with the code “{}”", self.code),
        }
    }
}

/// As part of a sentence.
impl fmt::Display for EqualLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is the same link as {}", self.other, self.one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(prefixes: &[&str], codes: &[(&str, i32)]) -> Vec<String> {
        equal_links(prefixes, codes).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_begins_with_the_address_and_ends_in_prefix_and_code() {
        assert_eq!(
            address("https://go.example", "shop", "fern-", "sam"),
            "https://go.example/go/shop/fern-sam"
        );
        assert_eq!(default_address("https://go.example", "fern-", "sam"), "https://go.example/go/fern-sam");
    }

    #[test]
    fn a_prefix_and_a_code_are_another_partners_code() {
        let codes = [("am", 1), ("xam", 2), ("joe", 3)];
        assert_eq!(
            told(&["x"], &codes),
            ["the prefix “x” with the code “am” is the same link as the code “xam”"]
        );
        assert!(told(&["y"], &codes).is_empty());
        assert!(told(&[], &codes).is_empty());
    }

    #[test]
    fn letter_case_makes_no_difference() {
        assert_eq!(told(&["X"], &[("Am", 1), ("xAM", 2)]).len(), 1);
        assert!(told(&["x", "X"], &[("am", 1), ("joe", 2)]).is_empty());
    }

    #[test]
    fn two_prefixes_can_meet_each_other() {
        let codes = [("-sam", 1), ("sam", 2)];
        let sentence = "the prefix “fern-” with the code “sam” is the same link as the prefix “fern” with the code “-sam”";
        assert_eq!(told(&["fern", "fern-"], &codes), [sentence]);
    }

    #[test]
    fn two_codes_of_one_partner_may_be_equal() {
        assert!(told(&["x"], &[("am", 1), ("xam", 1)]).is_empty());
    }

    proptest! {
        #[test]
        fn it_finds_what_writing_all_links_out_finds(
            prefixes in prop::collection::vec("[aB-]{0,3}", 0..4),
            codes in prop::collection::hash_map("[ab-]{1,4}", 0..3_i32, 0..8),
        ) {
            let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
            let codes: Vec<(&str, i32)> = codes.iter().map(|(code, partner)| (code.as_str(), *partner)).collect();
            let mut links: HashMap<String, Vec<i32>> = HashMap::new();
            for prefix in prefixes.iter().chain(&[""]) {
                for (code, partner) in &codes {
                    links.entry(format!("{prefix}{code}").to_lowercase()).or_default().push(*partner);
                }
            }
            let some_are_equal = links.values().any(|partners| partners.iter().any(|partner| *partner != partners[0]));
            prop_assert_eq!(!equal_links(&prefixes, &codes).is_empty(), some_are_equal);
        }
    }
}
