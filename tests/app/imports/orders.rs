//! Orders from a file: grouped by their number, credited and booked as any other order.

use super::{bring, company, import, refused, rows, state};
use partnerbook::db::Db;
use partnerbook::selling::imports::Kind;

fn orders(db: &Db) -> Vec<String> {
    rows(
        db,
        "SELECT concat_ws(' ', orders.number, to_char(ordered_at, 'YYYY-MM-DD HH24:MI'), total, shipping_minor, tax_minor, external_id, email, name,
                (SELECT string_agg(concat_ws('x', trim_scale(quantity), products.code, order_lines.description), '+' ORDER BY order_lines.number)
                   FROM order_lines JOIN products ON products.id = product_id WHERE order_id = orders.id)) AS value
         FROM orders LEFT JOIN contacts ON contacts.id = contact_id ORDER BY orders.id",
    )
}

/// What the ledger holds, in the order of recording.
pub fn entries(db: &Db) -> Vec<String> {
    rows(
        db,
        "SELECT concat_ws(' ', partners.code, entries.kind, entries.amount_minor, dated_on) AS value
         FROM entries JOIN accounts ON accounts.id = account_id JOIN partners ON partners.id = partner_id ORDER BY entries.id",
    )
}

#[test]
fn rows_of_one_number_are_one_order_wherever_they_stand() {
    let company = company();
    company.psql("UPDATE defaults SET tracking_method = 'history_and_cookies'");
    let text = "Invoice No,Invoice Date,Customer ID,first_name,Last Name,StockCode,Description,Quantity,UnitPrice,discount,shipping,tax\n\
        B1,2026-01-06 09:00:00,17850,Zoë,Ünal,P1,Pen,2,10.00,,4.00,1\n\
        A1,2026-01-05,17850,,,P2,Ink,1,2.505,0.5,,\n\
        B1,2026-01-06 09:01:00,17850,,,P2,Blue ink,1.5,3,,4,1.00\n\
        C1,2026-01-07,,,,P1,Pen,1,10,,,\n";
    let report = bring(&company.db, Kind::Orders, text);
    assert_eq!((report.rows_read, report.recorded), (4, 3));
    let expected = [
        "A1 2026-01-05 00:00 2.005 0 0 17850 Zoë Ünal 1xP2",
        "B1 2026-01-06 09:00 29.5 400 100 17850 Zoë Ünal 2xP1+1.5xP2xBlue ink",
        "C1 2026-01-07 00:00 10 0 0 1xP1",
    ];
    assert_eq!(orders(&company.db), expected);
    // The contact was referred for ever by rp2, whose parent is rp1; the last order has no contact.
    let expected = [
        "rp2 commission 20 2026-01-05",
        "rp1 commission 6 2026-01-05",
        "rp2 commission 200 2026-01-06",
        "rp1 commission 60 2026-01-06",
        "rp2 commission 45 2026-01-06",
        "rp1 commission 14 2026-01-06",
    ];
    assert_eq!(entries(&company.db), expected);
}

#[test]
fn a_named_partner_is_credited_and_a_named_rep_makes_the_sale() {
    let company = company();
    let text = "order_number,ordered_at,email,product_code,quantity,unit_price,partner_code,sale_partner_code,currency\n\
        A1,2026-01-05,zoe@example.com,P1,1,100,RP2,rp1,usd\nA2,2026-01-05,ZOE@example.com,P1,1,100,,,\n";
    bring(&company.db, Kind::Orders, text);
    let credits = "SELECT concat_ws(' ', number, step, lead_partner_id, sale_partner_id) AS value FROM order_credits ORDER BY id";
    // Zoe is rp1's referral, but history does not count by default.
    assert_eq!(rows(&company.db, credits), ["1 named 1 2", "1 none"]);
    assert_eq!(
        rows(
            &company.db,
            "SELECT count(*)::text AS value FROM contacts WHERE lower(email) = 'zoe@example.com'"
        ),
        ["1"]
    );
}

#[test]
fn an_order_with_other_content_is_listed_and_left() {
    let company = company();
    let text = "order_number,ordered_at,product_code,description,quantity,unit_price,first_name\n\
        A1,2026-01-05,P1,Pen,1,10,\nA2,2026-01-05,P1,Pen,1,10,\n";
    bring(&company.db, Kind::Orders, text);
    let before = state(&company.db);
    let other = "order_number,ordered_at,product_code,description,quantity,unit_price,first_name\n\
        A1,2026-01-05 00:00:00Z,P1,Pen,1.0,10.00,Zoë\nA2,2026-01-05,P1,Pen,2,10,\n";
    let report = bring(&company.db, Kind::Orders, other);
    assert_eq!((report.recorded, report.already_there, report.conflicts), (0, 1, 1));
    let listed: Vec<String> = report.remarks.iter().map(|remark| remark.at.to_string()).collect();
    assert_eq!(
        listed,
        ["row 3, order_number \"A2\" is known already with other content; it was left as it is"]
    );
    assert_eq!(state(&company.db), before);
}

