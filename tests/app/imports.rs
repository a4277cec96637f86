//! Imports of all six kinds: what goes in, what again changes nothing, and what is refused by its place.

mod bad_rows;
mod commands;
mod hostile;
mod orders;
mod people;
mod retail;
mod returns;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db::Db;
use partnerbook::running::audit::Who;
use partnerbook::selling::imports::{self, Import, ImportReport, Kind, RowError, file};

use crate::support::{TestDatabase, database};

pub const PROGRAMS: &str = "program,level,sale_percent\nStandard,1,10\nStandard,2,3\n";
pub const PARTNERS: &str = "code,name,email,parent_code,status,program\n\
    rp2,Recruit,rp2@example.com,rp1,active,Standard\n\
    rp1,Ann,rp1@example.com,,active,Standard; standard\n\
    rp3,Gone,,RP1,inactive,\n";
pub const REFERRALS: &str = "contact_external_id,email,partner_code,referred_at,type\n\
    17850,,RP2,2010-11-30T12:00:00Z,permanent\n\
    ,Zoe@example.com,rp1,2010-11-30,manual\n";

/// Imports a file.
fn import(db: &Db, kind: Kind, text: impl AsRef<[u8]>, skip_bad_rows: bool) -> ImportReport {
    let text = file::text_of(text.as_ref().to_vec()).expect("it is text");
    let who = Who::command_line("2026-11-03T10:41:00Z".parse().expect("an instant"));
    let import = Import {
        kind,
        file: "file.csv",
        text: &text,
        columns: None,
        skip_bad_rows,
        number: 0,
        who: &who,
        progress: &|_| Ok(()),
    };
    db.run_now(|conn| imports::import(conn, &import)).expect("an import is done or reports why not")
}

/// Imports a file in which nothing is wrong.
fn bring(db: &Db, kind: Kind, text: impl AsRef<[u8]>) -> ImportReport {
    let report = import(db, kind, text, false);
    let errors: Vec<&RowError> = report.errors().collect();
    assert!(report.written && errors.is_empty(), "{errors:#?}");
    report
}

/// Imports a file in which something is wrong, sees to it that nothing is written, and tells what.
fn refused(db: &Db, kind: Kind, text: impl AsRef<[u8]>) -> Vec<String> {
    let before = state(db);
    let report = import(db, kind, text, false);
    assert!(!report.written && report.has_errors());
    assert_eq!(state(db), before, "nothing is written");
    report.errors().map(ToString::to_string).collect()
}

/// A database with a program, three partners and two referrals.
fn company() -> TestDatabase {
    let database = database();
    bring(&database.db, Kind::Programs, PROGRAMS);
    bring(&database.db, Kind::Partners, PARTNERS);
    bring(&database.db, Kind::Referrals, REFERRALS);
    database
}

/// The rows of a query, each as one text.
fn rows(db: &Db, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let rows: Vec<Row> = db
        .read_now(|conn| Ok(sql_query(sql).load(conn)?))
        .unwrap_or_else(|error| panic!("{error:?} in: {sql}"));
    rows.into_iter().map(|row| row.value).collect()
}

/// All that an import may write, as one text.
fn state(db: &Db) -> String {
    let tables = [
        "contacts",
        "partners",
        "partner_codes",
        "enrolments",
        "referrals",
        "products",
        "programs",
        "program_versions",
        "program_rules",
        "program_rates",
        "orders",
        "order_lines",
        "order_events",
        "returned_lines",
        "order_credits",
        "commission_rows",
        "entries",
        "entry_details",
        "payments",
        "imported_returns",
        "audit_log",
    ];
    let of = |table: &str| {
        let sql = format!(
            "SELECT coalesce(string_agg(row_to_json(t)::text, '\n' ORDER BY t::text), '') AS value FROM {table} t"
        );
        rows(db, &sql).concat()
    };
    tables.map(of).join("\n\n")
}

fn partners(db: &Db) -> Vec<String> {
    rows(
        db,
        "SELECT concat_ws(' ', p.code, c.name, c.email, 'of', parent.code, p.status,
                (SELECT string_agg(name, '+') FROM enrolments JOIN programs ON programs.id = program_id
                  WHERE partner_id = p.id)) AS value
         FROM partners p JOIN contacts c ON c.id = contact_id LEFT JOIN partners parent ON parent.id = p.parent_id
         ORDER BY p.id",
    )
}

