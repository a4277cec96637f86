//! An amount in words, as it is written on a cheque.

use super::money::{Currency, Money};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// Above the largest amount that there can be.
const GROUPS: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// `One thousand two hundred thirty-four and 50/100`: the minor unit as a fraction with as many digits as
/// the currency has; none where it has no minor unit. Without its sign: nobody writes a cheque of less
/// than nothing.
pub fn amount_in_words(amount: Money, currency: Currency) -> String {
    let unit = 10_u64.pow(currency.minor_units());
    let minor = amount.minor().unsigned_abs();
    let (whole, rest) = (minor / unit, minor % unit);
    let mut words = number_in_words(whole);
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match currency.minor_units() {
        0 => words,
        digits => format!("{words} and {rest:0width$}/{unit}", width = digits as usize),
    }
}

/// A whole number in English words.
fn number_in_words(number: u64) -> String {
    let mut parts = Vec::new();
    let mut rest = number;
    for (size, name) in GROUPS {
        if rest >= size {
            parts.push(format!("{} {name}", below_thousand(rest / size)));
            rest %= size;
        }
    }
    if rest > 0 || parts.is_empty() {
        parts.push(below_thousand(rest));
    }
    parts.join(" ")
}

fn below_thousand(number: u64) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let below_hundred = || match (rest / 10, rest % 10) {
        (0 | 1, _) => SMALL[rest as usize].to_string(),
        (tens, 0) => TENS[tens as usize].to_string(),
        (tens, ones) => format!("{}-{}", TENS[tens as usize], SMALL[ones as usize]),
    };
    match (hundreds, rest) {
        (0, _) => below_hundred(),
        (hundreds, 0) => format!("{} hundred", SMALL[hundreds as usize]),
        (hundreds, _) => format!("{} hundred {}", SMALL[hundreds as usize], below_hundred()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_written_as_on_a_cheque_in_every_currency() {
        for (minor, code, words) in [
            (1, "USD", "Zero and 01/100"),
            (1_050, "USD", "Ten and 50/100"),
            (123_450, "EUR", "One thousand two hundred thirty-four and 50/100"),
            (2_100, "GBP", "Twenty-one and 00/100"),
            (10_000_000_000, "USD", "One hundred million and 00/100"),
            (1_000_000_000_000_000, "USD", "Ten trillion and 00/100"),
            (1_500, "JPY", "One thousand five hundred"),
            (1_500, "KWD", "One and 500/1000"),
            (999_999, "BHD", "Nine hundred ninety-nine and 999/1000"),
            (11_319, "USD", "One hundred thirteen and 19/100"),
        ] {
            let currency = Currency::from_code(code).unwrap();
            assert_eq!(amount_in_words(Money::from_minor(minor), currency), words);
        }
    }

    /// Reads a number in words by its own rule: words below a hundred add up, greater ones multiply.
    fn read(words: &str) -> u64 {
        let (mut all, mut group) = (0, 0);
        for word in words.split([' ', '-']) {
            if let Some(small) = SMALL.iter().position(|small| *small == word) {
                group += small as u64;
            } else if let Some(tens) = TENS.iter().position(|tens| *tens == word) {
                group += 10 * tens as u64;
            } else if word == "hundred" {
                group *= 100;
            } else {
                let size = GROUPS.iter().find(|(_, name)| *name == word).expect("a word of ours").0;
                all += group * size;
                group = 0;
            }
        }
        all + group
    }

    proptest! {
        #[test]
        fn words_are_read_back_as_the_number(number in prop_oneof![0_u64..10_000, 0..=1_000_000_000_000_000_u64]) {
            prop_assert_eq!(read(&number_in_words(number)), number);
        }
    }
}
