//! What the pages of API keys show.

use super::Made;
use super::queries::KeyRow;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The list.
#[derive(Template)]
#[template(path = "api_keys/index.html")]
pub struct IndexPage {
    layout: Layout,
    keys: Vec<KeyRow>,
}

/// The form for a new one.
#[derive(Template)]
#[template(path = "api_keys/new.html")]
pub struct NewPage {
    layout: Layout,
    typed: String,
    problems: Problems,
}

/// A new key, the only time that it is shown.
#[derive(Template)]
#[template(path = "api_keys/made.html")]
pub struct MadePage {
    layout: Layout,
    name: String,
    key: String,
    /// A first request with it.
    trial: String,
}

/// Before one is revoked.
#[derive(Template)]
#[template(path = "api_keys/revoke.html")]
pub struct RevokePage {
    layout: Layout,
    key: KeyRow,
}

fn layout(admin: &Administrator, title: impl Into<String>) -> Layout {
    admin.layout(title).under("CRM", "").under("Settings", paths::SETTINGS)
}

impl IndexPage {
    pub fn new(admin: &Administrator, keys: Vec<KeyRow>) -> IndexPage {
        IndexPage { layout: layout(admin, "API keys"), keys }
    }
}

impl NewPage {
    pub fn new(admin: &Administrator, typed: String, problems: Problems) -> NewPage {
        let layout = layout(admin, "Make an API key").under("API keys", paths::API_KEYS);
        NewPage { layout: layout.narrow(), typed, problems }
    }
}

impl MadePage {
    pub fn new(admin: &Administrator, name: String, made: Made, public_url: &str) -> MadePage {
        let layout = layout(admin, "A new API key").under("API keys", paths::API_KEYS);
        let address = format!("{public_url}{}/1001", paths::API_ORDERS);
        let trial = format!("curl {address} -H 'Authorization: Bearer {}'", made.key);
        MadePage { layout: layout.narrow(), name, key: made.key, trial }
    }
}

impl RevokePage {
    pub fn new(admin: &Administrator, key: KeyRow) -> RevokePage {
        let layout = layout(admin, "Revoke an API key").under("API keys", paths::API_KEYS);
        RevokePage { layout: layout.narrow(), key }
    }
}
