//! What follows when a partner is made inactive, and making it so.

use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz};

/// How a partner stands: what goes on whatever its status is, and what ends with it.
#[derive(QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
    /// Orders whose commissions it earns as the customer pays.
    #[diesel(sql_type = BigInt)]
    pub waiting_orders: i64,
    /// The most that these may still bring.
    #[diesel(sql_type = BigInt)]
    pub waiting_minor: Money,
    /// Orders that hold a commission of it, and take it back if the customer gets money back.
    #[diesel(sql_type = BigInt)]
    pub held_orders: i64,
    #[diesel(sql_type = BigInt)]
    pub recruits: i64,
    #[diesel(sql_type = BigInt)]
    pub codes: i64,
}

/// How it stands now.
pub fn standing(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Standing> {
    sql_query(
        "WITH its AS (
             SELECT c.order_id, r.payout, r.full_minor,
                    (SELECT coalesce(sum(e.amount_minor), 0) FROM entries e WHERE e.commission_row_id = r.id) AS held,
                    c.number = (SELECT max(number) FROM order_credits WHERE order_id = c.order_id)
                        AND NOT EXISTS (SELECT FROM order_events WHERE order_id = c.order_id AND kind = 'cancelled') AS in_force
               FROM commission_rows r JOIN order_credits c ON c.id = r.order_credit_id WHERE r.partner_id = $1)
         SELECT (SELECT coalesce(sum(t.balance_minor), 0)::bigint FROM accounts a JOIN account_totals t ON t.account_id = a.id
                  WHERE a.partner_id = $1 AND a.currency = (SELECT currency FROM company)) AS balance_minor,
                count(DISTINCT order_id) FILTER (WHERE payout = 'on_payment' AND in_force AND held < full_minor) AS waiting_orders,
                coalesce(sum(full_minor - held) FILTER (WHERE payout = 'on_payment' AND in_force AND held < full_minor), 0)::bigint AS waiting_minor,
                count(DISTINCT order_id) FILTER (WHERE held > 0) AS held_orders,
                (SELECT count(*) FROM partners WHERE parent_id = $1) AS recruits,
                (SELECT count(*) FROM partner_codes WHERE partner_id = $1) AS codes
           FROM its",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
}

/// How many of its clicks and referrals have not expired: each may credit it while it is active.
pub fn touches(conn: &mut PgConnection, id: PartnerId, now: DateTime<Utc>) -> QueryResult<i64> {
    let counted: crate::db::columns::Number = sql_query(
        "SELECT (SELECT count(*) FROM clicks WHERE partner_id = $1 AND NOT robot AND coalesce(expires_at >= $2, true))
              + (SELECT count(*) FROM referrals WHERE partner_id = $1 AND click_id IS NULL AND coalesce(expires_at >= $2, true)) AS value",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)?;
    Ok(counted.value)
}
