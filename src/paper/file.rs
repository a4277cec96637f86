//! Volumes joined into one PDF file, which is written while it is made: nothing is kept but where each
//! object stands. The same volumes give the same bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use sha2::{Digest, Sha256};

/// What a file says of itself.
#[derive(Debug, Clone)]
pub struct About {
    pub title: String,
    pub author: String,
    /// When what it shows was so.
    pub made_at: DateTime<Utc>,
}

/// Numbers of the objects that every file has.
const PAGES: u32 = 1;
const CATALOG: u32 = 2;
const INFO: u32 = 3;
const CONTENTS: u32 = 4;

/// Writes a file.
pub struct Joiner<W: Write> {
    out: Counted<W>,
    /// Where each object stands, by its number; zero where there is none.
    places: Vec<u64>,
    volumes: Vec<(u32, i64)>,
    chapters: Vec<(String, u32)>,
    /// Pictures that are in the file already, by what they show.
    pictures: HashMap<[u8; 32], u32>,
}

/// Counts and digests what goes through it.
struct Counted<W: Write> {
    inner: W,
    written: u64,
    digest: Sha256,
}

impl<W: Write> Counted<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.digest.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<W: Write> Joiner<W> {
    /// Begins a file.
    pub fn new(out: W) -> io::Result<Joiner<W>> {
        let mut out = Counted { inner: out, written: 0, digest: Sha256::new() };
        // The second line says to whoever sends files about that this is none of text.
        out.put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")?;
        let places = vec![0; CONTENTS as usize + 1];
        Ok(Joiner { out, places, volumes: Vec::new(), chapters: Vec::new(), pictures: HashMap::new() })
    }

    /// Adds the pages of a volume; chapters by the page on which they begin, counted from 0.
    pub fn add(&mut self, volume: &Document, chapters: Vec<(usize, String)>) -> io::Result<()> {
        let numbers = self.numbers(volume);
        let catalog = volume.catalog().map_err(io::Error::other)?;
        let root = catalog.get(b"Pages").and_then(Object::as_reference).map_err(io::Error::other)?;
        let pages: Vec<ObjectId> = volume.page_iter().collect();
        for (page, chapter) in chapters {
            let page = pages.get(page).and_then(|page| numbers.get(page));
            self.chapters.extend(page.map(|page| (chapter, *page)));
        }
        self.volumes.push((numbers[&root], pages.len() as i64));
        for (id, object) in &volume.objects {
            let Some(number) = numbers.get(id).filter(|number| self.places[**number as usize] == 0) else {
                continue;
            };
            let mut bytes = Vec::new();
            if *id == root {
                let mut node = object.as_dict().map_err(io::Error::other)?.clone();
                node.set("Parent", Object::Null);
                write_dictionary(&mut bytes, &node, &numbers, Some(("Parent", PAGES)));
            } else {
                write_object(&mut bytes, object, &numbers);
            }
            self.object(*number, &bytes)?;
        }
        Ok(())
    }

    /// The numbers that a volume's objects have in this file. What only a file of its own needs has none,
    /// and a picture that is there already has that one's.
    fn numbers(&mut self, volume: &Document) -> HashMap<ObjectId, u32> {
        let of_trailer = |key: &[u8]| volume.trailer.get(key).and_then(Object::as_reference).ok();
        let own = [of_trailer(b"Root"), of_trailer(b"Info")];
        let mut numbers = HashMap::with_capacity(volume.objects.len());
        for (id, object) in volume.objects.iter().filter(|(id, _)| !own.contains(&Some(**id))) {
            let picture = picture_digest(object);
            if let Some(known) = picture.and_then(|digest| self.pictures.get(&digest)) {
                numbers.insert(*id, *known);
                continue;
            }
            let number = self.places.len() as u32;
            self.places.push(0);
            numbers.insert(*id, number);
            if let Some(digest) = picture {
                self.pictures.insert(digest, number);
            }
        }
        numbers
    }

    /// Ends the file, and gives back what it was written to.
    pub fn finish(mut self, about: &About) -> io::Result<W> {
        let kids: Vec<Object> = self.volumes.iter().map(|(node, _)| reference(*node)).collect();
        let count = self.volumes.iter().map(|(_, pages)| pages).sum::<i64>();
        self.dictionary(PAGES, [("Type", name("Pages")), ("Count", count.into()), ("Kids", kids.into())])?;
        let mut catalog = vec![
            ("Type", name("Catalog")),
            ("Pages", reference(PAGES)),
            ("Lang", Object::string_literal("en")),
            ("ViewerPreferences", Dictionary::from_iter([("DisplayDocTitle", Object::Boolean(true))]).into()),
        ];
        if self.chapters.len() > 1 {
            catalog.push(("Outlines", reference(CONTENTS)));
            self.contents()?;
        }
        self.dictionary(CATALOG, catalog)?;
        let made_at = about.made_at.format("D:%Y%m%d%H%M%SZ").to_string();
        let mut info = vec![("Title", text(&about.title))];
        if !about.author.is_empty() {
            info.push(("Author", text(&about.author)));
        }
        self.dictionary(
            INFO,
            info.into_iter().chain([
                ("Creator", Object::string_literal("Partnerbook")),
                ("Producer", Object::string_literal(concat!("Partnerbook ", env!("CARGO_PKG_VERSION")))),
                ("CreationDate", Object::string_literal(made_at.as_str())),
                ("ModDate", Object::string_literal(made_at.as_str())),
            ]),
        )?;
        self.trailer()
    }

