//! How files come: with a token before them, not too large, whole or not at all.

use std::io::{Read, Write};
use std::net::TcpStream;

use partnerbook::selling::imports::handlers::MOST_BYTES;

use super::*;
use crate::support::http::{MULTIPART, multipart, parts};

const FILE: (&str, &str, &[u8]) = ("file", "products.csv", b"code\n1\n");

fn nothing_is_kept(office: &Office) {
    assert_eq!(office.number("SELECT count(*) FROM files"), 0);
    assert_eq!(office.number("SELECT count(*) FROM imports"), 0);
    assert_eq!(office.number("SELECT count(*) FROM jobs"), 0);
}

#[test]
fn no_file_is_taken_without_the_token_before_it() {
    let office = empty_office();
    let token = office.ann.get("/imports/new?kind=products").token();
    let kind = ("kind", "products");
    for fields in [vec![kind], vec![kind, ("csrf", "")], vec![("csrf", "00"), kind]] {
        let page = office.ann.post_file("/imports", &fields, FILE);
        assert_eq!(page.status, 403, "{fields:?}");
        page.says("This form is no longer valid");
    }
    // The token behind the file comes too late, though it is the right one.
    let late = [parts(&[kind], Some(FILE)), multipart(&[("csrf", &token)], None)].concat();
    assert_eq!(office.ann.post_bytes("/imports", MULTIPART, late).status, 403);
    nothing_is_kept(&office);
    let page = office.ann.post_file("/imports", &[("csrf", &token), kind], FILE);
    assert_eq!(page.status, 303);
}

#[test]
fn who_may_not_import_sends_no_file() {
    let office = empty_office();
    let viewer = office.app.sign_in_as(Role::Viewer);
    let token = viewer.get("/profile").token();
    assert_eq!(viewer.post_file("/imports", &[("csrf", &token), ("kind", "products")], FILE).status, 403);
    let nobody = office.app.visitor();
    let token = nobody.get("/sign-in").token();
    assert_eq!(nobody.post_file("/imports", &[("csrf", &token), ("kind", "products")], FILE).status, 303);
    nothing_is_kept(&office);
}

#[test]
fn a_form_with_a_file_is_taken_only_where_a_file_is_wanted() {
    let office = empty_office();
    let token = office.ann.get("/profile").token();
    let page = office.ann.post_file("/settings/users", &[("csrf", &token)], FILE);
    assert_eq!(page.status, 415);
    page.says("Nothing was recorded");
}

#[test]
fn a_form_that_is_none_or_has_two_files_is_refused() {
    let office = empty_office();
    let token = office.ann.get("/imports/new?kind=products").token();
    for body in [b"".to_vec(), b"hello".to_vec(), b"------PartnerbookTest7MA4YWxkTrZu0gW\r\n".to_vec()] {
        let page = office.ann.post_bytes("/imports", MULTIPART, body);
        assert!([403, 422].contains(&page.status), "{}", page.status);
    }
    let page = office.ann.post_bytes("/imports", "multipart/form-data", b"x".to_vec());
    assert_eq!(page.status, 422);
    let one = parts(&[("csrf", &token), ("kind", "products")], Some(FILE));
    let two = [one, multipart(&[], Some(FILE))].concat();
    let page = office.ann.post_bytes("/imports", MULTIPART, two);
    assert_eq!(page.status, 422);
    page.says("Choose one file at a time.");
    let long = "x".repeat(2_000_000);
    let page = office.ann.post_file("/imports", &[("csrf", &token), ("kind", &long)], FILE);
    assert_eq!(page.status, 413);
    let nul = office.ann.post_file("/imports", &[("csrf", &token), ("kind", "a\0b")], FILE);
    assert_eq!(nul.status, 422);
    nul.says("contains a NUL character");
    nothing_is_kept(&office);
}

#[test]
fn a_file_that_is_too_large_is_told_so_and_nothing_of_it_is_kept() {
    let office = empty_office();
    let token = office.ann.get("/imports/new?kind=products").token();
    let fields = [("csrf", token.as_str()), ("kind", "products")];
    let content = (std::io::repeat(b'\n'), MOST_BYTES + 1);
    let page = office.ann.post_long_file("/imports", &fields, "large.csv", content);
    assert_eq!(page.status, 413);
    page.says("Too large").says("256 MB").says("Nothing was kept");
    nothing_is_kept(&office);
}

