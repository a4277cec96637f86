//! CRM > Settings > Jobs, and a job's page.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::pages::{IndexPage, ShowPage};
use super::queries::{self, Job};
use crate::domain::ids::JobId;
use crate::error::AppError;
use crate::running::audit;
use crate::web::admin::{Role, SignedIn, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{Query, page, see_other};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /jobs`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let window = Window::of(&query);
    let of = (!sees_all(&viewer)).then_some(viewer.user.id);
    let (total, jobs) = app
        .db
        .read(move |conn| {
            Ok((queries::count(conn, of)?, queries::recent(conn, of, window.limit(), window.offset())?))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::JOBS, &query));
    page(&IndexPage::new(&viewer, jobs, pager))
}

/// `GET /jobs/{id}`
pub async fn show(viewer: Viewer, app: App, id: web::Path<JobId>) -> Result<HttpResponse, AppError> {
    page(&ShowPage::new(&viewer, find(&viewer, &app, *id).await?))
}

/// `POST /jobs/{id}/cancel`
pub async fn cancel(viewer: Viewer, app: App, id: web::Path<JobId>) -> Result<HttpResponse, AppError> {
    let job = find(&viewer, &app, *id).await?;
    let (id, who) = (job.id, viewer.who());
    let cancelled = app.db.run(move |conn| {
        let cancelled = super::cancel(conn, id)?;
        if cancelled {
            audit::write(conn, &who, "job.cancel", ("job", id.0), json!({}))?;
        }
        Ok(cancelled)
    });
    viewer.flash(if cancelled.await? {
        Flash::ok("Cancelled.", "What is under way stops at its next step; nothing of it is kept.")
    } else {
        Flash::warn("Nothing to cancel.", "It had ended already.")
    });
    Ok(see_other(paths::job(id)))
}

/// The job, where it is one's own or one may see those of all. That there is another's is not told.
async fn find(viewer: &SignedIn, app: &App, id: JobId) -> Result<Job, AppError> {
    let found = app.db.read(move |conn| Ok(queries::find(conn, id)?)).await?;
    let mine = |job: &Job| sees_all(viewer) || job.user_id == Some(viewer.user.id);
    found.filter(mine).ok_or_else(|| AppError::not_found(format!("job {id}")))
}

fn sees_all(viewer: &SignedIn) -> bool {
    viewer.user.role == Role::Administrator
}
