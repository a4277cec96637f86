//! Starting, stopping, being killed, being started twice; and the commands beside a running server.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db;
use partnerbook::db::embedded::{Claim, Guest, Setup};

use crate::support::program::{Serving, eventually, partnerbook, postgres_processes, run, text};
use crate::support::{self, passable_folder};

#[test]
fn the_first_start_makes_a_database_and_the_stop_leaves_nothing_running() {
    let folder = passable_folder();
    let data = folder.path().join("made/by/the/start");
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let serving = Serving::start(&data);
        assert_eq!(serving.health(), Some(200));
        assert!(!postgres_processes(&data).is_empty());

        let (status, said, errors) = serving.end(signal);
        assert_eq!(status.code(), Some(0), "{errors}");
        assert!(said.contains("Ctrl-C"), "{said}");
        assert_eq!(errors, "", "quiet when all is well");
        assert!(postgres_processes(&data).is_empty());
        assert!(!data.join("pgdata/postmaster.pid").exists());
    }
}

#[test]
fn a_request_that_is_under_way_at_the_stop_is_answered() {
    let folder = passable_folder();
    let serving = Serving::start(folder.path());
    // The page of the set-up link has to look into this table.
    let (mut holding, mut looking) = (owner_of(folder.path()), owner_of(folder.path()));
    holding.batch_execute("BEGIN; LOCK TABLE setup_links").unwrap();
    let page = serving.set_up_link();
    let request = thread::spawn(move || reqwest::blocking::get(page).unwrap().status().as_u16());
    eventually("the request waits", || {
        let waiting = "(SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock') AS waiting";
        Some(count(&mut looking, waiting)).filter(|&waiting| waiting == 1)
    });
    serving.signal(libc::SIGTERM);
    thread::sleep(Duration::from_millis(500));
    holding.batch_execute("COMMIT").unwrap();
    assert_eq!(request.join().unwrap(), 200);
    assert_eq!(serving.end(0).0.code(), Some(0));
}

#[test]
fn after_kill_9_the_next_start_has_everything() {
    let folder = passable_folder();
    for round in 1..=3 {
        let serving = Serving::start(folder.path());
        let mut conn = owner_of(folder.path());
        conn.batch_execute("CREATE TABLE IF NOT EXISTS rounds (); INSERT INTO rounds DEFAULT VALUES")
            .unwrap();
        assert_eq!(count(&mut conn, "rounds"), round);
        // Dropped in the middle of what it does; the next start is at once.
        conn.batch_execute("BEGIN; INSERT INTO rounds DEFAULT VALUES").unwrap();
        let postmaster = postmaster(folder.path());
        serving.signal(libc::SIGKILL);
        if round == 2 {
            // And now the database is not even told.
            kill(postmaster);
        }
    }
}

#[test]
fn a_killed_postgresql_is_started_again_and_nobody_has_to_do_anything() {
    let folder = passable_folder();
    let serving = Serving::start(folder.path());
    for _ in 0..2 {
        let before = postmaster(folder.path());
        kill(before);
        eventually("another postmaster", || {
            Some(postmaster(folder.path())).filter(|&now| now != 0 && now != before)
        });
        eventually("all is well", || serving.health().filter(|&health| health == 200));
    }
    let (status, _, errors) = serving.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0));
    assert!(errors.contains("PostgreSQL has stopped unexpectedly"), "{errors}");
    assert!(postgres_processes(folder.path()).is_empty());
}

#[test]
fn a_second_start_on_the_same_data_is_refused_with_a_sentence() {
    let folder = passable_folder();
    let serving = Serving::start(folder.path());
    let port = serving.address.trim_start_matches("http://");
    for listen in [port, "127.0.0.1:0"] {
        let second = run(folder.path(), ["serve", "--listen", listen]);
        assert_eq!(second.status.code(), Some(1));
        let expected =
            format!("another Partnerbook (process {}) is using the data folder", serving.process());
        assert!(text(&second).contains(&expected), "{}", text(&second));
    }
    assert_eq!(serving.health(), Some(200), "the first one is not disturbed");
}

#[test]
fn a_busy_port_is_refused_with_a_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = passable_folder();
    let listen = taken.local_addr().unwrap().to_string();
    let refused = run(folder.path(), ["serve", "--listen", &listen]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("in use by another program"), "{}", text(&refused));
    assert!(!folder.path().join("pgdata").exists(), "nothing was started for it");
}

#[test]
fn everything_wrong_with_the_settings_is_said_before_anything_is_done() {
    let folder = passable_folder();
    let data = folder.path().join("data");
    let refused =
        run(&data, ["serve", "--listen", "nowhere", "--database-url", "mysql://db", "--pg-bin", "/none"]);
    assert_eq!(refused.status.code(), Some(1));
    for name in ["PARTNERBOOK_LISTEN", "DATABASE_URL", "PARTNERBOOK_PG_BIN"] {
        assert!(text(&refused).contains(name), "{name}: {}", text(&refused));
    }
    assert!(!data.exists());
}

#[test]
fn commands_work_while_the_server_runs_and_while_it_does_not() {
    let folder = passable_folder();
    let alone = run(folder.path(), ["migrate"]);
    assert!(alone.status.success(), "{}", text(&alone));
    assert!(text(&alone).contains("The database is up to date."));
    assert!(postgres_processes(folder.path()).is_empty(), "it stops what it has started");

    let serving = Serving::start(folder.path());
    let before = postmaster(folder.path());
    let beside = run(folder.path(), ["migrate"]);
    assert!(beside.status.success(), "{}", text(&beside));
    assert_eq!(postmaster(folder.path()), before, "it uses what is there");
    assert_eq!(serving.health(), Some(200));
}

