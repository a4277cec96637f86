//! From text to rows: delimiter and headings are recognised, quotes undone, and each row keeps the
//! number that a spreadsheet shows for it.

use super::Import;
use super::records::{OpenQuote, Record, Text};
use super::report::{ImportReport, RowError};
use crate::domain::typed::Trimmed;

/// A column that a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, as spec 9 has it.
    pub name: &'static str,
    /// Other headings that it is known by. Letter case, spaces and signs do not matter.
    pub also: &'static [&'static str],
    pub required: bool,
    /// What stands in it, in a sentence; empty where its name says so.
    pub help: &'static str,
}

/// For each column of a file, from its first, the name of what somebody chose it to be; none: ignored.
pub type Chosen = [Option<String>];

/// Where a column stands in this file; nowhere if the file has none such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(Option<usize>);

/// A file as a table: its headings recognised, its rows still to be read.
pub struct Table<'a> {
    text: Text<'a>,
    columns: &'static [Column],
    /// Of each known column, where it stands.
    places: Vec<Option<usize>>,
    /// As the file has them.
    headings: Vec<String>,
    record: Record,
}

/// A row of a table.
pub struct Row<'t> {
    /// As a spreadsheet counts.
    pub number: u64,
    headings: &'t [String],
    record: &'t Record,
}

/// Whether the cells of a row can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Sound,
    /// Too few cells, too many, or a quote where none can be.
    Torn,
}

impl Column {
    /// A column that the file must have.
    pub const fn required(name: &'static str, also: &'static [&'static str], help: &'static str) -> Column {
        Column { name, also, required: true, help }
    }

    /// A column that the file may have.
    pub const fn optional(name: &'static str, also: &'static [&'static str], help: &'static str) -> Column {
        Column { name, also, required: false, help }
    }

    fn is_called(&self, heading: &str) -> bool {
        folded(self.name) == heading || self.also.iter().any(|name| folded(name) == heading)
    }
}

impl Place {
    /// Whether the file has the column.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }
}

impl<'a> Table<'a> {
    /// Recognises the delimiter and the headings, or takes the columns as somebody chose them. None,
    /// and the report says why, where the file cannot be used.
    pub fn open(
        import: &Import<'a>,
        columns: &'static [Column],
        report: &mut ImportReport,
    ) -> Option<Table<'a>> {
        Table::of(import.text, import.columns, columns, report)
    }

    fn of(
        text: &'a [u8],
        chosen: Option<&Chosen>,
        columns: &'static [Column],
        report: &mut ImportReport,
    ) -> Option<Table<'a>> {
        let (text, record, found) = heading(text, columns, chosen);
        match found {
            Err(OpenQuote) => report.unusable(open_quote(record.number)),
            Ok(false) => report.unusable(RowError::of_file("The file is empty.")),
            Ok(true) => {
                let headings = words(&record);
                let known = positions(columns, &headings, chosen);
                let places = recognise(columns, &headings, &known, record.number, report)?;
                return Some(Table { text, columns, places, headings, record: Record::default() });
            }
        }
        None
    }

    /// Where the column of this name stands.
    pub fn place(&self, name: &str) -> Place {
        let column = self.columns.iter().position(|column| column.name == name);
        debug_assert!(column.is_some(), "{name} is no column");
        Place(column.and_then(|column| self.places[column]))
    }

    /// The heading of a column as the file has it.
    pub fn heading(&self, place: Place) -> &str {
        place.0.map_or("", |place| self.headings[place].as_str())
    }

    /// The next row that has anything in it and as many cells as there are headings; the report is
    /// told of others.
    pub fn next_row(&mut self, report: &mut ImportReport) -> Option<Row<'_>> {
        while self.advance(report)? == Shape::Torn {}
        Some(self.row())
    }

    /// The next row that has anything in it, and whether its cells can be trusted; the report is told
    /// where they cannot.
    pub fn next_row_or_torn(&mut self, report: &mut ImportReport) -> Option<(Shape, Row<'_>)> {
        let shape = self.advance(report)?;
        Some((shape, self.row()))
    }

    fn row(&self) -> Row<'_> {
        Row { number: self.record.number, headings: &self.headings, record: &self.record }
    }

    fn advance(&mut self, report: &mut ImportReport) -> Option<Shape> {
        match self.text.next(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(OpenQuote) => {
                report.unusable(open_quote(self.record.number));
                return None;
            }
        }
        report.rows_read += 1;
        let (number, cells) = (self.record.number, self.record.len());
        if self.record.crooked {
            report.error(RowError::new(number, "", "", "has text after a closing quote"));
        } else if cells != self.headings.len() {
            let problem = format!("has {cells} cells where there are {} headings", self.headings.len());
            report.error(RowError::new(number, "", "", problem));
        } else {
            return Some(Shape::Sound);
        }
        Some(Shape::Torn)
    }

    /// How far it has been read, in bytes.
    pub fn position(&self) -> usize {
        self.text.at
    }
}

