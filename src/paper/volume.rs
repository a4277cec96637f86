//! A volume: some hundred pages as PDF objects, made by printpdf. It keeps everything in memory while it
//! works, so long documents are made in volumes and joined by [`super::file`].

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use printpdf::{
    Codepoint, Color, DictItem, ExternalStream, ExternalXObject, FontId, Op, PaintMode, PdfDocument,
    PdfFontHandle, PdfPage, PdfSaveOptions, Pt, Px, Rect, Rgb, TextItem, TextMatrix, WindingOrder, XObject,
    XObjectId, XObjectTransform,
};

use super::fonts::Face;
use super::page::{Colour, Mark, Page, Picture, PictureData};
use super::shaping::{Glyphs, Line, Placed, Run};
use crate::error::AppError;

/// How many pages a volume has at most: printpdf takes some 100 kB for each.
pub const PAGES: usize = 120;

/// What the pages of a volume need beside themselves.
#[derive(Default)]
struct Needs {
    faces: BTreeMap<String, Arc<Face>>,
    pictures: Vec<Arc<Picture>>,
    /// What is read back from which glyph of which font: one and the same in all of a volume.
    read: HashMap<(String, u16), String>,
}

impl Needs {
    /// Whether the glyph by itself is read back as these words.
    fn reads(&mut self, face: &Face, glyph: u16, words: &str) -> bool {
        if let Some(character) = face.plain_character(glyph) {
            return words.chars().eq([character]);
        }
        let read = self.read.entry((face.key.clone(), glyph)).or_insert_with(|| words.into());
        read == words
    }

    /// What is read back from the glyph where nothing else is said.
    fn reading(&self, face: &Face, glyph: u16) -> String {
        let known = || self.read.get(&(face.key.clone(), glyph)).cloned();
        face.plain_character(glyph).map(String::from).or_else(known).unwrap_or_else(|| "\u{fffd}".into())
    }
}

/// These pages as a PDF document of their own, its streams compressed.
pub fn bind(pages: &[Page]) -> Result<lopdf::Document, AppError> {
    let mut needs = Needs::default();
    let drawn = pages.iter().map(|page| draw(page, &mut needs)).collect();
    let mut document = PdfDocument::new("");
    document.pages = drawn;
    for (key, face) in &needs.faces {
        let font = face.embedded().ok_or_else(|| anyhow::anyhow!("the font {key} cannot be embedded"))?;
        document.resources.fonts.map.insert(FontId(key.clone()), font.clone());
    }
    for (number, picture) in needs.pictures.iter().enumerate() {
        document.resources.xobjects.map.insert(picture_id(number), XObject::External(external(picture)));
    }
    let options = PdfSaveOptions { image_optimization: None, ..PdfSaveOptions::default() };
    let mut warnings = Vec::new();
    let mut made = document.to_lopdf_document(&options, &mut warnings);
    for warning in warnings {
        tracing::debug!(?warning, "printpdf");
    }
    compress(&mut made).context("compressing pages")?;
    Ok(made)
}

/// The usual level: the best one takes twice as long for a hundredth less.
fn compress(document: &mut lopdf::Document) -> io::Result<()> {
    for object in document.objects.values_mut() {
        let lopdf::Object::Stream(stream) = object else { continue };
        if !stream.allows_compression || stream.dict.has(b"Filter") {
            continue;
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&stream.content)?;
        let compressed = encoder.finish()?;
        if compressed.len() < stream.content.len() {
            stream.dict.set("Filter", "FlateDecode");
            stream.set_content(compressed);
        }
    }
    Ok(())
}

fn picture_id(number: usize) -> XObjectId {
    XObjectId(format!("Picture{number}"))
}

fn draw(page: &Page, needs: &mut Needs) -> PdfPage {
    let (width, height) = page.sheet.size();
    let mut pen = Pen { ops: Vec::new(), height, colour: None, font: None, in_text: false, needs };
    for mark in &page.marks {
        match mark {
            Mark::Text { x, y, size, colour, line } => pen.text(*x, *y, *size, *colour, line),
            Mark::Filled { x, y, width, height, colour } => pen.filled(*x, *y, *width, *height, *colour),
            Mark::Picture { x, y, width, height, picture } => pen.picture(*x, *y, *width, *height, picture),
        }
    }
    pen.end_text();
    let ops = pen.ops;
    let sheet = Rect {
        x: Pt(0.0),
        y: Pt(0.0),
        width: Pt(width),
        height: Pt(height),
        mode: None,
        winding_order: None,
    };
    PdfPage { media_box: sheet.clone(), trim_box: sheet.clone(), crop_box: sheet, ops }
}

/// Writes the operations of one page, and no state twice.
struct Pen<'a> {
    ops: Vec<Op>,
    height: f32,
    colour: Option<Colour>,
    font: Option<(String, f32)>,
    in_text: bool,
    needs: &'a mut Needs,
}