#[test]
fn partners_come_in_whole_and_parents_may_stand_later() {
    let database = company();
    assert_eq!(
        partners(&database.db),
        [
            "rp2 Recruit rp2@example.com of rp1 active Standard",
            "rp1 Ann rp1@example.com of active Standard",
            "rp3 Gone of rp1 inactive"
        ]
    );
    let full = "Name;Code;Shoe size;Track leads (days);Notify on sale;Address line1;City;ZIP;Country;Parent\r\n\
        Ünal;rp4;x;30;YES;1 Road;York;YO1;UK;rp3\r\n";
    let report = bring(&database.db, Kind::Partners, full);
    assert_eq!(report.recorded, 1);
    let note: Vec<String> = report.remarks.iter().map(|remark| remark.at.to_string()).collect();
    assert_eq!(note, ["row 1 has a column that is not known here and was ignored: Shoe size"]);
    let shown = rows(
        &database.db,
        "SELECT concat_ws('|', name, track_leads_days, notify_on_sale, address_line1, city, postal_code, country, parent_id) AS value
         FROM partners JOIN contacts ON contacts.id = contact_id WHERE code = 'rp4'",
    );
    assert_eq!(shown, ["Ünal|30|t|1 Road|York|YO1|UK|3"]);
    assert_eq!(
        rows(&database.db, "SELECT count(*)::text AS value FROM accounts"),
        ["4"],
        "each has an account"
    );
}

#[test]
fn every_kind_again_changes_nothing_and_says_so() {
    let database = company();
    let products = "code,name,commissionable\nP1,Pen,\nFEE,,no\n";
    let entries = "partner_code,date,kind,amount,reference,note\n\
        rp1,2026-01-31,opening,100.00,,\nrp1,2026-01-31,opening,100.00,,\nrp2,2026-02-01,payment,-40,CHK 7,\"two\nlines\"\n";
    let orders = "Order ID,Date,Customer ID,SKU,Quantity,Price\nA1,2026-01-05,17850,P1,2,10\nA2,2026-01-06,17850,P1,-1,10\n";
    let files = [
        (Kind::Programs, PROGRAMS, 1),
        (Kind::Partners, PARTNERS, 3),
        (Kind::Referrals, REFERRALS, 2),
        (Kind::Products, products, 2),
        (Kind::Entries, entries, 3),
        (Kind::Orders, orders, 2),
    ];
    for (kind, text, _) in files {
        bring(&database.db, kind, text);
    }
    let before = state(&database.db);
    for (kind, text, known) in files {
        let report = bring(&database.db, kind, text);
        assert_eq!((report.recorded, report.already_there, report.conflicts), (0, known, 0), "{kind:?}");
        assert!(
            report.summary().join(" ").contains(&format!("{known} already there")),
            "{:?}",
            report.summary()
        );
    }
    assert_eq!(state(&database.db), before);
}

#[test]
fn a_known_partner_with_other_content_is_listed_and_left() {
    let database = company();
    let before = partners(&database.db);
    let report = bring(
        &database.db,
        Kind::Partners,
        "code,name,parent_code,status\nRP1,Anna,,inactive\nrp2,Recruit,rp1,active\nrp9,New,rp1,active\n",
    );
    assert_eq!((report.recorded, report.already_there, report.conflicts), (1, 1, 1));
    let conflict = report.remarks[0].at.to_string();
    assert_eq!(
        conflict,
        "row 2, code \"RP1\" is known already with another name, status; it was left as it is"
    );
    assert_eq!(partners(&database.db)[..3], before);
}

