//! A story told on PostgreSQL, through the functions that pages call, and in the model, with everything
//! compared after each thing that happens.

use super::ledger::{Answer, Book, Due, Kind, Method, Outcome, Run, Wanted};
use super::story::{Batch, LeaveOut, Op};
use super::world::{World, batch, day, pay_on_account, period, proposed, returned, who};
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Date, Integer, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::book::{self, ImportedEntry, RunKind};
use partnerbook::db::columns::Number;
use partnerbook::domain::ids::{AccountId, EntryId, PartnerId, PaymentBatchId, PaymentId, RunId};
use partnerbook::domain::ledger::EntryKind;
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::{OnAccount, PaymentMethod};
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::record_single;
use partnerbook::paying::payments::{NewBatch, Processed, Which, basis, digest, process, void};
use partnerbook::selling::orders;
use std::collections::{BTreeMap, BTreeSet};

/// How many partners a story has.
const PARTNERS: usize = 2;

/// What differs between the two tellings.
type Difference = String;

/// A story while it is told.
pub struct Told<'a> {
    world: &'a World,
    name: String,
    partners: Vec<PartnerId>,
    accounts: Vec<AccountId>,
    book: Book,
    orders: Vec<Order>,
    exports: Vec<(Run, RunId)>,
    pages: Vec<Page>,
    /// In the order of the model's.
    batches: Vec<PaymentBatchId>,
    payments: Vec<PaymentId>,
    happened: usize,
}

struct Order {
    number: String,
    partner: usize,
    units: i64,
    returned: i64,
}

/// A payment page that stands open in somebody's browser.
struct Page {
    form: NewBatch,
    wanted: Wanted,
    shown: Vec<Due>,
    recorded: Option<PaymentBatchId>,
}

#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct EntryRow {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    kind: EntryKind,
    #[diesel(sql_type = Date)]
    dated_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    amount: Money,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    payment_id: i64,
    #[diesel(sql_type = BigInt)]
    by_method: i64,
    #[diesel(sql_type = BigInt)]
    already_settled: i64,
    #[diesel(sql_type = BigInt)]
    to_pay: i64,
    #[diesel(sql_type = Array<Integer>)]
    takes: Vec<i32>,
}

