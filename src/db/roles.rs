//! The application's own role. Triggers keep the book append-only for everybody; working under a role
//! that may not even ask for an UPDATE of it is the second guard, against our own mistakes.
//!
//! Roles belong to the server, not to a database, so this is no migration; each database has its own,
//! named after it, and several databases on one server do not get in each other's way. What the role
//! may do follows from the tables' comments.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

/// What keeps the book from being changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guards {
    /// The application works under a role of its own, and triggers refuse everybody.
    RoleAndTriggers,
    /// The server did not let us make a role: triggers refuse everybody, and that is all.
    TriggersAlone,
}

/// How the application may work in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The role for the application's connections; none where the server does not let us have it.
    pub role: Option<String>,
    /// Without a role: what an administrator of the server runs to let us have it.
    pub remedy: Option<String>,
}

impl Access {
    /// What this keeps the book by.
    pub fn guards(&self) -> Guards {
        if self.role.is_some() { Guards::RoleAndTriggers } else { Guards::TriggersAlone }
    }
}

/// PostgreSQL cuts longer names without a word.
const LONGEST_NAME: usize = 63;
const SUFFIX: &str = "_app";

/// Comments that begin like this say what the application may do with a table. All else is free.
const APPEND_ONLY: &str = "Append-only";
const DERIVED: &str = "Derived";

#[derive(QueryableByName)]
struct Us {
    #[diesel(sql_type = Text)]
    database: String,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Bool)]
    may_make_roles: bool,
}

/// Makes the application's role if need be, and gives it exactly what the tables' comments say. To be
/// called after migrating, by the owner, `alone`.
pub fn prepare(conn: &mut PgConnection) -> anyhow::Result<Access> {
    let us = us(conn)?;
    let role = role_name(&us.database);
    let remedy = || Some(format!("CREATE ROLE {role} NOLOGIN;\nGRANT {role} TO {};", quoted(&us.owner)));
    if !exists(conn, &us)? {
        if !us.may_make_roles {
            return Ok(Access { role: None, remedy: remedy() });
        }
        conn.batch_execute(&format!("CREATE ROLE {role} NOLOGIN"))?;
    }
    let usable = can_become(conn, &role)
        || conn.transaction(|conn| conn.batch_execute(&format!("GRANT {role} TO CURRENT_USER"))).is_ok()
            && can_become(conn, &role);
    if !usable {
        return Ok(Access { role: None, remedy: remedy() });
    }
    conn.transaction(|conn| grant(conn, &role))?;
    Ok(Access { role: Some(role), remedy: None })
}

/// What `prepare` came to when another process did it.
pub fn inspect(conn: &mut PgConnection) -> anyhow::Result<Access> {
    let us = us(conn)?;
    let role = role_name(&us.database);
    let usable = exists(conn, &us)? && can_become(conn, &role);
    Ok(Access { role: usable.then_some(role), remedy: None })
}

fn us(conn: &mut PgConnection) -> diesel::QueryResult<Us> {
    sql_query(
        "SELECT current_database()::text AS database, rolname::text AS owner, \
         rolsuper OR rolcreaterole AS may_make_roles FROM pg_roles WHERE rolname = current_user",
    )
    .get_result(conn)
}

fn exists(conn: &mut PgConnection, us: &Us) -> diesel::QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let query = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS found";
    let found: Found = sql_query(query).bind::<Text, _>(unquoted_role_name(&us.database)).get_result(conn)?;
    Ok(found.found)
}

/// Trying is the only answer that holds for every version and every way of being allowed to.
fn can_become(conn: &mut PgConnection, role: &str) -> bool {
    let tried = conn.transaction::<(), diesel::result::Error, _>(|conn| {
        conn.batch_execute(&format!("SET LOCAL ROLE {role}"))?;
        Err(diesel::result::Error::RollbackTransaction)
    });
    matches!(tried, Err(diesel::result::Error::RollbackTransaction))
}

fn grant(conn: &mut PgConnection, role: &str) -> diesel::QueryResult<()> {
    #[derive(QueryableByName)]
    struct Kept {
        #[diesel(sql_type = Text)]
        tables: String,
        #[diesel(sql_type = Bool)]
        append_only: bool,
    }
    conn.batch_execute(&format!(
        "GRANT USAGE ON SCHEMA public TO {role};
         REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
         REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM {role};"
    ))?;
    let kept: Vec<Kept> = sql_query(
        "SELECT string_agg(format('%I.%I', nspname, relname), ', ') AS tables, comment LIKE $1 || '%' AS append_only
         FROM pg_class
         JOIN pg_namespace ON pg_namespace.oid = relnamespace,
         LATERAL obj_description(pg_class.oid, 'pg_class') AS comment
         WHERE nspname = 'public' AND relkind IN ('r', 'p') AND comment LIKE ANY (ARRAY[$1 || '%', $2 || '%'])
         GROUP BY append_only",
    )
    .bind::<Text, _>(APPEND_ONLY)
    .bind::<Text, _>(DERIVED)
    .load(conn)?;
    for Kept { tables, append_only } in kept {
        let what = if append_only { "UPDATE, DELETE" } else { "INSERT, UPDATE, DELETE" };
        conn.batch_execute(&format!("REVOKE {what} ON {tables} FROM {role}"))?;
    }
    Ok(())
}

fn role_name(database: &str) -> String {
    quoted(&unquoted_role_name(database))
}

fn unquoted_role_name(database: &str) -> String {
    let room = LONGEST_NAME - SUFFIX.len();
    let fits = |(start, letter): &(usize, char)| start + letter.len_utf8() <= room;
    let mut name: String = database.char_indices().take_while(fits).map(|(_, letter)| letter).collect();
    name.push_str(SUFFIX);
    name
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_after_its_database_and_fits() {
        assert_eq!(role_name("partnerbook"), "\"partnerbook_app\"");
        assert_eq!(role_name("a\"b"), "\"a\"\"b_app\"");
        let long = unquoted_role_name(&"ä".repeat(31));
        assert!(long.len() <= LONGEST_NAME && long.ends_with("ä_app"), "{long}");
    }
}
