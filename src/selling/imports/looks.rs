//! What a file looks like: its headings, what they are taken for, and its first rows.

use super::records::Record;
use super::table::{self, Chosen, Column};

/// How much of a cell is shown.
const CELL: usize = 60;

/// The beginning of a file, cut into cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks {
    /// As the file has them, shortened.
    pub headings: Vec<String>,
    /// For each the name of the column that it stands for; none: ignored.
    pub columns: Vec<Option<&'static str>>,
    /// The first rows, shortened.
    pub rows: Vec<Vec<String>>,
    /// Their numbers, as a spreadsheet counts.
    pub numbers: Vec<u64>,
}

impl Looks {
    /// Looks at a text, of which only the beginning need be there.
    pub fn of(text: &[u8], columns: &'static [Column], chosen: Option<&Chosen>, most_rows: usize) -> Looks {
        let (mut text, record, found) = table::heading(text, columns, chosen);
        if !matches!(found, Ok(true)) {
            return Looks::default();
        }
        let headings = table::words(&record);
        let known = table::positions(columns, &headings, chosen);
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        let mut record = Record::default();
        while rows.len() < most_rows && matches!(text.next(&mut record), Ok(true)) {
            numbers.push(record.number);
            rows.push(table::words(&record).iter().map(|cell| shortened(cell)).collect());
        }
        Looks {
            headings: headings.iter().map(|heading| shortened(heading)).collect(),
            columns: known.into_iter().map(|at| Some(columns.get(at?)?.name)).collect(),
            rows,
            numbers,
        }
    }

    /// The columns that have to be there and are not.
    pub fn missing(&self, columns: &'static [Column]) -> Vec<&'static str> {
        let there = |column: &&Column| !self.columns.contains(&Some(column.name));
        columns.iter().filter(|column| column.required).filter(there).map(|column| column.name).collect()
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(CELL).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selling::imports::Kind;

    fn look(text: &str, chosen: Option<&Chosen>) -> Looks {
        Looks::of(text.as_bytes(), Kind::Products.columns(), chosen, 2)
    }

    #[test]
    fn headings_are_recognised_and_the_first_rows_shown() {
        let looks = look("SKU;Name;Colour\n1;Kettle;red\n2;Cup;blue\n3;Pot;green\n", None);
        assert_eq!(looks.headings, ["SKU", "Name", "Colour"]);
        assert_eq!(looks.columns, [Some("code"), Some("name"), None]);
        assert_eq!(looks.rows, [["1", "Kettle", "red"], ["2", "Cup", "blue"]]);
        assert_eq!(looks.numbers, [2, 3]);
        assert!(looks.missing(Kind::Products.columns()).is_empty());
    }

    #[test]
    fn unknown_headings_are_cut_all_the_same_so_that_somebody_can_choose() {
        let text = "Artikel;Bezeichnung\n1;Kessel\n";
        let looks = look(text, None);
        assert_eq!((looks.headings.len(), &looks.columns[..]), (2, [None, None].as_slice()));
        assert_eq!(looks.missing(Kind::Products.columns()), ["code"]);
        let looks = look(text, Some(&[Some("code".into()), None]));
        assert_eq!(looks.columns, [Some("code"), None]);
    }

    #[test]
    fn anything_can_be_looked_at() {
        for text in ["", "\n\n", "\"", "code", "code,name\n\"cut off in the mid", &"x,".repeat(5000)] {
            let looks = look(text, None);
            assert_eq!(looks.headings.len(), looks.columns.len());
            assert!(looks.rows.len() <= 2);
        }
    }
}
