//! Two partners who are one: what each brings, and moving it.

use crate::db::columns::Number;
use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamptz};

/// What a partner has, for the page that shows two side by side.
#[derive(QueryableByName)]
pub struct SideRow {
    /// All codes that lead to it, one a line.
    #[diesel(sql_type = Text)]
    pub codes: String,
    /// By name, one a line.
    #[diesel(sql_type = Text)]
    pub programs: String,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub recruits: i64,
    #[diesel(sql_type = BigInt)]
    pub referrals: i64,
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
    #[diesel(sql_type = BigInt)]
    pub notes: i64,
}

/// What a partner has.
pub fn side(conn: &mut PgConnection, id: PartnerId) -> QueryResult<SideRow> {
    sql_query(
        "SELECT (SELECT coalesce(string_agg(code, E'\\n' ORDER BY code), '') FROM partner_codes WHERE partner_id = $1) AS codes,
                (SELECT coalesce(string_agg(g.name, E'\\n' ORDER BY g.name), '') FROM enrolments e JOIN programs g ON g.id = e.program_id
                  WHERE e.partner_id = $1) AS programs,
                (SELECT coalesce(sum(t.balance_minor), 0)::bigint FROM accounts a JOIN account_totals t ON t.account_id = a.id
                  WHERE a.partner_id = $1 AND a.currency = (SELECT currency FROM company)) AS balance_minor,
                (SELECT coalesce(sum(t.last_number), 0) FROM accounts a JOIN account_totals t ON t.account_id = a.id
                  WHERE a.partner_id = $1) AS entries,
                (SELECT count(*) FROM payments y JOIN accounts a ON a.id = y.account_id WHERE a.partner_id = $1) AS payments,
                (SELECT count(*) FROM order_credits WHERE lead_partner_id = $1 OR sale_partner_id = $1) AS orders,
                (SELECT count(*) FROM partners WHERE parent_id = $1) AS recruits,
                (SELECT count(*) FROM referrals WHERE partner_id = $1) AS referrals,
                (SELECT count(*) FROM clicks WHERE partner_id = $1) AS clicks,
                (SELECT count(*) FROM partner_notes WHERE partner_id = $1) AS notes",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
}

/// What has moved from one partner to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    pub recruits: usize,
    pub referrals: usize,
    pub clicks: usize,
    pub enrolments: usize,
    pub tags: usize,
}

/// Moves what speaks for the partner from now on: recruits, referrals, clicks, enrolments, tags, and whose
/// sales rep it is. What the other has already is not made twice. Nothing of the book is touched.
pub fn hand_over(conn: &mut PgConnection, gone: PartnerId, stays: PartnerId) -> QueryResult<Moved> {
    let both = |conn: &mut PgConnection, sql: &str| {
        sql_query(sql).bind::<BigInt, _>(gone).bind::<BigInt, _>(stays).execute(conn)
    };
    let recruits = both(
        conn,
        "UPDATE partners SET parent_id = $2, version = version + 1 WHERE parent_id = $1 AND id <> $2",
    )?;
    // The same tie by hand to both is one tie: the one that counts longer.
    both(
        conn,
        "UPDATE referrals AS kept SET expires_at = CASE WHEN doubled.expires_at IS NULL OR kept.expires_at IS NULL THEN NULL
                                                     ELSE greatest(kept.expires_at, doubled.expires_at) END
           FROM referrals AS doubled
          WHERE kept.partner_id = $2 AND doubled.partner_id = $1 AND kept.click_id IS NULL AND doubled.click_id IS NULL
            AND (doubled.contact_id, doubled.kind, doubled.referred_at) = (kept.contact_id, kept.kind, kept.referred_at)",
    )?;
    both(
        conn,
        "DELETE FROM referrals AS doubled USING referrals AS kept
          WHERE kept.partner_id = $2 AND doubled.partner_id = $1 AND kept.click_id IS NULL AND doubled.click_id IS NULL
            AND (doubled.contact_id, doubled.kind, doubled.referred_at) = (kept.contact_id, kept.kind, kept.referred_at)",
    )?;
    let referrals = both(conn, "UPDATE referrals SET partner_id = $2 WHERE partner_id = $1")?;
    let clicks = both(conn, "UPDATE clicks SET partner_id = $2 WHERE partner_id = $1")?;
    if clicks > 0 {
        both(conn, "SELECT keep_click_days_of($1), keep_click_days_of($2)")?;
    }
    both(conn, "UPDATE contacts SET sales_rep_id = $2, version = version + 1 WHERE sales_rep_id = $1")?;
    both(conn, "UPDATE web_forms SET sales_rep_id = $2, version = version + 1 WHERE sales_rep_id = $1")?;
    let enrolments = both(
        conn,
        "INSERT INTO enrolments (partner_id, program_id) SELECT $2, program_id FROM enrolments WHERE partner_id = $1
         ON CONFLICT (partner_id, program_id) DO NOTHING",
    )?;
    let tags = both(
        conn,
        "INSERT INTO partner_tags (partner_id, tag_id) SELECT $2, tag_id FROM partner_tags WHERE partner_id = $1 ON CONFLICT DO NOTHING",
    )?;
    Ok(Moved { recruits, referrals, clicks, enrolments, tags })
}

/// Marks a partner as merged. Those that were merged into it earlier are now the other too. The database
/// lets the codes follow.
pub fn mark(
    conn: &mut PgConnection,
    gone: PartnerId,
    stays: PartnerId,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    sql_query("UPDATE partners SET merged_into_id = $2 WHERE merged_into_id = $1")
        .bind::<BigInt, _>(gone)
        .bind::<BigInt, _>(stays)
        .execute(conn)?;
    sql_query("DELETE FROM enrolments WHERE partner_id = $1").bind::<BigInt, _>(gone).execute(conn)?;
    sql_query("DELETE FROM partner_tags WHERE partner_id = $1").bind::<BigInt, _>(gone).execute(conn)?;
    sql_query(
        "UPDATE partners SET merged_into_id = $2, merged_at = $3, status = 'inactive', parent_id = NULL,
                version = version + 1 WHERE id = $1",
    )
    .bind::<BigInt, _>(gone)
    .bind::<BigInt, _>(stays)
    .bind::<Timestamptz, _>(at)
    .execute(conn)?;
    sql_query("UPDATE partners SET version = version + 1 WHERE id = $1")
        .bind::<BigInt, _>(stays)
        .execute(conn)?;
    Ok(())
}

/// Whether the first stands above the second, at any depth.
pub fn is_above(conn: &mut PgConnection, upper: PartnerId, lower: PartnerId) -> QueryResult<bool> {
    let found: Number = sql_query(
        "WITH RECURSIVE above (id) AS (
             SELECT parent_id FROM partners WHERE id = $2
             UNION SELECT p.parent_id FROM partners p JOIN above ON p.id = above.id)
         SELECT count(*) AS value FROM above WHERE id = $1",
    )
    .bind::<BigInt, _>(upper)
    .bind::<BigInt, _>(lower)
    .get_result(conn)?;
    Ok(found.value > 0)
}
