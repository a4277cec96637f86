//! The addresses of API keys, and those that other systems know.

use crate::domain::ids::ApiKeyId;

/// CRM > Settings > API keys, and where the form for a new one goes.
pub const API_KEYS: &str = "/settings/api-keys";
/// The form for a new API key.
pub const NEW_API_KEY: &str = "/settings/api-keys/new";
/// Where other systems record orders.
pub const API_ORDERS: &str = "/api/v1/orders";
/// An order, by its number.
pub const API_ORDER: &str = "/api/v1/orders/{number}";
/// Where other systems credit another partner for an order.
pub const API_CREDITS: &str = "/api/v1/orders/{number}/credits";
/// Where other systems say who a visitor is.
pub const API_CONTACTS: &str = "/api/v1/contacts";
/// What the API takes and answers, as OpenAPI.
pub const API_DESCRIPTION: &str = "/api/v1/openapi.json";

/// An order, as other systems ask for it.
pub fn api_order(number: &str) -> String {
    let number = percent_encoding::utf8_percent_encode(number, percent_encoding::NON_ALPHANUMERIC);
    format!("{API_ORDERS}/{number}")
}

/// Before an API key is revoked, and where that goes.
pub fn revoke_api_key(id: ApiKeyId) -> String {
    format!("{API_KEYS}/{id}/revoke")
}
