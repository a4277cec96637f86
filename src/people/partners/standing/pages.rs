//! What follows from a partner's status.

use crate::domain::ids::PartnerId;
use crate::people::names::shown;
use crate::people::partners::PartnerStatus;
use crate::people::partners::queries::standing::Standing;
use crate::people::partners::record::Record;
use crate::web::admin::Administrator;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// Before a partner is made inactive, or active again.
#[derive(Template)]
#[template(path = "partners/status.html")]
pub struct StatusPage {
    layout: Layout,
    id: PartnerId,
    name: String,
    is_active: bool,
    standing: Standing,
    touches: i64,
}

impl StatusPage {
    pub fn new(admin: &Administrator, record: &Record, standing: Standing, touches: i64) -> StatusPage {
        let name = shown(&record.person.facts.name, &record.facts.code);
        let is_active = record.facts.status == PartnerStatus::Active;
        let title = if is_active { "Make the partner inactive" } else { "Make the partner active" };
        let layout = admin.layout(title).under("CRM", "").under("Referral Partners", paths::PARTNERS);
        let layout = layout.under(name.clone(), paths::partner(record.id)).narrow();
        StatusPage { layout, id: record.id, name, is_active, standing, touches }
    }
}
