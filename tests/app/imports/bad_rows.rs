//! What is wrong with a file is told by row, column and value, and nothing of the file is written.

use super::{PARTNERS, bring, company, import, partners, refused, rows};
use crate::support::database;
use partnerbook::selling::imports::{Kind, file};

#[test]
fn bad_cells_of_partners_are_named_all_at_once() {
    let company = company();
    let long = "x".repeat(5000);
    let text = format!(
        "code,name,email,parent_code,status,program,track_leads_days,notify_on_sale\n\
         a b,Ann,,,,,,\n\
         n1,,,,,,,\n\
         n2,{long},,,,,,\n\
         n3,Cy,cy@,,,,,\n\
         n4,Di,,nobody,asleep,,,\n\
         n5,Ed,,,,Gold,0,perhaps\n\
         n6,Fi,RP1@Example.com,,,,,\n\
         n7,Gil,gil@example.com,,,,,\n\
         N7,Gus,,,,,,\n\
         n8,Hal,Gil@example.com,,,,,\n"
    );
    let expected = [
        "row 2, code \"a b\" is not a code: use up to 60 letters (a to z), digits, dashes and underscores"
            .to_string(),
        "row 3, name is missing".into(),
        format!("row 4, name \"{}…\" has 5000 characters; at most 200 are kept", "x".repeat(200)),
        "row 5, email \"cy@\" is not an e-mail address".into(),
        "row 6, status \"asleep\" is none of: active, inactive".into(),
        "row 7, track_leads_days \"0\" is not a whole number from 1 to 36500".into(),
        "row 7, notify_on_sale \"perhaps\" is neither yes nor no".into(),
        "row 8, email \"RP1@Example.com\" is the e-mail of partner rp1 already".into(),
        "row 10, code \"N7\" stands in row 9 already".into(),
        "row 11, email \"Gil@example.com\" stands in row 9 already: each partner is a person of its own"
            .into(),
    ];
    assert_eq!(refused(&company.db, Kind::Partners, text), expected);
}

#[test]
fn parents_and_programs_that_nobody_has_are_named() {
    let company = company();
    let text = "code,name,parent_code,program\nn1,Ann,nobody,\nn2,Bea,n1,Standard;Gold\nn3,Cy,n2,\n";
    let expected = [
        "row 2, parent_code \"nobody\" is no partner's code, and no good row of this file has it",
        "row 3, program \"Gold\" is no program: import programs first",
        "row 4, parent_code \"n2\" stands in row 3, which is bad",
    ];
    assert_eq!(refused(&company.db, Kind::Partners, text), expected);
}

#[test]
fn a_parent_loop_is_named_by_its_chain() {
    let company = company();
    let text = "code,name,parent_code\na,Ann,c\nb,Bea,A\nc,Cy,b\nd,Di,d\ne,Ed,a\n";
    let expected = [
        "row 2, parent_code \"c\" would make a partner its own ancestor: a → c → b → a",
        "row 3, parent_code \"a\" would make a partner its own ancestor: a → c → b → a",
        "row 4, parent_code \"b\" would make a partner its own ancestor: a → c → b → a",
        "row 5, parent_code \"d\" would make a partner its own ancestor: d → d",
        "row 6, parent_code \"a\" stands in row 2, which is bad",
    ];
    assert_eq!(refused(&company.db, Kind::Partners, text), expected);
    // Through the database: rp2 is rp1's recruit already.
    let errors = refused(&company.db, Kind::Partners, "code,name,parent_code\nrp1,Ann,rp2\n");
    assert_eq!(errors, ["row 2, parent_code \"rp2\" would make a partner its own ancestor: rp1 → rp2 → rp1"]);
}

#[test]
fn a_code_that_makes_two_links_equal_is_refused() {
    let company = company();
    company.psql("INSERT INTO code_prefixes (prefix) VALUES ('x')");
    let errors = refused(&company.db, Kind::Partners, "code,name\nxrp1,Ann\nam,Bea\nxam,Cy\n");
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors[0].starts_with("row 2, code \"xrp1\" cannot be used: the prefix “x”"), "{}", errors[0]);
    assert!(errors[1].starts_with("row 4, code \"xam\" cannot be used: the prefix “x”"), "{}", errors[1]);
}

#[test]
fn the_good_rows_go_in_when_the_bad_ones_are_left_out() {
    let company = company();
    let text = "code,name,parent_code\nn1,Ann,rp1\nn2,,\nn3,Cy,n2\nn4,Di,n1\n";
    let report = import(&company.db, Kind::Partners, text, true);
    assert!(report.written);
    assert_eq!((report.recorded, report.bad_rows()), (2, 2));
    assert_eq!(partners(&company.db)[3..], ["n1 Ann of rp1 active", "n4 Di of n1 active"]);
    assert_eq!(
        report.summary(),
        [
            "4 rows read from file.csv.",
            "2 rows are bad and left out.",
            "2 partners recorded, 0 already there."
        ]
    );
}

