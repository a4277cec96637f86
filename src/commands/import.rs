//! `partnerbook import`: brings partners, referrals, products, programs, orders and entries in from CSV.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::with_database;
use crate::config::Config;
use crate::selling::imports::{self, About, Import, ImportReport, Kind, Progress};
use crate::web::admin::Who;
use crate::web::clock::Clock;
use crate::web::html::count;

/// How many remarks of each kind are shown; --report saves all.
const SHOWN: usize = 20;

/// Bring in partners, referrals, products, programs, orders or ledger entries from a CSV file
///
/// The file may be UTF-8 or UTF-16, separated by comma, semicolon or tab, its headings in any order, and
/// compressed with xz. A bad row is reported with its row, column and value; then nothing of the file is
/// written, unless --skip-bad-rows is given. Importing a file a second time changes nothing.
///
/// Works while Partnerbook is running and while it is not. The exit status is 0 if the file was imported.
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

    /// Write the good rows even if there are bad ones; an order or a program goes in whole or not at all
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

impl What {
    fn kind(self) -> Kind {
        match self {
            What::Partners => Kind::Partners,
            What::Referrals => Kind::Referrals,
            What::Products => Kind::Products,
            What::Programs => Kind::Programs,
            What::Orders => Kind::Orders,
            What::Entries => Kind::Entries,
        }
    }
}

/// Imports the file and tells what it did.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let text = imports::file::read(&args.file)?;
    // Before the work, so that a report that cannot be saved is not found out after it.
    let report_file = args.report.as_deref().map(create).transpose()?;
    let name = match args.file.file_name() {
        Some(name) if args.file.as_os_str() != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".to_string(),
    };
    let bar = Bar::new();
    let report = with_database(config, |db| {
        let who = Who::command_line(Clock::system().now());
        let import = Import {
            kind: args.what.kind(),
            file: &name,
            text: &text,
            columns: None,
            skip_bad_rows: args.skip_bad_rows,
            number: 0,
            who: &who,
            progress: &|progress| {
                bar.show(progress);
                Ok(())
            },
        };
        let report = db.run_now(|conn| imports::import(conn, &import))?;
        db.count_rows();
        Ok(report)
    })?;
    bar.finish();
    if let (Some(file), Some(path)) = (report_file, &args.report) {
        report.save(BufWriter::new(file)).with_context(|| format!("cannot save {}", path.display()))?;
    }
    tell(&report)?;
    Ok(if report.written { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot save the report as {}", path.display()))
}

/// What was done on standard output; what is wrong, and the beginning of what may surprise, on the other.
pub fn tell(report: &ImportReport) -> anyhow::Result<()> {
    let mut errors = std::io::stderr().lock();
    for about in [About::Note, About::Unmatched, About::Conflict, About::Error] {
        let of_kind = || report.remarks.iter().filter(|remark| remark.about == about);
        for remark in of_kind().take(SHOWN) {
            writeln!(errors, "{}: {}, {}", about.word(), report.file, remark.at)?;
        }
        let more = of_kind().count().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(errors, "{}: … and {} more; --report saves them", about.word(), count(more))?;
        }
    }
    let mut out = std::io::stdout().lock();
    for sentence in report.summary() {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

/// A progress bar, where somebody sees it: on standard error, if that is a terminal.
pub struct Bar(ProgressBar);

impl Bar {
    /// Nothing to be seen yet.
    #[expect(clippy::new_without_default, reason = "it draws on the terminal, which no default should")]
    pub fn new() -> Bar {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg:<12} {wide_bar} {percent:>3} %  {elapsed}") {
            bar.set_style(style);
        }
        Bar(bar)
    }

    /// Shows how far it is.
    pub fn show(&self, progress: Progress) {
        self.0.set_length(progress.of as u64);
        self.0.set_message(progress.stage);
        self.0.set_position(progress.done as u64);
    }

    /// Goes away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
