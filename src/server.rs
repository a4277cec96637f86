//! The HTTP server. What it serves is in `routes`.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use actix_web::HttpServer;
use actix_web::cookie::Key;
use actix_web::dev::Server;
use actix_web::rt::net::TcpSocket;
use actix_web::rt::time::sleep;

use anyhow::anyhow;

use crate::routes;
use crate::selling::tracking::visits::Visits;
use crate::web::AppState;

/// How long requests that are under way at a stop may take to finish. With the twenty seconds that
/// PostgreSQL may take after that, and a little, all is over within thirty.
pub const STOP: Duration = Duration::from_secs(8);

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
pub fn start(state: AppState, cookie_key: Key, visits: Visits, listener: TcpListener) -> io::Result<Server> {
    let server = HttpServer::new(move || routes::application(&state, &cookie_key, &visits));
    Ok(server.listen(listener)?.disable_signals().shutdown_timeout(STOP.as_secs()).run())
}
