//! What the page of Referral Partner Defaults shows.

use askama::Template;

use super::Current;
use super::forms::DefaultsForm;
use super::live::Live;
use super::words::{self, Setting};
use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod};
use crate::running::settings::queries::LastSave;
use crate::web::App;
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;

/// CRM > Settings > Referral Partner Defaults.
#[derive(Template)]
#[template(path = "settings/defaults/edit.html")]
pub struct EditPage {
    layout: Layout,
    form: DefaultsForm,
    problems: Problems,
    live: Live,
    may_save: bool,
    why_again: WhyAgain,
    /// Whether mail is set up.
    mails: bool,
}

/// Why the form is shown again although nothing in it is wrong.
pub enum WhyAgain {
    /// It is not.
    No,
    /// Rates of programs go on or off: that is to be seen first.
    ToBeSeen,
    /// They had been seen, but a program has changed since.
    ChangedSinceSeen,
    /// Somebody else has saved meanwhile.
    Stale(Option<LastSave>),
}

impl EditPage {
    pub fn new(
        visitor: &SignedIn,
        app: &App,
        current: &Current,
        form: DefaultsForm,
        problems: Problems,
    ) -> EditPage {
        let layout =
            visitor.layout("Referral Partner Defaults").under("CRM", "").under("Settings", paths::SETTINGS);
        let may_save =
            app.routes.access("POST", paths::DEFAULTS).is_some_and(|may| may.allows(visitor.user.role));
        let live = Live::new(current, &form, layout.format, &app.public_url);
        // The page shows what differs from what is saved now, so pressing Save again means just that.
        let form = DefaultsForm { version: current.version.to_string(), ..form };
        EditPage {
            layout,
            form,
            problems,
            live,
            may_save,
            why_again: WhyAgain::No,
            mails: app.mail.is_some(),
        }
    }

    /// Shown again for this reason.
    pub fn again(self, why_again: WhyAgain) -> EditPage {
        EditPage { why_again, ..self }
    }

    fn setting(&self, field: &str) -> &'static Setting {
        Setting::of(field)
    }

    fn yes_or_no(&self) -> [(&'static str, &'static str); 2] {
        [("no", "No"), ("yes", "Yes")]
    }

    fn choices(&self) -> [(&'static str, &'static str); 2] {
        [Choose::Latest, Choose::First].map(|choose| (choose.word(), words::choose(choose)))
    }

    fn methods(&self) -> [(&'static str, &'static str); 2] {
        [TrackingMethod::Cookies, TrackingMethod::HistoryAndCookies]
            .map(|method| (method.word(), words::method(method)))
    }

    fn coupon_or_link(&self) -> [(&'static str, &'static str); 2] {
        [CouponOrLink::Coupon, CouponOrLink::Link].map(|choice| (choice.word(), words::coupon(choice)))
    }

    fn levels(&self) -> [(&'static str, &'static str); 3] {
        [("1", "1"), ("2", "2"), ("3", "3")]
    }
}

/// The parts of the page that follow the choices; the script puts them in place of the page's.
#[derive(Template)]
#[template(path = "settings/defaults/live.html")]
pub struct LivePage {
    live: Live,
}

impl LivePage {
    pub fn new(visitor: &SignedIn, app: &App, current: &Current, form: &DefaultsForm) -> LivePage {
        LivePage { live: Live::new(current, form, visitor.company.format(), &app.public_url) }
    }
}
