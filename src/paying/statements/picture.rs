//! The company's logo as a picture for the page.

use std::io::Write;
use std::sync::Arc;

use crate::paper::page::{Picture, PictureData};

/// The picture of a PNG or JPEG file; none where it is neither or cannot be read: a ledger without its
/// logo is better than none.
pub fn read(media_type: &str, file: &[u8]) -> Option<Arc<Picture>> {
    let picture = match media_type {
        "image/png" => png(file),
        "image/jpeg" => jpeg(file),
        _ => None,
    };
    if picture.is_none() {
        tracing::warn!(media_type, "the company's logo cannot be printed");
    }
    picture.map(Arc::new)
}

fn png(file: &[u8]) -> Option<Picture> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut points = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut points).ok()?;
    points.truncate(info.buffer_size());
    let (colours, has_alpha) = match info.color_type {
        png::ColorType::Grayscale => (1, false),
        png::ColorType::GrayscaleAlpha => (1, true),
        png::ColorType::Rgb => (3, false),
        png::ColorType::Rgba => (3, true),
        png::ColorType::Indexed => return None,
    };
    let step = colours + usize::from(has_alpha);
    let mut rgb = Vec::with_capacity(points.len() / step * 3);
    let mut alpha = Vec::new();
    for point in points.chunks_exact(step) {
        match colours {
            1 => rgb.extend([point[0]; 3]),
            _ => rgb.extend(&point[..3]),
        }
        if has_alpha {
            alpha.push(point[colours]);
        }
    }
    let is_opaque = alpha.iter().all(|alpha| *alpha == u8::MAX);
    let alpha = if is_opaque { None } else { Some(deflated(&alpha)?) };
    let data = PictureData::Points { rgb: deflated(&rgb)?, alpha };
    Some(Picture { width: info.width, height: info.height, data })
}

fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// A JPEG goes into the PDF as it is; only its size and the number of its colours have to be known.
fn jpeg(file: &[u8]) -> Option<Picture> {
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let at = rest.iter().position(|byte| *byte != 0xff)?;
        let kind = *rest.get(at)?;
        let segment = rest.get(at + 1..)?;
        let length = usize::from(u16::from_be_bytes([*segment.first()?, *segment.get(1)?]));
        // Start of frame, of any of the codings; three other markers have numbers in between.
        if (0xc0..=0xcf).contains(&kind) && ![0xc4, 0xc8, 0xcc].contains(&kind) {
            let frame = segment.get(2..8)?;
            let height = u32::from(u16::from_be_bytes([frame[1], frame[2]]));
            let width = u32::from(u16::from_be_bytes([frame[3], frame[4]]));
            let colours = frame[5];
            let known = width > 0 && height > 0 && frame[0] == 8 && [1, 3].contains(&colours);
            let data = PictureData::Jpeg { colours, file: file.to_vec() };
            return known.then_some(Picture { width, height, data });
        }
        rest = segment.get(length..)?;
    }
}
