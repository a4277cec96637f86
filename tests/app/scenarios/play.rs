//! Plays a scenario on a database of its own and compares what comes out.

use super::cast::{
    batch_number, change_settings, contact_id, make_partners, make_programs, payment_in, product_ids, who,
};
use super::story::*;
use crate::support;
use chrono::{DateTime, Utc};
use partnerbook::book::{self, NewRun, RunKind};
use partnerbook::db::Db;
use partnerbook::domain::ids::{AccountId, PartnerId, PaymentId, RunId};
use partnerbook::domain::money::{Currency, Money};
use partnerbook::domain::payment::{OnAccount, PayType, PaymentMethod};
use partnerbook::domain::period::Period;
use partnerbook::domain::settings::Place;
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::{NewSingle, propose, record_single};
use partnerbook::paying::payments::{NewBatch, Processed, Which, process, void};
use partnerbook::people::partners::{self, PartnerStatus};
use partnerbook::running::settings::queries as settings_queries;
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::tracking::visits::{self, Coming, Directory, Visit};
use partnerbook::selling::tracking::{self, NewReferral};
use std::collections::HashMap;
use uuid::Uuid;

/// A story while it is told.
pub struct Player<'a> {
    pub db: &'a Db,
    pub currency: Currency,
    partners: HashMap<String, PartnerId>,
    pub accounts: HashMap<PartnerId, AccountId>,
    runs: HashMap<String, RunId>,
    payments: HashMap<String, PaymentId>,
    pub refused: Vec<String>,
}

/// Plays a story; one line for each figure that differs, and for each fault of the book that it leaves.
pub fn play(name: &str, story: &Story) -> Vec<String> {
    let database = support::database();
    let player = match tell(&database.db, story) {
        Ok(player) => player,
        Err(trouble) => return vec![format!("{name}: {trouble}")],
    };
    let mut wrong = Vec::new();
    player.compare(story, &mut |what: String, expected: String, found: String| {
        if expected != found {
            wrong.push(format!("{name}: {what}: expected {expected}, found {found}"));
        }
    });
    let report =
        database.db.read_now(|conn| book::verify::verify(conn, &|_| {})).expect("the book can be verified");
    wrong.extend(report.places().map(|place| format!("{name}: verify: {place}")));
    wrong
}

/// Tells a story on an empty database.
pub fn tell<'a>(db: &'a Db, story: &Story) -> Result<Player<'a>, String> {
    let mut player = Player::begin(db, story);
    for (at, event) in story.events.iter().enumerate() {
        player.tell(story, event).map_err(|error| format!("event {} {event:?}: {error:?}", at + 1))?;
    }
    Ok(player)
}

