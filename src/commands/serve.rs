//! `partnerbook serve`: database, migrations, HTTP server; and all of it down again in order.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Instant;

use actix_web::rt::System;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::web;
use anyhow::Context;
use clap::builder::FalseyValueParser;
use futures_util::future::{Either, join, select};

use super::warn_of_missing_role;
use crate::config::Config;
use crate::db::embedded::{Claim, DATABASE, Embedded};
use crate::db::{self, Access, Db, PoolOptions, migrations};
use crate::routes::ROUTES;
use crate::runners;
use crate::running::jobs::worker;
use crate::running::mails::sender;
use crate::running::sessions::cookie_key;
use crate::running::setup;
use crate::selling::tracking::visits::Visits;
use crate::server;
use crate::web::AppState;
use crate::web::clock::Clock;

/// Serve the pages, with Partnerbook's own database or yours
///
/// Starts the database, brings it up to date, serves until Ctrl-C or SIGTERM, and stops everything in
/// order. Without DATABASE_URL Partnerbook keeps a PostgreSQL of its own in the data folder, which nobody
/// else can reach; it survives any crash.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  partnerbook serve
  partnerbook serve --listen 0.0.0.0:80 --data /var/lib/partnerbook
  DATABASE_URL=postgres://book:secret@db.example.com/book partnerbook serve

PARTNERBOOK_ADMIN_EMAIL and PARTNERBOOK_ADMIN_PASSWORD, when set and there is no user yet, make the first
administrator; otherwise the first start prints a link that does.")]
pub struct Args {
    /// Serve also with a database server that may lose what it has acknowledged (fsync, full_page_writes
    /// or synchronous_commit off): for trials only
    #[arg(long, env = "PARTNERBOOK_ACCEPT_DATA_LOSS", value_parser = FalseyValueParser::new())]
    accept_data_loss: bool,
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    System::new().block_on(serve(config.clone(), args))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config, args: Args) -> anyhow::Result<()> {
    // First of all, so that a stop during the start finds somebody listening.
    let mut stop = Stop::listen()?;
    // What others may be using comes before what takes time.
    config.make_data_folder()?;
    let claim = match &config.database_url {
        Some(_) => None,
        None => Some(Claim::take(&config.data, server::PREDECESSOR)?),
    };
    let listener = server::bind(config.listen).await?;
    let address = listener.local_addr().context("cannot tell our own address")?;

    let starting = Box::pin(web::block({
        let config = config.clone();
        move || Database::start(&config, claim, args.accept_data_loss)
    }));
    let database = match select(starting, Box::pin(stop.requested())).await {
        Either::Left((started, _)) => started.context("the start panicked")??,
        // The start may hang in something; our end stops its PostgreSQL, by SIGINT as we would.
        Either::Right(_) => std::process::exit(0),
    };

    let served = serve_with(&database, &config, listener, address, &mut stop).await;
    // The pool is gone by now, also when serving failed.
    let stopped = web::block(move || database.stop()).await.context("the stop panicked")?;
    served.and(stopped)
}

