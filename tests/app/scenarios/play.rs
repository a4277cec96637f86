//! Plays a scenario on a database of its own and compares what comes out.

use super::story::*;
use crate::support;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnerbook::book::{self, NewRun, RunKind};
use partnerbook::db::Db;
use partnerbook::domain::ids::{AccountId, ContactId, PartnerId, PaymentId, ProductId, ProgramId, RunId};
use partnerbook::domain::money::{Currency, Money};
use partnerbook::domain::payment::{OnAccount, PayType, PaymentMethod};
use partnerbook::domain::period::Period;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::domain::settings::{Choose, Place, TrackingMethod};
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::{NewSingle, propose, record_single};
use partnerbook::paying::payments::{NewBatch, Processed, Which, process, void};
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::running::audit::Who;
use partnerbook::running::settings::{self, queries as settings_queries};
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use partnerbook::selling::tracking::{self, NewClick, NewReferral};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A story while it is told.
pub struct Player<'a> {
    db: &'a Db,
    currency: Currency,
    partners: HashMap<String, PartnerId>,
    accounts: HashMap<PartnerId, AccountId>,
    runs: HashMap<String, RunId>,
    payments: HashMap<String, PaymentId>,
    refused: Vec<String>,
}

#[derive(QueryableByName)]
struct CreditedRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Text>)]
    lead: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    sale: Option<String>,
    #[diesel(sql_type = Text)]
    step: String,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Text)]
    batch_id: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    by_method: Money,
    #[diesel(sql_type = BigInt)]
    already_settled: Money,
    #[diesel(sql_type = BigInt)]
    to_pay: Money,
}

#[derive(QueryableByName)]
struct FirstAndLast {
    #[diesel(sql_type = diesel::sql_types::Date)]
    first: chrono::NaiveDate,
    #[diesel(sql_type = diesel::sql_types::Date)]
    last: chrono::NaiveDate,
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
    let report = database.db.read_now(|conn| book::verify::verify(conn, &|_| {})).expect("the book can be verified");
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

    fn account(&self, code: &str) -> AccountId {
        self.accounts[&self.partner(code)]
    }

    fn money(&self, text: &str) -> Money {
        Money::parse(text, self.currency).unwrap_or_else(|problem| panic!("{text} {problem}"))
    }

