//! The SQL of contacts.

pub mod pages;
pub mod record;
pub mod story;

use super::{Known, NewContact, PostalAddress, SalesRep};
use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::ids::{ContactId, PartnerId, WebFormId};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};
use diesel::{OptionalExtension, PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::collections::HashMap;

/// What the database knows of a list of people.
pub struct Matching {
    /// Every contact that one of them may be.
    pub contacts: Vec<Found>,
    /// Their e-mails in lower case as the database folds them, in the order of the list: it may
    /// fold letters beyond ASCII in another way than we would.
    pub folded: Vec<Option<String>>,
}

/// A contact.
#[derive(QueryableByName)]
pub struct Found {
    #[diesel(sql_type = BigInt)]
    id: ContactId,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    folded: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    address_line1: String,
    #[diesel(sql_type = Text)]
    address_line2: String,
    #[diesel(sql_type = Text)]
    city: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    postal_code: String,
    #[diesel(sql_type = Text)]
    country: String,
}

impl Found {
    /// The contact, and its folded e-mail.
    pub(super) fn parts(self) -> (Known, Option<String>) {
        let address = PostalAddress {
            line1: self.address_line1,
            line2: self.address_line2,
            city: self.city,
            state: self.state,
            postal_code: self.postal_code,
            country: self.country,
        };
        let contact =
            NewContact { external_id: self.external_id, email: self.email, name: self.name, address };
        (Known { id: Some(self.id), version: self.version, contact, changed: false }, self.folded)
    }
}

/// The contacts that have one of these external ids or e-mails. They stay until the transaction ends: nobody can
/// erase or delete them meanwhile.
pub fn matching(conn: &mut PgConnection, people: &[NewContact]) -> QueryResult<Matching> {
    #[derive(QueryableByName)]
    struct Folded {
        #[diesel(sql_type = Nullable<Text>)]
        folded: Option<String>,
    }
    let mut matching = Matching { contacts: Vec::new(), folded: Vec::with_capacity(people.len()) };
    let mut seen = std::collections::HashSet::new();
    for people in people.chunks(ROWS_AT_ONCE) {
        let emails: Vec<Option<&str>> = people.iter().map(|person| person.email.as_deref()).collect();
        let external_ids: Vec<&str> =
            people.iter().filter_map(|person| person.external_id.as_deref()).collect();
        let folded: Vec<Folded> =
            sql_query("SELECT lower(email) AS folded FROM unnest($1) WITH ORDINALITY AS given (email, place) ORDER BY place")
                .bind::<Array<Nullable<Text>>, _>(&emails)
                .load(conn)?;
        matching.folded.extend(folded.into_iter().map(|row| row.folded));
        let found: Vec<Found> = sql_query(
            "SELECT id, version, external_id, email, lower(email) AS folded, name, address_line1, address_line2, city, state, \
                    postal_code, country \
             FROM contacts \
             WHERE external_id = ANY ($1) OR lower(email) IN (SELECT lower(email) FROM unnest($2) AS given (email)) \
             ORDER BY id FOR KEY SHARE",
        )
        .bind::<Array<Text>, _>(&external_ids)
        .bind::<Array<Nullable<Text>>, _>(&emails)
        .load(conn)?;
        matching.contacts.extend(found.into_iter().filter(|found| seen.insert(found.id)));
    }
    Ok(matching)
}

/// Makes contacts; their ids in the order of the list.
pub fn insert(conn: &mut PgConnection, new: &[&NewContact]) -> QueryResult<Vec<ContactId>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        id: ContactId,
    }
    let mut ids = Vec::with_capacity(new.len());
    for new in new.chunks(ROWS_AT_ONCE) {
        let column =
            |of: fn(&NewContact) -> &str| new.iter().map(|contact| of(contact)).collect::<Vec<&str>>();
        let option =
            |of: fn(&NewContact) -> Option<&str>| new.iter().map(|contact| of(contact)).collect::<Vec<_>>();
        // The ids are taken in the order of the list, and returned in it: rows come back as they went in.
        let made: Vec<Made> = sql_query(
            "INSERT INTO contacts (external_id, email, name, address_line1, address_line2, city, state, postal_code, country) \
             SELECT external_id, email, name, line1, line2, city, state, postal_code, country \
             FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY \
                  AS given (external_id, email, name, line1, line2, city, state, postal_code, country, place) \
             ORDER BY place \
             RETURNING id",
        )
        .bind::<Array<Nullable<Text>>, _>(option(|contact| contact.external_id.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(option(|contact| contact.email.as_deref()))
        .bind::<Array<Text>, _>(column(|contact| &contact.name))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.line1))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.line2))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.city))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.state))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.postal_code))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.country))
        .load(conn)?;
        ids.extend(made.into_iter().map(|made| made.id));
    }
    Ok(ids)
}

