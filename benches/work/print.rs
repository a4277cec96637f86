//! Print Referral Partner Ledgers: everybody's ledger in one PDF, against the same document by others,
//! from the same rows with the same fonts: names of many scripts, addresses, summary, entries with their
//! balance, totals, page numbers, contents. The others read their rows from a file; Partnerbook reads
//! them from its database and sends the document over HTTP.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Plan;
use crate::filled;
use crate::machine::{Machine, folder};
use crate::table::{Table, timed};

const ENTRIES: u64 = 30;
const PATH: &str = "/reports/ledgers.pdf?from=1900-01-01&to=2999-12-31&paper=a4";

/// How many ledgers, each on a server of its own, and who prints as many beside it. Typst and WeasyPrint
/// keep the whole document in memory, and would take hours over the longest one.
const SIZES: [(u64, &[Peer]); 4] = [
    (100, &[REPORTLAB, TYPST, WEASYPRINT]),
    (1_000, &[REPORTLAB, TYPST]),
    (3_000, &[]),
    (10_000, &[REPORTLAB]),
];

/// How often each prints; its best counts.
const TIMES: usize = 2;

/// Another program for documents: a package of Python's, and our script for it.
#[derive(Clone, Copy)]
struct Peer {
    name: &'static str,
    package: &'static str,
    script: &'static str,
}

const REPORTLAB: Peer = Peer { name: "ReportLab", package: "reportlab", script: "reportlab_canvas.py" };
const TYPST: Peer = Peer { name: "Typst", package: "typst", script: "typst_compile.py" };
const WEASYPRINT: Peer = Peer { name: "WeasyPrint", package: "weasyprint", script: "weasyprint_join.py" };

/// The company as the others have it too, and a name and an address for everybody.
const PEOPLE: &str = "UPDATE company SET name = 'Northwind Roasters', address_line1 = '1 Harbour Street', city = 'Portland', state = 'OR',
        postal_code = '97201', country = 'United States', email = 'partners@northwind.example', phone = '+1 503 555 0100', currency = 'USD';
    UPDATE contacts SET name = (ARRAY[THE_NAMES])[1 + id % THE_COUNT], address_line1 = '27 Juniper Lane', city = 'Bend', state = 'OR',
        postal_code = '97701', country = 'United States';
    VACUUM ANALYZE contacts";

/// The rows that all print, in their order.
const ROWS: &str = r#"\copy (SELECT p.code, c.name, '27 Juniper Lane', 'Bend, OR 97701', '1-' || a.id || '-' || md5(p.code),
        to_char(e.dated_on, 'Mon FMDD, YYYY'), initcap(e.kind::text), e.amount_minor
    FROM entries e JOIN accounts a ON a.id = e.account_id JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
    ORDER BY lower(p.code) COLLATE "C", e.dated_on, e.number) TO 'THE_FILE' WITH (FORMAT csv)"#;

pub fn ledgers(table: &mut Table) {
    for (partners, peers) in SIZES {
        let filled = filled::start(&Plan { names: Vec::new(), partners, entries: partners * ENTRIES });
        let machine = &filled.machine;
        name_everybody(machine);
        machine.sign_in();
        let folder = folder();
        let ours = folder.path().join("ours.pdf");
        let before = machine.memory();
        let prints: Vec<(Duration, u64)> =
            (0..TIMES).map(|_| (timed(|| machine.save(PATH, &ours)).1, machine.memory())).collect();
        let best = best(prints.iter().map(|(took, _)| *took));
        let peaks: Vec<String> = prints.iter().map(|(_, peak)| format!("{peak} MB")).collect();
        let bytes = std::fs::metadata(&ours).map_or(0, |file| file.len());
        table.note(format!(
            "print of {partners} ledgers: {} pages, {:.1} MB, {:.2} s; the server's memory at its highest: {before} MB before, then {}",
            pages(&ours),
            bytes as f64 / 1e6,
            best.as_secs_f64(),
            peaks.join(", ")
        ));
        let rows = folder.path().join("rows.csv");
        let sql = ROWS.split_whitespace().collect::<Vec<_>>().join(" ");
        machine.psql("partnerbook", &sql.replace("THE_FILE", &rows.display().to_string()));
        for peer in peers {
            match peer.prints(folder.path(), &rows) {
                Ok((version, pages, theirs)) => {
                    let work = format!(
                        "print of {partners} ledgers of {ENTRIES} entries | {version}, {pages} pages"
                    );
                    table.add(work, best, theirs, "< 1");
                }
                Err(why) => {
                    table.note(format!("skipped: print of {partners} ledgers by {}: {why}", peer.name))
                }
            }
        }
    }
}

/// Names from all over the world, in their order, again and again.
fn name_everybody(machine: &Machine) {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/data/cldr_sample_names.json"))
            .expect("a list of names");
    let name = |name: &serde_json::Value| {
        let parts = ["title", "given", "surname", "generation", "credentials"];
        let parts = parts.map(|part| name[part].as_str().unwrap_or_default());
        let full = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        format!("'{}'", full.replace('\'', "''"))
    };
    let names: Vec<String> = all.iter().map(name).collect();
    let sql = PEOPLE.replace("THE_COUNT", &names.len().to_string()).replace("THE_NAMES", &names.join(","));
    for statement in sql.split(';') {
        machine.psql("partnerbook", statement);
    }
}

impl Peer {
    /// Its name with its version, how many pages it made, and how long its best took.
    fn prints(&self, folder: &Path, rows: &Path) -> Result<(String, String, Duration), String> {
        let python = python(self.package)?;
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let theirs = folder.join("theirs.pdf");
        let mut all = Vec::new();
        for _ in 0..TIMES {
            let mut command = Command::new(&python);
            command.arg(here.join("benches").join("work").join("print").join(self.script));
            command.args([rows, &here.join("static/fonts"), &theirs]);
            let (output, took) = timed(|| command.output());
            let output = output.map_err(|error| error.to_string())?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(format!("it failed: {}", said.lines().last().unwrap_or_default()));
            }
            all.push(took);
        }
        let version = format!("from importlib.metadata import version; print(version('{}'))", self.package);
        let version = Command::new(&python).args(["-c", &version]).output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
        Ok((format!("{} {}", self.name, version.unwrap_or_default()), pages(&theirs), best(all.into_iter())))
    }
}

fn best(times: impl Iterator<Item = Duration>) -> Duration {
    times.min().expect("each prints at least once")
}

/// A Python of its own in the target folder, where the package is installed when it is not there yet.
fn python(package: &str) -> Result<PathBuf, String> {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let python = venv.join("bin/python");
    let works = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !python.exists() && !works(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return Err("there is no Python that can make a virtual environment".into());
    }
    let has_it = || works(Command::new(&python).args(["-c", &format!("import {package}")]));
    if !has_it() {
        works(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            package,
        ]));
    }
    if has_it() {
        Ok(python)
    } else {
        Err("the package could not be installed with pip, or lacks a library".into())
    }
}

fn pages(file: &Path) -> String {
    let asked = Command::new("qpdf").arg("--show-npages").arg(file).output();
    asked.map(|asked| String::from_utf8_lossy(&asked.stdout).trim().to_string()).unwrap_or_default()
}
