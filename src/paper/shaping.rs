//! Text as glyphs: which font for which characters, in which direction, and how each script joins its
//! letters. What is drawn can be read back: where glyphs are not simply one for each character, the
//! words themselves go along.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rustybuzz::{Direction, Feature, UnicodeBuffer, ttf_parser::Tag};
use unicode_bidi::{BidiInfo, Level};
use unicode_script::{Script, UnicodeScript};

use super::fonts::{self, Face, Han};

/// One line of text, shaped. Lengths are in ems: times the font size they are points.
#[derive(Debug, Default)]
pub struct Line {
    /// From left to right.
    pub runs: Vec<Run>,
    pub width: f32,
    /// Characters that no font has; boxes stand for them.
    pub missing: Vec<char>,
}

/// A stretch of one font.
pub struct Run {
    pub face: Arc<Face>,
    /// Where it begins.
    pub x: f32,
    pub glyphs: Glyphs,
}

/// What a run draws.
#[derive(Debug)]
pub enum Glyphs {
    /// One glyph for each character; after each piece the pen moves so much more than it would.
    Plain(Vec<(String, f32)>),
    /// Glyphs where they belong, and the words that are read back.
    Placed { glyphs: Vec<Placed>, words: String },
}

/// A glyph, from the beginning of its line and its baseline on.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    pub glyph: u16,
    pub x: f32,
    pub y: f32,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {:?}", self.face.key, self.x, self.glyphs)
    }
}

/// Shapes texts, and remembers them: the same words come again and again.
#[derive(Default)]
pub struct Shaper {
    known: [HashMap<String, Rc<Line>>; 2],
}

/// How many texts are remembered before all are forgotten.
const KNOWN: usize = 4_000;

impl Shaper {
    /// One line of text. Ends of lines and tabs count as blanks.
    pub fn line(&mut self, text: &str, bold: bool) -> Rc<Line> {
        let known = &mut self.known[usize::from(bold)];
        if let Some(line) = known.get(text) {
            return line.clone();
        }
        if known.len() >= KNOWN {
            known.clear();
        }
        let line = Rc::new(shape_line(text, bold));
        known.insert(text.into(), line.clone());
        line
    }

    /// How wide a text is at this size.
    pub fn width(&mut self, text: &str, bold: bool, size: f32) -> f32 {
        self.line(text, bold).width * size
    }
}

fn shape_line(text: &str, bold: bool) -> Line {
    let text: String = text.chars().map(shown).collect();
    let mut line = Line::default();
    let bidi = BidiInfo::new(&text, None);
    let han = han(&text);
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in runs {
            let level = levels[range.start];
            let mut stretches = stretches(&text[range], bold, han);
            if level.is_rtl() {
                stretches.reverse();
            }
            for stretch in stretches {
                line.add(stretch, level);
            }
        }
    }
    line
}

/// Signs that move the pen or nothing at all are blanks; those without a shape are told as such.
fn shown(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{a0}' => ' ',
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Whose forms of Chinese characters a text wants, by the letters beside them.
fn han(text: &str) -> Han {
    let mut scripts = text.chars().map(|character| character.script());
    let country = scripts.find_map(|script| match script {
        Script::Hiragana | Script::Katakana => Some(Han::Japanese),
        Script::Hangul => Some(Han::Korean),
        _ => None,
    });
    country.unwrap_or(Han::Chinese)
}

/// A stretch of one script that one font draws; none where no font does.
struct Stretch<'a> {
    text: &'a str,
    script: Script,
    face: Option<Arc<Face>>,
}

/// Cuts a text where font or script changes. Signs that all scripts share stay with what they follow.
fn stretches(text: &str, bold: bool, han: Han) -> Vec<Stretch<'_>> {
    let mut found: Vec<Stretch<'_>> = Vec::new();
    let mut from = 0;
    for (at, character) in text.char_indices() {
        let script = character.script();
        let shared = matches!(script, Script::Common | Script::Inherited);
        let end = at + character.len_utf8();
        if let Some(last) = found.last_mut() {
            let stays = match &last.face {
                Some(face) => {
                    is_ignorable(character)
                        || (shared || script == last.script || last.script == Script::Common)
                            && face.has(character)
                }
                None => script == Script::Inherited,
            };
            if stays {
                last.text = &text[from..end];
                if last.script == Script::Common && !shared {
                    last.script = script;
                }
                continue;
            }
        }
        from = at;
        let face = if is_ignorable(character) {
            Some(fonts::ordinary(bold).clone())
        } else {
            fonts::for_character(character, bold, han)
        };
        let script = if shared { Script::Common } else { script };
        found.push(Stretch { text: &text[at..end], script, face });
    }
    found
}

