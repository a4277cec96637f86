//! Which partners are mailed.

use crate::domain::ids::PartnerId;
use crate::people::partners::{Addressee, Occasion};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

/// The partner, where it is active, wants to be told and has an e-mail.
pub fn addressee(
    conn: &mut PgConnection,
    partner: PartnerId,
    occasion: Occasion,
) -> QueryResult<Option<Addressee>> {
    let wants = match occasion {
        Occasion::Lead => "notify_on_lead",
        Occasion::Sale => "notify_on_sale",
    };
    sql_query(format!(
        "SELECT contacts.name, contacts.email FROM partners JOIN contacts ON contacts.id = contact_id
          WHERE partners.id = $1 AND status = 'active' AND {wants} AND contacts.email IS NOT NULL"
    ))
    .bind::<BigInt, _>(partner)
    .get_result::<Row>(conn)
    .optional()
    .map(|row| row.map(|Row { name, email }| Addressee { name, email }))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
}
