//! Our own files read back: the words of each page in the order in which they were drawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};

use super::page::{MM, Mark, Page, Sheet};
use super::shaping::Glyphs;

/// A page that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub sheet: Sheet,
    /// One for each stretch of one font.
    pub words: Vec<String>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this is no PDF that can be read: {0}")]
pub struct Unreadable(String);

/// The pages of a file.
pub fn pages(file: &[u8]) -> Result<Vec<Read>, Unreadable> {
    let unreadable = |error: lopdf::Error| Unreadable(error.to_string());
    let document = Document::load_mem(file).map_err(unreadable)?;
    let mut fonts = HashMap::new();
    document.page_iter().map(|page| read(&document, page, &mut fonts).map_err(unreadable)).collect()
}

/// The words of a page that was not yet printed, as [`pages`] would read them.
pub fn words(page: &Page) -> Vec<String> {
    let mut words = Vec::new();
    for mark in &page.marks {
        let Mark::Text { line, .. } = mark else { continue };
        for run in &line.runs {
            words.push(match &run.glyphs {
                Glyphs::Plain(pieces) => pieces.iter().map(|(text, _)| text.as_str()).collect(),
                Glyphs::Placed { words, .. } => words.clone(),
            });
        }
    }
    words
}

/// What a font's codes stand for.
type Codes = HashMap<u16, String>;

fn read(
    document: &Document,
    page: ObjectId,
    known: &mut HashMap<ObjectId, Codes>,
) -> Result<Read, lopdf::Error> {
    let mut fonts: HashMap<Vec<u8>, ObjectId> = HashMap::new();
    for (name, font) in document.get_page_fonts(page)? {
        let Ok(map) = font.get(b"ToUnicode").and_then(Object::as_reference) else { continue };
        if let Entry::Vacant(unread) = known.entry(map) {
            let stream = document.get_object(map)?.as_stream()?;
            unread.insert(codes(&stream.get_plain_content().unwrap_or_else(|_| stream.content.clone())));
        }
        fonts.insert(name, map);
    }
    let content = Content::decode(&document.get_page_content(page))?;
    let mut reader = Reader { words: Vec::new(), font: None, spoken: None };
    for operation in &content.operations {
        reader.follow(operation, &fonts, known);
    }
    Ok(Read { sheet: sheet(document.get_dictionary(page)?), words: reader.words })
}

fn sheet(page: &Dictionary) -> Sheet {
    let width =
        page.get(b"MediaBox").and_then(Object::as_array).ok().and_then(|box_| box_.get(2)?.as_float().ok());
    // Halfway between the two.
    if width.is_some_and(|width| width > 213.0 * MM) { Sheet::Letter } else { Sheet::A4 }
}

struct Reader {
    words: Vec<String>,
    font: Option<ObjectId>,
    /// Within a stretch that carries its words, how deep.
    spoken: Option<usize>,
}

impl Reader {
    fn follow(
        &mut self,
        operation: &Operation,
        fonts: &HashMap<Vec<u8>, ObjectId>,
        known: &HashMap<ObjectId, Codes>,
    ) {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "Tf" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                self.font = name.and_then(|name| fonts.get(name)).copied();
            }
            "BDC" => match self.spoken.as_mut() {
                Some(depth) => *depth += 1,
                None => {
                    let properties = operands.get(1).and_then(|properties| properties.as_dict().ok());
                    if let Some(words) = properties.and_then(actual_text) {
                        self.words.push(words);
                        self.spoken = Some(1);
                    }
                }
            },
            "EMC" => {
                self.spoken = self.spoken.and_then(|depth| depth.checked_sub(1)).filter(|depth| *depth > 0)
            }
            "Tj" | "TJ" if self.spoken.is_none() => {
                let mut text = String::new();
                let codes = self.font.and_then(|font| known.get(&font));
                operands.iter().for_each(|operand| decode(operand, codes, &mut text));
                self.words.push(text);
            }
            _ => (),
        }
    }
}

fn actual_text(properties: &Dictionary) -> Option<String> {
    let bytes = properties.get(b"ActualText").and_then(Object::as_str).ok()?;
    Some(utf16(bytes.strip_prefix(&[0xfe, 0xff])?))
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn decode(operand: &Object, codes: Option<&Codes>, text: &mut String) {
    match operand {
        Object::Array(parts) => parts.iter().for_each(|part| decode(part, codes, text)),
        Object::String(bytes, _) => {
            for pair in bytes.chunks_exact(2) {
                let code = u16::from_be_bytes([pair[0], pair[1]]);
                text.push_str(codes.and_then(|codes| codes.get(&code)).map_or("\u{fffd}", String::as_str));
            }
        }
        _ => (),
    }
}

/// What a ToUnicode map says: single codes, and ranges that count up.
fn codes(map: &[u8]) -> Codes {
    let text = String::from_utf8_lossy(map);
    let mut codes = Codes::new();
    let number = |word: &str| u32::from_str_radix(word, 16).ok();
    let words = |line: &str| -> Vec<String> {
        let parts = line.split(['<', '>']).map(str::trim);
        parts
            .filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(Into::into)
            .collect()
    };
    let said = |hex: &str| hex::decode(hex).map(|bytes| utf16(&bytes)).unwrap_or_default();
    let mut within = "";
    for line in text.lines() {
        match line.split_whitespace().last() {
            Some("beginbfchar") => within = "char",
            Some("beginbfrange") => within = "range",
            Some("endbfchar" | "endbfrange") => within = "",
            _ => match (within, words(line).as_slice()) {
                ("char", [code, to]) => {
                    codes.extend(number(code).map(|code| (code as u16, said(to))));
                }
                ("range", [first, last, to]) => {
                    let (Some(first), Some(last)) = (number(first), number(last)) else { continue };
                    let start = said(to);
                    let Some(character) = start.chars().last() else { continue };
                    let head: String = start.chars().take(start.chars().count() - 1).collect();
                    for code in first..=last {
                        let next = char::from_u32(u32::from(character) + code - first);
                        codes.extend(next.map(|next| (code as u16, format!("{head}{next}"))));
                    }
                }
                _ => (),
            },
        }
    }
    codes
}
