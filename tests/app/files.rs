//! Files that are kept for a while.

use std::io::Read;

use chrono::TimeDelta;
use partnerbook::running::files::{self, NewFile};

use crate::support::{TestDatabase, database};

const NOW: &str = "2026-11-03T10:41:00Z";

fn keep(
    database: &TestDatabase,
    name: &str,
    content: impl Read,
    days: i64,
) -> partnerbook::domain::ids::FileId {
    let new = NewFile {
        name,
        media_type: "text/csv; charset=utf-8",
        made_at: NOW.parse().unwrap(),
        keep: TimeDelta::days(days),
    };
    let mut content = content;
    database.db.run_now(|conn| files::keep(conn, &new, &mut content)).unwrap()
}

#[test]
fn a_file_comes_back_as_it_was_whatever_its_size() {
    let database = database();
    for bytes in [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000] {
        let content: Vec<u8> = (0..bytes).map(|n| (n % 251) as u8).collect();
        let id = keep(&database, "orders.csv", content.as_slice(), 1);
        let (file, back) = database
            .db
            .read_now(|conn| Ok((files::find(conn, id)?.unwrap(), files::read(conn, id)?.unwrap())))
            .unwrap();
        assert_eq!((file.name.as_str(), file.bytes), ("orders.csv", bytes));
        assert!(back == content, "{bytes} bytes come back as they were");
    }
}

#[test]
fn a_file_is_thrown_away_when_its_time_is_over_and_its_parts_with_it() {
    let database = database();
    let (short, long) =
        (keep(&database, &"é".repeat(300), b"a".as_slice(), 1), keep(&database, "", b"b".as_slice(), 3));
    let in_two_days = "2026-11-05T10:41:00Z".parse().unwrap();
    let thrown = database.db.run_now(|conn| Ok(files::remove_expired(conn, in_two_days)?)).unwrap();
    assert_eq!(thrown, 1);
    database
        .db
        .read_now(|conn| {
            assert!(files::find(conn, short)?.is_none() && files::read(conn, short)?.is_none());
            assert_eq!(files::read(conn, long)?.as_deref(), Some(b"b".as_slice()));
            Ok(())
        })
        .unwrap();
    database.psql("DO $$ BEGIN ASSERT (SELECT count(*) = 1 FROM file_parts); END $$");
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_leaves_nothing() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            if self.0 > 300 { Err(std::io::Error::other("the disk is gone")) } else { Ok(buffer.len()) }
        }
    }
    let database = database();
    let new = NewFile {
        name: "a.csv",
        media_type: "text/csv",
        made_at: NOW.parse().unwrap(),
        keep: TimeDelta::days(1),
    };
    assert!(database.db.run_now(|conn| files::keep(conn, &new, &mut Broken(0))).is_err());
    database.psql("DO $$ BEGIN ASSERT (SELECT count(*) = 0 FROM files); ASSERT (SELECT count(*) = 0 FROM file_parts); END $$");
}
