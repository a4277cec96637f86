//! The result: one line a measurement.

use std::time::{Duration, Instant};

/// Lines in the order in which they were measured; each is told when it is there, as some take long.
pub struct Table {
    lines: Vec<[String; 5]>,
    notes: Vec<String>,
}

impl Table {
    pub fn new() -> Table {
        let heads = ["work", "Partnerbook", "the same machine", "ratio", "reach"];
        Table { lines: vec![heads.map(String::from)], notes: Vec::new() }
    }

    /// What it took, what the same rows take in plain SQL, and the ratio that we hold ourselves to.
    pub fn add(&mut self, work: impl Into<String>, ours: Duration, theirs: Duration, reach: &str) {
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let line = [work.into(), seconds(ours), seconds(theirs), format!("{ratio:.2}"), reach.into()];
        eprintln!("{}", line.join("  "));
        self.lines.push(line);
    }

    /// What is no ratio; it stands below the table.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        eprintln!("{note}");
        self.notes.push(note);
    }

    pub fn print(&self) {
        let width =
            |column: usize| self.lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..5).map(width).collect();
        println!();
        for line in &self.lines {
            let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                0 | 4 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        for note in &self.notes {
            println!("{note}");
        }
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 1.0 => format!("{:.1} ms", short * 1000.0),
        long => format!("{long:.2} s"),
    }
}

/// How long something takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let value = work();
    (value, started.elapsed())
}

/// The middle one of some times, the first of which only warms up.
pub fn usual(times: usize, mut work: impl FnMut()) -> Duration {
    work();
    let mut all: Vec<Duration> = (0..times).map(|_| timed(&mut work).1).collect();
    all.sort();
    all[all.len() / 2]
}
