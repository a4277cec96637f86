//! What the pages of imports show.

use askama::Template;

use super::handlers::MOST_BYTES;
use super::queries::uploads::Uploaded;
use super::told::{Figure, Told};
pub use super::view::View;
use super::{About, Column, Kind, forms};
use crate::running::jobs::Job;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::html::{count, counted};
use crate::web::layout::Layout;
use crate::web::paths;

/// CRM > Import.
#[derive(Template)]
#[template(path = "imports/index.html")]
pub struct IndexPage {
    layout: Layout,
    kinds: [Kind; 6],
    recent: Vec<(Uploaded, Option<Job>)>,
}

impl IndexPage {
    pub fn new(admin: &Administrator, recent: Vec<(Uploaded, Option<Job>)>) -> IndexPage {
        IndexPage { layout: admin.layout("Import").under("CRM", ""), kinds: Kind::ALL, recent }
    }
}

/// The form for a file of one kind, with its columns explained.
#[derive(Template)]
#[template(path = "imports/new.html")]
pub struct NewPage {
    layout: Layout,
    kind: Kind,
    columns: &'static [Column],
    problems: Problems,
}

impl NewPage {
    pub fn new(admin: &Administrator, kind: Kind, problems: Problems) -> NewPage {
        let layout = admin.layout(format!("Import {}", kind.word())).under("CRM", "");
        let layout = layout.under("Import", paths::IMPORTS).narrow();
        NewPage { layout, kind, columns: kind.columns(), problems }
    }

    fn most_megabytes(&self) -> u64 {
        MOST_BYTES / 1_000_000
    }
}

/// A file: what it would do, what is done with it, what it did.
#[derive(Template)]
#[template(path = "imports/show.html")]
pub struct ShowPage {
    layout: Layout,
    view: View,
    kind: Kind,
    known: &'static [Column],
    columns: Vec<ColumnLine>,
    /// How many columns of the file are not shown.
    more_columns: usize,
    is_mine: bool,
    problems: Problems,
}

/// One column of the file: what it is taken for, and what stands in it.
pub struct ColumnLine {
    /// The field's name.
    pub field: String,
    pub heading: String,
    /// The name of the column that it is taken for; empty: ignored.
    pub column: String,
    /// With the numbers of their rows.
    pub cells: Vec<(u64, String)>,
}

impl ShowPage {
    pub fn new(admin: &Administrator, view: View, problems: Problems) -> ShowPage {
        let kind = view.uploaded.kind();
        let layout = admin.layout(view.uploaded.file_name.clone()).under("CRM", "");
        let headings = view.looks.headings.len();
        ShowPage {
            layout: layout.under("Import", paths::IMPORTS),
            is_mine: view.uploaded.uploaded_by == admin.user.id,
            columns: lines(&view),
            more_columns: headings.saturating_sub(forms::MOST_COLUMNS),
            known: kind.columns(),
            kind,
            view,
            problems,
        }
    }

    fn figures(&self, told: &Told, done: bool) -> Vec<Figure> {
        told.figures(self.kind, done)
    }

    fn sentence(&self, told: &Told) -> String {
        told.sentence(self.kind)
    }

    /// What the button says that it does.
    fn button(&self, told: &Told) -> String {
        let what = told.what(self.kind);
        if told.bad_rows > 0 { format!("Import the good rows: {what}") } else { format!("Import {what}") }
    }

    /// What is missed in the columns as they are taken now.
    fn missing(&self) -> String {
        self.view.looks.missing(self.known).join(", ")
    }

    /// Where what was imported is seen.
    fn list(&self) -> (&'static str, &'static str) {
        match self.kind {
            Kind::Partners => (paths::PARTNERS, "See the referral partners"),
            Kind::Referrals => (paths::CONTACTS, "See the contacts"),
            Kind::Products => (paths::PRODUCTS, "See the products"),
            Kind::Programs => (paths::PROGRAMS, "See the commission programs"),
            Kind::Orders => (paths::ORDERS, "See the orders"),
            Kind::Entries => (paths::LEDGERS, "See the ledgers"),
        }
    }
}

