//! CRM > Import: a file comes in through the browser, shows what it would do, and is imported by a job.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, rt, web};
use chrono::TimeDelta;
use serde_json::json;
use std::io::{Read, Seek};
use std::time::{Duration, Instant};

use super::pages::{IndexPage, NewPage, ShowPage, View};
use super::queries::uploads::{self, NewUpload, Uploaded};
use super::{Kind, file, forms, job, view};
use crate::domain::ids::{ImportId, UserId};
use crate::error::AppError;
use crate::running::audit;
use crate::running::files::{self, NewFile};
use crate::running::jobs::{self, JobKind};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::uploads::{Sent, Upload};
use crate::web::{App, csv, paths};

/// The most that an uploaded file may have.
pub const MOST_BYTES: u64 = 256_000_000;

/// How long a file that is not imported is kept.
const KEEP: TimeDelta = TimeDelta::days(7);

/// How long the page waits for a look that is almost done, rather than to show that it is under way.
const ALMOST: Duration = Duration::from_millis(1500);

/// How many imports the first page lists.
const RECENT: i64 = 20;

/// `GET /imports`
pub async fn index(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let recent = app.db.read(|conn| view::recent(conn, RECENT)).await?;
    page(&IndexPage::new(&admin, recent))
}

/// `GET /imports/new?kind=…`
pub async fn new(admin: Administrator, query: Query) -> Result<HttpResponse, AppError> {
    match Kind::from_word(query.get("kind")) {
        Some(kind) => page(&NewPage::new(&admin, kind, Problems::none())),
        None => Ok(see_other(paths::IMPORTS)),
    }
}

/// `GET /imports/sample.csv?kind=…`
pub async fn sample(_admin: Administrator, query: Query) -> Result<HttpResponse, AppError> {
    let kind =
        Kind::from_word(query.get("kind")).ok_or_else(|| AppError::not_found("sample of this kind"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}-sample.csv\"", kind.word())))
        .body(kind.sample()))
}

/// `POST /imports`
pub async fn create(
    admin: Administrator,
    app: App,
    form: FormData,
    Sent(upload): Sent,
) -> Result<HttpResponse, AppError> {
    let unknown = || AppError::refused("Choose first what the file holds. Nothing was kept.");
    let kind = Kind::from_word(form.get("kind")).ok_or_else(unknown)?;
    let again = |sentence| page_with_problems(&NewPage::new(&admin, kind, Problems::one("file", sentence)));
    let upload = match upload {
        None => return again("Choose a file.".to_string()),
        Some(upload) if upload.bytes == 0 => return again(format!("{} is empty.", upload.name)),
        Some(upload) => upload,
    };
    let (who, user) = (admin.who(), admin.user.id);
    let kept = app.db.run(move |conn| {
        let (name, bytes) = (upload.name.clone(), upload.bytes);
        let mut content = looked_into(upload)?;
        let new = NewFile { name: &name, media_type: "text/csv", made_at: who.at, keep: KEEP };
        let file = files::keep(conn, &new, &mut content)?;
        let id = uploads::next_id(conn)?;
        let check_job = job::ask(conn, &who, JobKind::CheckImport, id, &name)?;
        let new = NewUpload { kind, file_name: &name, bytes, uploaded_by: user, file, check_job };
        uploads::insert(conn, &who, id, &new)?;
        audit::write(
            conn,
            &who,
            "import.upload",
            ("import", id.0),
            json!({ "kind": kind.word(), "bytes": bytes }),
        )?;
        Ok(id)
    });
    match kept.await {
        Ok(id) => {
            jobs::ring();
            Ok(see_other(paths::import(id)))
        }
        // It is no CSV, and the sentence says what to do.
        Err(AppError::Refused(sentence)) => again(sentence),
        Err(trouble) => Err(trouble),
    }
}

/// What was sent, unless its beginning shows that it is something else than CSV.
fn looked_into(upload: Upload) -> Result<impl Read, AppError> {
    let mut content = upload.open().map_err(anyhow::Error::from)?;
    let mut beginning = Vec::new();
    content.by_ref().take(4096).read_to_end(&mut beginning).map_err(anyhow::Error::from)?;
    content.rewind().map_err(anyhow::Error::from)?;
    file::refuse_others(&beginning)?;
    Ok(content)
}

/// `GET /imports/{id}`
pub async fn show(admin: Administrator, app: App, id: web::Path<ImportId>) -> Result<HttpResponse, AppError> {
    page(&ShowPage::new(&admin, look(&app, *id).await?, Problems::none()))
}

/// The import as it stands; waits a moment for a look into a small file.
async fn look(app: &App, id: ImportId) -> Result<View, AppError> {
    let started = Instant::now();
    loop {
        let found = app.db.read(move |conn| view::view(conn, id)).await?;
        let view = found.ok_or_else(|| AppError::not_found(format!("import {id}")))?;
        if !view.is_being_checked() || started.elapsed() > ALMOST {
            return Ok(view);
        }
        rt::time::sleep(Duration::from_millis(60)).await;
    }
}