#[test]
fn bad_cells_of_orders_are_named() {
    let company = company();
    let head = "order_number,ordered_at,email,contact_external_id,product_code,quantity,unit_price,discount,shipping,currency,partner_code";
    let text = format!(
        "{head}\n\
         ,2026-01-05,,,P1,1,1,,,,\n\
         A1,5 Jan 2026,,,P1,1,1,,,,\n\
         A2,2026-01-05,a@b@c,,P1,1,1,,,,\n\
         A3,2026-01-05,,,,0,\"1,5\",,,,\n\
         A4,2026-01-05,,,P1,1.00005,1.0000001,-1,-1,,\n\
         A5,2026-01-05,,,P1,10000000,1e3,,,EUR,no body\n\
         A6,2026-01-05,,,P1,9999999,999999999,,,,\n\
         A7,2026-01-05,,7,P1,1,1,,3.00,,nobody\n\
         A7,2026-01-05,,8,P1,1,1,,2.00,,\n"
    );
    let expected = [
        "row 2, order_number is missing",
        "row 3, ordered_at \"5 Jan 2026\" is not a date and time: write it like 2011-03-01 08:26:00, 2011-03-01T08:26:00Z or 2011-03-01",
        "row 4, email \"a@b@c\" is not an e-mail address",
        "row 5, quantity \"0\" is zero",
        "row 5, product_code is missing",
        "row 5, unit_price \"1,5\" has a decimal comma: write a point, like 1234.50",
        "row 6, shipping \"-1\" is below zero",
        "row 6, quantity \"1.00005\" has more than 4 decimals",
        "row 6, discount \"-1\" is below zero: a discount is taken off",
        "row 6, unit_price \"1.0000001\" has more than 6 decimals",
        "row 7, partner_code \"no body\" is not a code: use up to 60 letters (a to z), digits, dashes and underscores",
        "row 7, currency \"EUR\" is not the company's currency, USD: such orders cannot be recorded yet",
        "row 7, quantity \"10000000\" is too large",
        "row 7, unit_price \"1e3\" is not a number: write it like 1234.50",
        "row 8, unit_price \"999999999\" × quantity makes the order larger than can be kept",
        "row 10, contact_external_id \"8\" is not what an earlier row of the same order says",
        "row 10, shipping \"2.00\" is not what an earlier row of the same order says",
    ];
    assert_eq!(refused(&company.db, Kind::Orders, &text), expected);
    let unknown = format!("{head}\nA1,2026-01-05,,,P1,1,1,,,,nobody\n");
    assert_eq!(
        refused(&company.db, Kind::Orders, unknown),
        ["row 2, partner_code \"nobody\" is no partner's code"]
    );
}

#[test]
fn an_order_goes_in_whole_or_not_at_all() {
    let company = company();
    let text = "order_number,ordered_at,product_code,quantity,unit_price,partner_code\n\
        A1,2026-01-05,P1,1,10,rp1\nA2,2026-01-05,P1,1,10,rp1\nA1,2026-01-05,P2,x,10,\nA3,2026-01-05,P1,1\nA3,2026-01-05,P1,1,10,\nA4,2026-01-05,P1,1,10,nobody\n";
    let report = import(&company.db, Kind::Orders, text, true);
    assert_eq!((report.written, report.recorded, report.bad_rows(), report.left_out), (true, 1, 3, 2));
    assert_eq!(orders(&company.db), ["A2 2026-01-05 00:00 10 0 0 1xP1"]);
    // Mended, the rest goes in.
    let mended = text.replace(",x,", ",1,").replace("P1,1\n", "P1,1,10,\n").replace("nobody", "rp1");
    let report = bring(&company.db, Kind::Orders, mended);
    assert_eq!((report.recorded, report.already_there, report.conflicts), (3, 1, 0));
}

#[test]
fn a_negative_price_earns_nothing_and_a_time_without_a_zone_is_the_companys() {
    let company = company();
    company.psql("UPDATE company SET time_zone = 'America/Sao_Paulo'");
    let text = "order_number,ordered_at,product_code,quantity,unit_price,partner_code\n\
        A1,2018-11-04,B,1,-11062.06,rp1\nA2,2018-11-03 23:30,P1,1,10,rp1\n";
    bring(&company.db, Kind::Orders, text);
    assert_eq!(orders(&company.db)[1], "A1 2018-11-04 03:00 -11062.06 0 0 1xB");
    assert_eq!(entries(&company.db), ["rp1 commission 100 2018-11-03"]);
}

#[test]
fn imports_wait_for_each_other() {
    let company = company();
    let text = "order_number,ordered_at,email,product_code,quantity,unit_price,partner_code\n\
        A1,2026-01-05,new@example.com,P9,1,10,rp1\nA2,2026-01-05,new@example.com,P9,1,10,rp1\n";
    let reports: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..8).map(|_| scope.spawn(|| bring(&company.db, Kind::Orders, text))).collect();
        running.into_iter().map(|import| import.join().expect("it does not panic")).collect()
    });
    let sum =
        |of: fn(&partnerbook::selling::imports::ImportReport) -> usize| reports.iter().map(of).sum::<usize>();
    assert_eq!((sum(|report| report.recorded), sum(|report| report.already_there)), (2, 14));
    assert_eq!(entries(&company.db).len(), 2);
}
