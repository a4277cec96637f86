//! All the SQL of the Ledgers report and of individual ledgers. The figures themselves are told by
//! the SQL function `ledger_figures`, once for all.

mod detail;
mod entries;
mod partner;
mod results;
mod runs;

pub use detail::{Detail, Paid, Sale, State, Words, details};
pub use entries::{Entry, EntryCount, count, following, page};
pub use partner::{Partner, adjustment_of_key, find as partner, first_and_last_month};
pub use results::{Column, Results, Row, Totals, chosen, find as results, programs};
pub use runs::{Run, each_row, known_partners, paid_by, run};