#[test]
fn commands_started_at_once_share_one_database() {
    let folder = passable_folder();
    let commands: Vec<_> = (0..4)
        .map(|_| partnerbook(folder.path()).arg("migrate").stdout(Stdio::null()).spawn().unwrap())
        .collect();
    for command in commands {
        assert!(command.wait_with_output().unwrap().status.success());
    }
    assert!(postgres_processes(folder.path()).is_empty());
}

#[test]
fn a_command_that_has_started_the_database_waits_for_its_guests() {
    let folder = passable_folder();
    let data = folder.path();
    let own = Claim::take(data, Duration::ZERO).unwrap().start(&Setup::default()).unwrap();
    let guest = Guest::join(data).unwrap().expect("the database runs");
    let leaving = thread::spawn(move || own.stop_after_guests());
    thread::sleep(Duration::from_millis(300));
    assert!(db::owner(&guest.url()).is_ok(), "the guest can still work");
    drop(guest);
    leaving.join().unwrap().unwrap();
    assert!(postgres_processes(data).is_empty());
}

#[test]
fn a_path_too_long_for_a_socket_serves_all_the_same() {
    let folder = passable_folder();
    let data = folder.path().join("long".repeat(30)).join("and, with a \"list\" in it");
    for _ in 0..2 {
        let serving = Serving::start(&data);
        assert_eq!(serving.health(), Some(200));
        let socket = socket_of(&data);
        serving.end(libc::SIGKILL);
        let serving = Serving::start(&data);
        assert_ne!(socket_of(&data), socket);
        assert!(!Path::new(&socket).exists(), "what a killed one left is tidied up");
        let socket = socket_of(&data);
        assert_eq!(serving.end(libc::SIGTERM).0.code(), Some(0));
        assert!(!Path::new(&socket).exists());
    }
}

#[test]
fn a_server_that_lets_us_make_no_role_is_used_with_triggers_alone_and_says_so() {
    let server = support::server();
    let name = support::unused_name();
    server.administrator().batch_execute(&format!("CREATE ROLE {name} LOGIN")).unwrap();
    server.administrator().batch_execute(&format!("CREATE DATABASE {name} OWNER {name}")).unwrap();
    let url = server.url(&name).replace("user=partnerbook", &format!("user={name}"));
    let folder = passable_folder();

    let migrated = partnerbook(folder.path()).arg("migrate").env("DATABASE_URL", &url).output().unwrap();
    assert!(migrated.status.success(), "{}", text(&migrated));
    let remedy = format!("CREATE ROLE \"{name}_app\" NOLOGIN;\nGRANT \"{name}_app\" TO \"{name}\";");
    assert!(text(&migrated).contains(&remedy), "{}", text(&migrated));
    let (limited, access) = db::Db::open(&url, &support::pool()).unwrap();
    assert_eq!(limited.guards(), db::Guards::TriggersAlone);
    assert_eq!(access.remedy.as_deref(), Some(remedy.as_str()));

    // The tests' server is made for speed: nobody's payments are to be trusted to it.
    let refused = partnerbook(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("DATABASE_URL", &url)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused).contains("runs with fsync, full_page_writes, synchronous_commit off"),
        "{}",
        text(&refused)
    );

    let mut command = partnerbook(folder.path());
    command.env("DATABASE_URL", &url).env("PARTNERBOOK_ACCEPT_DATA_LOSS", "yes");
    let serving = Serving::start_as(command);
    assert_eq!(serving.health(), Some(200));
    let (status, _, errors) = serving.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0));
    assert!(errors.contains(&remedy), "{errors}");
    assert!(!folder.path().join("pgdata").exists(), "the administrator's server is used");

    // The administrator does as told.
    server.administrator().batch_execute(&remedy).unwrap();
    let (with_role, access) = db::Db::open(&url, &support::pool()).unwrap();
    assert_eq!(with_role.guards(), db::Guards::RoleAndTriggers);
    assert_eq!(access.remedy, None);
}

/// As the owner, in the database of whoever runs it.
pub fn owner_of(data: &Path) -> PgConnection {
    let guest = Guest::join(data).unwrap().expect("the database runs");
    db::owner(&guest.url()).unwrap()
}

fn count(conn: &mut PgConnection, table: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    sql_query(format!("SELECT count(*) FROM {table}")).get_result::<Count>(conn).unwrap().count
}

/// Its process number, 0 while there is none.
pub fn postmaster(data: &Path) -> u32 {
    let content = fs::read_to_string(data.join("pgdata/postmaster.pid")).unwrap_or_default();
    content.lines().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

pub fn kill(process: u32) {
    // SAFETY: a system call without memory; the number was read a moment ago.
    unsafe { libc::kill(process as libc::pid_t, libc::SIGKILL) };
}

/// The folder of the socket, from the file that tells it to commands.
fn socket_of(data: &Path) -> String {
    let content = fs::read_to_string(data.join("partnerbook.lock")).unwrap();
    let holder: serde_json::Value = serde_json::from_str(&content).unwrap();
    holder["socket"].as_str().expect("the database runs").to_string()
}
