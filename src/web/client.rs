//! From which address somebody comes: the connection's, or behind proxies of ours what they say.

use std::net::IpAddr;

use actix_web::{HttpRequest, web};

use super::AppState;
use crate::config::proxies::Proxies;

/// The address that a request came from.
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    let connection = request.peer_addr()?.ip().to_canonical();
    let app = request.app_data::<web::Data<AppState>>();
    let Some(app) = app.filter(|app| app.proxies != Proxies::default()) else { return Some(connection) };
    let forwarded = request.headers().get_all("x-forwarded-for");
    // A line that is no text ends what can be believed, as any other nonsense does.
    let forwarded: Vec<&str> = forwarded.map(|line| line.to_str().unwrap_or("?")).collect();
    Some(app.proxies.client(connection, &forwarded))
}
