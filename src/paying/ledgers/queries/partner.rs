//! Whose ledger it is, and what the pages need to know beside the entries.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{AccountId, PartnerId};
use crate::domain::money::Money;
use crate::people::names::Person;
use crate::web::paths;

/// A partner and its account in the company's currency.
#[derive(Debug, Clone, QueryableByName)]
pub struct Partner {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    parent_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<Text>)]
    parent_name: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub account: Option<AccountId>,
    /// The day of its first entry.
    #[diesel(sql_type = Nullable<Date>)]
    pub first_day: Option<NaiveDate>,
    /// How many of its entries no payment has settled.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    merged_into_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<Text>)]
    merged_into_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    merged_into_code: Option<String>,
    /// What was merged into it: id, name, code and balance of each.
    #[diesel(sql_type = Jsonb)]
    merged: serde_json::Value,
}

impl Partner {
    /// The records that were merged into it, each with its balance.
    pub fn merged(&self) -> Vec<(Person, Money)> {
        let part = |row: &serde_json::Value| {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            let (id, balance) = (PartnerId(row["id"].as_i64()?), row["balance"].as_i64()?);
            let path = paths::partner_ledger_form(id);
            let person = Person { path, ..Person::partner(id, text("name"), text("code")) };
            Some((person, Money::from_minor(balance)))
        };
        self.merged.as_array().into_iter().flatten().filter_map(part).collect()
    }

    /// The partner that it turned out to be.
    pub fn merged_into(&self) -> Option<Person> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (name, code) = (text(&self.merged_into_name), text(&self.merged_into_code));
        self.merged_into_id.map(|id| Person::partner(id, &name, &code))
    }

    /// Who recruited it.
    pub fn parent(&self) -> Option<(PartnerId, &str)> {
        self.parent_id.zip(self.parent_name.as_deref())
    }

    /// Whether it earns on new orders.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

/// The partner of this number.
pub fn find(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Option<Partner>> {
    sql_query(
        "SELECT p.id, c.name, p.code, p.status, p.parent_id, uc.name AS parent_name, a.id AS account,
                (SELECT min(day) FROM ledger_days d WHERE d.account_id = a.id) AS first_day,
                (SELECT count(*) FROM open_entries o WHERE o.account_id = a.id) AS open,
                p.merged_into_id, mc.name AS merged_into_name, m.code AS merged_into_code,
                (SELECT coalesce(jsonb_agg(jsonb_build_object('id', sp.id, 'name', sc.name, 'code', sp.code,
                            'balance', coalesce(st.balance_minor, 0)) ORDER BY sp.merged_at, sp.id), '[]')
                   FROM partners sp JOIN contacts sc ON sc.id = sp.contact_id
                   LEFT JOIN (accounts sa JOIN company sy USING (currency)) ON sa.partner_id = sp.id
                   LEFT JOIN account_totals st ON st.account_id = sa.id
                  WHERE sp.merged_into_id = p.id) AS merged
           FROM partners p
           JOIN contacts c ON c.id = p.contact_id
           LEFT JOIN partners up ON up.id = p.parent_id
           LEFT JOIN contacts uc ON uc.id = up.contact_id
           LEFT JOIN partners m ON m.id = p.merged_into_id
           LEFT JOIN contacts mc ON mc.id = m.contact_id
           LEFT JOIN (accounts a JOIN company USING (currency)) ON a.partner_id = p.id
          WHERE p.id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

/// The first and the last month that have entries, by their first days; for when a search finds
/// nobody.
pub fn first_and_last_month(conn: &mut PgConnection) -> QueryResult<Option<(NaiveDate, NaiveDate)>> {
    #[derive(QueryableByName)]
    struct Months {
        #[diesel(sql_type = Nullable<Date>)]
        first: Option<NaiveDate>,
        #[diesel(sql_type = Nullable<Date>)]
        last: Option<NaiveDate>,
    }
    let months: Months =
        sql_query("SELECT min(month) AS first, max(month) AS last FROM ledger_months").get_result(conn)?;
    Ok(months.first.zip(months.last))
}

/// An adjustment that was recorded with a form of this key.
#[derive(Debug, Clone, QueryableByName)]
pub struct Adjustment {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = BigInt)]
    pub amount: Money,
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// What was recorded with this form key before.
pub fn adjustment_of_key(conn: &mut PgConnection, key: Uuid) -> QueryResult<Option<Adjustment>> {
    sql_query(
        "SELECT e.account_id AS account, e.amount_minor AS amount, e.dated_on, d.reason
           FROM entry_details d JOIN entries e ON e.id = d.entry_id WHERE d.form_key = $1",
    )
    .bind::<SqlUuid, _>(key)
    .get_result(conn)
    .optional()
}