impl<'a> Player<'a> {
    fn begin(db: &'a Db, story: &Story) -> Player<'a> {
        let code = story.settings.currency.as_deref().unwrap_or("USD");
        let currency = Currency::from_code(code).expect("a currency");
        let zone = story.settings.time_zone.as_deref().unwrap_or("UTC").parse().expect("a time zone");
        let (partners, accounts) = db
            .run_now(|conn| {
                settings_queries::save_place(conn, Place { currency, zone })?;
                change_settings(conn, &story.settings)?;
                let programs = make_programs(conn, story, currency)?;
                let partners = make_partners(conn, story, &programs)?;
                let ids: Vec<PartnerId> = partners.values().copied().collect();
                let accounts = book::accounts_of(conn, &ids)?;
                Ok((partners, accounts))
            })
            .expect("the story can begin");
        Player {
            db,
            currency,
            partners,
            accounts,
            runs: HashMap::new(),
            payments: HashMap::new(),
            refused: Vec::new(),
        }
    }

    fn partner(&self, code: &str) -> PartnerId {
        *self.partners.get(code).unwrap_or_else(|| panic!("no partner {code}"))
    }

    pub fn account(&self, code: &str) -> AccountId {
        self.accounts[&self.partner(code)]
    }

    fn money(&self, text: &str) -> Money {
        Money::parse(text, self.currency).unwrap_or_else(|problem| panic!("{text} {problem}"))
    }

    fn tell(&mut self, story: &Story, event: &Event) -> Result<(), AppError> {
        match event {
            Event::Click { visitor, partner, at, ip, robot } => {
                let visit = Visit {
                    partner: partner.clone(),
                    key: Some(visitor.clone()),
                    fresh: visitor.clone(),
                    coming: if *robot { Coming::Robot } else { Coming::Person },
                    at: *at,
                    address: ip.clone(),
                    ..Visit::default()
                };
                self.db.run_now(|conn| visits::record(conn, &[visit], &mut Directory::default()).map(drop))
            }
            Event::Lead { contact, visitor, .. } => self.db.run_now(|conn| {
                let contact = contact_id(conn, contact)?;
                let visitor = tracking::visitor(conn, visitor)?;
                tracking::identify(conn, visitor, contact)
            }),
            Event::Referral { contact, partner, kind, at } => {
                let partner = self.partner(partner);
                self.db.run_now(|conn| {
                    let contact = contact_id(conn, contact)?;
                    let permanent = kind == "permanent";
                    let referral =
                        NewReferral { contact, partner, referred_at: *at, permanent, expires_at: None };
                    tracking::make_referrals(conn, &[referral]).map(drop)
                })
            }
            Event::Order(order) => self.order(order),
            Event::CustomerPayment { order, amount, at } => {
                self.happen(order, *at, EventKind::CustomerPayment(self.money(amount)))
            }
            Event::Refund { order, lines, amount, at } => {
                let lines = lines
                    .iter()
                    .map(|line| (line.line, line.quantity.parse().expect("a quantity")))
                    .collect();
                let amount = amount.as_deref().map_or(Money::ZERO, |amount| self.money(amount));
                self.happen(order, *at, EventKind::Refund { lines, amount })
            }
            Event::Adjustment { partner, amount, on } => {
                let (account, amount) = (self.account(partner), self.money(amount));
                self.db.run_now(|conn| book::adjust(conn, account, amount, *on, "told", None, None).map(drop))
            }
            Event::Payment { partner, id, amount, settles_to, on } => {
                let account = self.account(partner);
                let typed = amount.as_deref().map(|amount| self.money(amount));
                let paid = self.db.run_now(|conn| {
                    let to = settles_to.unwrap_or(*on);
                    let proposal = propose(conn, account, to)?;
                    let amount = typed.unwrap_or(proposal.amount);
                    if !amount.is_positive() {
                        return Ok(None);
                    }
                    // A typed amount is on account also where it happens to be the proposed one.
                    let proposed = if typed.is_some() { Money::ZERO } else { proposal.amount };
                    let single = NewSingle {
                        account,
                        to,
                        amount,
                        shown: (proposal.digest(), proposed),
                        pay_type: PayType::Manual,
                        paid_on: *on,
                        note: String::new(),
                        form_key: Uuid::new_v4(),
                    };
                    record_single(conn, &single, &who()).map(Some)
                })?;
                self.payments.extend(paid.map(|payment| (id.clone(), payment)));
                Ok(())
            }
            Event::Run { id } => {
                let period = story.period_of_run(id);
                let accounts: Vec<AccountId> = self.accounts.values().copied().collect();
                let run = self.run(RunKind::Export, period, &accounts)?;
                self.runs.insert(id.clone(), run);
                Ok(())
            }
            Event::Batch(batch) => self.batch(batch),
            Event::Void { batch_id, partner, payment, on } => self.void(batch_id, partner, payment, *on),
            Event::PartnerStatus { partner, status } => {
                let partner = self.partner(partner);
                let status = PartnerStatus::from_word(status).expect("a status");
                self.db.run_now(|conn| partners::set_status(conn, partner, status))
            }
            Event::Settings { change } => self.db.run_now(|conn| change_settings(conn, change)),
        }
    }

    fn order(&self, told: &Order) -> Result<(), AppError> {
        let partner = told.partner.as_deref().map(|code| self.partner(code));
        let sale_partner = told.sale_partner.as_deref().map(|code| self.partner(code));
        let amount = |text: &Option<String>| text.as_deref().map_or(Money::ZERO, |text| self.money(text));
        self.db.run_now(|conn| {
            let contact = told.contact.as_deref().map(|email| contact_id(conn, email)).transpose()?;
            let visitor = told.visitor.as_deref().map(|key| tracking::visitor(conn, key)).transpose()?;
            let products = product_ids(conn, told.lines.iter().map(|line| line.product.as_str()))?;
            let lines = told
                .lines
                .iter()
                .zip(products)
                .map(|(line, product)| NewLine {
                    product,
                    description: None,
                    quantity: line.quantity.parse().expect("a quantity"),
                    unit_price: line.unit_price.parse().expect("a price"),
                    discount: amount(&line.discount),
                    commissionable: line.commissionable.unwrap_or(true),
                })
                .collect();
            let order = NewOrder {
                number: told.order.clone(),
                contact,
                ordered_at: told.at,
                lines,
                shipping: amount(&told.shipping),
                tax: amount(&told.tax),
                paid_in_full: told.paid.as_deref() != Some("none"),
                visitor,
                address: told.ip.clone(),
                partner,
                sale_partner,
                coupon: None,
                source: Source::Api,
                note: String::new(),
                content_hash: [0; 32],
            };
            orders::record(conn, &[OrderEvent::Placed(order)], None).map(drop)
        })
    }

    fn happen(&self, order: &str, at: DateTime<Utc>, kind: EventKind) -> Result<(), AppError> {
        let event = NewEvent {
            order: order.to_string(),
            kind,
            happened_at: at,
            reference: String::new(),
            reason: String::new(),
        };
        self.db.run_now(|conn| orders::record(conn, &[OrderEvent::Happened(event)], None).map(drop))
    }

    fn run(&self, kind: RunKind, period: Period, accounts: &[AccountId]) -> Result<RunId, AppError> {
        let run = NewRun { kind, period, criteria: serde_json::json!({}), made_by: None };
        self.db.run_now(|conn| book::make_run(conn, &run, accounts))
    }

    fn batch(&mut self, told: &Batch) -> Result<(), AppError> {
        let accounts: Vec<AccountId> = match &told.partners {
            Some(codes) => codes.iter().map(|code| self.account(code)).collect(),
            None => self.accounts.values().copied().collect(),
        };
        let period = Period::new(told.from, told.to).expect("a range");
        let chosen = self.run(RunKind::Preview, period, &accounts)?;
        let new = NewBatch {
            chosen,
            as_of: told.run.as_ref().map_or(chosen, |run| self.runs[run]),
            period,
            method: PaymentMethod::from_word(&told.method).expect("a method"),
            on_account: if told.without_on_account { OnAccount::LeftOut } else { OnAccount::TakenIn },
            batch_id: told.batch_id.clone(),
            pay_type: PayType::Manual,
            paid_on: told.on,
            note: String::new(),
            form_key: Uuid::new_v4(),
            shown: None,
        };
        if let Processed::Changed(_) = self.db.run_now(|conn| process(conn, &new, &who()))? {
            self.refused.push(told.batch_id.clone());
        }
        Ok(())
    }

    fn void(
        &self,
        batch_id: &Option<String>,
        partner: &Option<String>,
        payment: &Option<String>,
        on: chrono::NaiveDate,
    ) -> Result<(), AppError> {
        let account = partner.as_deref().map(|code| self.account(code));
        let single = payment.as_ref().map(|id| self.payments.get(id).copied());
        let voided = self.db.run_now(|conn| {
            let which = match (batch_id, account, single) {
                (Some(batch), Some(account), _) => Which::Payment(payment_in(conn, batch, account)?),
                (Some(batch), None, _) => Which::Batch(batch_number(conn, batch)?),
                (None, _, Some(Some(payment))) => Which::Payment(payment),
                _ => return Err(AppError::refused("nothing was recorded that could be voided")),
            };
            void(conn, which, on, "told", &who()).map(drop)
        });
        match voided {
            // What is voided already is left alone.
            Err(AppError::Refused(_)) => Ok(()),
            other => other,
        }
    }
}

impl Story {
    /// The dates of the first batch that pays as of this run.
    fn period_of_run(&self, run: &str) -> Period {
        let of_batch = self.events.iter().find_map(|event| match event {
            Event::Batch(batch) if batch.run.as_deref() == Some(run) => Period::new(batch.from, batch.to),
            _ => None,
        });
        of_batch.or(Period::new(Period::FIRST_DAY, Period::LAST_DAY)).expect("a range")
    }
}
