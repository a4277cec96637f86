//! SQL stands where one looks for it, and each table is written by the one folder that owns it.

use std::collections::BTreeSet;

use super::source::{Source, sources};

/// Which folder writes which tables. What triggers write is nobody's.
const OWNERS: &[(&str, &[&str])] = &[
    (
        "src/book/",
        &[
            "accounts",
            "entries",
            "entry_details",
            "runs",
            "run_accounts",
            "payments",
            "settlements",
            "voids",
            "releases",
        ],
    ),
    ("src/paying/payments/", &["payment_batches", "payment_skips"]),
    ("src/people/contacts/", &["contacts"]),
    ("src/people/partners/", &["partners", "enrolments", "partner_notes", "tags", "partner_tags"]),
    ("src/running/api_keys/", &["api_keys"]),
    ("src/running/audit/", &["audit_log"]),
    ("src/running/files/", &["files", "file_parts"]),
    ("src/running/jobs/", &["jobs", "job_queue"]),
    ("src/running/mails/", &["mails"]),
    ("src/running/saved_searches/", &["saved_searches"]),
    ("src/running/sessions/", &["sessions", "server_keys"]),
    ("src/running/settings/", &["company", "company_logo", "defaults", "code_prefixes", "tracking_settings"]),
    ("src/running/setup/", &["setup_links"]),
    ("src/running/sign_in/", &["sign_in_attempts"]),
    ("src/running/users/", &["users"]),
    ("src/selling/coupons/", &["coupon_codes"]),
    ("src/selling/imports/", &["imported_returns", "imports"]),
    (
        "src/selling/orders/",
        &[
            "orders",
            "order_lines",
            "order_events",
            "returned_lines",
            "order_credits",
            "commission_rows",
            "commission_row_lines",
            "order_forms",
        ],
    ),
    ("src/selling/products/", &["products"]),
    ("src/selling/programs/", &["programs", "program_versions", "program_rules", "program_rates"]),
    (
        "src/selling/tracking/",
        &[
            "visitors",
            "clicks",
            "referrals",
            "tracking_links",
            "tracking_link_programs",
            "unknown_links",
            "web_forms",
            "web_form_fields",
            "form_submissions",
            "link_changes",
            "visit_batches",
        ],
    ),
    // Also what functions of the database write, such as `work_in`.
    (
        "triggers",
        &[
            "account_totals",
            "ledger_days",
            "ledger_months",
            "open_entries",
            "partner_codes",
            "tracking_link_codes",
            "web_form_codes",
            "click_days",
            "visitor_days",
            "click_days_mark",
            "visits_set_aside",
        ],
    ),
];

/// Who else writes a table, and why.
const GUESTS: &[(&str, &str)] = &[
    // A sign-in counts only while the password is still the one that was checked: time and test are one
    // statement.
    ("src/running/sign_in/queries.rs", "users"),
    // A partner's row of a file says the person's name and address too.
    ("src/people/partners/queries.rs", "contacts"),
    // What speaks for a partner follows when it is merged into another, in the same transaction.
    ("src/people/partners/queries/merging.rs", "referrals"),
    ("src/people/partners/queries/merging.rs", "clicks"),
    ("src/people/partners/queries/merging.rs", "contacts"),
    ("src/people/partners/queries/merging.rs", "web_forms"),
    // An import says of each product whether it earns; orders only ever make products.
    ("src/selling/imports/queries.rs", "products"),
    // The choice of partners again, as they stand now: a copy of a run's rows inside the database.
    ("src/paying/payments/queries/preview.rs", "runs"),
    ("src/paying/payments/queries/preview.rs", "run_accounts"),
];

/// Where SQL may stand.
fn may_ask(path: &str) -> bool {
    ["src/db/", "src/book/"].iter().any(|folder| path.starts_with(folder))
        || path.ends_with("/queries.rs")
        || path.contains("/queries/")
}

/// The strings that are SQL: with the line, blanks squeezed.
fn statements(source: &Source) -> Vec<(usize, String)> {
    let begins = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "TRUNCATE ",
        "WITH ",
        "COPY ",
        "MERGE INTO ",
        "CREATE ",
        "ALTER ",
        "DROP ",
        "GRANT ",
        "SET ROLE ",
        "LOCK TABLE ",
        "BEGIN ",
        "FROM ",
        "WHERE ",
    ];
    let squeezed =
        source.strings.iter().map(|(at, text)| (*at, text.split_whitespace().collect::<Vec<_>>().join(" ")));
    let is_sql =
        |text: &str| begins.iter().any(|begin| text.starts_with(begin)) || text.contains("INSERT INTO ");
    squeezed.filter(|(_, text)| is_sql(text)).map(|(at, text)| (source.line(at), text)).collect()
}