impl<'t> Row<'t> {
    /// A cell as its bytes; empty where the file or a torn row does not have the column.
    pub fn bytes(&self, place: Place) -> &'t [u8] {
        place.0.map_or(&[], |place| self.record.cell(place))
    }

    /// What is wrong with a cell.
    pub fn error(&self, place: Place, problem: impl Into<String>) -> RowError {
        let heading = place.0.and_then(|place| self.headings.get(place)).map_or("", String::as_str);
        RowError::new(self.number, heading, &String::from_utf8_lossy(self.bytes(place)), problem)
    }

    /// What is wrong with the row as a whole.
    pub fn problem(&self, problem: impl Into<String>) -> RowError {
        RowError::new(self.number, "", "", problem)
    }
}

fn open_quote(row: u64) -> RowError {
    RowError::new(
        row,
        "",
        "",
        "opens a quote that is never closed: the file may be cut off, or a \" too many stands there",
    )
}

/// A heading without what does not matter: `Order ID` and `order_id` are the same.
fn folded(heading: &str) -> String {
    heading.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn find(columns: &[Column], heading: &str) -> Option<usize> {
    let heading = folded(heading);
    columns.iter().position(|column| column.is_called(&heading))
}

/// The row of the headings, cut as most of them are known, or as there were when somebody chose the
/// columns; with equally many as most cells, and then by commas.
pub fn heading<'a>(
    text: &'a [u8],
    columns: &'static [Column],
    chosen: Option<&Chosen>,
) -> (Text<'a>, Record, Result<bool, OpenQuote>) {
    let candidates = [b',', b';', b'\t'].map(|delimiter| {
        let mut text = Text::new(text, delimiter);
        let mut record = Record::default();
        let found = text.next(&mut record);
        let known = match chosen {
            Some(chosen) => usize::from(record.len() == chosen.len()),
            None => {
                record.cells().filter(|cell| find(columns, &String::from_utf8_lossy(cell)).is_some()).count()
            }
        };
        ((known, record.len()), text, record, found)
    });
    // Of equals the first, and `max_by_key` would give the last.
    let best = candidates.into_iter().rev().max_by_key(|(fits, ..)| *fits);
    let (_, text, record, found) = best.expect("there are three of them");
    (text, record, found)
}

/// The cells of a row as text, without the blanks around them.
pub fn words(record: &Record) -> Vec<String> {
    record.cells().map(|cell| String::from_utf8_lossy(cell).trimmed().to_string()).collect()
}

/// For each heading the column that it stands for: as somebody chose, or else by its name.
pub fn positions(
    columns: &'static [Column],
    headings: &[String],
    chosen: Option<&Chosen>,
) -> Vec<Option<usize>> {
    let by_name = |name: &str| columns.iter().position(|column| column.name == name);
    match chosen {
        Some(chosen) => {
            let of = |at: usize| chosen.get(at).and_then(|name| by_name(name.as_deref()?));
            (0..headings.len()).map(of).collect()
        }
        None => headings.iter().map(|heading| find(columns, heading)).collect(),
    }
}