#[test]
fn numbers_are_plain_and_within_their_limits() {
    let company = company();
    let amounts = [
        ("NaN", "is not a number: write it like 1234.50"),
        ("1e3", "is not a number: write it like 1234.50"),
        ("Infinity", "is not a number: write it like 1234.50"),
        ("\"12,50\"", "has a decimal comma: write a point, like 1234.50"),
        ("\"1.234,50\"", "has a decimal comma: write a point, like 1234.50"),
        ("1.005", "has more than 2 decimals"),
        ("99999999999999", "is too large"),
        ("-1", "is below zero: what takes a commission back is a clawback"),
        ("0.00", "is zero"),
        ("", "is missing"),
    ];
    for (amount, problem) in amounts {
        let text = format!("partner_code,date,kind,amount\nrp1,2026-01-31,commission,{amount}\n");
        let errors = refused(&company.db, Kind::Entries, text);
        assert!(errors.len() == 1 && errors[0].ends_with(&format!(" {problem}")), "{amount}: {errors:#?}");
    }
    for (percent, problem) in [
        ("1000", "is not between 0 and 100 percent"),
        ("-1", "is not between 0 and 100 percent"),
        ("12.3456", "has more than 3 decimals"),
        ("1e1", "is not a number: write it like 1234.50"),
    ] {
        let errors =
            refused(&company.db, Kind::Programs, format!("program,level,sale_percent\nGold,1,{percent}\n"));
        assert_eq!(errors, [format!("row 2, sale_percent \"{percent}\" {problem}")]);
    }
}

#[test]
fn rows_of_a_program_that_contradict_each_other_are_named() {
    let company = company();
    let text = "program,priority,payout_type,amount_per,product_code,level,sale_percent\n\
        Gold,1,up_front,unit,,1,10\nGold,2,,,,2,5\ngold,,on_payment,,,3,5\nGold,,,order,X,1,5\nGold,,,,X,1,6\nGold,,,,,4,6\n";
    let expected = [
        "row 3, priority \"2\" is not what row 2 says of the same program",
        "row 4, payout_type \"on_payment\" is not what row 2 says of the same program",
        "row 5, amount_per \"order\" is not what row 2 says of the same program",
        "row 6, level \"1\" of this rule stands in row 5 already",
        "row 7, level \"4\" is none of: 1, 2, 3, unused",
    ];
    assert_eq!(refused(&company.db, Kind::Programs, text), expected);
    // Left out as a whole: half a program would pay what nobody meant.
    let report = import(&company.db, Kind::Programs, text, true);
    assert_eq!((report.recorded, report.left_out), (0, 1));
    assert_eq!(rows(&company.db, "SELECT name AS value FROM programs"), ["Standard"]);
}

#[test]
fn the_signs_of_entries_fit_their_kinds_and_each_other() {
    let company = company();
    let text = "partner_code,date,kind,amount\nrp1,2026-01-31,clawback,5\nnobody,2026-01-31,opening,5\n\
        rp1,1800-01-01,opening,5\nrp1,31.1.2026,opening,5\nrp1,2026-01-31,gift,5\nrp1,2026-01-31,payment,-5\nrp1,2026-01-31,payment,5\n\
        rp1,2026-11-05,opening,5\nrp1,2026-11-04,opening,5\n";
    let expected = [
        "row 2, amount \"5\" is above zero: a clawback takes back, write it with a minus",
        "row 3, partner_code \"nobody\" is no partner's code",
        "row 4, date \"1800-01-01\" is not between the years 1900 and 2999",
        "row 5, date \"31.1.2026\" is not a date: write it like 2011-03-01",
        "row 6, kind \"gift\" is none of: opening, commission, clawback, adjustment, payment",
        "row 8, amount \"5\" is a payment without a minus where others have one. Taking back a payment is an adjustment here",
        "row 9, date \"2026-11-05\" lies in the future",
    ];
    assert_eq!(refused(&company.db, Kind::Entries, text), expected);
}

#[test]
fn referrals_name_a_contact_a_partner_and_times_in_order() {
    let company = company();
    let text = "email,partner_code,referred_at,type,expires_at\n,rp1,2026-01-01,,\na@example.com,nobody,2026-01-01,,\n\
        a@example.com,rp1,2026-01-01,permanent,2026-02-01\na@example.com,rp1,2026-02-01,manual,2026-01-01\na@example.com,rp1,today,click,\na@example.com,rp1,2126-01-01,manual,\n";
    let expected = [
        "row 2 names no contact: it needs a contact_external_id or an email",
        "row 3, partner_code \"nobody\" is no partner's code",
        "row 4, expires_at \"2026-02-01\" is set, but a permanent referral never expires",
        "row 5, expires_at \"2026-01-01\" is before referred_at",
        "row 6, referred_at \"today\" is not a date and time: write it like 2011-03-01 08:26:00, 2011-03-01T08:26:00Z or 2011-03-01",
        "row 6, type \"click\" is none of: manual, permanent, cookie",
        "row 7, referred_at \"2126-01-01\" lies in the future",
    ];
    assert_eq!(refused(&company.db, Kind::Referrals, text), expected);
    let errors = refused(&company.db, Kind::Referrals, "partner_code,referred_at\nrp1,2026-01-01\n");
    assert_eq!(errors, ["The file needs a column contact_external_id or email."]);
}

