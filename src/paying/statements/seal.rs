//! The seal of a printed ledger: which run and account it shows, and a digest of its figures. Names
//! and addresses are not under it: they may change, and may be erased without touching the book.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Paid, Printed};
use crate::domain::ids::{AccountId, EntryId, RunId};
use crate::domain::ledger::{EntryKind, Figures};
use crate::domain::money::{Currency, Money};

/// How many bytes of the digest stand on paper: enough that nobody finds another ledger with the same,
/// and few enough to be typed.
const BYTES: usize = 16;

/// `412-87-1a2b3c4d-5e6f7a8b-9c0d1e2f-3a4b5c6d`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seal {
    pub run: RunId,
    pub account: AccountId,
    digest: [u8; BYTES],
}

/// An entry as the seal covers it.
pub struct Sealed {
    pub id: EntryId,
    pub number: i32,
    pub dated_on: chrono::NaiveDate,
    pub kind: EntryKind,
    pub amount: Money,
}

impl Seal {
    /// Covers the run, its dates, the account and its currency, every figure of the summary, each entry
    /// (number, date, kind, amount) in the order in which it is printed, and each payment that is told.
    pub fn of(
        printed: &Printed,
        account: AccountId,
        currency: Currency,
        figures: &Figures,
        entries: impl Iterator<Item = Sealed>,
        paid: &[Paid],
    ) -> Seal {
        let mut text = format!(
            "Partnerbook ledger 1\nrun {}\nfrom {}\nto {}\naccount {account}\ncurrency {}\n",
            printed.run,
            printed.period.from(),
            printed.period.to(),
            currency.code()
        );
        let Figures { beginning, earned, clawbacks, adjustments, payments } = *figures;
        for (name, amount) in [
            ("beginning", beginning),
            ("earned", earned),
            ("clawbacks", clawbacks),
            ("adjustments", adjustments),
            ("payments", payments),
            ("ending", figures.ending()),
        ] {
            text.push_str(&format!("{name} {}\n", amount.minor()));
        }
        for entry in entries {
            let Sealed { id, number, dated_on, kind, amount } = entry;
            text.push_str(&format!("entry {id} {number} {dated_on} {} {}\n", kind.word(), amount.minor()));
        }
        for payment in paid {
            let Paid { id, amount, pay_type, paid_on, .. } = payment;
            text.push_str(&format!("paid {id} {paid_on} {} {}\n", pay_type.word(), amount.minor()));
        }
        let hash = Sha256::digest(text);
        let mut digest = [0; BYTES];
        digest.copy_from_slice(&hash[..BYTES]);
        Seal { run: printed.run, account, digest }
    }

    /// Every seal that a text bears, each once, in its order.
    pub fn all_in(text: &str) -> Vec<Seal> {
        let mut found = Vec::new();
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            if let Ok(seal) = word.parse()
                && !found.contains(&seal)
            {
                found.push(seal);
            }
        }
        found
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.account)?;
        self.digest.chunks(4).try_for_each(|part| write!(f, "-{}", hex::encode(part)))
    }
}

/// Why a text is no seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest looks like 412-87-1a2b3c4d-5e6f7a8b-9c0d1e2f-3a4b5c6d")]
pub struct NoSeal;

impl FromStr for Seal {
    type Err = NoSeal;

    /// As it stands on paper; blanks and capital letters do not matter.
    fn from_str(text: &str) -> Result<Seal, NoSeal> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut parts = text.split('-');
        let mut number = || {
            let part = parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<i64>().ok()).ok_or(NoSeal)
        };
        let (run, account) = (RunId(number()?), AccountId(number()?));
        let mut digest = [0; BYTES];
        for bytes in digest.chunks_mut(4) {
            hex::decode_to_slice(parts.next().ok_or(NoSeal)?, bytes).map_err(|_| NoSeal)?;
        }
        parts.next().is_none().then_some(Seal { run, account, digest }).ok_or(NoSeal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_read_as_it_is_written_and_found_among_other_words() {
        let seal = Seal { run: RunId(412), account: AccountId(87), digest: [0xab; BYTES] };
        let written = seal.to_string();
        assert_eq!(written, "412-87-abababab-abababab-abababab-abababab");
        assert_eq!(written.to_uppercase().parse(), Ok(seal));
        assert_eq!(" 412-87- abababab-abababab -abababab-abababab".parse(), Ok(seal));
        let page = format!("Digest {written} · Page 1 of 2\n{written}, 12-13-14");
        assert_eq!(Seal::all_in(&page), [seal]);
        for no in [
            "",
            "412",
            "412-87-abababab",
            "412-87-abababab-abababab-abababab-abababa",
            "x-1-abababab-abababab-abababab-abababab",
            "1-1-abababab-abababab-abababab-abababab-00000000",
        ] {
            assert!(no.parse::<Seal>().is_err(), "{no}");
        }
    }
}