/// Writes what known contacts lacked, unless somebody has edited them since; tells how many.
pub(super) fn fill(conn: &mut PgConnection, known: &[&Known]) -> QueryResult<usize> {
    let mut filled = 0;
    for known in known.chunks(ROWS_AT_ONCE) {
        let column =
            |of: fn(&NewContact) -> &str| known.iter().map(|known| of(&known.contact)).collect::<Vec<&str>>();
        let option = |of: fn(&NewContact) -> Option<&str>| {
            known.iter().map(|known| of(&known.contact)).collect::<Vec<_>>()
        };
        filled += sql_query(
            "UPDATE contacts SET external_id = given.external_id, email = given.email, name = given.name, \
                    address_line1 = line1, address_line2 = line2, city = given.city, state = given.state, \
                    postal_code = given.postal_code, country = given.country, version = contacts.version + 1 \
             FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                  AS given (id, known_version, external_id, email, name, line1, line2, city, state, postal_code, country) \
             WHERE contacts.id = given.id AND contacts.version = known_version",
        )
        .bind::<Array<Nullable<BigInt>>, _>(known.iter().map(|known| known.id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(known.iter().map(|known| known.version).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(option(|contact| contact.external_id.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(option(|contact| contact.email.as_deref()))
        .bind::<Array<Text>, _>(column(|contact| &contact.name))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.line1))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.line2))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.city))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.state))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.postal_code))
        .bind::<Array<Text>, _>(column(|contact| &contact.address.country))
        .execute(conn)?;
    }
    Ok(filled)
}

/// Notes that a contact wants e-mail.
pub fn opt_in(conn: &mut PgConnection, id: ContactId) -> QueryResult<()> {
    sql_query("UPDATE contacts SET opted_in = true, version = version + 1 WHERE id = $1 AND NOT opted_in")
        .bind::<BigInt, _>(id)
        .execute(conn)?;
    Ok(())
}

/// Gives a contact without a sales rep this one.
pub fn give_sales_rep(
    conn: &mut PgConnection,
    id: ContactId,
    partner: PartnerId,
    form: WebFormId,
) -> QueryResult<()> {
    sql_query(
        "UPDATE contacts SET sales_rep_id = $2, sales_rep_form_id = $3, version = version + 1 \
         WHERE id = $1 AND sales_rep_id IS NULL",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(partner)
    .bind::<BigInt, _>(form)
    .execute(conn)?;
    Ok(())
}

/// The sales reps of those of these contacts that have one.
pub fn sales_reps(
    conn: &mut PgConnection,
    contacts: &[ContactId],
) -> QueryResult<HashMap<ContactId, SalesRep>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: ContactId,
        #[diesel(sql_type = BigInt)]
        partner: PartnerId,
        #[diesel(sql_type = Nullable<BigInt>)]
        form: Option<WebFormId>,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT id, sales_rep_id AS partner, sales_rep_form_id AS form FROM contacts \
         WHERE id = ANY ($1) AND sales_rep_id IS NOT NULL",
    )
    .bind::<Array<BigInt>, _>(contacts)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, SalesRep { partner: row.partner, form: row.form })).collect())
}

/// The contact with this e-mail; else this number elsewhere; else, after `#`, this number. Not an erased one; it stays
/// until the transaction ends.
pub fn by_typed(conn: &mut PgConnection, typed: &str) -> QueryResult<Option<ContactId>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        id: ContactId,
    }
    let found: Option<Found> = sql_query(
        "SELECT id FROM contacts WHERE (lower(email) = lower($1) OR external_id = $1 OR id = $2) AND erased_at IS NULL
          ORDER BY coalesce(lower(email) = lower($1), false) DESC, coalesce(external_id = $1, false) DESC LIMIT 1 FOR KEY SHARE",
    )
    .bind::<Text, _>(typed)
    .bind::<Nullable<BigInt>, _>(typed.strip_prefix('#').and_then(|number| number.parse::<i64>().ok()))
    .get_result(conn)
    .optional()?;
    Ok(found.map(|found| found.id))
}
