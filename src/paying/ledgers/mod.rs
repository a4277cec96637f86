//! CRM > Reports > Referral Partner Ledgers: what each partner was owed, earned and was paid, for any
//! dates. The report itself, its exports and the runs that ticked rows travel as (`handlers`, `runs`),
//! and the ledger of one partner (`individual`). The figures come from the SQL function
//! `ledger_figures` alone; nothing here writes the book but through `book`.

mod export;
pub mod forms;
pub mod handlers;
pub mod individual;
mod pages;
mod queries;
mod runs;

pub use forms::{Search, SearchForm, search_of};
pub use handlers::{chosen, sentences};
pub use individual::lines::{Line, lines};
pub use queries::{Entry, details};
pub use runs::{Chosen, make_run};