/// Has no shape of its own in any font: joiners, direction marks, variation selectors.
fn is_ignorable(character: char) -> bool {
    matches!(u32::from(character),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
        | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

impl Line {
    fn add(&mut self, stretch: Stretch<'_>, level: Level) {
        let Some(face) = stretch.face else { return self.add_boxes(stretch.text) };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(stretch.text);
        buffer.set_direction(if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight });
        let script = Tag::from_bytes_lossy(stretch.script.short_name().as_bytes());
        if stretch.script != Script::Common
            && let Some(script) = rustybuzz::Script::from_iso15924_tag(script)
        {
            buffer.set_script(script);
        }
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(&face.shaper, features(stretch.script), buffer);
        let units = face.units();
        let start = self.width;
        let mut placed = Vec::with_capacity(shaped.len());
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let x = self.width + position.x_offset as f32 / units;
            let y = position.y_offset as f32 / units;
            // A font has at most 65,536 glyphs.
            placed.push((Placed { glyph: info.glyph_id as u16, x, y }, info.cluster));
            self.width += position.x_advance as f32 / units;
        }
        if level.is_rtl() {
            return self.add_clusters(&face, stretch.text, &placed);
        }
        let glyphs = plain(&face, stretch.text, &placed, self.width).unwrap_or_else(|| Glyphs::Placed {
            glyphs: placed.into_iter().map(|(placed, _)| placed).collect(),
            words: stretch.text.into(),
        });
        self.runs.push(Run { face, x: start, glyphs });
    }

    /// What is written from right to left is read back letter by letter: viewers take the letters as they
    /// stand and turn them round themselves.
    fn add_clusters(&mut self, face: &Arc<Face>, text: &str, placed: &[(Placed, u32)]) {
        let starts: BTreeSet<usize> = placed.iter().map(|(_, cluster)| *cluster as usize).collect();
        for cluster in placed.chunk_by(|(_, one), (_, other)| one == other) {
            let from = cluster[0].1 as usize;
            let to = starts.range(from + 1..).next().copied().unwrap_or(text.len());
            let glyphs: Vec<Placed> = cluster.iter().map(|(placed, _)| *placed).collect();
            let x = glyphs[0].x;
            let glyphs = Glyphs::Placed { glyphs, words: text[from..to].into() };
            self.runs.push(Run { face: face.clone(), x, glyphs });
        }
    }

    /// A box for each character that no font has.
    fn add_boxes(&mut self, text: &str) {
        let face = fonts::ordinary(false);
        let box_width = face.shaper.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(0)).unwrap_or(600);
        let start = self.width;
        let mut glyphs = Vec::new();
        for character in text.chars() {
            self.missing.push(character);
            glyphs.push(Placed { glyph: 0, x: self.width, y: 0.0 });
            self.width += f32::from(box_width) / face.units();
        }
        let glyphs = Glyphs::Placed { glyphs, words: text.into() };
        self.runs.push(Run { face: face.clone(), x: start, glyphs });
    }
}

/// The pieces of a run that is one glyph for each character, each where it would be but for kerning.
fn plain(face: &Face, text: &str, placed: &[(Placed, u32)], end: f32) -> Option<Glyphs> {
    let mut pieces: Vec<(String, f32)> = Vec::new();
    let mut piece = String::new();
    let mut glyphs = placed.iter().peekable();
    for (at, character) in text.char_indices() {
        let (glyph, cluster) = glyphs.next()?;
        if *cluster as usize != at || face.plain_glyph(character) != Some(glyph.glyph) || glyph.y != 0.0 {
            return None;
        }
        piece.push(character);
        let next = glyphs.peek().map_or(end, |(next, _)| next.x);
        let advance = face.shaper.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph.glyph))?;
        let moved = next - glyph.x - f32::from(advance) / face.units();
        if moved.abs() > 0.0005 {
            pieces.push((std::mem::take(&mut piece), moved));
        }
    }
    if !piece.is_empty() {
        pieces.push((piece, 0.0));
    }
    glyphs.next().is_none().then_some(Glyphs::Plain(pieces))
}

/// Ligatures are for scripts that cannot be read without them.
fn features(script: Script) -> &'static [Feature] {
    const NONE: [Feature; 2] = [
        Feature { tag: Tag::from_bytes(b"liga"), value: 0, start: 0, end: u32::MAX },
        Feature { tag: Tag::from_bytes(b"clig"), value: 0, start: 0, end: u32::MAX },
    ];
    match script {
        Script::Latin | Script::Greek | Script::Cyrillic | Script::Common => &NONE,
        _ => &[],
    }
}
