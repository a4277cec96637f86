//! Files that are not what they should be, and files that are, written in other ways.

use super::*;

/// Asserts that a file is refused when it comes, beside its field, and that nothing of it is kept.
fn is_refused(office: &Office, name: &str, content: &[u8], sentence: &str) {
    let page = office.sends("products", name, content);
    assert_eq!(page.status, 422, "{name}: {}", page.text());
    page.says(sentence);
    assert_eq!(page.attribute("#file", "aria-invalid"), "true");
    assert_eq!(office.number("SELECT count(*) FROM files"), 0);
    assert_eq!(office.number("SELECT count(*) FROM imports"), 0);
}

/// A picture of one point.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

#[test]
fn what_is_no_csv_is_refused_when_it_comes() {
    let office = empty_office();
    is_refused(&office, "orders.xlsx", b"PK\x03\x04\x14\0\x06\0", "Save it as CSV (UTF-8), and import that.");
    is_refused(&office, "old.xls", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1], "a spreadsheet in an old format");
    is_refused(&office, "ledger.pdf", b"%PDF-1.7", "This is a PDF file");
    is_refused(&office, "a.csv.gz", &[0x1f, 0x8b, 8, 0], "a compressed file");
    is_refused(&office, "logo.png", &[b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 50]].concat(), "no text file");
    // The smallest picture that there is: hardly any zero in it.
    is_refused(&office, "dot.png", DOT, "no text file");
    is_refused(&office, "empty.csv", b"", "empty.csv is empty.");
    is_refused(&office, "utf16.csv", b"c\0o\0d\0e\0\n\0", "UTF-16 without a byte order mark");
    is_refused(&office, "utf16-big.csv", b"\0c\0o\0d\0e\0\n", "UTF-16 without a byte order mark");
    let none =
        office.ann.upload("/imports/new?kind=products", "/imports", &[("kind", "products")], ("", b""));
    assert_eq!(none.status, 422);
    none.says("Choose a file.");
    let unknown = office.ann.upload(
        "/imports/new?kind=products",
        "/imports",
        &[("kind", "x")],
        ("a.csv", b"code\n1\n"),
    );
    assert_eq!(unknown.status, 422);
    unknown.says("Choose first what the file holds.");
}

#[test]
fn what_cannot_be_read_as_a_table_says_why() {
    let office = empty_office();
    for (name, content, sentence) in [
        ("blank.csv", b"\n\n \n".as_slice(), "The file is empty."),
        ("headings.csv", b"code,name\n", "the file has headings and no row below them"),
        ("letter.txt", b"Dear Ann,\nthank you for the kettle.\n", "The file has no column code"),
        ("cut.csv", b"code,name\n1,Kettle\n2,\"cut off in the mid", "opens a quote that is never closed"),
        ("nul.csv", b"code,name\n1,Ket\0tle\n", "has a control character (U+0000)"),
        ("latin1.csv", b"code,name\n1,Caf\xe9\n", "is not UTF-8 at character 4"),
        ("torn.csv", b"code,name\n1,Kettle\n2\n3,Cup,x\n", "has 1 cells where there are 2 headings"),
        ("broken.csv.xz", b"\xfd7zXZ\0 nothing", "cannot be decompressed"),
    ] {
        let (path, page) = office.uploads("products", name, content);
        page.says(sentence);
        let page = office.ann.get(&path);
        assert!(page.all("button[form=start]").is_empty() || name == "torn.csv", "{name}: {}", page.text());
    }
    assert_eq!(office.number("SELECT count(*) FROM products"), 0);
}

#[test]
fn encodings_and_line_ends_make_no_difference() {
    let office = empty_office();
    let utf16: Vec<u8> =
        "\u{feff}code\tname\r\n1\tGlühwein ☃\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_big: Vec<u8> =
        "\u{feff}code,name\n5,Zuckerdose\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (name, content) in [
        ("utf16.csv", utf16),
        ("utf16-big.csv", utf16_big),
        ("bom.csv", "\u{feff}code;name\r\n2;Zoë\r\n".as_bytes().to_vec()),
        ("old-mac.csv", b"name,code\rKettle,3\r".to_vec()),
        ("unix.csv", b"SKU,Name\n4,Cup".to_vec()),
    ] {
        let (path, page) = office.uploads("products", name, &content);
        page.says("Import 1 product");
        office.starts(&path, &[]).says("1 product recorded");
    }
    assert_eq!(
        office.number(
            "SELECT count(*) FROM products WHERE name IN ('Glühwein ☃', 'Zuckerdose', 'Zoë', 'Kettle', 'Cup')"
        ),
        5
    );
}

#[test]
fn hostile_strings_in_a_file_and_its_name_are_shown_back_unharmed() {
    let office = empty_office();
    let strings: Vec<String> = serde_json::from_str(include_str!("../../data/blns.json")).unwrap();
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["code", "name", "<script>alert(1)</script>"]).unwrap();
    for (row, string) in strings.iter().enumerate() {
        let (row, long) = (row.to_string(), string.repeat(2));
        file.write_record([row.as_str(), string, &long]).unwrap();
    }
    let (path, page) =
        office.uploads("products", "<img src=x onerror=alert(1)>.csv", &file.into_inner().unwrap());
    assert_eq!(page.status, 200);
    assert!(!page.html.contains("<script>alert") && !page.html.contains("<img src=x"));
    page.says("<script>alert(1)</script>").says("<img src=x onerror=alert(1)>.csv");
    assert!(office.starts(&path, &[("skip_bad_rows", "yes")]).text().contains("Imported."));
    for page in ["/imports", "/jobs"] {
        let page = office.ann.get(page);
        assert!(page.status == 200 && !page.html.contains("<img src=x"));
    }
    let remarks = office.ann.get(&format!("{path}/remarks.csv"));
    assert_eq!(remarks.status, 200);
}

#[test]
fn numbers_that_are_no_imports_are_not_found() {
    let office = empty_office();
    let token = office.ann.get("/imports/new?kind=orders").token();
    for id in ["0", "999", "-1", "x", "99999999999999999999"] {
        assert_eq!(office.ann.get(&format!("/imports/{id}")).status, 404, "{id}");
        assert_eq!(office.ann.get(&format!("/imports/{id}/remarks.csv")).status, 404, "{id}");
        for action in ["columns", "start", "discard"] {
            let page = office.ann.post_with(&format!("/imports/{id}/{action}"), &token, &[]);
            assert_eq!(page.status, 404, "{action} {id}");
        }
    }
}
