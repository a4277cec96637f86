//! Domain values in columns: how the rulebook's types are bound and read, so that queries name them
//! directly and the rulebook knows no database.

use crate::domain::attribution::Step;
use crate::domain::ids::*;
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::{Outcome, PayType, PaymentMethod};
use crate::domain::program::{AmountPer, Payout, Percent, Role};
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Nullable, Numeric, Text};
use rust_decimal::Decimal;
use std::io::Write;

/// How many rows go into one statement: more is no faster, and the server must hold them all.
pub const ROWS_AT_ONCE: usize = 20_000;

/// What every type in a column needs beside its reading and writing.
macro_rules! expression {
    ($type:ty, $sql:ty) => {
        impl Queryable<$sql, Pg> for $type {
            type Row = $type;
            fn build(row: $type) -> deserialize::Result<$type> {
                Ok(row)
            }
        }

        impl AsExpression<$sql> for $type {
            type Expression = Bound<$sql, $type>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'a> AsExpression<$sql> for &'a $type {
            type Expression = Bound<$sql, &'a $type>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl AsExpression<Nullable<$sql>> for $type {
            type Expression = Bound<Nullable<$sql>, $type>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl ToSql<Nullable<$sql>, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<$sql, Pg>::to_sql(self, out)
            }
        }
    };
}

/// A type that is one value of a simpler type in a column: how to get at that value, and back.
macro_rules! column {
    ($type:ty, $sql:ty, $inner:ty, $to:expr, $from:expr) => {
        impl ToSql<$sql, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let to: fn(&$type) -> $inner = $to;
                ToSql::<$sql, Pg>::to_sql(&to(self), &mut out.reborrow())
            }
        }

        impl FromSql<$sql, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<$type> {
                let from: fn($inner) -> Option<$type> = $from;
                let inner = <$inner as FromSql<$sql, Pg>>::from_sql(value)?;
                from(inner).ok_or_else(|| format!("{inner} is no {}", stringify!($type)).into())
            }
        }

        expression!($type, $sql);
    };
}

macro_rules! id_columns {
    ($($id:ident),* $(,)?) => {$(
        column!($id, BigInt, i64, |id| id.0, |number| Some($id(number)));
    )*};
}

id_columns!(
    ContactId,
    PartnerId,
    ProgramId,
    ProgramVersionId,
    RuleId,
    ProductId,
    CouponId,
    ApiKeyId,
    LinkId,
    WebFormId,
    SubmissionId,
    VisitorId,
    OrderId,
    OrderLineId,
    OrderEventId,
    CommissionRowId,
    AccountId,
    EntryId,
    PaymentId,
    PaymentBatchId,
    RunId,
    UserId,
    JobId,
    MailId,
    FileId,
    ImportId,
);

column!(Money, BigInt, i64, |money| money.minor(), |minor| Some(Money::from_minor(minor)));
column!(Percent, Numeric, Decimal, |percent| percent.decimal(), Percent::new);

/// Types that stand in a column by their word.
macro_rules! word_columns {
    ($($type:ident),* $(,)?) => {$(
        expression!($type, Text);

        impl FromSql<Text, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<$type> {
                let word = <String as FromSql<Text, Pg>>::from_sql(value)?;
                $type::from_word(&word).ok_or_else(|| format!("{word:?} is no {}", stringify!($type)).into())
            }
        }

        impl ToSql<Text, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.word().as_bytes())?;
                Ok(IsNull::No)
            }
        }
    )*};
}

word_columns!(EntryKind, PaymentMethod, PayType, Outcome, Role, Payout, AmountPer, Step);

/// A number on its own: `SELECT … AS value`.
#[derive(Debug, diesel::QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub value: i64,
}
