//! What programs for PDF say of a file.

use std::process::{Command, Output};

use scraper::{ElementRef, Html, Selector};

use crate::support::http::Visitor;

/// A PDF file that has been fetched.
pub struct Pdf {
    pub bytes: Vec<u8>,
    folder: tempfile::TempDir,
}

/// A word on a page, in millimetres.
#[derive(Debug)]
pub struct Place {
    pub word: String,
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Pdf {
    /// Fetches one; the answer must be a PDF.
    pub fn get(visitor: &Visitor, path: &str) -> Pdf {
        let (status, media_type, bytes) = visitor.get_bytes(path);
        assert_eq!(
            (status, media_type.as_str()),
            (200, "application/pdf"),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        Pdf::of(bytes)
    }

    pub fn of(bytes: Vec<u8>) -> Pdf {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("print.pdf"), &bytes).expect("it can be written");
        if let Some(keep) = std::env::var_os("PARTNERBOOK_KEEP_PDF") {
            std::fs::write(keep, &bytes).expect("it can be written");
        }
        Pdf { bytes, folder }
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("print.pdf")
    }

    /// Asserts that nothing is wrong with its structure.
    pub fn is_sound(&self) -> &Pdf {
        let checked = self.run("qpdf", &["--check"], &[]);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&checked.stdout),
            String::from_utf8_lossy(&checked.stderr)
        );
        assert!(
            checked.status.success() && said.contains("No syntax or stream encoding errors found"),
            "{said}"
        );
        assert!(!said.contains("WARNING"), "{said}");
        self
    }

    /// The text of each page, laid out as it is printed.
    pub fn pages(&self) -> Vec<String> {
        let text = self.run("pdftotext", &["-layout", "-enc", "UTF-8"], &["-"]);
        let text = String::from_utf8(text.stdout).expect("it is UTF-8");
        text.split_terminator('\u{c}').map(String::from).collect()
    }

    /// Its text in the order in which it was drawn: what is wrapped stays together.
    pub fn drawn(&self) -> String {
        let text = self.run("pdftotext", &["-raw", "-enc", "UTF-8"], &["-"]);
        String::from_utf8(text.stdout).expect("it is UTF-8")
    }

    /// The words of a page and where they stand, in millimetres from its upper left corner.
    pub fn places(&self, page: usize) -> Vec<Place> {
        let page = page.to_string();
        let text = self.run("pdftotext", &["-bbox", "-enc", "UTF-8", "-f", &page, "-l", &page], &["-"]);
        let html = Html::parse_document(&String::from_utf8(text.stdout).expect("it is UTF-8"));
        let words = Selector::parse("word").expect("a selector");
        let place = |word: ElementRef<'_>| {
            let length = |name| {
                let points: f32 = word.value().attr(name)?.parse().ok()?;
                Some(points * 25.4 / 72.0)
            };
            let length = |name| length(name).expect("each word has its place");
            let (left, top) = (length("xmin"), length("ymin"));
            let (right, bottom) = (length("xmax"), length("ymax"));
            Place { word: word.text().collect(), left, top, right, bottom }
        };
        html.select(&words).map(place).collect()
    }

    /// The operations that draw a page, a line each.
    pub fn contents(&self, page: usize) -> String {
        let one = self.run("qpdf", &["--qdf"], &["--pages", ".", &page.to_string(), "--", "-"]);
        String::from_utf8_lossy(&one.stdout).into_owned()
    }

    /// What the file says of itself.
    pub fn info(&self) -> String {
        String::from_utf8(self.run("pdfinfo", &["-isodates"], &[]).stdout).expect("it is UTF-8")
    }

    /// All its words, blanks squeezed.
    pub fn words(&self) -> String {
        self.pages().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn run(&self, program: &str, before: &[&str], after: &[&str]) -> Output {
        let output = Command::new(program).args(before).arg(self.path()).args(after).output();
        output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"))
    }
}
