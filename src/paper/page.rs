//! A page as a plain list of what stands where. Points from the upper left corner; text stands on its
//! baseline.

use std::rc::Rc;
use std::sync::Arc;

use super::shaping::Line;

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;

/// The sheets that a ledger can be printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    A4,
    Letter,
}

impl Sheet {
    /// Width and height in points.
    pub fn size(self) -> (f32, f32) {
        match self {
            Sheet::A4 => (210.0 * MM, 297.0 * MM),
            Sheet::Letter => (612.0, 792.0),
        }
    }

    /// The word for it in addresses and forms.
    pub fn word(self) -> &'static str {
        match self {
            Sheet::A4 => "a4",
            Sheet::Letter => "letter",
        }
    }

    /// The sheet of that word.
    pub fn from_word(word: &str) -> Option<Sheet> {
        [Sheet::A4, Sheet::Letter].into_iter().find(|sheet| sheet.word() == word)
    }
}

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// One page.
#[derive(Debug)]
pub struct Page {
    pub sheet: Sheet,
    pub marks: Vec<Mark>,
    /// Its line in the table of contents, if it has one.
    pub chapter: Option<String>,
}

/// One thing on a page.
#[derive(Debug)]
pub enum Mark {
    Text {
        x: f32,
        y: f32,
        size: f32,
        colour: Colour,
        line: Rc<Line>,
    },
    /// A filled box; also a line.
    Filled {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
    Picture {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        picture: Arc<Picture>,
    },
}

/// A picture, as its points.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// In points of the picture.
    pub width: u32,
    pub height: u32,
    pub data: PictureData,
}

/// How a picture's points are kept.
#[derive(Debug, PartialEq, Eq)]
pub enum PictureData {
    /// A JPEG file as it is: number of colours, and the file.
    Jpeg { colours: u8, file: Vec<u8> },
    /// Red, green, blue of each point, compressed, and how opaque each point is, if any is not.
    Points { rgb: Vec<u8>, alpha: Option<Vec<u8>> },
}
