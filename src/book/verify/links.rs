//! What holds between tables: entries and the orders that made them, commission rows and the rules that
//! they were worked out by, and every reference.

use super::Check;
use super::question::{Question, count};
use crate::db::columns::Number;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Text};

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "each entry of an order stands in the account of its row's partner, with the date of its event",
        table: "entries",
        faults: "SELECT e.account_id, format('entry %s of order %s', e.number, to_json(o.number)), f.says, ARRAY[e.amount_minor::bigint]
                   FROM entries e
                   LEFT JOIN accounts a ON a.id = e.account_id
                   LEFT JOIN order_events v ON v.id = e.order_event_id
                   LEFT JOIN commission_rows r ON r.id = e.commission_row_id
                   LEFT JOIN order_credits c ON c.id = r.order_credit_id
                   LEFT JOIN orders o ON o.id = c.order_id
                  CROSS JOIN LATERAL (VALUES
                        (format('{} of row %s stands in the account of another partner', r.id), a.partner_id IS DISTINCT FROM r.partner_id),
                        (format('{} of row %s was made by an event of another order', r.id), v.order_id IS DISTINCT FROM o.id),
                        (format('{} is dated %s, its event %s', e.dated_on, v.dated_on), e.dated_on IS DISTINCT FROM v.dated_on),
                        (format('{} stands in an account in %s, the order is in %s', a.currency, o.currency), a.currency IS DISTINCT FROM o.currency)
                        ) AS f (says, wrong)
                  WHERE e.commission_row_id IS NOT NULL AND f.wrong",
    },
    Question {
        proves: "each commission row follows the rule, the rates and the lineage that it names",
        table: "commission_rows",
        faults: "WITH lineages AS MATERIALIZED (
                     SELECT credit_id, order_id, role,
                            ARRAY[(lineage #>> '{own,partner}')::bigint, (lineage #>> '{parent,partner}')::bigint,
                                  (lineage #>> '{grandparent,partner}')::bigint] AS partners
                       FROM (SELECT c.id AS credit_id, c.order_id, unnest(ARRAY['lead', 'sale']) AS role,
                                    unnest(ARRAY[c.why -> 'lead', c.why -> 'sale']) AS lineage FROM order_credits c) AS stories
                 )
                 SELECT NULL::bigint, format('order %s row %s', to_json(o.number), r.id), f.says, '{}'::bigint[]
                   FROM commission_rows r
                   LEFT JOIN lineages s ON s.credit_id = r.order_credit_id AND s.role = r.role
                   LEFT JOIN orders o ON o.id = s.order_id
                   LEFT JOIN order_lines l ON l.id = r.order_line_id
                   LEFT JOIN program_versions v ON v.id = r.program_version_id
                   LEFT JOIN program_rules u ON u.id = r.rule_id
                   LEFT JOIN program_rates t ON t.rule_id = r.rule_id AND t.level = r.level
                  CROSS JOIN LATERAL (VALUES
                        ('is of a line of another order', l.order_id <> s.order_id),
                        ('is of a line that earns nothing', NOT l.commissionable OR l.base <= 0),
                        ('goes by a rule of another program version', u.program_version_id IS DISTINCT FROM r.program_version_id),
                        ('goes by the rule of another product', u.product_id <> l.product_id),
                        ('is paid out in another way than its program', r.payout IS DISTINCT FROM v.payout),
                        ('has a flat amount, where its program pays it otherwise',
                         r.amount_minor > 0 AND (v.amount_per = 'order') <> (r.order_line_id IS NULL)),
                        ('has another percent than its rule',
                         r.percent <> 0 AND r.percent IS DISTINCT FROM CASE r.role WHEN 'lead' THEN t.lead_percent ELSE t.sale_percent END),
                        ('has another flat amount than its rule',
                         r.amount_minor <> 0 AND r.amount_minor IS DISTINCT FROM CASE r.role WHEN 'lead' THEN t.lead_amount_minor ELSE t.sale_amount_minor END),
                        (format('is partner %s''s, who is not at level %s of the credited lineage', r.partner_id, r.level),
                         r.partner_id IS DISTINCT FROM s.partners[greatest(r.level, 1)])
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each order was placed once, and its credits are counted from 1, each with an event of its own",
        table: "orders",
        faults: "SELECT NULL::bigint, format('order %s', to_json(o.number)), f.says, '{}'::bigint[]
                   FROM orders o
                   LEFT JOIN (SELECT order_id, count(*) FILTER (WHERE kind = 'placed') AS placed, count(*) FILTER (WHERE kind IN ('placed', 'credited')) AS credited,
                                     count(*) FILTER (WHERE kind = 'cancelled') AS cancelled FROM order_events GROUP BY 1) v ON v.order_id = o.id
                   LEFT JOIN (SELECT c.order_id, count(*) AS times, min(c.number) AS first, max(c.number) AS last,
                                     bool_or(v.order_id IS DISTINCT FROM c.order_id OR v.kind IS DISTINCT FROM CASE c.number WHEN 1 THEN 'placed' ELSE 'credited' END) AS by_others,
                                     bool_or((c.why #>> '{lead,own,partner}')::bigint IS DISTINCT FROM c.lead_partner_id
                                          OR (c.why #>> '{sale,own,partner}')::bigint IS DISTINCT FROM c.sale_partner_id) AS otherwise
                                FROM order_credits c LEFT JOIN order_events v ON v.id = c.order_event_id GROUP BY 1) c ON c.order_id = o.id
                  CROSS JOIN LATERAL (VALUES
                        (format('was placed %s times', coalesce(v.placed, 0)), coalesce(v.placed, 0) <> 1),
                        (format('was cancelled %s times', v.cancelled), v.cancelled > 1),
                        (format('has %s credits, numbered from %s to %s', coalesce(c.times, 0), c.first, c.last),
                         c.times IS NULL OR c.first <> 1 OR c.last <> c.times OR c.times <> v.credited),
                        ('is credited by an event of another kind or order', c.by_others),
                        ('is credited to others than its story says', c.otherwise)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each returned line is of the order that its refund is of",
        table: "returned_lines",
        faults: "SELECT NULL::bigint, format('order %s event %s', to_json(o.number), v.id), f.says, '{}'::bigint[]
                   FROM order_events v
                   JOIN orders o ON o.id = v.order_id
                   LEFT JOIN returned_lines r ON r.order_event_id = v.id
                   LEFT JOIN order_lines l ON l.id = r.order_line_id
                  CROSS JOIN LATERAL (VALUES
                        (format('gives back line %s of another order', l.id), l.order_id <> v.order_id),
                        (format('is a %s and gives lines back', v.kind), r.order_event_id IS NOT NULL AND v.kind <> 'refund'),
                        ('says that it names lines, and names none', v.names_lines AND r.order_event_id IS NULL),
                        ('names lines, and says that it does not', NOT v.names_lines AND r.order_event_id IS NOT NULL)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
];

/// A foreign key.
#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Array<Text>)]
    keys: Vec<String>,
}

/// Follows every reference of every table: foreign keys do not look back at rows that were written
/// while they were away.
pub fn references(conn: &mut PgConnection) -> Result<Check, AppError> {
    let references: Vec<Reference> = sql_query(
        "SELECT f.conname::text AS name, f.conrelid::regclass::text AS child, f.confrelid::regclass::text AS parent,
                ARRAY(SELECT quote_ident(a.attname) FROM unnest(f.conkey) WITH ORDINALITY k (number, place)
                        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
                ARRAY(SELECT quote_ident(a.attname) FROM unnest(f.confkey) WITH ORDINALITY k (number, place)
                        JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number ORDER BY k.place) AS keys
           FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace ORDER BY f.conname",
    )
    .load(conn)?;
    let mut check =
        Check::new("each reference leads to a row that is there", "references", references.len() as u64);
    for reference in &references {
        let lost: Number = sql_query(reference.lost()).get_result(conn)?;
        if lost.value > 0 {
            let of = count(conn, &reference.child)?;
            check.fault(|| {
                format!(
                    "{}: {} of {of} rows of {} name a row of {} that is not there",
                    reference.name, lost.value, reference.child, reference.parent
                )
            });
        }
    }
    Ok(check)
}

impl Reference {
    /// Counts the rows whose reference leads nowhere.
    fn lost(&self) -> String {
        let all = |each: &dyn Fn(&String, &String) -> String| {
            let parts: Vec<String> =
                self.columns.iter().zip(&self.keys).map(|(column, key)| each(column, key)).collect();
            parts.join(" AND ")
        };
        let given = all(&|column, _| format!("child.{column} IS NOT NULL"));
        let met = all(&|column, key| format!("parent.{key} = child.{column}"));
        format!(
            "SELECT count(*) AS value FROM {} AS child WHERE {given} AND NOT EXISTS (SELECT FROM {} AS parent WHERE {met})",
            self.child, self.parent
        )
    }
}
