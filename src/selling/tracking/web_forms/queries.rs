//! The SQL of web forms.

use super::fields::{Asked, OPT_IN, QUESTION_FIELDS, Question, QuestionKind, Standard};
use super::{Facts, Record};
use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, SubmissionId, WebFormId};
use crate::web::list::Window;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};

/// A form in the list.
#[derive(QueryableByName)]
pub struct FormRow {
    #[diesel(sql_type = BigInt)]
    pub id: WebFormId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Bool)]
    pub is_open: bool,
    /// Of people.
    #[diesel(sql_type = BigInt)]
    pub leads: i64,
    /// Those that nobody has seen.
    #[diesel(sql_type = BigInt)]
    pub fresh: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_at: Option<DateTime<Utc>>,
}

/// What is new of the forms that tell.
#[derive(QueryableByName)]
pub struct News {
    #[diesel(sql_type = BigInt)]
    pub leads: i64,
    /// How many forms they came by.
    #[diesel(sql_type = BigInt)]
    pub forms: i64,
    /// One of these.
    #[diesel(sql_type = BigInt)]
    pub form: WebFormId,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// When the first of them came.
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = BigInt)]
    id: WebFormId,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    introduction: String,
    #[diesel(sql_type = Text)]
    button: String,
    #[diesel(sql_type = Text)]
    thanks: String,
    #[diesel(sql_type = Text)]
    redirect: String,
    #[diesel(sql_type = Bool)]
    is_open: bool,
    #[diesel(sql_type = Bool)]
    is_embedded: bool,
    #[diesel(sql_type = Bool)]
    notifies: bool,
    #[diesel(sql_type = Array<Text>)]
    mail_to: Vec<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    sales_rep_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    sales_rep_code: String,
    #[diesel(sql_type = Text)]
    sales_rep_name: String,
    #[diesel(sql_type = BigInt)]
    seen_up_to: SubmissionId,
}

#[derive(QueryableByName)]
struct FieldRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_required: bool,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    choices: Vec<String>,
}

const MATCHES: &str =
    "($1 = '' OR strpos(lower(f.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(f.code), lower($1)) > 0
                        OR strpos(lower(f.title), lower($1)) > 0)";

/// How many forms have these words in their name, code or heading.
pub fn count(conn: &mut PgConnection, words: &str) -> QueryResult<i64> {
    let counted: Number = sql_query(format!("SELECT count(*) AS value FROM web_forms f WHERE {MATCHES}"))
        .bind::<Text, _>(words)
        .get_result(conn)?;
    Ok(counted.value)
}

