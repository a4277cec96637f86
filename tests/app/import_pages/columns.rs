//! What the columns of a file are taken for, and how that is changed.

use super::*;

const GERMAN: &str = "Nummer;Wann;Artikel;Menge;Preis;Farbe\n\
    1;2026-01-05 10:00;kettle;2;50.00;red\n\
    2;2026-01-06 10:00;cup;1;8.00;\n";

fn chosen(names: &[&str]) -> Vec<(String, String)> {
    names.iter().enumerate().map(|(at, name)| (format!("column-{at}"), name.to_string())).collect()
}

fn choose(office: &Office, path: &str, names: &[&str]) -> Page {
    let fields = chosen(names);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    office.ann.submit(path, &format!("{path}/columns"), &fields)
}

const RIGHT: [&str; 6] = ["order_number", "ordered_at", "product_code", "quantity", "unit_price", ""];

#[test]
fn columns_that_are_not_recognised_can_be_chosen() {
    let office = empty_office();
    let (path, page) = office.uploads("orders", "orders.csv", GERMAN.as_bytes());
    page.says("The file cannot be used as it is.").says("The file has no column order_number");
    page.says("Needed and not there: order_number, ordered_at, product_code, quantity, unit_price.");
    assert_eq!(page.all("#columns tbody th"), ["Nummer", "Wann", "Artikel", "Menge", "Preis", "Farbe"]);
    assert!(page.all("button[form=start]").is_empty());
    assert_eq!(choose(&office, &path, &RIGHT).location(), path);
    let page = office.waits_for(&path);
    page.says("Import 2 orders").says("has a column that is not known here and was ignored: Farbe");
    assert_eq!(page.attribute("#column-2 option[selected]", "value"), "product_code");
    office.starts(&path, &[]).says("2 orders recorded");
    assert_eq!(office.number("SELECT count(*) FROM products WHERE code = 'kettle'"), 1);
}

#[test]
fn a_recognised_column_can_be_ignored_or_be_another() {
    let office = empty_office();
    let file = "code,name,description\n17,wrong,Drip Kettle\n";
    // Two headings stand for the name.
    let (path, page) = office.uploads("products", "products.csv", file.as_bytes());
    page.says("so does");
    choose(&office, &path, &["code", "", "name"]);
    office.waits_for(&path).says("Import 1 product");
    office.starts(&path, &[]).says("1 product recorded");
    assert_eq!(office.number("SELECT count(*) FROM products WHERE name = 'Drip Kettle'"), 1);
}

#[test]
fn a_choice_that_cannot_be_is_told_beside_the_columns_and_stays() {
    let office = empty_office();
    let (path, _) = office.uploads("orders", "orders.csv", GERMAN.as_bytes());
    let mut twice = RIGHT;
    twice[5] = "quantity";
    let page = choose(&office, &path, &twice);
    assert_eq!(page.status, 422);
    page.says("quantity stands for 2 columns: choose one of them.");
    assert_eq!(page.attribute("#column-5 option[selected]", "value"), "quantity");
    let mut missing = RIGHT;
    missing[0] = "";
    choose(&office, &path, &missing).says("No column is order_number, and the file needs one.");
    let mut strange = RIGHT;
    strange[5] = "'; DROP TABLE orders; --";
    let page = choose(&office, &path, &strange);
    assert_eq!(page.status, 422);
    page.says("is no column of such a file");
    choose(&office, &path, &RIGHT);
    office.waits_for(&path).says("Import 2 orders");
    let back = office.ann.submit(&path, &format!("{path}/columns"), &[("as_headings", "yes")]);
    assert_eq!(back.location(), path);
    office.waits_for(&path).says("The file cannot be used as it is.");
}

#[test]
fn what_was_not_seen_is_not_imported() {
    let office = empty_office();
    let (path, _) = office.uploads("orders", "orders.csv", GERMAN.as_bytes());
    choose(&office, &path, &RIGHT);
    let seen = office.waits_for(&path).attribute("input[name=seen]", "value");
    let mut other = RIGHT;
    other[5] = "description";
    choose(&office, &path, &other);
    let page = office.waits_for(&path);
    let answer = office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", &seen)]);
    assert_eq!(answer.status, 422);
    answer.says("The columns were changed since you looked at the file.");
    assert_eq!(office.number("SELECT count(*) FROM orders"), 0);
}

#[test]
fn a_file_of_a_thousand_columns_is_shown_in_part_and_imported_whole() {
    let office = empty_office();
    let more: Vec<String> = (0..998).map(|n| format!("extra {n}")).collect();
    let cells = vec!["x"; 998].join(",");
    let file = format!("code,{},name\n17,{cells},Kettle\n18,{cells},Cup\n", more.join(","));
    let (path, page) = office.uploads("products", "wide.csv", file.as_bytes());
    assert_eq!(page.all("#columns select").len(), 100);
    page.says("900 more columns after the hundredth").says("Import 2 products");
    assert!(page.html.len() < 400_000, "{} bytes", page.html.len());
    office.starts(&path, &[]).says("2 products recorded");
    assert_eq!(office.number("SELECT count(*) FROM products WHERE name = 'Kettle'"), 1);
}