impl Pen<'_> {
    fn text(&mut self, x: f32, y: f32, size: f32, colour: Colour, line: &Line) {
        if line.runs.is_empty() {
            return;
        }
        self.colour(colour);
        if !self.in_text {
            self.ops.push(Op::StartTextSection);
            self.in_text = true;
        }
        let y = self.height - y;
        for run in &line.runs {
            self.run(x, y, size, run);
        }
    }

    fn run(&mut self, x: f32, y: f32, size: f32, run: &Run) {
        self.font(&run.face, size);
        match &run.glyphs {
            Glyphs::Plain(pieces) => {
                self.go_to(x + run.x * size, y);
                let mut items = Vec::with_capacity(2 * pieces.len());
                for (text, moved) in pieces {
                    items.push(TextItem::Text(text.clone()));
                    if *moved != 0.0 {
                        // Thousandths of the size, to the left.
                        items.push(TextItem::Offset(-moved * 1000.0));
                    }
                }
                self.ops.push(Op::ShowText { items });
            }
            Glyphs::Placed { glyphs, words } => match glyphs.as_slice() {
                [one] if self.needs.reads(&run.face, one.glyph, words) => {
                    self.glyph(x, y, size, *one, words.clone());
                }
                _ => self.spoken(x, y, size, &run.face, glyphs, words),
            },
        }
    }

    /// Glyphs that cannot be read back one by one, with the words that can.
    fn spoken(&mut self, x: f32, y: f32, size: f32, face: &Face, glyphs: &[Placed], words: &str) {
        let data = DictItem::String { data: utf16(words), literal: false };
        let map = BTreeMap::from([("ActualText".to_string(), data)]);
        let properties = DictItem::Dict { map };
        self.ops.push(Op::BeginMarkedContentWithProperties { tag: "Span".into(), properties });
        for placed in glyphs {
            let reading = self.needs.reading(face, placed.glyph);
            self.glyph(x, y, size, *placed, reading);
        }
        self.ops.push(Op::EndMarkedContentWithProperties);
    }

    fn glyph(&mut self, x: f32, y: f32, size: f32, placed: Placed, reading: String) {
        self.go_to(x + placed.x * size, y + placed.y * size);
        let glyph = Codepoint::with_cid(placed.glyph, 0.0, reading);
        self.ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(vec![glyph])] });
    }

    fn go_to(&mut self, x: f32, y: f32) {
        let matrix = TextMatrix::Translate(Pt(rounded(x)), Pt(rounded(y)));
        self.ops.push(Op::SetTextMatrix { matrix });
    }

    fn font(&mut self, face: &Arc<Face>, size: f32) {
        if self.font.as_ref().is_some_and(|(key, now)| *key == face.key && *now == size) {
            return;
        }
        self.font = Some((face.key.clone(), size));
        let font = PdfFontHandle::External(FontId(face.key.clone()));
        self.ops.push(Op::SetFont { font, size: Pt(size) });
        self.needs.faces.entry(face.key.clone()).or_insert_with(|| face.clone());
    }

    fn filled(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        self.end_text();
        self.colour(colour);
        let rectangle = Rect {
            x: Pt(rounded(x)),
            y: Pt(rounded(self.height - y - height)),
            width: Pt(rounded(width)),
            height: Pt(rounded(height)),
            mode: Some(PaintMode::Fill),
            winding_order: Some(WindingOrder::NonZero),
        };
        self.ops.push(Op::DrawRectangle { rectangle });
    }

    fn picture(&mut self, x: f32, y: f32, width: f32, height: f32, picture: &Arc<Picture>) {
        self.end_text();
        let known = self.needs.pictures.iter().position(|known| Arc::ptr_eq(known, picture));
        let number = known.unwrap_or_else(|| {
            self.needs.pictures.push(picture.clone());
            self.needs.pictures.len() - 1
        });
        let transform = XObjectTransform {
            translate_x: Some(Pt(x)),
            translate_y: Some(Pt(self.height - y - height)),
            scale_x: Some(width),
            scale_y: Some(height),
            no_auto_scale: true,
            ..XObjectTransform::default()
        };
        self.ops.push(Op::UseXobject { id: picture_id(number), transform });
    }

    fn end_text(&mut self) {
        if std::mem::take(&mut self.in_text) {
            self.ops.push(Op::EndTextSection);
        }
    }

    fn colour(&mut self, colour: Colour) {
        if self.colour.replace(colour) != Some(colour) {
            let part = |part: u8| rounded(f32::from(part) / 255.0);
            let col = Color::Rgb(Rgb::new(part(colour.0), part(colour.1), part(colour.2), None));
            self.ops.push(Op::SetFillColor { col });
        }
    }
}

/// Thousandths are finer than any printer; more digits are only longer.
fn rounded(length: f32) -> f32 {
    (length * 1000.0).round() / 1000.0
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

fn external(picture: &Picture) -> ExternalXObject {
    let (width, height) = (i64::from(picture.width), i64::from(picture.height));
    let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
    let stream = |space: &str, filter: &str, content: &[u8]| {
        let dict = [
            ("Type", name("XObject")),
            ("Subtype", name("Image")),
            ("Width", DictItem::Int(width)),
            ("Height", DictItem::Int(height)),
            ("BitsPerComponent", DictItem::Int(8)),
            ("ColorSpace", name(space)),
            ("Filter", name(filter)),
        ];
        let dict = dict.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
        ExternalStream { dict, content: content.to_vec(), compress: false }
    };
    let stream = match &picture.data {
        PictureData::Jpeg { colours: 1, file } => stream("DeviceGray", "DCTDecode", file),
        PictureData::Jpeg { file, .. } => stream("DeviceRGB", "DCTDecode", file),
        PictureData::Points { rgb, alpha } => {
            let mut points = stream("DeviceRGB", "FlateDecode", rgb);
            if let Some(alpha) = alpha {
                let mask = stream("DeviceGray", "FlateDecode", alpha);
                points.dict.insert("SMask".into(), DictItem::Stream { stream: mask });
            }
            points
        }
    };
    let px = |length: u32| Some(Px(length as usize));
    ExternalXObject { stream, width: px(picture.width), height: px(picture.height), dpi: None }
}
