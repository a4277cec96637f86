//! What happened to a contact, in the order of time.

use crate::db::columns::Number;
use crate::domain::ids::{ContactId, OrderId, PartnerId, WebFormId};
use crate::web::list::Window;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};

/// One thing that happened.
#[derive(QueryableByName)]
pub struct StoryRow {
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// `known`, `cookie`, `manual`, `permanent`, `form` or `order`.
    #[diesel(sql_type = Text)]
    pub what: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Text)]
    pub order_number: String,
    /// Of a click: the link's name; empty where it was the partner's own address.
    #[diesel(sql_type = Text)]
    pub link: String,
    /// Of a click: where it came from, as its campaign or else the browser says; empty where neither does.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// The form that it sent, what it is called, and what was answered: a list of {label, answer}.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub form_id: Option<WebFormId>,
    #[diesel(sql_type = Text)]
    pub form_name: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub answers: Option<serde_json::Value>,
}

/// What happened, the newest first: one page of it. It began when the contact became known.
pub fn story(conn: &mut PgConnection, id: ContactId, window: Window) -> QueryResult<Vec<StoryRow>> {
    sql_query(
        "WITH happened AS (
             SELECT created_at AS at, 0 AS place, 'known' AS what, NULL::bigint AS partner_id, NULL::bigint AS order_id, '' AS order_number, NULL::bigint AS click_id,
                    NULL::bigint AS form_id, NULL::jsonb AS answers, 0::bigint AS recorded
               FROM contacts WHERE id = $1
             UNION ALL
             (SELECT referred_at, 1, kind, partner_id, NULL, '', click_id, NULL, NULL, recorded FROM referrals WHERE contact_id = $1
               ORDER BY referred_at DESC, recorded DESC LIMIT $2)
             UNION ALL
             (SELECT sent_at, 2, 'form', NULL, NULL, '', NULL, form_id, answers, id FROM form_submissions WHERE contact_id = $1
               ORDER BY sent_at DESC LIMIT $2)
             UNION ALL
             (SELECT o.ordered_at, 3, 'order',
                     (SELECT coalesce(lead_partner_id, sale_partner_id) FROM order_credits WHERE order_id = o.id ORDER BY number DESC LIMIT 1),
                     o.id, o.number, NULL, NULL, NULL, 0
                FROM orders o WHERE o.contact_id = $1 ORDER BY o.ordered_at DESC, o.id DESC LIMIT $2))
         SELECT h.at, h.what, h.partner_id, coalesce(c.name, '') AS partner_name, coalesce(p.code, '') AS partner_code,
                h.order_id, h.order_number, coalesce(l.name, '') AS link,
                coalesce(k.utm_source, substring(k.referrer FROM '^https?://([^/?#]+)'), '') AS source,
                h.form_id, coalesce(f.name, '') AS form_name, h.answers
           FROM happened h LEFT JOIN partners p ON p.id = h.partner_id LEFT JOIN contacts c ON c.id = p.contact_id
           LEFT JOIN clicks k ON k.id = h.click_id LEFT JOIN tracking_links l ON l.id = k.link_id LEFT JOIN web_forms f ON f.id = h.form_id
          ORDER BY h.at DESC, h.place DESC, h.order_id DESC, h.recorded DESC LIMIT $3 OFFSET $4",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(window.offset() + window.limit())
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// How many things happened.
pub fn count(conn: &mut PgConnection, id: ContactId) -> QueryResult<i64> {
    let counted: Number = sql_query(
        "SELECT 1 + (SELECT count(*) FROM referrals WHERE contact_id = $1) + (SELECT count(*) FROM orders WHERE contact_id = $1)
                  + (SELECT count(*) FROM form_submissions WHERE contact_id = $1) AS value",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)?;
    Ok(counted.value)
}
