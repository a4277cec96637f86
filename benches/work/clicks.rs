//! Clicks through a link, each recorded before it is answered, against a server that only answers 302.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::machine::Machine;
use crate::table::Table;

const CONNECTIONS: usize = 64;
const WHILE: Duration = Duration::from_secs(5);
const DESTINATION: &str = "https://shop.example/offer";

pub fn go(table: &mut Table) {
    let machine = Machine::start();
    machine.psql(
        "partnerbook",
        &format!(
            "INSERT INTO contacts (name) VALUES ('Sam');
             INSERT INTO partners (contact_id, code, track_leads_days) SELECT max(id), 'sam', 30 FROM contacts;
             INSERT INTO tracking_links (name, code, destination) VALUES ('The shop', 'shop', '{DESTINATION}')"
        ),
    );
    let host = machine.serving.address.trim_start_matches("http://").to_string();
    let (bare, stop) = bare();
    // Each warms up first, and they take turns, so that whatever else the machine does falls on both. What was
    // only written down is worked in between, so that it falls on neither.
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    let mut later = Duration::ZERO;
    let mut work_in = || {
        let began = Instant::now();
        machine.psql("partnerbook", "SELECT work_in_visits(40) FROM generate_series(1, 1000)");
        assert_eq!(
            machine.psql("partnerbook", "SELECT count(*) FROM visit_batches").trim(),
            "0",
            "all is worked in"
        );
        later += began.elapsed();
    };
    let warm = load(&host, "/go/shop/sam", Duration::from_secs(1)).len();
    work_in();
    load(&bare, "/", Duration::from_secs(1));
    for _ in 0..2 {
        theirs.extend(load(&bare, "/", WHILE));
        ours.extend(load(&host, "/go/shop/sam", WHILE));
        work_in();
    }
    let each = |times: &[Duration]| 2 * WHILE / u32::try_from(times.len()).expect("so many are not done");
    let work = format!("a click of {CONNECTIONS} at once, recorded | a bare actix 302");
    table.add(work, each(&ours), each(&theirs), "≤ 1.43 (0.7× its throughput)");
    for (name, times) in [("clicks", &mut ours), ("bare", &mut theirs)] {
        times.sort();
        let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1000.0;
        let a_second = times.len() as f64 / (2.0 * WHILE.as_secs_f64());
        table.note(format!("{name}: {a_second:.0} a second, 99 of 100 within {p99:.1} ms (reach: 10 ms)"));
    }
    let each_later = later.as_secs_f64() * 1e6 / (ours.len() + warm) as f64;
    table.note(format!("worked in later: {each_later:.0} µs of one core a click"));
    drop(stop);
    let recorded = machine.psql("partnerbook", "SELECT count(*) FROM clicks");
    assert_eq!(
        recorded.trim(),
        (ours.len() + warm).to_string(),
        "each click that was answered is recorded once"
    );
}

/// A server that answers 302 and knows nothing, with as many workers as ours; it ends with what is given back.
fn bare() -> (String, mpsc::Sender<()>) {
    let (send, address) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::spawn(move || {
        System::new().block_on(async move {
            let answer = async || HttpResponse::Found().insert_header(("location", DESTINATION)).finish();
            let server = HttpServer::new(move || App::new().route("/", web::get().to(answer)));
            let server = server.disable_signals().bind("127.0.0.1:0").expect("a port is free");
            send.send(server.addrs()[0].to_string()).expect("somebody waits");
            let server = server.run();
            let handle = server.handle();
            thread::spawn(move || {
                let _ = stopped.recv();
                drop(handle.stop(false));
            });
            server.await.expect("it runs");
        });
    });
    (address.recv().expect("it starts"), stop)
}

/// Asks again and again over so many connections, all of one thread, as a load generator does; how long each
/// answer took.
fn load(host: &str, path: &str, during: Duration) -> Vec<Duration> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
         Firefox/140.0\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n"
    );
    System::new().block_on(async {
        let asking = (0..CONNECTIONS).map(|_| ask(host, request.as_bytes(), during));
        join_all(asking).await.into_iter().flatten().collect()
    })
}

async fn ask(host: &str, request: &[u8], during: Duration) -> Vec<Duration> {
    let mut stream = TcpStream::connect(host).await.expect("somebody listens");
    stream.set_nodelay(true).expect("it can be set");
    let mut times = Vec::new();
    let mut answer = [0; 4096];
    let started = Instant::now();
    while started.elapsed() < during {
        let asked = Instant::now();
        stream.write_all(request).await.expect("it listens on");
        let mut length = 0;
        while !answer[..length].ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut answer[length..]).await.expect("it answers");
            assert!(read > 0, "it hung up");
            length += read;
        }
        assert!(answer.starts_with(b"HTTP/1.1 302"), "{}", String::from_utf8_lossy(&answer[..length]));
        times.push(asked.elapsed());
    }
    times
}
