//! What *What if?* asks beside the order itself.

use super::pages::{OrderFile, partners};
use crate::domain::commission::Lineage;
use crate::domain::ids::PartnerId;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt};
use std::collections::HashMap;

/// Each of these partners as it is today: a merged one is the partner that it turned out to be.
pub fn stand_for(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> QueryResult<HashMap<PartnerId, PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
        #[diesel(sql_type = BigInt)]
        stands_for: PartnerId,
    }
    let rows: Vec<Row> =
        sql_query("SELECT id, coalesce(merged_into_id, id) AS stands_for FROM partners WHERE id = ANY ($1)")
            .bind::<Array<BigInt>, _>(partners)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.stands_for)).collect())
}

/// Puts the names of these partners, and of those above them, into the order's file.
pub fn learn_names(
    conn: &mut PgConnection,
    file: &mut OrderFile,
    lineages: &HashMap<PartnerId, Lineage>,
) -> QueryResult<()> {
    let members = lineages.values().flat_map(|lineage| {
        std::iter::once(&lineage.own).chain(lineage.parent.iter()).chain(lineage.grandparent.iter())
    });
    let unknown = members.map(|member| member.partner).filter(|id| !file.partners.contains_key(id)).collect();
    file.partners.extend(partners(conn, &unknown)?);
    Ok(())
}
