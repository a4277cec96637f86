//! Files that come with a form (`multipart/form-data`), on routes that say how large one may be. A
//! file is written away while it arrives, to a file without a name: it is gone as soon as nobody holds
//! it, whatever happens to the request or to us. `csrf::guard` does this; a handler asks for [`Sent`].

use std::fs::File;
use std::future::{Ready, ready};
use std::io::{self, Seek, Write};
use std::path::Path;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;

use super::csrf::{FIELD, MOST_FORM_BYTES};
use super::forms::FormData;
use crate::error::AppError;

/// How much is gathered before it is written.
const CHUNK: usize = 256 * 1024;

/// How much beyond the limit is still listened to, so that the visitor sees the page that says why: a
/// browser that is cut off while it sends shows its own.
const PATIENCE: u64 = 768 * MEGABYTE;

const MEGABYTE: u64 = 1_000_000;

/// A file that came with a form.
#[derive(Debug)]
pub struct Upload {
    /// What it is called where it came from, without folders and control characters.
    pub name: String,
    /// How long it is; may be nothing.
    pub bytes: u64,
    file: File,
}

impl Upload {
    /// What is in it, from its beginning.
    pub fn open(self) -> io::Result<File> {
        let mut file = self.file;
        file.rewind()?;
        Ok(file)
    }
}

/// The file of this request; none where nobody chose one.
#[derive(Debug, Default)]
pub struct Sent(pub Option<Upload>);

impl FromRequest for Sent {
    type Error = AppError;
    type Future = Ready<Result<Sent, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Sent(request.extensions_mut().remove::<Upload>())))
    }
}

/// Receives a form with at most one file. The token must stand before the file; without it nothing is
/// kept.
pub(super) async fn receive(
    headers: &HeaderMap,
    payload: Payload,
    most: u64,
    folder: &Path,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(FormData, Option<Upload>), AppError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most + PATIENCE) {
        return Err(too_large(most));
    }
    let mut parts = Multipart::new(headers, payload);
    let (mut fields, mut room) = (Vec::new(), MOST_FORM_BYTES);
    let (mut upload, mut token_is_ours) = (None, false);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(unreadable)?;
        let name = part.name().unwrap_or_default().to_string();
        let file_name = part.content_disposition().and_then(|of| of.get_filename()).map(plain_name);
        match file_name {
            Some(file_name) => {
                if !token_is_ours {
                    return Err(AppError::BadToken);
                }
                let arrived = arrive(&mut part, file_name, most, folder).await?;
                if upload.is_some() && arrived.is_some() {
                    return Err(AppError::refused("Choose one file at a time. Nothing was kept."));
                }
                upload = upload.or(arrived);
            }
            None => {
                let text = read_text(&mut part, &mut room).await?;
                token_is_ours |= name == FIELD && is_ours(&text);
                fields.push((name, text));
            }
        }
    }
    if !token_is_ours {
        return Err(AppError::BadToken);
    }
    Ok((FormData::of(fields)?, upload))
}

async fn read_text(part: &mut Field, room: &mut usize) -> Result<String, AppError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(unreadable)?;
        *room = room.checked_sub(chunk.len()).ok_or_else(|| too_large(MOST_FORM_BYTES as u64))?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes)
        .map_err(|_| AppError::refused("A field of this form is no text. Nothing was kept."))
}

/// Writes a file away as it arrives; none where it is empty and has no name, as browsers send it when
/// nobody chose one.
async fn arrive(
    part: &mut Field,
    name: String,
    most: u64,
    folder: &Path,
) -> Result<Option<Upload>, AppError> {
    let mut bytes = 0_u64;
    let mut waiting = Vec::with_capacity(CHUNK);
    let mut file = None;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(unreadable)?;
        bytes += chunk.len() as u64;
        if bytes > most + PATIENCE {
            break;
        } else if bytes > most {
            file = None;
            continue;
        }
        waiting.extend_from_slice(&chunk);
        if waiting.len() >= CHUNK {
            file = Some(write(file, std::mem::take(&mut waiting), folder).await?);
        }
    }
    if bytes > most {
        return Err(too_large(most));
    }
    if bytes == 0 && name.is_empty() {
        return Ok(None);
    }
    let file = write(file, waiting, folder).await?;
    Ok(Some(Upload { name: if name.is_empty() { "file".into() } else { name }, bytes, file }))
}

async fn write(file: Option<File>, bytes: Vec<u8>, folder: &Path) -> Result<File, AppError> {
    let folder = folder.to_path_buf();
    let written = web::block(move || {
        let mut file = match file {
            Some(file) => file,
            None => tempfile::tempfile_in(folder)?,
        };
        file.write_all(&bytes)?;
        Ok(file)
    });
    written.await.unwrap_or_else(|_| Err(io::Error::other("writing panicked"))).map_err(not_written)
}

fn not_written(error: io::Error) -> AppError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            tracing::error!(%error, "there is no room for an upload");
            AppError::NoRoom
        }
        _ => AppError::Internal(anyhow::Error::new(error).context("writing an upload away")),
    }
}

fn too_large(most: u64) -> AppError {
    AppError::TooLarge(most / MEGABYTE)
}

/// The request was broken off, or is no form.
fn unreadable(error: actix_multipart::MultipartError) -> AppError {
    tracing::debug!(%error, "a form could not be read");
    AppError::refused("The form did not arrive whole. Nothing was kept; send it once more.")
}

/// Some browsers send the whole path.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_people_call_it() {
        for (sent, name) in [
            ("orders.csv", "orders.csv"),
            ("C:\\Users\\Ann\\orders 2026.csv", "orders 2026.csv"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nb\u{1b}.csv", "ab.csv"),
            ("注文.csv", "注文.csv"),
            ("", ""),
        ] {
            assert_eq!(plain_name(sent), name, "{sent:?}");
        }
        assert_eq!(plain_name(&"x".repeat(5000)).len(), 200);
    }

    /// What `tests/app/import_pages/uploads.rs` proves hangs on this one question.
    #[actix_web::test]
    async fn the_token_alone_keeps_a_strangers_file_out() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n00\r\n--x\r\nContent-Disposition: form-data; \
                    name=\"file\"; filename=\"a.csv\"\r\n\r\ncode\r\n--x--\r\n";
        let folder = tempfile::tempdir().expect("a folder can be made");
        for is_asked in [true, false] {
            let request = actix_web::test::TestRequest::post()
                .insert_header(("content-type", "multipart/form-data; boundary=x"))
                .set_payload(body);
            let (request, payload) = request.to_http_parts();
            // The red control takes any token for ours.
            let received = receive(request.headers(), payload, 1000, folder.path(), |_| !is_asked).await;
            if is_asked {
                assert!(matches!(received, Err(AppError::BadToken)));
            } else {
                assert_eq!(received.expect("it is taken").1.expect("with its file").bytes, 4);
            }
        }
    }

    #[test]
    fn a_full_disk_is_told_as_such_and_other_faults_are_ours() {
        assert!(matches!(not_written(io::ErrorKind::StorageFull.into()), AppError::NoRoom));
        assert!(matches!(not_written(io::ErrorKind::PermissionDenied.into()), AppError::Internal(_)));
    }
}