#[test]
fn the_largest_file_is_taken_whole() {
    let mut office = empty_office();
    // Nobody looks into it: it is about how it comes.
    office.closes();
    let token = office.ann.get("/imports/new?kind=products").token();
    let fields = [("csrf", token.as_str()), ("kind", "products")];
    let content = std::io::Cursor::new(b"code,name\n1,Kettle\n").chain(std::io::repeat(b'\n'));
    let page = office.ann.post_long_file("/imports", &fields, "largest.csv", (content, MOST_BYTES));
    assert_eq!(page.status, 303, "{}", page.text());
    let kept = "SELECT sum(bytes) FROM files";
    assert_eq!(office.number(kept), MOST_BYTES as i64);
    assert_eq!(office.number("SELECT sum(octet_length(content)) FROM file_parts"), MOST_BYTES as i64);
    assert_eq!(office.number("SELECT max(octet_length(content)) FROM file_parts"), 1024 * 1024);
}

#[test]
fn two_uploads_at_once_do_not_mix_and_the_same_file_may_come_twice() {
    let office = empty_office();
    let file =
        |letter: u8| [b"code,name\n".as_slice(), &[letter; 150], b",x\n".repeat(200_000).as_slice()].concat();
    let (one, other) = (file(b'a'), file(b'b'));
    let paths: Vec<String> = std::thread::scope(|scope| {
        let sent = [("one.csv", &one), ("other.csv", &other), ("one.csv", &one)].map(|(name, content)| {
            let office = &office;
            scope.spawn(move || office.sends("products", name, content).location().to_string())
        });
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let digests = "SELECT count(DISTINCT digest) FROM (SELECT f.name, md5(string_agg(p.content, '' ORDER BY p.number)) AS digest
                     FROM files f JOIN file_parts p ON p.file_id = f.id WHERE f.name IN ('one.csv', 'other.csv') GROUP BY f.id) AS whole";
    assert_eq!(office.number(digests), 2, "each is whole");
    assert_eq!(office.number("SELECT count(*) FROM imports"), 3);
    assert_eq!(paths.iter().collect::<std::collections::HashSet<_>>().len(), 3);
}

#[test]
fn an_upload_that_is_broken_off_leaves_nothing() {
    let office = empty_office();
    let folder = office.app.state.arriving.clone();
    let token = office.ann.get("/imports/new?kind=products").token();
    let cookie = office.ann.cookie();
    let body =
        multipart(&[("csrf", &token), ("kind", "products")], Some(("file", "a.csv", &[b'x'; 3_000_000])));
    let mut stream = TcpStream::connect(office.app.url.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /imports HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: {MULTIPART}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..2_000_000]).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut answer = [0; 1];
    assert!(stream.read(&mut answer).is_err(), "it waits for the rest");
    drop(stream);
    std::thread::sleep(Duration::from_millis(300));
    nothing_is_kept(&office);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
    // And one that says it is whole, and is not.
    let cut = &body[..2_000_000];
    let page = office.ann.post_bytes("/imports", MULTIPART, cut.to_vec());
    assert_eq!(page.status, 422);
    page.says("The form did not arrive whole.");
    nothing_is_kept(&office);
}

#[test]
fn an_upload_is_thrown_away_after_a_week() {
    let mut office = empty_office();
    let (path, _) = office.uploads("products", "products.csv", b"code,name\n1,Kettle\n");
    office.closes();
    office.app.clock.advance(chrono::TimeDelta::days(8));
    office.opens();
    eventually("it is thrown away", || Some(()).filter(|_| office.number("SELECT count(*) FROM files") == 0));
    // The session has ended long ago.
    let ann = office.app.sign_in_as(Role::Administrator);
    ann.get(&path).says("The file is no longer kept, and nothing of it was imported.");
    ann.get("/imports").says("Thrown away");
}
