//! What the pages about jobs show.

use askama::Template;

use super::{Job, State};
use crate::web::admin::Viewer;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;

/// CRM > Settings > Jobs.
#[derive(Template)]
#[template(path = "jobs/index.html")]
pub struct IndexPage {
    layout: Layout,
    jobs: Vec<Job>,
    pager: Pager,
}

impl IndexPage {
    pub fn new(viewer: &Viewer, jobs: Vec<Job>, pager: Pager) -> IndexPage {
        IndexPage { layout: viewer.layout("Jobs").under("CRM", "").under("Settings", ""), jobs, pager }
    }
}

/// A job's page.
#[derive(Template)]
#[template(path = "jobs/show.html")]
pub struct ShowPage {
    layout: Layout,
    job: Job,
}

impl ShowPage {
    pub fn new(viewer: &Viewer, job: Job) -> ShowPage {
        let layout = viewer.layout(job.title.clone()).under("CRM", "").under("Settings", "");
        ShowPage { layout: layout.under("Jobs", paths::JOBS).narrow(), job }
    }
}

impl Job {
    /// Whether a page that shows it should look again.
    pub fn is_under_way(&self) -> bool {
        !self.state().has_ended()
    }

    /// Its state in a word or two.
    pub fn words(&self) -> &'static str {
        match self.state() {
            State::Waiting | State::Running if self.cancel_wanted => "Stopping",
            State::Waiting => "Waiting",
            State::Running if self.is_silent => "Interrupted",
            State::Running => "Running",
            State::Done => "Done",
            State::Failed => "Failed",
            State::Cancelled => "Cancelled",
        }
    }

    /// How its badge looks.
    pub fn tone(&self) -> &'static str {
        match self.state() {
            State::Done => "ok",
            State::Failed => "bad",
            State::Running if self.is_silent => "warn",
            State::Running => "info",
            State::Waiting | State::Cancelled => "",
        }
    }

    /// Why it does not get on; empty where it does.
    pub fn delay(&self) -> &'static str {
        match self.state() {
            State::Running if self.is_silent => {
                "The application went down while it did this. Nothing is lost: it is begun anew as soon as the \
                 application runs again."
            }
            State::Waiting => "It begins as soon as a worker is free.",
            _ => "",
        }
    }

    /// Whether it is known how far it is.
    pub fn has_measure(&self) -> bool {
        self.steps_in_all > 0
    }

    /// How far it is, in whole percent; 100 only when all is done.
    pub fn percent(&self) -> i64 {
        let done = i128::from(self.steps_done.min(self.steps_in_all)) * 100;
        i64::try_from(done / i128::from(self.steps_in_all.max(1))).unwrap_or_default()
    }

    /// What it does now.
    pub fn doing_now(&self) -> String {
        let doing = match self.doing.as_str() {
            _ if self.state() == State::Waiting => "Waiting",
            "" => "Begun",
            doing => doing,
        };
        if self.has_measure() && self.is_under_way() {
            format!("{doing}, {} %", self.percent())
        } else {
            doing.into()
        }
    }

    /// Its page.
    pub fn path(&self) -> String {
        paths::job(self.id)
    }

    /// Where it is stopped.
    pub fn cancel_path(&self) -> String {
        paths::cancel_job(self.id)
    }

    /// Who asked for it.
    pub fn who(&self) -> &str {
        self.user_name.as_deref().unwrap_or("Command line")
    }
}