    fn tell(&mut self, story: &Story, event: &Event) -> Result<(), AppError> {
        match event {
            Event::Click { visitor, partner, at, ip, robot } => {
                let partner = self.partner(partner);
                self.db.run_now(|conn| {
                    let visitor = tracking::visitor(conn, visitor)?;
                    let click = NewClick {
                        visitor,
                        partner,
                        clicked_at: *at,
                        address: ip.clone(),
                        user_agent: None,
                        robot: *robot,
                    };
                    tracking::record_click(conn, &click)
                })
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
                let lines = lines.iter().map(|line| (line.line, line.quantity.parse().expect("a quantity"))).collect();
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
                source: Source::Api,
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

    fn compare(&self, story: &Story, check: &mut impl FnMut(String, String, String)) {
        let credited = self.credited();
        for (order, expected) in &story.expect.credited {
            check(format!("order {order}"), format!("{expected:?}"), format!("{:?}", credited[order]));
        }
        let batches = self.batches();
        for (batch, expected) in &story.expect.batches {
            let found = batches.get(batch);
            let refused = ExpectedBatch { refused: self.refused.contains(batch), ..Default::default() };
            check(format!("batch {batch}"), format!("{expected:?}"), format!("{:?}", found.unwrap_or(&refused)));
        }
        for batch in batches.keys().filter(|batch| !story.expect.batches.contains_key(*batch)) {
            check(format!("batch {batch}"), "none".into(), "one".into());
        }
        for ledger in &story.expect.ledgers {
            for (partner, expected) in &ledger.rows {
                let found = self.ledger(partner, ledger);
                let what = format!("ledger {}..{} of {partner}", ledger.from, ledger.to);
                check(what, format!("{expected:?}"), format!("{found:?}"));
            }
        }
        if let Some(ranges) = &story.ranges {
            let told: Vec<_> = story.expect.ledgers.iter().map(|ledger| (ledger.from, ledger.to)).collect();
            check("the ranges".into(), format!("{ranges:?}"), format!("{told:?}"));
        } else if let (Some((first, last)), [only]) = (self.first_and_last(), &story.expect.ledgers[..]) {
            check("the range".into(), format!("{:?}", (only.from, only.to)), format!("{:?}", (first, last)));
        }
        for (partner, expected) in &story.expect.balances {
            let found = self.balance(partner).plain(self.currency);
            check(format!("balance of {partner}"), expected.clone(), found);
        }
    }

    fn credited(&self) -> HashMap<String, Credited> {
        let rows: Vec<CreditedRow> = self
            .db
            .read_now(|conn| {
                let sql = "SELECT o.number, l.code AS lead, s.code AS sale, c.step
                             FROM orders o JOIN order_credits c ON c.order_id = o.id
                             LEFT JOIN partners l ON l.id = c.lead_partner_id LEFT JOIN partners s ON s.id = c.sale_partner_id";
                Ok(sql_query(sql).load(conn)?)
            })
            .expect("credits can be read");
        let credited = |row: CreditedRow| (row.number, Credited { lead: row.lead, sale: row.sale, why: row.step });
        rows.into_iter().map(credited).collect()
    }

    fn batches(&self) -> BTreeMap<String, ExpectedBatch> {
        let rows: Vec<DueRow> = self
            .db
            .read_now(|conn| {
                let sql = "SELECT b.batch_id, coalesce(p.code, '') AS code, coalesce(d.outcome, '') AS outcome,
                                  coalesce(d.by_method, 0)::bigint AS by_method, coalesce(d.settled, 0)::bigint AS already_settled,
                                  coalesce(d.to_pay, 0)::bigint AS to_pay
                             FROM payment_batches b LEFT JOIN (
                                  SELECT payment_batch_id, account_id, CASE amount_minor WHEN 0 THEN 'settled' ELSE 'paid' END AS outcome,
                                         by_method_minor AS by_method, already_settled_minor AS settled, amount_minor AS to_pay
                                    FROM payments WHERE payment_batch_id IS NOT NULL
                                   UNION ALL
                                  SELECT payment_batch_id, account_id, 'skipped', by_method_minor, already_settled_minor, to_pay_minor
                                    FROM payment_skips) d ON d.payment_batch_id = b.id
                             LEFT JOIN accounts a ON a.id = d.account_id LEFT JOIN partners p ON p.id = a.partner_id";
                Ok(sql_query(sql).load(conn)?)
            })
            .expect("batches can be read");
        let mut batches: BTreeMap<String, ExpectedBatch> = BTreeMap::new();
        for row in rows {
            let batch = batches.entry(row.batch_id).or_default();
            let due = Due {
                by_method: row.by_method.plain(self.currency),
                already_settled: row.already_settled.plain(self.currency),
                to_pay: row.to_pay.plain(self.currency),
            };
            let list = match row.outcome.as_str() {
                "paid" => &mut batch.paid,
                "settled" => &mut batch.settled_without_payment,
                "skipped" => &mut batch.skipped,
                _ => continue,
            };
            list.insert(row.code, due);
        }
        batches
    }

    fn ledger(&self, partner: &str, ledger: &ExpectedLedger) -> LedgerRow {
        let period = Period::new(ledger.from, ledger.to).expect("a range");
        let account = self.account(partner);
        let found = self.db.read_now(|conn| book::figures_now(conn, period, &[account])).expect("figures");
        let figures = found[0].figures;
        let plain = |money: Money| money.plain(self.currency);
        LedgerRow {
            beginning: plain(figures.beginning),
            earned: plain(figures.earned),
            clawbacks: plain(figures.clawbacks),
            adjustments: plain(figures.adjustments),
            commissions: plain(figures.commissions()),
            payments: plain(figures.payments),
            ending: plain(figures.ending()),
        }
    }

    fn balance(&self, partner: &str) -> Money {
        let period = Period::new(Period::FIRST_DAY, Period::LAST_DAY).expect("a range");
        let account = self.account(partner);
        self.db.read_now(|conn| book::figures_now(conn, period, &[account])).expect("figures")[0].balance
    }

    fn first_and_last(&self) -> Option<(chrono::NaiveDate, chrono::NaiveDate)> {
        let sql = "SELECT min(dated_on) AS first, max(dated_on) AS last FROM entries HAVING count(*) > 0";
        let row: Option<FirstAndLast> =
            self.db.read_now(|conn| Ok(sql_query(sql).get_result(conn).optional()?)).expect("entries can be read");
        row.map(|row| (row.first, row.last))
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

fn who() -> Who {
    Who::command_line("2026-01-01T00:00:00Z".parse().expect("an instant"))
}

fn change_settings(conn: &mut PgConnection, change: &Settings) -> Result<(), AppError> {
    let (mut defaults, _) = settings::defaults(conn)?;
    let (payout, tracking) = (&mut defaults.payout, &mut defaults.tracking);
    payout.levels = change.levels.unwrap_or(payout.levels);
    payout.lead = change.payout_lead.unwrap_or(payout.lead);
    payout.sale = change.payout_sale.unwrap_or(payout.sale);
    payout.amount = change.payout_amount.unwrap_or(payout.amount);
    payout.percent = change.payout_percent.unwrap_or(payout.percent);
    payout.pay_if_unused = change.pay_if_unused.unwrap_or(payout.pay_if_unused);
    tracking.use_ip_address = change.use_ip_address.unwrap_or(tracking.use_ip_address);
    tracking.credit_own_purchases = change.credit_own_purchases.unwrap_or(tracking.credit_own_purchases);
    if let Some(word) = &change.choose_partner {
        tracking.choose = Choose::from_word(word).expect("latest or first");
    }
    if let Some(word) = &change.tracking_method {
        tracking.method = TrackingMethod::from_word(word).expect("a tracking method");
    }
    settings_queries::save_defaults(conn, &defaults)
}

fn make_programs(
    conn: &mut PgConnection,
    story: &Story,
    currency: Currency,
) -> Result<HashMap<String, ProgramId>, AppError> {
    let codes = story.programs.iter().flat_map(|program| program.products.keys().map(String::as_str));
    let codes: Vec<&str> = codes.collect();
    let ids = product_ids(conn, codes.iter().copied())?;
    let products: HashMap<&str, ProductId> = codes.into_iter().zip(ids).collect();
    let terms: Vec<ProgramTerms> = story
        .programs
        .iter()
        .map(|program| {
            let default = program.default.iter().map(|rows| (None, rows));
            let own = program.products.iter().map(|(code, rows)| (Some(products[code.as_str()]), rows));
            ProgramTerms {
                name: program.name.clone(),
                priority: program.priority,
                payout: program
                    .payout_type
                    .as_deref()
                    .map_or(Payout::UpFront, |word| Payout::from_word(word).expect("a payout type")),
                amount_per: program
                    .amount_per
                    .as_deref()
                    .map_or(AmountPer::Unit, |word| AmountPer::from_word(word).expect("unit or order")),
                rules: default
                    .chain(own)
                    .map(|(product, rows)| TermsRule {
                        product,
                        rows: rows.iter().map(|(level, row)| (level_of(level), rates(row, currency))).collect(),
                    })
                    .collect(),
            }
        })
        .collect();
    let ids = programs::save(conn, &terms, None)?;
    Ok(terms.into_iter().map(|terms| terms.name).zip(ids).collect())
}

fn make_partners(
    conn: &mut PgConnection,
    story: &Story,
    programs: &HashMap<String, ProgramId>,
) -> Result<HashMap<String, PartnerId>, AppError> {
    let new: Vec<NewPartner> = story
        .partners
        .iter()
        .map(|partner| NewPartner {
            code: partner.code.clone(),
            name: partner.name.clone(),
            email: partner.email.clone(),
            parent: None,
            status: partner
                .status
                .as_deref()
                .map_or(PartnerStatus::Active, |word| PartnerStatus::from_word(word).expect("a status")),
            track_leads_days: partner.track_leads_days,
            notify_on_lead: false,
            notify_on_sale: false,
            address: Default::default(),
        })
        .collect();
    let ids = partners::make(conn, &new)?;
    let made: HashMap<String, PartnerId> = new.into_iter().map(|partner| partner.code).zip(ids).collect();
    let parents = story.partners.iter().filter_map(|p| Some((made[&p.code], made[p.parent.as_ref()?])));
    partners::set_parents(conn, &parents.collect::<Vec<_>>())?;
    let enrolled = story.partners.iter().flat_map(|p| p.programs.iter().map(|name| (made[&p.code], programs[name])));
    partners::enrol(conn, &enrolled.collect::<Vec<_>>())?;
    Ok(made)
}

fn rates(row: &Row, currency: Currency) -> Rates {
    let rate = |amount: &Option<String>, percent: &Option<String>| Rate {
        amount: amount.as_deref().map_or(Money::ZERO, |text| Money::parse(text, currency).expect("an amount")),
        percent: percent
            .as_deref()
            .map_or(Percent::ZERO, |text| Percent::new(text.parse().expect("a number")).expect("a percent")),
    };
    Rates { lead: rate(&row.lead_amount, &row.lead_percent), sale: rate(&row.sale_amount, &row.sale_percent) }
}

fn level_of(word: &str) -> Level {
    let number = if word == "unused" { 0 } else { word.parse().expect("a level") };
    Level::from_number(number).expect("a level")
}

fn contact_id(conn: &mut PgConnection, email: &str) -> Result<ContactId, AppError> {
    let contact = NewContact {
        external_id: None,
        email: Some(email.to_string()),
        name: String::new(),
        address: Default::default(),
    };
    Ok(contacts::find_or_make(conn, &[contact])?[0])
}

fn product_ids<'a>(
    conn: &mut PgConnection,
    codes: impl Iterator<Item = &'a str>,
) -> Result<Vec<ProductId>, AppError> {
    let named: Vec<NewProduct> =
        codes.map(|code| NewProduct { code: code.to_string(), name: String::new() }).collect();
    Ok(products::find_or_make(conn, &named)?.into_iter().map(|product| product.id).collect())
}

fn batch_number(
    conn: &mut PgConnection,
    batch_id: &str,
) -> Result<partnerbook::domain::ids::PaymentBatchId, AppError> {
    let row: partnerbook::db::columns::Number =
        sql_query("SELECT id AS value FROM payment_batches WHERE batch_id = $1").bind::<Text, _>(batch_id).get_result(conn)?;
    Ok(partnerbook::domain::ids::PaymentBatchId(row.value))
}

fn payment_in(conn: &mut PgConnection, batch_id: &str, account: AccountId) -> Result<PaymentId, AppError> {
    let row: Option<partnerbook::db::columns::Number> = sql_query(
        "SELECT p.id AS value FROM payments p JOIN payment_batches b ON b.id = p.payment_batch_id
          WHERE b.batch_id = $1 AND p.account_id = $2",
    )
    .bind::<Text, _>(batch_id)
    .bind::<BigInt, _>(account)
    .get_result(conn)
    .optional()?;
    let row = row.ok_or_else(|| AppError::refused("the batch did not pay this partner"))?;
    Ok(PaymentId(row.value))
}