    /// The table of contents that viewers show beside the pages.
    fn contents(&mut self) -> io::Result<()> {
        let chapters = std::mem::take(&mut self.chapters);
        let first = self.places.len() as u32;
        let last = first + chapters.len() as u32 - 1;
        self.places.resize(self.places.len() + chapters.len(), 0);
        for (number, (title, page)) in (first..).zip(&chapters) {
            let to = vec![reference(*page), name("XYZ"), Object::Null, Object::Null, Object::Null];
            let mut entry =
                vec![("Title", text(title)), ("Parent", reference(CONTENTS)), ("Dest", to.into())];
            if number > first {
                entry.push(("Prev", reference(number - 1)));
            }
            if number < last {
                entry.push(("Next", reference(number + 1)));
            }
            self.dictionary(number, entry)?;
        }
        let count = chapters.len() as i64;
        self.dictionary(
            CONTENTS,
            [
                ("Type", name("Outlines")),
                ("First", reference(first)),
                ("Last", reference(last)),
                ("Count", count.into()),
            ],
        )
    }

    fn trailer(mut self) -> io::Result<W> {
        let start = self.out.written;
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.places.len());
        for place in &self.places[1..] {
            let line = if *place == 0 {
                "0000000000 65535 f \n".to_string()
            } else {
                format!("{place:010} 00000 n \n")
            };
            table.push_str(&line);
        }
        self.out.put(table.as_bytes())?;
        let digest = hex::encode(&self.out.digest.clone().finalize()[..16]);
        let trailer = format!(
            "trailer\n<</Size {}/Root {CATALOG} 0 R/Info {INFO} 0 R/ID[<{digest}><{digest}>]>>\nstartxref\n{start}\n%%EOF\n",
            self.places.len()
        );
        self.out.put(trailer.as_bytes())?;
        Ok(self.out.inner)
    }

    fn dictionary<'a>(
        &mut self,
        number: u32,
        entries: impl IntoIterator<Item = (&'a str, Object)>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        let dictionary = Dictionary::from_iter(entries);
        // Their references are this file's own.
        write_own(&mut bytes, &dictionary.into());
        self.object(number, &bytes)
    }

    fn object(&mut self, number: u32, bytes: &[u8]) -> io::Result<()> {
        self.places[number as usize] = self.out.written;
        self.out.put(format!("{number} 0 obj\n").as_bytes())?;
        self.out.put(bytes)?;
        self.out.put(b"\nendobj\n")
    }
}

fn reference(number: u32) -> Object {
    Object::Reference((number, 0))
}

fn name(word: &str) -> Object {
    Object::Name(word.as_bytes().to_vec())
}

fn text(words: &str) -> Object {
    let bytes = [0xfe, 0xff].into_iter().chain(words.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes.collect(), lopdf::StringFormat::Hexadecimal)
}

fn picture_digest(object: &Object) -> Option<[u8; 32]> {
    let stream = object.as_stream().ok()?;
    let is_image = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image");
    is_image.then(|| Sha256::digest(&stream.content).into())
}

type Numbers = HashMap<ObjectId, u32>;

fn write_own(out: &mut Vec<u8>, object: &Object) {
    write(out, object, &|id| Some(id.0));
}

fn write_object(out: &mut Vec<u8>, object: &Object, numbers: &Numbers) {
    write(out, object, &|id| numbers.get(&id).copied());
}

fn write_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary, numbers: &Numbers, but: Option<(&str, u32)>) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary {
        write_name(out, key);
        match but.filter(|(name, _)| name.as_bytes() == key) {
            Some((_, number)) => out.extend_from_slice(format!(" {number} 0 R").as_bytes()),
            None => write_object(out, value, numbers),
        }
    }
    out.extend_from_slice(b">>");
}

/// Writes an object; what it refers to gets its number in this file, and is null where it has none.
fn write(out: &mut Vec<u8>, object: &Object, number_of: &dyn Fn(ObjectId) -> Option<u32>) {
    match object {
        Object::Null => out.extend_from_slice(b" null"),
        Object::Boolean(yes) => out.extend_from_slice(if *yes { b" true" } else { b" false" }),
        Object::Integer(number) => out.extend_from_slice(format!(" {number}").as_bytes()),
        Object::Real(number) => out.extend_from_slice(format!(" {number}").as_bytes()),
        Object::Name(name) => write_name(out, name),
        Object::String(bytes, _) => {
            out.push(b'<');
            out.extend_from_slice(hex::encode(bytes).as_bytes());
            out.push(b'>');
        }
        Object::Array(objects) => {
            out.push(b'[');
            objects.iter().for_each(|object| write(out, object, number_of));
            out.push(b']');
        }
        Object::Dictionary(dictionary) => write_entries(out, dictionary, number_of),
        Object::Stream(stream) => write_stream(out, stream, number_of),
        Object::Reference(id) => match number_of(*id) {
            Some(number) => out.extend_from_slice(format!(" {number} 0 R").as_bytes()),
            None => out.extend_from_slice(b" null"),
        },
    }
}

fn write_entries(out: &mut Vec<u8>, dictionary: &Dictionary, number_of: &dyn Fn(ObjectId) -> Option<u32>) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary {
        write_name(out, key);
        write(out, value, number_of);
    }
    out.extend_from_slice(b">>");
}

fn write_stream(out: &mut Vec<u8>, stream: &Stream, number_of: &dyn Fn(ObjectId) -> Option<u32>) {
    let mut dictionary = stream.dict.clone();
    dictionary.set("Length", stream.content.len() as i64);
    write_entries(out, &dictionary, number_of);
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(&stream.content);
    out.extend_from_slice(b"\nendstream");
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_alphanumeric() || b"-_.+*".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}