/// A page of them, by name.
pub fn list(conn: &mut PgConnection, words: &str, window: Window) -> QueryResult<Vec<FormRow>> {
    sql_query(format!(
        "WITH chosen AS (SELECT f.* FROM web_forms f WHERE {MATCHES} ORDER BY f.name, f.id LIMIT $2 OFFSET $3)
         SELECT f.id, f.name, f.code, f.is_open, s.leads, s.fresh, s.last_at
           FROM chosen f CROSS JOIN LATERAL (
                SELECT count(*) AS leads, count(*) FILTER (WHERE id > f.seen_up_to) AS fresh, max(sent_at) AS last_at
                  FROM form_submissions WHERE form_id = f.id AND contact_id IS NOT NULL) s
          ORDER BY f.name, f.id"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// The leads that nobody has seen, of the forms that tell of them; none where there are none.
pub fn news(conn: &mut PgConnection) -> QueryResult<Option<News>> {
    sql_query(
        "WITH fresh AS (
             SELECT f.id, f.name, s.leads, s.since
               FROM web_forms f CROSS JOIN LATERAL (
                    SELECT count(*) AS leads, min(sent_at) AS since FROM form_submissions
                     WHERE form_id = f.id AND id > f.seen_up_to AND contact_id IS NOT NULL) s
              WHERE f.notifies AND s.leads > 0)
         SELECT (sum(leads) OVER ())::bigint AS leads, count(*) OVER () AS forms, id AS form, name, min(since) OVER () AS since
           FROM fresh ORDER BY fresh.leads DESC, id LIMIT 1",
    )
    .get_result(conn)
    .optional()
}

const RECORD: &str = "
    SELECT f.id, f.version, f.name, f.code, f.title, f.introduction, f.button, f.thanks, f.redirect, f.is_open, f.is_embedded,
           f.notifies, f.mail_to, f.sales_rep_id, coalesce(p.code, '') AS sales_rep_code, coalesce(c.name, '') AS sales_rep_name, f.seen_up_to
      FROM web_forms f LEFT JOIN partners p ON p.id = f.sales_rep_id LEFT JOIN contacts c ON c.id = p.contact_id";

/// The record, locked or not.
pub fn find(conn: &mut PgConnection, id: WebFormId, locked: bool) -> QueryResult<Option<Record>> {
    let lock = if locked { "FOR UPDATE OF f" } else { "" };
    let row: Option<RecordRow> = sql_query(format!("{RECORD} WHERE f.id = $1 {lock}"))
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()?;
    whole(conn, row)
}

/// The form that has or had this code.
pub fn by_code(conn: &mut PgConnection, code: &str) -> QueryResult<Option<Record>> {
    let row: Option<RecordRow> =
        sql_query(format!("{RECORD} JOIN web_form_codes k ON k.form_id = f.id WHERE k.code = lower($1)"))
            .bind::<Text, _>(code)
            .get_result(conn)
            .optional()?;
    whole(conn, row)
}

fn whole(conn: &mut PgConnection, row: Option<RecordRow>) -> QueryResult<Option<Record>> {
    let Some(row) = row else { return Ok(None) };
    let fields: Vec<FieldRow> = sql_query(
        "SELECT name, is_required, label, kind, choices FROM web_form_fields WHERE form_id = $1 ORDER BY name",
    )
    .bind::<BigInt, _>(row.id)
    .load(conn)?;
    Ok(Some(row.record(asked(fields))))
}

impl RecordRow {
    fn record(self, asked: Asked) -> Record {
        Record {
            id: self.id,
            version: self.version,
            facts: Facts {
                name: self.name,
                code: self.code,
                title: self.title,
                introduction: self.introduction,
                button: self.button,
                asked,
                thanks: self.thanks,
                redirect: self.redirect,
                is_open: self.is_open,
                is_embedded: self.is_embedded,
                notifies: self.notifies,
                mail_to: self.mail_to,
                sales_rep: self.sales_rep_id,
            },
            sales_rep_code: self.sales_rep_code,
            sales_rep_name: self.sales_rep_name,
            seen_up_to: self.seen_up_to,
        }
    }
}

fn asked(fields: Vec<FieldRow>) -> Asked {
    let mut asked = Asked::default();
    for field in fields {
        if let Some(standard) = Standard::from_name(&field.name) {
            asked.standard.insert(standard, field.is_required);
        } else if field.name == OPT_IN {
            asked.opt_in = Some(field.label);
        } else if let (Some(at), Some(kind)) = (
            QUESTION_FIELDS.iter().position(|name| *name == field.name),
            field.kind.as_deref().and_then(QuestionKind::from_word),
        ) {
            let FieldRow { label, is_required, choices, .. } = field;
            asked.questions.push(Question { number: at + 1, label, kind, is_required, choices });
        }
    }
    asked
}

/// Says what a form asks, in place of what it asked.
pub fn set_fields(conn: &mut PgConnection, id: WebFormId, asked: &Asked) -> QueryResult<()> {
    sql_query("DELETE FROM web_form_fields WHERE form_id = $1").bind::<BigInt, _>(id).execute(conn)?;
    let field = |name: &str, is_required, label: &str| FieldRow {
        name: name.into(),
        is_required,
        label: label.into(),
        kind: None,
        choices: Vec::new(),
    };
    let standard = asked.standard.iter().map(|(standard, must)| field(standard.name(), *must, ""));
    let questions = asked.questions.iter().filter_map(|question| {
        let name = QUESTION_FIELDS.get(question.number.checked_sub(1)?)?;
        let (kind, choices) = (Some(question.kind.word().to_string()), question.choices.clone());
        Some(FieldRow { kind, choices, ..field(name, question.is_required, &question.label) })
    });
    let opt_in = asked.opt_in.iter().map(|words| field(OPT_IN, false, words));
    for field in standard.chain(questions).chain(opt_in) {
        sql_query(
            "INSERT INTO web_form_fields (form_id, name, is_required, label, kind, choices) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(field.name)
        .bind::<Bool, _>(field.is_required)
        .bind::<Text, _>(field.label)
        .bind::<Nullable<Text>, _>(field.kind)
        .bind::<Array<Text>, _>(field.choices)
        .execute(conn)?;
    }
    Ok(())
}

/// Makes a form, without what it asks; none where another one has or had the code.
pub fn insert(conn: &mut PgConnection, facts: &Facts) -> QueryResult<Option<WebFormId>> {
    let made = conn.transaction(|conn| {
        sql_query(
            "INSERT INTO web_forms (name, code, title, introduction, button, thanks, redirect, is_open, is_embedded, notifies, sales_rep_id, mail_to)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id AS value",
        )
        .bind::<Text, _>(&facts.name)
        .bind::<Text, _>(&facts.code)
        .bind::<Text, _>(&facts.title)
        .bind::<Text, _>(&facts.introduction)
        .bind::<Text, _>(&facts.button)
        .bind::<Text, _>(&facts.thanks)
        .bind::<Text, _>(&facts.redirect)
        .bind::<Bool, _>(facts.is_open)
        .bind::<Bool, _>(facts.is_embedded)
        .bind::<Bool, _>(facts.notifies)
        .bind::<Nullable<BigInt>, _>(facts.sales_rep)
        .bind::<Array<Text>, _>(&facts.mail_to)
        .get_result::<Number>(conn)
    });
    Ok(unless_taken(made)?.map(|made| WebFormId(made.value)))
}

/// Saves a form, without what it asks; false where another one has or had the code.
pub fn update(conn: &mut PgConnection, id: WebFormId, facts: &Facts) -> QueryResult<bool> {
    let updated = conn.transaction(|conn| {
        sql_query(
            "UPDATE web_forms SET name = $2, code = $3, title = $4, introduction = $5, button = $6, thanks = $7, redirect = $8,
                    is_open = $9, is_embedded = $10, notifies = $11, sales_rep_id = $12, mail_to = $13, version = version + 1
              WHERE id = $1",
        )
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(&facts.name)
        .bind::<Text, _>(&facts.code)
        .bind::<Text, _>(&facts.title)
        .bind::<Text, _>(&facts.introduction)
        .bind::<Text, _>(&facts.button)
        .bind::<Text, _>(&facts.thanks)
        .bind::<Text, _>(&facts.redirect)
        .bind::<Bool, _>(facts.is_open)
        .bind::<Bool, _>(facts.is_embedded)
        .bind::<Bool, _>(facts.notifies)
        .bind::<Nullable<BigInt>, _>(facts.sales_rep)
        .bind::<Array<Text>, _>(&facts.mail_to)
        .execute(conn)
    });
    Ok(unless_taken(updated)?.is_some())
}

/// None where a code is another's. The savepoint around it leaves the transaction to stand in.
fn unless_taken<T>(result: QueryResult<T>) -> QueryResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the form is called that has or had this code.
pub fn name_of(conn: &mut PgConnection, code: &str) -> QueryResult<String> {
    Ok(by_code(conn, code)?.map_or_else(|| code.to_string(), |record| record.facts.name))
}

/// Marks what came up to a submission of the form as seen; whether anything of it was not.
pub fn see(conn: &mut PgConnection, id: WebFormId, up_to: SubmissionId) -> QueryResult<bool> {
    let seen = sql_query(
        "UPDATE web_forms SET seen_up_to = $2
          WHERE id = $1 AND seen_up_to < $2 AND EXISTS (SELECT FROM form_submissions WHERE id = $2 AND form_id = $1)",
    );
    Ok(seen.bind::<BigInt, _>(id).bind::<BigInt, _>(up_to).execute(conn)? > 0)
}

/// Takes it out, with all its codes and what it asks.
pub fn delete(conn: &mut PgConnection, id: WebFormId) -> QueryResult<usize> {
    sql_query("DELETE FROM web_forms WHERE id = $1").bind::<BigInt, _>(id).execute(conn)
}
