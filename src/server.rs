//! The HTTP server: what is around every page. The pages themselves are listed in `routes`.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use actix_web::dev::Server;
use actix_web::rt::net::TcpSocket;
use actix_web::rt::time::{sleep, timeout};
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::anyhow;

use crate::config::Config;
use crate::db::Db;

/// How long requests that are under way at a stop may take to finish. With the twenty seconds that
/// PostgreSQL may take after that, and a little, all is over within thirty.
const STOP: Duration = Duration::from_secs(8);

/// A database that has not answered by then is as good as down.
const HEALTH: Duration = Duration::from_secs(4);

/// How many visitors may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long a predecessor that was killed a moment ago may still seem to be there.
pub const PREDECESSOR: Duration = Duration::from_secs(1);

/// Takes the address before anything else is started, so that a busy port is refused at once. Visitors
/// who come early wait. To be called within an actix runtime.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let started = Instant::now();
    loop {
        match listen(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && started.elapsed() < PREDECESSOR => {
                sleep(Duration::from_millis(20)).await;
            }
            listening => return listening.map_err(|error| not_listening(address, error)),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not have to wait for the connections of the last run to fade.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

fn not_listening(address: SocketAddr, error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "{address} is in use by another program. Stop that one, or choose another port with PARTNERBOOK_LISTEN"
        ),
        io::ErrorKind::PermissionDenied => anyhow!(
            "you may not serve on {address}: ports below 1024 are root's. Choose another with PARTNERBOOK_LISTEN"
        ),
        io::ErrorKind::AddrNotAvailable => {
            anyhow!("{} is no address of this machine. Choose another with PARTNERBOOK_LISTEN", address.ip())
        }
        _ => anyhow::Error::new(error).context(format!("cannot serve on {address}")),
    }
}

/// Starts serving. The caller stops it: signals are the caller's to handle.
pub fn start(db: Db, config: &Config, listener: TcpListener) -> io::Result<Server> {
    let config = web::Data::new(config.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(db.clone()))
            .app_data(config.clone())
            .route("/health", web::get().to(health))
        // CALL SITE for the lead: `.configure(crate::routes::configure)`, middleware, the 404 page.
    });
    Ok(server.listen(listener)?.disable_signals().shutdown_timeout(STOP.as_secs()).run())
}

/// `GET /health`: 200 when the application and its database work, else 503.
async fn health(db: web::Data<Db>) -> HttpResponse {
    match timeout(HEALTH, db.ping()).await {
        Ok(Ok(())) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n"),
        trouble => {
            if let Ok(Err(error)) = trouble {
                tracing::warn!("not healthy: {:#}", anyhow::Error::new(error));
            }
            let body = "The database cannot be reached just now.\n";
            HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body(body)
        }
    }
}