/// Where each column stands.
fn recognise(
    columns: &'static [Column],
    headings: &[String],
    known: &[Option<usize>],
    row: u64,
    report: &mut ImportReport,
) -> Option<Vec<Option<usize>>> {
    let mut places = vec![None; columns.len()];
    let mut unknown: Vec<String> = Vec::new();
    for (at, heading) in headings.iter().enumerate() {
        match known[at] {
            Some(column) => match places[column] {
                None => places[column] = Some(at),
                Some(first) => {
                    let name = columns[column].name;
                    let both = format!(
                        "stands for {name}, and so does {:?}: leave one of them out",
                        headings[first]
                    );
                    report.unusable(RowError::new(row, heading, "", both));
                }
            },
            None if unknown.contains(&folded(heading)) && !heading.is_empty() => {
                report.unusable(RowError::new(row, heading, "", "stands there twice"));
            }
            None => {
                let name = if heading.is_empty() {
                    format!("the {}. column without a heading", at + 1)
                } else {
                    heading.clone()
                };
                report.note(RowError::new(
                    row,
                    "",
                    "",
                    format!("has a column that is not known here and was ignored: {}", shortened(&name)),
                ));
                unknown.push(folded(heading));
            }
        }
    }
    for (column, _) in
        columns.iter().zip(&places).filter(|(column, place)| column.required && place.is_none())
    {
        let also =
            if column.also.is_empty() { String::new() } else { format!(" (or {})", column.also.join(", ")) };
        let found: Vec<String> = headings.iter().map(|heading| shortened(heading)).collect();
        let sentence =
            format!("The file has no column {}{also}. Its headings are: {}.", column.name, found.join(", "));
        report.unusable(RowError::of_file(shortened_to(&sentence, 1000)));
    }
    (!report.unusable).then_some(places)
}

fn shortened(text: &str) -> String {
    shortened_to(text, 60)
}

fn shortened_to(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selling::imports::Kind;
    use proptest::prelude::*;

    const COLUMNS: &[Column] = &[Column::required("code", &[], ""), Column::optional("name", &["title"], "")];

    /// Opens a text as a table of these columns.
    fn open<'a>(text: &'a [u8], columns: Option<&Chosen>, report: &mut ImportReport) -> Option<Table<'a>> {
        Table::of(text, columns, COLUMNS, report)
    }

    #[test]
    fn columns_are_what_somebody_chose_them_to_be() {
        let text = "Artikel;Bezeichnung;Preis\n17;Kessel;9,99\n".as_bytes();
        let chosen = [Some("code".into()), Some("name".into()), None];
        let mut report = ImportReport::new(Kind::Products, "file.csv");
        assert!(open(text, None, &mut report).is_none() && report.unusable, "no heading is known");
        let mut report = ImportReport::new(Kind::Products, "file.csv");
        let mut table = open(text, Some(&chosen), &mut report).unwrap();
        let (code, name) = (table.place("code"), table.place("name"));
        let row = table.next_row(&mut report).unwrap();
        assert_eq!((row.bytes(code), row.bytes(name)), (b"17".as_slice(), b"Kessel".as_slice()));
        assert_eq!(report.remarks.len(), 1, "one column is ignored, and that is said");

        let twice = [Some("code".into()), Some("code".into()), None];
        let mut report = ImportReport::new(Kind::Products, "file.csv");
        assert!(open(text, Some(&twice), &mut report).is_none());
        assert!(report.errors().any(|error| error.problem.contains("so does")));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_in_any_dialect(
            cells in prop::collection::vec(("[a-z\",;\t\r\n ]{0,6}x", "[a-z\",;\t\r\n é]{0,6}"), 0..6),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
            crlf in any::<bool>(),
        ) {
            let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer =
                csv::WriterBuilder::new().delimiter(delimiter).terminator(end).from_writer(Vec::new());
            writer.write_record(["Title", "CODE"]).unwrap();
            for (code, name) in &cells {
                writer.write_record([name, code]).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let mut report = ImportReport::new(Kind::Products, "file.csv");
            let mut table = open(&text, None, &mut report).unwrap();
            let (code, name) = (table.place("code"), table.place("name"));
            for (at, cells) in cells.iter().enumerate() {
                let row = table.next_row(&mut report).unwrap();
                prop_assert_eq!(row.number, at as u64 + 2);
                prop_assert_eq!(row.bytes(code), cells.0.as_bytes());
                prop_assert_eq!(row.bytes(name), cells.1.as_bytes());
            }
            prop_assert!(table.next_row(&mut report).is_none() && !report.has_errors());
        }

        #[test]
        fn any_bytes_are_a_table_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80), head in any::<bool>()) {
            let text = if head { [b"code,name\n".as_slice(), &bytes].concat() } else { bytes };
            let mut report = ImportReport::new(Kind::Products, "file.csv");
            if let Some(mut table) = open(&text, None, &mut report) {
                let place = table.place("name");
                while let Some(row) = table.next_row(&mut report) {
                    let _ = row.text(place, 10);
                }
            }
        }
    }
}