async fn serve_with(
    database: &Database,
    config: &Config,
    listener: TcpListener,
    address: SocketAddr,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    let (state, cookie_key, sign_in) = web::block({
        let (db, url, config) = (database.db.clone(), public_url(config, address), config.clone());
        move || {
            let state = AppState::new(db, Clock::system(), ROUTES, &url)
                .receiving_in(&config.data)
                .behind(config.proxies.clone())
                .mailing(config.mail.clone());
            let cookie_key = cookie_key::load(&state.db, &config)?;
            let sign_in = setup::announce(&state, config.first_admin.as_ref())?;
            anyhow::Ok((state, cookie_key, sign_in))
        }
    })
    .await
    .context("the start panicked")??;
    let (visits, writer) = Visits::start(&database.visits).context("cannot start the writer of visits")?;
    let server =
        server::start(state, cookie_key, visits, listener).context("cannot start the HTTP server")?;
    let handle = server.handle();
    let worker =
        worker::start_with_chores(&database.jobs, &Clock::system(), runners::runner, runners::CHORES);
    let mails = config.mail.as_ref().map(|mail| sender::start(&database.jobs, &Clock::system(), mail));
    let mails = mails.transpose().context("cannot start the sender of mails")?;
    warn_of_missing_role(&database.access);
    greet(address, &sign_in)?;

    let server = match select(server, Box::pin(stop.requested())).await {
        Either::Left((ended, _)) => return ended.context("the HTTP server has failed"),
        Either::Right((_, server)) => server,
    };
    // Whoever asks twice does not want to wait.
    Stop::exit_when_requested_again();
    let stopping = Instant::now();
    worker.stop();
    if let Some(mails) = &mails {
        mails.stop();
    }
    // The server does its part of stopping, which is to finish what is under way, only while it is awaited.
    let (_, ended) = join(handle.stop(true), server).await;
    let left = move || server::STOP.saturating_sub(stopping.elapsed());
    let stopped = web::block(move || {
        let mails_have_stopped = |mails: sender::Sender| mails.wait(left());
        (writer.wait(left()), worker.wait(left()), mails.is_none_or(mails_have_stopped))
    });
    let (visits_are_recorded, jobs_have_stopped, mails_have_stopped) =
        stopped.await.context("the stop panicked")?;
    if !visits_are_recorded {
        tracing::warn!("visits were cut off before they were answered");
    }
    if !jobs_have_stopped {
        tracing::warn!("a job was cut off; it begins anew at the next start");
    }
    if !mails_have_stopped {
        tracing::warn!("a mail was cut off; it is tried again at the next start");
    }
    ended.context("the HTTP server has failed")
}

/// Where to go and how to sign in. Who starts us may wait for the first line.
fn greet(address: SocketAddr, sign_in: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Partnerbook {} is ready at http://{address}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "{sign_in}\nCtrl-C stops it.")?;
    out.flush().context("cannot write to standard output")
}

/// What browsers put before our paths. Reached from everywhere we go by this machine's name, which is
/// not taken for a visitor of this machine only.
fn public_url(config: &Config, address: SocketAddr) -> String {
    let from_everywhere = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        Some(format!("http://{}:{}", name.trim(), address.port())).filter(|_| address.ip().is_unspecified())
    };
    config.public_url.clone().or_else(from_everywhere).unwrap_or_else(|| format!("http://{address}"))
}

/// The database of a server, connected.
struct Database {
    db: Db,
    /// The same with connections that may take their time.
    jobs: Db,
    /// The same with one connection, which nobody else takes: for the writer of visits.
    visits: Db,
    access: Access,
    own: Option<Embedded>,
}

impl Database {
    fn start(config: &Config, claim: Option<Claim>, accept_data_loss: bool) -> anyhow::Result<Database> {
        let own = claim.map(|claim| claim.start(&super::setup(config))).transpose()?;
        let url = match (&own, &config.database_url) {
            (Some(own), _) => own.url(DATABASE),
            (None, url) => url.as_ref().map(|url| url.reveal().to_string()).unwrap_or_default(),
        };
        if !accept_data_loss {
            migrations::refuse_data_loss(&mut db::owner(&url)?)?;
        }
        let (db, access) = Db::open(&url, &PoolOptions::serving())?;
        let jobs = Db::connect(&url, &access, &worker::pool())?;
        let visits = Db::connect(&url, &access, &PoolOptions { connections: 2, ..PoolOptions::serving() })?;
        Ok(Database { db, jobs, visits, access, own })
    }

    fn stop(self) -> anyhow::Result<()> {
        drop((self.db, self.jobs, self.visits));
        self.own.map_or(Ok(()), Embedded::stop).context("cannot stop our PostgreSQL")
    }
}

/// Ctrl-C and SIGTERM.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> anyhow::Result<Stop> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Stop { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn requested(&mut self) {
        select(Box::pin(self.interrupt.recv()), Box::pin(self.terminate.recv())).await;
    }

    fn exit_when_requested_again() {
        if let Ok(mut again) = Stop::listen() {
            actix_web::rt::spawn(async move {
                again.requested().await;
                std::process::exit(130);
            });
        }
    }
}
