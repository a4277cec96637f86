//! Which font has a character. Those that are built in come first, so that a ledger looks the same on
//! every machine; then the machine's own, Noto before all others. A character that no font has is for
//! the caller to tell: it is never left out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use printpdf::{ParsedFont, PdfFont};
use rustybuzz::ttf_parser;
use unicode_script::{Script, UnicodeScript};

/// One font, ready for shaping and for embedding.
pub struct Face {
    /// Its name in the PDF.
    pub key: String,
    /// The whole file, or the one face of it where it was a collection.
    pub bytes: &'static [u8],
    /// For shaping.
    pub shaper: rustybuzz::Face<'static>,
    /// For each glyph the character that text extraction reads from it.
    plain: HashMap<u16, char>,
    embedded: OnceLock<Option<PdfFont>>,
}

impl Face {
    fn new(key: String, bytes: &'static [u8]) -> Option<Face> {
        let shaper = rustybuzz::Face::from_slice(bytes, 0)?;
        let mut plain = HashMap::new();
        each_character(&shaper, |character| {
            if let Some(glyph) = shaper.glyph_index(character) {
                plain.entry(glyph.0).or_insert(character);
            }
        });
        Some(Face { key, bytes, shaper, plain, embedded: OnceLock::new() })
    }

    /// A large font, with one copy of its bytes for shaping and for embedding.
    fn large(key: String, bytes: &[u8]) -> Option<Face> {
        let parsed = ParsedFont::from_bytes(bytes, 0, &mut Vec::new())?;
        // Kept as long as the program runs: there are only so many fonts on a machine.
        let kept = Box::leak(Box::new(parsed.source_bytes()?));
        let face = Face::new(key, kept.as_slice())?;
        face.embedded.set(Some(PdfFont::new(parsed))).ok()?;
        Some(face)
    }

    /// For printpdf; none where it cannot read the font.
    pub fn embedded(&self) -> Option<&PdfFont> {
        let parse = || ParsedFont::from_bytes(self.bytes, 0, &mut Vec::new()).map(PdfFont::new);
        self.embedded.get_or_init(parse).as_ref()
    }

    /// Whether it draws the character.
    pub fn has(&self, character: char) -> bool {
        self.shaper.glyph_index(character).is_some()
    }

    /// The glyph, where text extraction reads this very character from it.
    pub fn plain_glyph(&self, character: char) -> Option<u16> {
        let glyph = self.shaper.glyph_index(character)?.0;
        (self.plain.get(&glyph) == Some(&character)).then_some(glyph)
    }

    /// What text extraction reads from the glyph where nobody says otherwise.
    pub fn plain_character(&self, glyph: u16) -> Option<char> {
        self.plain.get(&glyph).copied()
    }

    /// How many of its units are as wide as the font is high.
    pub fn units(&self) -> f32 {
        self.shaper.units_per_em() as f32
    }
}

/// In ascending order, so that of two characters with one glyph the lower is the plain one.
fn each_character(face: &ttf_parser::Face<'_>, mut tell: impl FnMut(char)) {
    let mut all = Vec::new();
    for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables) {
        if table.is_unicode() {
            table.codepoints(|code| all.extend(char::from_u32(code)));
        }
    }
    all.sort_unstable();
    all.dedup();
    all.into_iter().for_each(&mut tell);
}

macro_rules! built_in {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../static/fonts/", $name, ".ttf")) as &[u8])
    };
}

/// Regular and bold, of each script that is built in.
const BUILT_IN: [[(&str, &[u8]); 2]; 3] = [
    [built_in!("NotoSans-Regular"), built_in!("NotoSans-Bold")],
    [built_in!("NotoSansHebrew-Regular"), built_in!("NotoSansHebrew-Bold")],
    [built_in!("NotoSansArabic-Regular"), built_in!("NotoSansArabic-Bold")],
];

static FACES: LazyLock<Vec<[Arc<Face>; 2]>> = LazyLock::new(|| {
    let face = |(key, bytes): (&str, &'static [u8])| {
        Arc::new(Face::new(key.into(), bytes).expect("a font that is built in can be read"))
    };
    BUILT_IN.iter().map(|[regular, bold]| [face(*regular), face(*bold)]).collect()
});

/// Where a machine keeps its fonts.
const FOLDERS: [&str; 4] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts"];

static MACHINE: LazyLock<Vec<Found>> = LazyLock::new(|| {
    let mut files = Vec::new();
    for folder in FOLDERS {
        files_below(Path::new(folder), 6, &mut files);
    }
    let mut found: Vec<Found> = files.iter().flat_map(|file| look_at(file)).collect();
    found.sort_by(|a, b| (a.rank, &a.family, a.bold, &a.path).cmp(&(b.rank, &b.family, b.bold, &b.path)));
    found
});

/// A font of the machine; it is read as a whole only when it is used.
struct Found {
    path: PathBuf,
    /// Its place in a collection.
    index: u32,
    family: String,
    key: String,
    bold: bool,
    /// Lower comes first.
    rank: u8,
    /// First and last characters of the stretches that it has.
    has: Vec<(u32, u32)>,
    face: OnceLock<Option<Arc<Face>>>,
}

/// The font for ordinary text.
pub fn ordinary(bold: bool) -> &'static Arc<Face> {
    &FACES[0][usize::from(bold)]
}