/// `POST /imports/{id}/columns`
pub async fn update_columns(
    admin: Administrator,
    app: App,
    id: web::Path<ImportId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    let view = look(&app, id).await?;
    let chosen = match form.has("as_headings") {
        true => None,
        false => match forms::columns(&form, view.uploaded.kind().columns(), view.looks.headings.len()) {
            Ok(chosen) => Some(chosen),
            Err(problems) => {
                return page_with_problems(&ShowPage::new(&admin, view.choosing(&form), problems));
            }
        },
    };
    let (who, me) = (admin.who(), admin.user.id);
    app.db
        .run(move |conn| {
            let uploaded = mine(uploads::lock(conn, id)?, me)?;
            if view::is_begun(conn, &uploaded)? {
                let sentence = "The file is being imported, or was: its columns stay as they are.";
                return Err(AppError::refused(sentence));
            }
            let check_job = job::ask(conn, &who, JobKind::CheckImport, id, &uploaded.file_name)?;
            uploads::choose_columns(conn, id, chosen.as_deref(), check_job)?;
            audit::write(conn, &who, "import.choose_columns", ("import", id.0), json!({ "columns": chosen }))
        })
        .await?;
    jobs::ring();
    Ok(see_other(paths::import(id)))
}

/// `POST /imports/{id}/start`
pub async fn start(
    admin: Administrator,
    app: App,
    id: web::Path<ImportId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    let skip_bad_rows = form.has("skip_bad_rows");
    let seen = form.get("seen").to_string();
    let view = look(&app, id).await?;
    if view.told().is_some_and(|told| told.bad_rows > 0) && !skip_bad_rows && !view.is_begun() {
        let problems =
            Problems::one("skip_bad_rows", "Mend the bad rows in the file, or say that they are left out.");
        return page_with_problems(&ShowPage::new(&admin, view, problems));
    }
    let (who, me) = (admin.who(), admin.user.id);
    let begun = app.db.run(move |conn| {
        let uploaded = mine(uploads::lock(conn, id)?, me)?;
        if view::is_begun(conn, &uploaded)? {
            return Ok(()); // a second press: the first is at work, or done
        }
        if uploaded.checked().is_none() || uploaded.check_job_id.to_string() != seen {
            return Err(AppError::refused(
                "The columns were changed since you looked at the file. Nothing was begun; look at it once more.",
            ));
        }
        let job = job::ask(conn, &who, JobKind::Import, id, &uploaded.file_name)?;
        uploads::begin(conn, id, job, skip_bad_rows)?;
        let details = json!({ "skip_bad_rows": skip_bad_rows });
        audit::write(conn, &who, "import.start", ("import", id.0), details)
    });
    begun.await?;
    jobs::ring();
    Ok(see_other(paths::import(id)))
}

/// `POST /imports/{id}/discard`
pub async fn discard(
    admin: Administrator,
    app: App,
    id: web::Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let (id, who, me) = (*id, admin.who(), admin.user.id);
    let name = app.db.run(move |conn| {
        let uploaded = mine(uploads::lock(conn, id)?, me)?;
        if view::is_begun(conn, &uploaded)? {
            return Err(AppError::refused("The file is being imported, or was. Its job can be cancelled."));
        }
        jobs::cancel(conn, uploaded.check_job_id)?;
        for file in [uploaded.file_id, uploaded.remarks_file_id].into_iter().flatten() {
            files::remove(conn, file)?;
        }
        audit::write(conn, &who, "import.discard", ("import", id.0), json!({}))?;
        Ok(uploaded.file_name)
    });
    admin.flash(Flash::ok("Thrown away.", format!("Nothing of {} was imported.", name.await?)));
    Ok(see_other(paths::IMPORTS))
}

/// `GET /imports/{id}/remarks.csv`
pub async fn remarks(
    _admin: Administrator,
    app: App,
    id: web::Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let (id, db) = (*id, app.db.clone());
    let found = app.db.read(move |conn| {
        let Some(uploaded) = uploads::find(conn, id)? else { return Ok(None) };
        let Some(file) = uploaded.remarks_file_id else { return Ok(None) };
        Ok(files::find(conn, file)?)
    });
    let kept = found.await?.ok_or_else(|| AppError::not_found("list of remarks; it is kept for 30 days"))?;
    let name = kept.name.clone();
    csv::download(&name, move |mut outlet| {
        // A part at a time, and once: a download that was begun cannot be begun anew.
        db.run_now(|conn| files::copy(conn, kept.id, &mut outlet))?;
        Ok(outlet)
    })
    .await
}

/// The upload, if it is this user's: nobody imports what another has chosen.
fn mine(found: Option<Uploaded>, me: UserId) -> Result<Uploaded, AppError> {
    let uploaded = found.ok_or_else(|| AppError::not_found("such import"))?;
    if uploaded.uploaded_by == me {
        return Ok(uploaded);
    }
    Err(AppError::refused(format!(
        "{} uploaded this file, and nobody else imports it. Upload it yourself to do so; what is there already stays \
         as it is.",
        uploaded.uploaded_by_name
    )))
}
