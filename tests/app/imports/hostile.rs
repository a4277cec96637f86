//! Strings that have broken other programs, in every text column of every kind: stored as they are, or
//! refused by their place. Never a panic, never an error of ours.

use super::{Kind, company, import, rows};
use partnerbook::domain::typed::Trimmed;
use std::collections::HashSet;

/// The big list of naughty strings, and some of our own.
fn strings() -> Vec<String> {
    let mut strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    strings.extend(
        [
            "\0",
            "a\0b",
            "\u{1b}[31m",
            "x\r\ny",
            "\u{feff}x",
            "\u{202e}x",
            "=cmd|' /C calc'!A0",
            "\"",
            "a\"b",
            ";",
            "\t",
        ]
        .map(Into::into),
    );
    strings.push("ü".repeat(200));
    strings.push("ü".repeat(201));
    strings.push("x".repeat(100_000));
    strings
}

/// A file in which one column takes each string; the others are as `cell` says for the row.
fn file(headings: &[&str], hostile: usize, cell: impl Fn(usize, usize) -> String) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings).expect("memory can be written");
    for (row, string) in strings().into_iter().enumerate() {
        let cells = (0..headings.len())
            .map(|column| if column == hostile { string.clone() } else { cell(row, column) });
        writer.write_record(cells).expect("memory can be written");
    }
    writer.into_inner().expect("memory can be written")
}

/// Imports a file for each text column; each row is written or reported. Gives, of the last column, the
/// rows that were reported.
fn every_column(
    kind: Kind,
    headings: &[&str],
    text_columns: &[&str],
    cell: impl Fn(usize, usize, usize) -> String,
    stored: impl Fn(&str, usize) -> Option<String>,
) {
    let company = company();
    for name in text_columns {
        let hostile = headings.iter().position(|heading| heading == name).expect("a column");
        let text = file(headings, hostile, |row, column| cell(hostile, row, column));
        let report = import(&company.db, kind, text, true);
        assert!(report.written, "{kind:?} {name}: {:#?}", report.errors().collect::<Vec<_>>());
        let bad: HashSet<u64> = report.errors().map(|error| error.row).collect();
        // No error is about another column than the hostile one.
        let others: Vec<_> =
            report.errors().filter(|error| error.column != *name && !error.column.is_empty()).collect();
        // But two program names that differ in case only make one level stand twice.
        assert!(others.is_empty() || *name == "program", "{kind:?} {name}: {others:#?}");
        let Some(sql) = stored(name, hostile) else { continue };
        let kept: HashSet<String> = rows(&company.db, &sql).into_iter().collect();
        for (row, string) in spreadsheet_rows() {
            let known = kept.contains(string.trimmed());
            assert!(
                known || bad.contains(&row) || string.trimmed().is_empty(),
                "{kind:?} {name}: {string:?} is lost"
            );
        }
    }
}

/// The strings with the rows in which they stand; the headings are row 1.
fn spreadsheet_rows() -> impl Iterator<Item = (u64, String)> {
    strings().into_iter().zip(2..).map(|(string, row)| (row, string))
}

#[test]
fn hostile_strings_in_partners_are_kept_or_refused() {
    let headings = [
        "code",
        "name",
        "email",
        "parent_code",
        "status",
        "program",
        "track_leads_days",
        "notify_on_lead",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "country",
    ];
    every_column(
        Kind::Partners,
        &headings,
        &headings,
        |hostile, row, column| match column {
            0 => format!("h{hostile}-{row}"),
            1 => "Ann".into(),
            _ => String::new(),
        },
        |name, hostile| match name {
            "code" => Some("SELECT code::text AS value FROM partners".into()),
            "email" => Some("SELECT email AS value FROM contacts WHERE email IS NOT NULL".into()),
            "parent_code" | "status" | "program" | "track_leads_days" | "notify_on_lead" => None,
            text => Some(format!(
                "SELECT {text}::text AS value FROM partners JOIN contacts ON contacts.id = contact_id WHERE code LIKE 'h{hostile}-%'"
            )),
        },
    );
}

