//! What the Tracking page shows.

use super::Settings;
use super::forms::TrackingForm;
use crate::web::admin::SignedIn;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// CRM > Settings > Tracking.
#[derive(Template)]
#[template(path = "settings/tracking/edit.html")]
pub struct EditPage {
    layout: Layout,
    may_save: bool,
    form: TrackingForm,
    problems: Problems,
    conflict: Conflict,
}

impl EditPage {
    pub fn new(viewer: &SignedIn, form: TrackingForm, problems: Problems) -> EditPage {
        let layout = viewer.layout("Tracking").under("CRM", "").under("Settings", paths::SETTINGS).narrow();
        EditPage { layout, may_save: viewer.may_change(), form, problems, conflict: Conflict::none() }
    }

    /// Somebody has saved since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(
        viewer: &SignedIn,
        saved: &Settings,
        version: i32,
        mut form: TrackingForm,
    ) -> EditPage {
        let conflict = Conflict::of(form.beside(saved));
        form.version = version.to_string();
        EditPage { conflict, ..EditPage::new(viewer, form, Problems::none()) }
    }
}
