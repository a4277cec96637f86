//! Cutting a text into records and cells: delimiters, line ends, quotes. Rows are counted as a
//! spreadsheet counts them: blank ones too, and one for a cell that has several lines.

/// The cells of one row, quotes undone, one after the other.
#[derive(Default)]
pub struct Record {
    pub number: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// There is text after a closing quote.
    pub crooked: bool,
}

/// The text as it is cut into records.
pub struct Text<'a> {
    bytes: &'a [u8],
    /// How far it has been read.
    pub at: usize,
    delimiter: u8,
    /// Rows so far, empty ones too.
    rows: u64,
}

/// A quote is opened and never closed.
pub struct OpenQuote;

impl Record {
    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell; empty where there is none.
    pub fn cell(&self, at: usize) -> &[u8] {
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..*end]
    }

    /// All of them.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| self.cell(at))
    }
}

impl<'a> Text<'a> {
    /// From its beginning.
    pub fn new(bytes: &'a [u8], delimiter: u8) -> Text<'a> {
        Text { bytes, at: 0, delimiter, rows: 0 }
    }

    /// Reads the next record that is not blank; false at the end.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, OpenQuote> {
        while self.at < self.bytes.len() {
            self.rows += 1;
            (record.number, record.crooked) = (self.rows, false);
            record.bytes.clear();
            record.ends.clear();
            while self.next_cell(record)? {}
            if !record.bytes.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads a cell and what ends it; whether another one follows in the record.
    fn next_cell(&mut self, record: &mut Record) -> Result<bool, OpenQuote> {
        if self.bytes.get(self.at) == Some(&b'"') {
            self.at += 1;
            self.quoted(record)?;
            let (from, to) = (self.at, self.end_of_plain());
            record.crooked |= !self.bytes[from..to].trim_ascii().is_empty();
            self.at = to;
        } else {
            let (from, to) = (self.at, self.end_of_plain());
            record.bytes.extend_from_slice(&self.bytes[from..to]);
            self.at = to;
        }
        record.ends.push(record.bytes.len());
        let ended_by = self.bytes.get(self.at).copied();
        self.at += ended_by.is_some() as usize;
        if ended_by == Some(b'\r') && self.bytes.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
        Ok(ended_by == Some(self.delimiter))
    }

    /// Where a cell without quotes ends.
    fn end_of_plain(&self) -> usize {
        let ends = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
        self.bytes[self.at..].iter().position(ends).map_or(self.bytes.len(), |length| self.at + length)
    }

    /// Reads on to the closing quote; two quotes are one.
    fn quoted(&mut self, record: &mut Record) -> Result<(), OpenQuote> {
        loop {
            let rest = &self.bytes[self.at..];
            let Some(length) = rest.iter().position(|byte| *byte == b'"') else {
                self.at = self.bytes.len();
                return Err(OpenQuote);
            };
            record.bytes.extend_from_slice(&rest[..length]);
            self.at += length + 1;
            if rest.get(length + 1) != Some(&b'"') {
                return Ok(());
            }
            record.bytes.push(b'"');
            self.at += 1;
        }
    }
}