#[test]
fn referrals_make_contacts_and_expire_as_their_partner_or_the_row_says() {
    let database = company();
    database.psql("UPDATE partners SET track_leads_days = 30 WHERE code = 'rp2'");
    let text = "email,contact_external_id,partner_code,referred_at,type,expires_at\n\
        a@example.com,,rp2,2026-01-01,,\n\
        b@example.com,,rp2,2026-01-01,manual,2026-01-05 12:00\n\
        c@example.com,,rp2,2026-01-01,permanent,\n\
        d@example.com,,rp1,2026-01-01,Cookie,\n";
    assert_eq!(bring(&database.db, Kind::Referrals, text).recorded, 4);
    let shown = rows(
        &database.db,
        "SELECT concat_ws(' ', email, kind, expires_at) AS value FROM referrals JOIN contacts ON contacts.id = contact_id
         WHERE referred_at > '2025-01-01' ORDER BY referrals.id",
    );
    let expected = [
        "a@example.com manual 2026-01-31 00:00:00+00",
        "b@example.com manual 2026-01-05 12:00:00+00",
        "c@example.com permanent",
        "d@example.com manual",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn products_are_changed_where_the_file_says_otherwise_and_only_there() {
    let database = database();
    bring(&database.db, Kind::Products, "code,name,commissionable\n85123A,Heart,no\n85123a,heart,\n");
    let report = bring(&database.db, Kind::Products, "SKU,Commissionable\n85123A,yes\n85123a,\n");
    assert_eq!((report.recorded, report.already_there), (1, 1));
    let shown = rows(
        &database.db,
        "SELECT concat_ws(' ', code, name, commissionable) AS value FROM products ORDER BY id",
    );
    assert_eq!(shown, ["85123A Heart t", "85123a heart t"]);
}

#[test]
fn programs_get_a_new_version_where_they_pay_otherwise() {
    let database = company();
    let other = "Program,Priority,Payout type,Amount per,Product code,Level,Sale percent,Sale amount,Lead percent,Lead amount\n\
        STANDARD,2,on_payment,order,,1,10,,,\nstandard,,,,,2,3,,,\nstandard,,,,X1,unused,12.345,1.50,0,2\n";
    let report = bring(&database.db, Kind::Programs, other);
    assert_eq!((report.recorded, report.already_there), (1, 0));
    assert_eq!(bring(&database.db, Kind::Programs, other).already_there, 1);
    let versions = "SELECT concat_ws(' ', number, priority, payout, amount_per) AS value FROM program_versions ORDER BY number";
    assert_eq!(rows(&database.db, versions), ["1 1 up_front unit", "2 2 on_payment order"]);
    let rates = "SELECT concat_ws(' ', coalesce(products.code, '-'), level, sale_percent, sale_amount_minor, lead_percent, lead_amount_minor) AS value
                 FROM program_rates JOIN program_rules ON program_rules.id = rule_id
                 JOIN program_versions v ON v.id = program_version_id LEFT JOIN products ON products.id = product_id
                 WHERE number = 2 ORDER BY rule_id, level";
    assert_eq!(rows(&database.db, rates), ["- 1 10 0 0 0", "- 2 3 0 0 0", "X1 0 12.345 150 0 200"]);
}

#[test]
fn entries_bring_balances_and_history() {
    let database = company();
    let text = "partner_code\tdate\tkind\tamount\treference\tnote\r\
        rp1\t2026-01-31\topening\t\"1,000.00\"\tOld 1\tmoved in\r\
        rp1\t2026-02-01\tcommission\t50\t\t\rrp1\t2026-02-02\tclawback\t-10\t\t\r\
        rp1\t2026-02-03\tadjustment\t-1.50\t\t\rrp1\t2026-02-04\tpayment\t900\tCHK 1\t\r";
    assert_eq!(bring(&database.db, Kind::Entries, text).recorded, 5);
    let shown = rows(
        &database.db,
        "SELECT concat_ws(' ', dated_on, kind, amount_minor, on_account, opening, reference, reason) AS value
         FROM entries JOIN entry_details ON entry_id = entries.id ORDER BY dated_on",
    );
    let expected = [
        "2026-01-31 adjustment 100000 f t Old 1 moved in",
        "2026-02-01 commission 5000 f f  ",
        "2026-02-02 clawback -1000 f f  ",
        "2026-02-03 adjustment -150 f f  ",
        "2026-02-04 payment -90000 t f CHK 1 ",
    ];
    assert_eq!(shown, expected);
    // One row more of the same is one entry more.
    let longer = format!("{text}rp1\t2026-02-04\tpayment\t900\tCHK 1\t\r");
    let report = bring(&database.db, Kind::Entries, longer);
    assert_eq!((report.recorded, report.already_there), (1, 5));
}

#[test]
fn every_encoding_delimiter_and_line_end_says_the_same() {
    let utf16 = |text: &str, bom: u16, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(bom).chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let text = "Parent Code,NAME,code\n,\"Zoë, the \"\"first\"\"\",a1\n\na1,Łukasz 😀,a2\n";
    let files: Vec<Vec<u8>> = vec![
        text.into(),
        format!("\u{feff}{text}").into(),
        text.replace('\n', "\r\n").into(),
        text.replace('\n', "\r").into(),
        text.trim_end().into(),
        text.replace(',', ";").replace("Zoë;", "Zoë,").into(),
        text.replace(',', "\t").replace("Zoë\t", "Zoë,").into(),
        utf16(text, 0xfeff, u16::to_le_bytes),
        utf16(text, 0xfeff, u16::to_be_bytes),
    ];
    for bytes in files {
        let database = database();
        bring(&database.db, Kind::Partners, bytes);
        assert_eq!(partners(&database.db), ["a1 Zoë, the \"first\" of active", "a2 Łukasz 😀 of a1 active"]);
    }
}