#[test]
fn rows_are_counted_as_a_spreadsheet_shows_them() {
    let company = company();
    let text = "\ncode,name,address_line1\n\nn1,Ann,\"1 Road\r\nYork\"\n,,\nn2,Bea\nn3,Cy,x,y\n\"n4\" z,Di,\nn5,E\u{1}d,\n";
    let expected = [
        "row 4, address_line1 \"1 Road\\r\\nYork\" has a line break",
        "row 6 has 2 cells where there are 3 headings",
        "row 7 has 4 cells where there are 3 headings",
        "row 8 has text after a closing quote",
        "row 9, name \"E\\u{1}d\" has a control character (U+0001)",
    ];
    assert_eq!(refused(&company.db, Kind::Partners, text), expected);
}

#[test]
fn bytes_that_are_no_text_are_refused_by_their_place() {
    let company = company();
    let latin1 = b"code,name\nn1,Ann\nn2,Zo\xeb\n";
    let expected =
        ["row 3, name \"Zo\u{fffd}\" is not UTF-8 at character 3 (byte EB): save the file as CSV in UTF-8"];
    assert_eq!(refused(&company.db, Kind::Partners, latin1), expected);
    let nul = refused(&company.db, Kind::Partners, "code,name\nn1,A\0n\n");
    assert_eq!(nul, ["row 2, name \"A\\0n\" has a control character (U+0000)"]);
    let binary = file::text_of(b"PK\x03\x04\x14\0".to_vec()).unwrap_err().to_string();
    assert_eq!(binary, "This is a spreadsheet or zip file. Save it as CSV (UTF-8), and import that.");
}

#[test]
fn a_file_that_is_cut_off_in_a_quote_is_not_used_at_all() {
    let company = company();
    let text = "code,name\nn1,Ann\nn2,\"Bea\nn3,Cy\n";
    let expected =
        ["row 3 opens a quote that is never closed: the file may be cut off, or a \" too many stands there"];
    assert_eq!(refused(&company.db, Kind::Partners, text), expected);
    // Who knows what the bad row has swallowed: not even the good ones are taken.
    let report = import(&company.db, Kind::Partners, text, true);
    assert!(!report.written);
    assert_eq!(partners(&company.db).len(), 3);
    let cut = PARTNERS.trim_end().strip_suffix(",RP1,inactive,").expect("the end of the last row");
    assert_eq!(refused(&company.db, Kind::Partners, cut), ["row 4 has 3 cells where there are 6 headings"]);
}

#[test]
fn headings_that_are_missing_or_stand_twice_are_named() {
    let company = company();
    let errors = refused(&company.db, Kind::Orders, "Order,Date,Quantity,Colour\nA1,2026-01-01,1,red\n");
    let found = "Its headings are: Order, Date, Quantity, Colour.";
    let expected = [
        format!("The file has no column product_code (or StockCode, SKU). {found}"),
        format!("The file has no column unit_price (or UnitPrice, Price). {found}"),
    ];
    assert_eq!(errors, expected);
    let errors = refused(&company.db, Kind::Products, "code,SKU,name\nP1,P1,Pen\n");
    assert_eq!(errors, ["row 1, SKU stands for code, and so does \"code\": leave one of them out"]);
    assert_eq!(refused(&company.db, Kind::Products, ""), ["The file is empty."]);
    assert_eq!(refused(&company.db, Kind::Products, "\u{feff}\r\n \r\n"), ["The file is empty."]);
}

#[test]
fn a_file_of_headings_alone_is_no_error() {
    let database = database();
    assert_eq!(bring(&database.db, Kind::Products, "code,name\n").summary().len(), 2);
}

#[test]
fn a_saved_report_has_every_remark_and_no_formula() {
    let company = company();
    let report = import(&company.db, Kind::Partners, "code,name,shoe size\n=1+1,Ann,4\nn2,,\n", false);
    let mut saved = Vec::new();
    report.save(&mut saved).expect("it can be written");
    let expected = "\u{feff}About,File,Row,Column,Value,Problem\r\n\
        note,file.csv,1,,,has a column that is not known here and was ignored: shoe size\r\n\
        error,file.csv,2,code,'=1+1,\"is not a code: use up to 60 letters (a to z), digits, dashes and underscores\"\r\n\
        error,file.csv,3,name,,is missing\r\n";
    assert_eq!(String::from_utf8(saved).expect("it is UTF-8"), expected);
}
