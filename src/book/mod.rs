//! The book: the only writer of entries, settlements, payments and runs. Every writer locks the
//! accounts it touches first, in id order, and looks at them in a later statement; so nothing is
//! paid twice however many write at once. Features call the functions listed here; what follows
//! from the book (roll-ups, open entries, totals) is kept by triggers, and `verify` proves it all.

mod accounts;
mod entries;
mod figures;
mod imported;
mod open;
mod payments;
mod runs;
pub mod verify;
mod voids;

pub use accounts::{accounts_of, lock_accounts, lock_all_accounts, lock_form, open_accounts};
pub use entries::{NewEntry, adjust, next_ids, record};
pub use figures::{AccountFigures, figures_as_of, figures_now};
pub use imported::{ImportCounts, ImportedEntry, import_entries};
pub use open::{lost_since, open_entries};
pub use payments::{NewPayment, record_payments};
pub use runs::{NewRun, RunKind, make_run, run_accounts};
pub use voids::{NewVoid, void_payments};
