//! The API as OpenAPI describes it, made from what it reads and answers.

use super::handlers;
use crate::web::problem::Problem;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Partnerbook", description = "Records orders and contacts, and tells who is credited for them and why."),
    paths(handlers::create_order, handlers::show_order, handlers::credit_order, handlers::create_contact),
    components(schemas(Problem)),
    modifiers(&Key)
)]
/// All of it.
pub struct Description;

/// Says how a key is sent.
struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let scheme = scheme
            .description(Some("An API key; an administrator makes one in Settings > API keys."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}