/// A font that has the character; of Chinese characters the forms that `han` writes.
pub fn for_character(character: char, bold: bool, han: Han) -> Option<Arc<Face>> {
    let built_in = FACES.iter().map(|pair| &pair[usize::from(bold)]).find(|face| face.has(character));
    if let Some(face) = built_in {
        return Some(face.clone());
    }
    let code = u32::from(character);
    let fits = |found: &&Found| found.has(code) && !found.is_other_han(han);
    // Signs that all scripts share look best in a font that is made for signs.
    let is_sign = character.script() == Script::Common;
    let for_signs = |found: &&Found| is_sign && found.rank == SIGNS && fits(found);
    let regular = || MACHINE.iter().filter(|found| !found.bold);
    let regular = regular().find(for_signs).or_else(|| regular().find(fits))?;
    let same = |found: &&Found| found.bold && found.family == regular.family && found.has(code);
    let bold = bold.then(|| MACHINE.iter().find(same)).flatten();
    bold.and_then(Found::face).or_else(|| regular.face())
}

/// Who writes Chinese characters: they have other forms in each country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Han {
    Chinese,
    Japanese,
    Korean,
}

impl Found {
    fn has(&self, code: u32) -> bool {
        let after = self.has.partition_point(|(first, _)| *first <= code);
        after > 0 && code <= self.has[after - 1].1
    }

    fn is_other_han(&self, han: Han) -> bool {
        let Some((_, country)) = self.family.split_once(" CJK ") else { return false };
        country
            != match han {
                Han::Chinese => "SC",
                Han::Japanese => "JP",
                Han::Korean => "KR",
            }
    }

    fn face(&self) -> Option<Arc<Face>> {
        self.face
            .get_or_init(|| {
                let file = std::fs::read(&self.path).ok()?;
                let single = printpdf::extract_collection_face(&file, self.index as usize);
                Face::large(self.key.clone(), &single.unwrap_or(file)).map(Arc::new)
            })
            .clone()
    }
}

fn files_below(folder: &Path, deep: usize, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or("").to_ascii_lowercase();
        if ["ttf", "otf", "ttc", "otc"].contains(&kind.as_str()) {
            files.push(path);
        } else if deep > 0 && path.is_dir() {
            files_below(&path, deep - 1, files);
        }
    }
}

/// The upright faces of a file that stand regular or bold.
fn look_at(path: &Path) -> Vec<Found> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let faces = ttf_parser::fonts_in_collection(&bytes).unwrap_or(1);
    (0..faces).filter_map(|index| found(path, &bytes, index)).collect()
}

fn found(path: &Path, bytes: &[u8], index: u32) -> Option<Found> {
    let face = ttf_parser::Face::parse(bytes, index).ok()?;
    let weight = face.weight().to_number();
    let upright = !face.is_italic() && face.width() == ttf_parser::Width::Normal && !face.is_variable();
    let outlines = face.tables().glyf.is_some() || face.tables().cff.is_some();
    if !upright || !outlines || face.is_monospaced() || ![400, 700].contains(&weight) {
        return None;
    }
    let name = |id| {
        let all = face.names().into_iter();
        all.filter(|name| name.name_id == id && name.is_unicode()).find_map(|name| name.to_string())
    };
    let family = name(ttf_parser::name_id::FAMILY)?;
    let rank = rank(&family)?;
    let mut has: Vec<(u32, u32)> = Vec::new();
    each_character(&face, |character| {
        let code = u32::from(character);
        match has.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => has.push((code, code)),
        }
    });
    let key = name(ttf_parser::name_id::POST_SCRIPT_NAME).unwrap_or_else(|| family.clone());
    let key = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let (path, bold) = (path.to_path_buf(), weight == 700);
    Some(Found { path, index, family, key, bold, rank, has, face: OnceLock::new() })
}

/// The rank of fonts that are made for signs.
const SIGNS: u8 = 1;

/// Plain sans-serif faces first, so that names in all scripts look alike.
fn rank(family: &str) -> Option<u8> {
    let unusable = ["Mono", "Display", "UI", "Condensed", "Color", "Looped", "Nastaliq", "Kufi"];
    if unusable.iter().any(|word| family.contains(word)) {
        return None;
    }
    Some(match family {
        "Noto Sans Symbols" | "Noto Sans Symbols2" | "Noto Sans Symbols 2" | "Noto Sans Math" => SIGNS,
        family if family.starts_with("Noto Sans") => 0,
        "DejaVu Sans" => 2,
        family if family.starts_with("Noto ") => 3,
        _ => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_that_are_built_in_need_no_font_of_the_machine() {
        for text in
            ["Zoë Müller €£¥−×…–’", "Ελένη", "Ольга Ющенко", "Nguyễn Thị Hồng", "יוסי כהן", "سمير العلي"]
        {
            for bold in [false, true] {
                for character in text.chars() {
                    let face = for_character(character, bold, Han::Chinese);
                    let key = face.map(|face| face.key.clone()).unwrap_or_default();
                    assert!(
                        FACES.iter().any(|pair| pair[usize::from(bold)].key == key),
                        "{character}: {key}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_plain_glyph_is_read_back_as_its_own_character() {
        let face = ordinary(false);
        assert!(face.plain_glyph('A').is_some());
        let (space, no_break) = (face.plain_glyph(' '), face.plain_glyph('\u{a0}'));
        assert!(space.is_some() && (no_break.is_none() || no_break != space));
    }
}
