//! From a file to its text: compressed or not, in UTF-8 or UTF-16, of any size that can be held.

use crate::error::AppError;
use anyhow::Context;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, also after decompression. Ten million lines fit.
const LARGEST_FILE: u64 = 1_000_000_000;

/// How much of a file's text is enough to see what it is.
const BEGINNING: u64 = 1_000_000;

const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];
const UTF8_BOM: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_LITTLE: &[u8] = &[0xff, 0xfe];
const UTF16_BIG: &[u8] = &[0xfe, 0xff];

/// Reads a file, `-` for standard input; as [`text_of`].
pub fn read(path: &Path) -> Result<Vec<u8>, AppError> {
    let name = path.display();
    let open = || -> io::Result<Vec<u8>> {
        if path.as_os_str() == "-" {
            read_at_most(io::stdin().lock())
        } else {
            read_at_most(File::open(path)?)
        }
    };
    // Without reading it first, where that can be known.
    if std::fs::metadata(path).is_ok_and(|file| file.len() > LARGEST_FILE) {
        return Err(too_large());
    }
    let bytes = open().map_err(|error| AppError::refused(format!("{name} cannot be read: {error}.")))?;
    text_of(bytes)
}

/// The text in these bytes: decompressed where it is xz, without a byte order mark. UTF-16 becomes
/// UTF-8; what is no text in either stays in as bytes that are no UTF-8, so that the cell that holds
/// it can be named.
pub fn text_of(bytes: Vec<u8>) -> Result<Vec<u8>, AppError> {
    let mut bytes = if bytes.starts_with(XZ) { decompress(&bytes)? } else { bytes };
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(too_large());
    }
    refuse_others(&bytes)?;
    if bytes.starts_with(UTF8_BOM) {
        bytes.drain(..UTF8_BOM.len());
    } else if bytes.starts_with(UTF16_LITTLE) {
        return Ok(from_utf16(&bytes[2..], u16::from_le_bytes));
    } else if bytes.starts_with(UTF16_BIG) {
        return Ok(from_utf16(&bytes[2..], u16::from_be_bytes));
    }
    Ok(bytes)
}

/// What a file that begins like this is, where it is something that people take for CSV.
pub fn refuse_others(beginning: &[u8]) -> Result<(), AppError> {
    match known_other(beginning) {
        Some(other) => {
            Err(AppError::refused(format!("This is {other}. Save it as CSV (UTF-8), and import that.")))
        }
        None => Ok(()),
    }
}

/// The text at the beginning of a file of which only these first bytes are there; what is cut off at
/// their end may be missing.
pub fn beginning_of(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(XZ) {
        return text_of(bytes).unwrap_or_default();
    }
    let mut text = Vec::new();
    // It ends with an error, because the rest is missing; what came before that is good.
    let decoder = liblzma::read::XzDecoder::new_multi_decoder(bytes.as_slice());
    let _ = decoder.take(BEGINNING).read_to_end(&mut text);
    text_of(text).unwrap_or_default()
}

fn too_large() -> AppError {
    AppError::refused("The file is larger than 1 GB. Split it, and import the parts one after another.")
}

fn read_at_most(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, AppError> {
    read_at_most(liblzma::read::XzDecoder::new_multi_decoder(bytes)).context("decompressing").map_err(
        |error| AppError::refused(format!("The file cannot be decompressed, it may be cut off: {error:#}.")),
    )
}

/// Kinds of files that people take for CSV.
fn known_other(bytes: &[u8]) -> Option<&'static str> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"PK\x03\x04") {
        Some("a spreadsheet or zip file")
    } else if begins(&[0xd0, 0xcf, 0x11, 0xe0]) {
        Some("a spreadsheet in an old format")
    } else if begins(&[0x1f, 0x8b]) || begins(b"BZh") {
        Some("a compressed file, and only xz is known here")
    } else if begins(b"%PDF") {
        Some("a PDF file")
    } else if matches!(bytes, [_, 0, _, 0, ..] | [0, _, 0, _, ..]) {
        Some("text in UTF-16 without a byte order mark")
    } else if !begins(UTF16_LITTLE) && !begins(UTF16_BIG) && is_binary(bytes) {
        Some("no text file")
    } else {
        None
    }
}

/// Programs, pictures and the like are full of zero bytes; in a text one may stand by accident.
fn is_binary(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(4096)];
    let zeros = beginning.iter().filter(|byte| **byte == 0).count();
    zeros > 4 && zeros * 50 > beginning.len()
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() / 2 + bytes.len() / 8);
    let (pairs, rest) = bytes.as_chunks::<2>();
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            // A byte that never stands in UTF-8.
            Err(_) => text.push(0xff),
        }
    }
    text.extend(rest.iter().map(|_| 0xff));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "naïve,😀\n";

    fn utf16(unit: fn(u16) -> [u8; 2], bom: &[u8]) -> Vec<u8> {
        let mut bytes = bom.to_vec();
        bytes.extend(TEXT.encode_utf16().flat_map(unit));
        bytes
    }

    #[test]
    fn the_same_text_in_every_encoding_is_the_same() {
        let with_bom = [UTF8_BOM, TEXT.as_bytes()].concat();
        for bytes in [
            TEXT.as_bytes().to_vec(),
            with_bom,
            utf16(u16::to_le_bytes, UTF16_LITTLE),
            utf16(u16::to_be_bytes, UTF16_BIG),
        ] {
            assert_eq!(text_of(bytes).unwrap(), TEXT.as_bytes());
        }
    }

    #[test]
    fn broken_utf16_stays_where_it_stands() {
        let mut bytes = UTF16_LITTLE.to_vec();
        bytes.extend([b'a', 0, 0x00, 0xd8, b'b', 0, b'c']);
        assert_eq!(text_of(bytes).unwrap(), b"a\xffb\xff");
    }

    #[test]
    fn what_is_no_text_is_named() {
        let zip = text_of(b"PK\x03\x04...".to_vec()).unwrap_err().to_string();
        assert!(zip.contains("spreadsheet"), "{zip}");
        let cut_off = text_of([XZ, b"nothing"].concat()).unwrap_err().to_string();
        assert!(cut_off.contains("decompressed"), "{cut_off}");
        assert!(text_of(b"a\0b\0".to_vec()).unwrap_err().to_string().contains("UTF-16"));
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 40]].concat();
        assert!(refuse_others(&picture).unwrap_err().to_string().contains("no text file"));
        assert!(refuse_others(b"code,name\n1,a\0b\n").is_ok());
    }
}