fn misplaced(source: &Source) -> Vec<String> {
    if may_ask(&source.path) {
        return Vec::new();
    }
    let mut found = source.words(&["sql_query(", "batch_execute(", "diesel::insert_into", "diesel::dsl"]);
    found.extend(statements(source).into_iter().map(|(line, sql)| format!("{}:{line}: {sql}", source.path)));
    found
}

#[test]
fn sql_stands_in_queries_and_in_the_book() {
    let found: Vec<String> = sources("src", ".rs").iter().flat_map(misplaced).collect();
    assert!(found.is_empty(), "{found:#?}");
    for code in [
        r#"let x = sql_query(y);"#,
        r#"let x = "SELECT id FROM users";"#,
        "let x = \"\\\n   UPDATE users SET name = $1\";",
        r##"let x = r#"WITH a AS (SELECT 1) DELETE FROM b"#;"##,
    ] {
        assert!(
            !misplaced(&Source::new("src/people/partners/handlers.rs", code)).is_empty(),
            "not seen: {code}"
        );
        assert!(misplaced(&Source::new("src/people/partners/queries.rs", code)).is_empty());
    }
}

/// The tables that a file writes.
fn written(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, sql) in statements(source) {
        for verb in ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "COPY ", "MERGE INTO ", "TRUNCATE "] {
            for (at, _) in sql.match_indices(verb) {
                // Locks and conflicts are no writes of another table.
                let before = sql[..at].trim_end();
                let is_clause = ["FOR", "FOR NO KEY", "DO", "ON"].iter().any(|word| before.ends_with(word));
                let rest = sql[at + verb.len()..].trim_start_matches("ONLY ");
                let table: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if !is_clause && !table.is_empty() && table.chars().all(|c| !c.is_ascii_uppercase()) {
                    found.push((line, table));
                }
            }
        }
    }
    found
}

fn trespasses(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (line, table) in written(source) {
        let owner = OWNERS.iter().find(|(_, tables)| tables.contains(&table.as_str()));
        let is_owner = owner.is_some_and(|(folder, _)| source.path.starts_with(folder));
        let is_guest = GUESTS.contains(&(source.path.as_str(), table.as_str()));
        if !is_owner && !is_guest {
            let whose = owner.map_or("nobody", |(folder, _)| folder);
            found.push(format!("{}:{line}: writes {table}, which is of {whose}", source.path));
        }
    }
    found
}

#[test]
fn a_feature_writes_only_its_own_tables() {
    let sources = sources("src", ".rs");
    let found: Vec<String> = sources.iter().flat_map(trespasses).collect();
    assert!(found.is_empty(), "{found:#?}");
    for (path, table) in GUESTS {
        let writes = sources.iter().filter(|source| source.path == *path).flat_map(written);
        assert!(writes.into_iter().any(|(_, name)| name == *table), "{path} no longer writes {table}");
    }
    for sql in
        ["INSERT INTO entries (id)", "WITH a AS (DELETE FROM entries) SELECT", "UPDATE entries SET a = 1"]
    {
        let source = Source::new("src/people/partners/queries.rs", &format!("let x = \"{sql}\";"));
        assert_eq!(trespasses(&source).len(), 1, "{sql}");
    }
    let harmless = "let x = \"SELECT id FROM entries FOR NO KEY UPDATE OF entries\";";
    assert!(trespasses(&Source::new("src/people/partners/queries.rs", harmless)).is_empty());
}

#[test]
fn each_table_has_one_owner_who_writes_it() {
    let mut migrations = sources("migrations", "up.sql");
    migrations.sort_by(|one, other| one.path.cmp(&other.path));
    let mut made = BTreeSet::new();
    for line in migrations.iter().flat_map(|source| source.text.lines()) {
        let name = |verb: &str| line.strip_prefix(verb).and_then(|rest| rest.split([' ', '(', ';']).next());
        made.extend(name("CREATE TABLE "));
        if let Some(gone) = name("DROP TABLE ") {
            made.remove(gone);
        }
    }
    assert!(made.len() > 30, "the tables are found");
    let owned: Vec<&str> = OWNERS.iter().flat_map(|(_, tables)| tables.iter().copied()).collect();
    assert_eq!(
        owned.iter().copied().collect::<BTreeSet<_>>(),
        made,
        "every table of the migrations has an owner"
    );
    assert_eq!(owned.len(), made.len(), "and only one");
    let written: Vec<(String, String)> = sources("src", ".rs")
        .iter()
        .flat_map(|source| written(source).into_iter().map(|(_, table)| (source.path.clone(), table)))
        .collect();
    for (folder, tables) in OWNERS.iter().filter(|(folder, _)| *folder != "triggers") {
        for table in *tables {
            let writes = written.iter().any(|(path, name)| path.starts_with(folder) && name == table);
            assert!(writes, "{folder} owns {table} and never writes it");
        }
    }
}