impl<'a> Told<'a> {
    /// Begins a story with partners of its own.
    pub fn begin(world: &'a World, name: String) -> Told<'a> {
        let codes: Vec<String> = (0..PARTNERS).map(|number| format!("{name}-{number}")).collect();
        let (partners, accounts) = world.newcomers(&codes);
        let (orders, exports, pages, batches, payments) = Default::default();
        Told {
            world,
            name,
            partners,
            accounts,
            book: Book::default(),
            orders,
            exports,
            pages,
            batches,
            payments,
            happened: 0,
        }
    }

    /// Lets one thing happen in both tellings.
    pub fn tell(&mut self, op: &Op) -> Result<(), Difference> {
        self.happened += 1;
        match op {
            Op::Sell { partner, units, day } => self.sell(*partner, *units, *day),
            Op::Return { order, units, day } => self.give_back(*order, *units, *day),
            Op::Adjust { partner, cents, day } => self.adjust(*partner, *cents, *day),
            Op::BringIn { partner, kind, cents, day } => self.bring_in(*partner, *kind, *cents, *day),
            Op::PayProposal { partner, to, day } => self.pay_proposal(*partner, *to, *day),
            Op::PayOnAccount { partner, cents, day } => {
                let paid =
                    self.run_now(|conn| pay_on_account(conn, self.accounts[*partner], *cents, *day))?;
                self.book.pay_on_account(*partner, *cents, *day);
                self.payments.push(paid.map_err(|refused| format!("{op:?}: {refused}"))?);
                Ok(())
            }
            Op::Export { partners, from, to } => {
                let chosen = chosen(*partners);
                let run = self.make_run(RunKind::Export, &chosen, *from, *to)?;
                self.exports.push((self.book.run(&chosen, *from, *to), run));
                Ok(())
            }
            Op::Batch { batch, id_of } => {
                let (mut page, known) =
                    (self.page(batch)?, id_of.and_then(|at| at_most(at, &self.book.batch_ids)));
                if let Some(known) = known {
                    page.wanted.batch_id = self.book.batch_ids[known].to_uppercase();
                    page.form.batch_id = page.wanted.batch_id.clone();
                }
                page.form.shown = None;
                self.press(page, false).map(drop)
            }
            Op::Show { batch } => {
                let page = self.page(batch)?;
                self.pages.push(page);
                Ok(())
            }
            Op::Press { page } => {
                let Some(at) = at_most(*page, &self.pages) else { return Ok(()) };
                let page = self.pages.remove(at);
                let page = self.press(page, true)?;
                self.pages.insert(at, page);
                Ok(())
            }
            Op::PressAltered { page } => self.press_altered(*page),
            Op::VoidBatch { batch, day } => {
                let Some(batch) = at_most(*batch, &self.batches) else { return Ok(()) };
                let of_it = |payment: &usize| self.book.payments[*payment].batch == Some(batch);
                let payments: Vec<usize> = (0..self.payments.len()).filter(of_it).collect();
                self.void(Which::Batch(self.batches[batch]), &payments, *day)
            }
            Op::VoidPayment { payment, day } => {
                let Some(payment) = at_most(*payment, &self.payments) else { return Ok(()) };
                self.void(Which::Payment(self.payments[payment]), &[payment], *day)
            }
        }?;
        self.compare()
    }

    /// Works on PostgreSQL. A refusal comes back as its sentence; any other trouble ends the story.
    fn run_now<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<Result<T, String>, Difference> {
        match self.world.db().run_now(work) {
            Ok(value) => Ok(Ok(value)),
            Err(AppError::Refused(sentence)) => Ok(Err(sentence)),
            Err(trouble) => Err(format!("trouble: {trouble:?}")),
        }
    }

    fn sell(&mut self, partner: usize, units: i64, on: i64) -> Result<(), Difference> {
        let number = format!("{}-{}", self.name, self.happened);
        let mut sale = self.world.sale(&number, 0, units, on);
        if let orders::OrderEvent::Placed(order) = &mut sale {
            order.partner = Some(self.partners[partner]);
        }
        self.run_now(|conn| orders::record(conn, &[sale], None))??;
        self.book.add(partner, Kind::Commission, units * 100, on);
        self.orders.push(Order { number, partner, units, returned: 0 });
        Ok(())
    }

    fn give_back(&mut self, order: usize, units: i64, on: i64) -> Result<(), Difference> {
        let Some(at) = at_most(order, &self.orders) else { return Ok(()) };
        let number = self.orders[at].number.clone();
        self.run_now(|conn| orders::record(conn, &[returned(&number, units, on)], None))??;
        let Order { partner, units: sold, returned, .. } = &mut self.orders[at];
        let kept = |returned: i64| (*sold - returned).max(0);
        let taken_back = kept(*returned) - kept(*returned + units);
        *returned += units;
        if taken_back > 0 {
            self.book.add(*partner, Kind::Clawback, taken_back * -100, on);
        }
        Ok(())
    }

    fn adjust(&mut self, partner: usize, cents: i64, on: i64) -> Result<(), Difference> {
        if cents != 0 {
            let amount = Money::from_minor(cents);
            self.run_now(|conn| {
                book::adjust(conn, self.accounts[partner], amount, day(on), "told", None, None)
            })??;
            self.book.add(partner, Kind::Adjustment, cents, on);
        }
        Ok(())
    }

    fn bring_in(&mut self, partner: usize, kind: Kind, cents: i64, on: i64) -> Result<(), Difference> {
        let (kind, cents, at) = match kind {
            Kind::Commission => (EntryKind::Commission, cents, Kind::Commission),
            Kind::Clawback => (EntryKind::Clawback, -cents, Kind::Clawback),
            Kind::Payment | Kind::Void => (EntryKind::Payment, -cents, Kind::Payment),
            Kind::Adjustment => (EntryKind::Adjustment, cents, Kind::Adjustment),
        };
        let row = ImportedEntry {
            partner: self.partners[partner],
            dated_on: day(on),
            kind,
            opening: false,
            amount: Money::from_minor(cents),
            reference: String::new(),
            note: String::new(),
            import_key: format!("{}-{}", self.name, self.happened),
        };
        self.run_now(|conn| book::import_entries(conn, &[row]))??;
        if at == Kind::Payment {
            self.book.pay_on_account(partner, -cents, on);
            let newest = self.numbers(
                "SELECT max(id) AS value FROM payments WHERE account_id = $1",
                self.accounts[partner],
            )?;
            self.payments.extend(newest.into_iter().map(PaymentId));
        } else {
            self.book.add(partner, at, cents, on);
        }
        Ok(())
    }

    fn pay_proposal(&mut self, partner: usize, to: i64, on: i64) -> Result<(), Difference> {
        let (amount, _) = self.book.proposal(partner, to);
        let mut shown = Money::ZERO;
        let paid = self.run_now(|conn| {
            let single = proposed(conn, self.accounts[partner], to)?;
            shown = single.amount;
            record_single(
                conn,
                &partnerbook::paying::payments::single::NewSingle { paid_on: day(on), ..single },
                &who(),
            )
        })?;
        same("what is proposed", amount, shown.minor())?;
        let answer = self.book.pay_proposal(partner, to, on);
        same("whether it is paid", answer == Answer::Done, paid.is_ok())?;
        self.payments.extend(paid);
        Ok(())
    }

    fn void(&mut self, which: Which, payments: &[usize], on: i64) -> Result<(), Difference> {
        let voided = self.run_now(|conn| void(conn, which, day(on), "told", &who()))?;
        let answer = self.book.void(payments, on);
        same("whether it is voided", answer == Answer::Done, voided.is_ok())
    }

    fn make_run(&self, kind: RunKind, partners: &[usize], from: i64, to: i64) -> Result<RunId, Difference> {
        let accounts: Vec<AccountId> = partners.iter().map(|partner| self.accounts[*partner]).collect();
        self.run_now(|conn| self.world.run(conn, kind, period(from, to), &accounts))?
    }

    /// Opens a payment page, and sees that it shows what the model would.
    fn page(&self, told: &Batch) -> Result<Page, Difference> {
        let export = told.export.and_then(|at| at_most(at, &self.exports)).map(|at| &self.exports[at]);
        let partners = chosen(told.partners);
        let (from, to) = export.map_or((told.from, told.to), |(run, _)| (run.from, run.to));
        let preview = self.make_run(RunKind::Preview, &partners, from, to)?;
        let run = export.map_or_else(|| self.book.run(&partners, from, to), |(run, _)| run.clone());
        let batch_id = format!("{} {}", self.name, self.happened);
        let mut wanted =
            Wanted { partners, method: told.method, run, left_out: BTreeSet::new(), day: told.day, batch_id };
        let on_account = self.book.on_account(&wanted);
        wanted.left_out = match told.leave_out {
            LeaveOut::Nothing => BTreeSet::new(),
            LeaveOut::All => {
                (0..self.book.entries.len()).filter(|at| !self.book.entries[*at].kind.is_earning()).collect()
            }
            LeaveOut::Some(bits) => on_account
                .into_iter()
                .enumerate()
                .filter(|(at, _)| bits >> (at % 8) & 1 == 1)
                .map(|(_, place)| place)
                .collect(),
        };
        let mut form = batch(preview, period(from, to), method(told.method), &wanted.batch_id);
        form.as_of = export.map_or(preview, |(_, run)| *run);
        form.paid_on = day(told.day);
        form.on_account = match told.leave_out {
            LeaveOut::Nothing => OnAccount::TakenIn,
            LeaveOut::All => OnAccount::LeftOut,
            LeaveOut::Some(_) => OnAccount::Without(self.entry_ids(&wanted.left_out)?),
        };
        let found = self.run_now(|conn| {
            let basis = basis(conn, form.chosen, form.as_of, form.period)?;
            Ok(basis.due(form.method, &form.on_account))
        })??;
        form.shown = Some(digest(&found));
        let shown = self.book.due(&wanted);
        let figures = |due: &Due| {
            (self.accounts[due.partner], due.by_method, due.already_settled, due.to_pay, due.takes.len())
        };
        let mut expected: Vec<_> = shown.iter().map(figures).collect();
        expected.sort_unstable();
        let found: Vec<_> = found
            .iter()
            .map(|due| {
                (
                    due.account,
                    due.by_method.minor(),
                    due.already_settled.minor(),
                    due.to_pay.minor(),
                    due.takes.len(),
                )
            })
            .collect();
        same("what the page shows", expected, found)?;
        Ok(Page { form, wanted, shown, recorded: None })
    }

    /// Presses Process Action.
    fn press(&mut self, mut page: Page, shown: bool) -> Result<Page, Difference> {
        let found = self.run_now(|conn| process(conn, &page.form, &who()))?;
        let answer = match &found {
            Ok(Processed::Recorded(_)) => Answer::Done,
            Ok(Processed::Changed(_)) => Answer::Changed,
            Ok(Processed::BatchIdTaken) | Err(_) => Answer::Refused,
        };
        if let Some(recorded) = page.recorded {
            same("the first result again", &Ok(Processed::Recorded(recorded)), &found)?;
            return Ok(page);
        }
        let due = self.book.due(&page.wanted);
        let expected = self.book.process(&page.wanted, shown.then_some(&page.shown[..]));
        same("what becomes of the batch", &expected, &answer)?;
        if let Ok(Processed::Recorded(batch)) = found {
            page.recorded = Some(batch);
            self.compare_batch(batch, &due)?;
        }
        Ok(page)
    }

    fn press_altered(&mut self, page: usize) -> Result<(), Difference> {
        let Some(at) = at_most(page, &self.pages) else { return Ok(()) };
        let Page { form, recorded: Some(_), .. } = &self.pages[at] else { return Ok(()) };
        let altered = NewBatch { note: "altered".into(), ..form.clone() };
        let answer = self.run_now(|conn| process(conn, &altered, &who()))?;
        same("whether the same key with other content is refused", true, answer.is_err())
    }
}

/// The partners of these bits.
fn chosen(bits: u8) -> Vec<usize> {
    (0..PARTNERS).filter(|partner| bits >> partner & 1 == 1).collect()
}

/// A place in a list that has so many.
fn at_most<T>(number: usize, list: &[T]) -> Option<usize> {
    number.checked_rem(list.len())
}

fn method(method: Method) -> PaymentMethod {
    match method {
        Method::Commission => PaymentMethod::Commission,
        Method::BeginningPlusCommission => PaymentMethod::BeginningPlusCommission,
        Method::EndingBalance => PaymentMethod::EndingBalance,
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, found: T) -> Result<(), Difference> {
    if expected == found { Ok(()) } else { Err(format!("{what}: expected {expected:?}, found {found:?}")) }
}

mod compared;
