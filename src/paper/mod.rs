//! Documents for printing, whatever they say: fonts of all scripts ([`fonts`]), text as glyphs
//! ([`shaping`]), lines that fit a width ([`wrap`]), pages as plain lists of marks ([`page`]), volumes
//! of pages as PDF ([`volume`]), and volumes joined into one file as a stream ([`file`]), which can be read back ([`reading`]). A feature
//! lays its document out as [`page::Page`]s and knows nothing of PDF.

pub mod file;
pub mod fonts;
pub mod page;
pub mod reading;
pub mod shaping;
pub mod volume;
pub mod wrap;