fn lines(view: &View) -> Vec<ColumnLine> {
    let rows = || view.looks.numbers.iter().zip(&view.looks.rows);
    let line = |(at, heading): (usize, &String)| {
        let taken = view.looks.columns.get(at).copied().flatten().unwrap_or_default();
        let typed = view.typed.as_ref().map(|typed| typed.get(at).cloned().flatten().unwrap_or_default());
        ColumnLine {
            field: format!("column-{at}"),
            heading: if heading.is_empty() { format!("{}. column", at + 1) } else { heading.clone() },
            column: typed.unwrap_or_else(|| taken.to_string()),
            cells: rows().map(|(number, row)| (*number, row.get(at).cloned().unwrap_or_default())).collect(),
        }
    };
    view.looks.headings.iter().enumerate().take(forms::MOST_COLUMNS).map(line).collect()
}

impl Uploaded {
    /// Its page.
    pub fn path(&self) -> String {
        paths::import(self.id)
    }

    /// How long the file is, as people say it.
    pub fn size(&self) -> String {
        match self.bytes {
            bytes if bytes < 1000 => counted(bytes, "byte", "bytes"),
            bytes if bytes < 1_000_000 => format!("{} kB", count(bytes / 1000)),
            bytes => format!("{} MB", count(bytes / 1_000_000)),
        }
    }

    /// How it stands: word and tone of its badge. `job` is the latest of its jobs.
    pub fn standing(&self, job: Option<&Job>) -> (&'static str, &'static str) {
        match (self.imported().is_some(), job) {
            (true, _) => ("Imported", "ok"),
            (false, Some(job)) if job.is_under_way() && self.job_id.is_some() => ("Importing", "info"),
            (false, Some(job)) if job.is_under_way() => ("Being looked at", "info"),
            (false, _) if self.file_id.is_none() => ("Thrown away", ""),
            (false, Some(job)) if job.tone() == "bad" => ("Failed", "bad"),
            (false, _) => ("Not imported", "warn"),
        }
    }

    /// What it did, in a sentence; or, as yet, would do.
    pub fn in_a_sentence(&self) -> String {
        match (self.imported(), self.checked()) {
            (Some(told), _) => told.sentence(self.kind()),
            (None, Some(told)) if self.file_id.is_some() => match told.writes() {
                true => format!("Would record {}.", told.what(self.kind())),
                false => "Would record nothing.".into(),
            },
            _ => String::new(),
        }
    }
}

impl Kind {
    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Partners => "Partners",
            Kind::Referrals => "Referrals",
            Kind::Products => "Products",
            Kind::Programs => "Programs",
            Kind::Orders => "Orders",
            Kind::Entries => "Ledger entries",
        }
    }

    /// What such a file brings, in a sentence or two.
    pub fn help(self) -> &'static str {
        match self {
            Kind::Partners => {
                "Referral partners with their codes, parents, programs and addresses. A code that is known is left as it is."
            }
            Kind::Referrals => {
                "Which partner referred which contact, and when. Contacts that are not known yet are made."
            }
            Kind::Products => {
                "Codes and names of what is sold, and what earns commission. Known products are changed."
            }
            Kind::Programs => {
                "What is paid: a row is one level of one rule. A known program that pays otherwise gets a new dated version."
            }
            Kind::Orders => {
                "What was sold and what came back: a row is a line of an order, one with a negative quantity a return. \
                 Partners are credited and commissions worked out as if each order came in by itself."
            }
            Kind::Entries => {
                "Opening balances and history from another system, straight into the ledgers: how a company moves in at \
                 a month’s end."
            }
        }
    }

    /// Where a file of it is uploaded.
    pub fn new_path(self) -> String {
        paths::new_import(self.word())
    }

    /// A small file of it.
    pub fn sample_path(self) -> String {
        paths::import_sample(self.word())
    }
}