#[test]
fn hostile_strings_in_products_and_programs_are_kept_or_refused() {
    every_column(
        Kind::Products,
        &["code", "name", "commissionable"],
        &["code", "name", "commissionable"],
        |hostile, row, column| if column == 0 { format!("{hostile}-{row}") } else { String::new() },
        |name, _| match name {
            "commissionable" => None,
            text => Some(format!("SELECT {text} AS value FROM products")),
        },
    );
    every_column(
        Kind::Programs,
        &[
            "program",
            "level",
            "priority",
            "payout_type",
            "amount_per",
            "product_code",
            "sale_percent",
            "sale_amount",
        ],
        &[
            "program",
            "level",
            "priority",
            "payout_type",
            "amount_per",
            "product_code",
            "sale_percent",
            "sale_amount",
        ],
        |hostile, row, column| match column {
            0 => format!("Program {hostile} {row}"),
            1 => "1".into(),
            _ => String::new(),
        },
        |name, _| match name {
            // Letter case makes no difference: of two names one stays.
            "product_code" => Some("SELECT code AS value FROM products".into()),
            _ => None,
        },
    );
}

#[test]
fn hostile_strings_in_referrals_and_entries_are_kept_or_refused() {
    every_column(
        Kind::Referrals,
        &["contact_external_id", "email", "partner_code", "referred_at", "type", "expires_at"],
        &["contact_external_id", "email", "partner_code", "referred_at", "type", "expires_at"],
        |hostile, row, column| match column {
            0 if hostile != 1 => format!("{hostile}-{row}"),
            2 => "rp1".into(),
            3 => "2026-01-01".into(),
            _ => String::new(),
        },
        |name, _| match name {
            "contact_external_id" => {
                Some("SELECT external_id AS value FROM contacts WHERE external_id IS NOT NULL".into())
            }
            "email" => Some("SELECT email AS value FROM contacts WHERE email IS NOT NULL".into()),
            _ => None,
        },
    );
    every_column(
        Kind::Entries,
        &["partner_code", "date", "kind", "amount", "reference", "note"],
        &["partner_code", "date", "kind", "amount", "reference", "note"],
        |hostile, row, column| match column {
            0 => "rp1".into(),
            1 => "2026-01-01".into(),
            2 => "adjustment".into(),
            3 => format!("{hostile}.{:02}", row % 90 + 1),
            _ => String::new(),
        },
        |name, _| match name {
            "reference" => Some("SELECT reference AS value FROM entry_details".into()),
            "note" => Some("SELECT reason AS value FROM entry_details".into()),
            _ => None,
        },
    );
}

#[test]
fn hostile_strings_in_orders_are_kept_or_refused() {
    let headings = [
        "order_number",
        "ordered_at",
        "contact_external_id",
        "email",
        "first_name",
        "last_name",
        "country",
        "product_code",
        "description",
        "quantity",
        "unit_price",
        "discount",
        "shipping",
        "tax",
        "currency",
        "partner_code",
        "sale_partner_code",
        "returns_order",
    ];
    every_column(
        Kind::Orders,
        &headings,
        &headings,
        |hostile, row, column| match headings[column] {
            "order_number" => format!("{hostile}-{row}"),
            "ordered_at" => "2026-01-01".into(),
            "contact_external_id" if ["first_name", "last_name", "country"].contains(&headings[hostile]) => {
                format!("{hostile}-{row}")
            }
            "product_code" => "P1".into(),
            "description" => "Pen".into(),
            "quantity" | "unit_price" => "1".into(),
            _ => String::new(),
        },
        |name, _| {
            match name {
            "order_number" => Some("SELECT number::text AS value FROM orders".into()),
            "contact_external_id" => Some("SELECT external_id AS value FROM contacts WHERE external_id IS NOT NULL".into()),
            "email" => Some("SELECT email AS value FROM contacts WHERE email IS NOT NULL".into()),
            "first_name" | "last_name" => Some("SELECT name AS value FROM contacts".into()),
            "country" => Some("SELECT country AS value FROM contacts".into()),
            "product_code" => Some("SELECT code AS value FROM products".into()),
            "description" => {
                Some("SELECT coalesce(description::text, name) AS value FROM order_lines JOIN products ON products.id = product_id".into())
            }
            _ => None,
        }
        },
    );
}
