//! `partnerbook import`: brings partners, referrals, products, programs, orders and entries in from CSV.

use std::path::PathBuf;
use std::process::ExitCode;

use super::not_wired_yet;
use crate::config::Config;

/// Bring in partners, referrals, products, programs, orders or ledger entries from a CSV file
///
/// The file may be UTF-8 or UTF-16, separated by comma, semicolon or tab, its headings in any order. A
/// bad row is reported with its row, column and value; then nothing of the file is written, unless
/// --skip-bad-rows is given. Importing a file a second time changes nothing.
///
/// Works while Partnerbook is running and while it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  partnerbook import partners partners.csv
  partnerbook import orders orders-2024.csv --skip-bad-rows --report not-imported.csv

Order: programs and products, then partners, then referrals, then orders. `entries` brings opening balances
from another system.")]
pub struct Args {
    /// What the file holds
    #[arg(value_enum)]
    pub what: What,

    /// The CSV file; - reads standard input
    pub file: PathBuf,

    /// Write the good rows even if there are bad ones
    #[arg(long)]
    pub skip_bad_rows: bool,

    /// Save what is reported, row by row, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub report: Option<PathBuf>,
}

/// What a file can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// code, name, email, parent_code, status, program, …
    Partners,
    /// contact_external_id or email, partner_code, referred_at, type, expires_at
    Referrals,
    /// code, name, commissionable
    Products,
    /// program, priority, payout_type, amount_per, product_code, level, …
    Programs,
    /// A line of the file is a line of an order; a negative quantity is a return
    Orders,
    /// partner_code, date, kind, amount, reference, note
    Entries,
}

pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    not_wired_yet("import")
}
