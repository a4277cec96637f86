//! How fast the heavy work is, beside what the same machine can do: each line is measured in this run,
//! against plain SQL in psql on the same server and the same rows. Ratios count; seconds are of a
//! machine. `make bench`, or `cargo bench -- ledgers csv` for some of it, `--partners 10000` or
//! `--entries 10000000` for other sizes.

#[path = "../../tests/app/support/program.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod program;

mod clicks;
mod filled;
mod import;
mod ledgers;
mod machine;
mod payments;
mod print;
mod table;

use table::Table;

/// What there is to measure, and how much of it.
pub struct Plan {
    names: Vec<String>,
    pub partners: u64,
    pub entries: u64,
}

impl Plan {
    fn read() -> Plan {
        let mut plan = Plan { names: Vec::new(), partners: 100_000, entries: 1_000_000 };
        // cargo says --bench.
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number =
                || arguments.next().and_then(|text| text.parse().ok()).expect("a number follows");
            match argument.as_str() {
                "--partners" => plan.partners = number(),
                "--entries" => plan.entries = number(),
                _ => plan.names.push(argument),
            }
        }
        plan
    }

    fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }
}

fn main() {
    let plan = Plan::read();
    let mut table = Table::new();
    if ["ledgers", "csv", "payments"].iter().any(|name| plan.wants(name)) {
        let filled = filled::start(&plan);
        if plan.wants("ledgers") {
            ledgers::pages(&filled, &mut table);
        }
        if plan.wants("csv") {
            ledgers::files(&filled, &mut table);
        }
        // The last one, because it changes what is there.
        if plan.wants("payments") {
            payments::process(&filled, &mut table);
        }
        table.note(format!("memory of the server at its highest: {} MB", filled.machine.memory()));
    }
    if plan.wants("clicks") {
        clicks::go(&mut table);
    }
    if plan.wants("print") {
        print::ledgers(&mut table);
    }
    if plan.wants("import") {
        import::retail(&mut table);
    }
    table.print();
}
