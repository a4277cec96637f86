//! A partner at a glance: what it is owed and was paid, what it earned by month, its programs and
//! its recruits.

use super::super::queries::pages::{
    CouponRow, DetailsRow, EntryRow, LinkRow, MonthRow, OpenRow, ProgramRow, RecruitRow,
};
use super::super::queries::tabs::PaymentRow;
use super::Head;
use crate::domain::ids::PartnerId;
use crate::domain::ledger::EntryKind;
use crate::domain::link;
use crate::domain::money::Money;
use crate::domain::period::{Period, Preset};
use crate::domain::program::{AmountPer, Level, Payout, Rate};
use crate::domain::settings::PayoutRules;
use crate::people::names::Person;
use crate::web::admin::Viewer;
use crate::web::chart::{Chart, twelve_months};
use crate::web::forms::FormData;
use crate::web::html::{Format, counted};
use crate::web::layout::Layout;
use crate::web::list::Address;
use crate::web::paths;
use askama::Template;
use chrono::NaiveDate;

/// How many recruits are listed before the list leads on.
pub const RECRUITS_SHOWN: i64 = 10;
/// How many entries are shown.
pub const ENTRIES_SHOWN: i64 = 8;

/// The overview.
#[derive(Template)]
#[template(path = "partners/show.html")]
pub struct OverviewPage {
    layout: Layout,
    head: Head,
    tiles: Tiles,
    months: Months,
    entries: Vec<Entry>,
    programs: Vec<(String, String)>,
    recruits: Vec<(Person, String, Money)>,
    /// Where all of them are, if they are more.
    all_recruits: Option<String>,
    details: Vec<(&'static str, Vec<String>)>,
    earlier_codes: Vec<String>,
    /// Its links as they are handed out: name, address, where the QR code is. Its own address comes first.
    links: Vec<(String, String, String)>,
    /// Code, page, whether it is ended.
    coupons: Vec<(String, String, bool)>,
    /// Where it gets one; none for who may not.
    new_coupon: Option<String>,
    tags: Vec<(String, String)>,
}

/// Everything that was read for it.
pub struct Facts {
    pub details: DetailsRow,
    pub months: Vec<MonthRow>,
    /// Of the first of this month.
    pub open: OpenRow,
    pub orders: i64,
    pub latest_payment: Option<PaymentRow>,
    pub entries: Vec<EntryRow>,
    pub programs: Vec<ProgramRow>,
    pub recruits: Vec<RecruitRow>,
    pub payout: PayoutRules,
    /// What its link begins with, and the prefix of its code.
    pub link: (String, String),
    pub links: Vec<LinkRow>,
    pub coupons: Vec<CouponRow>,
    pub tags: Vec<String>,
}

/// The figures on top.
struct Tiles {
    balance: Money,
    balance_words: String,
    month: String,
    commissions: Money,
    paid: Option<PaidTile>,
    orders: String,
}

impl Tiles {
    fn month_words(&self) -> String {
        format!("Commissions in {}", self.month)
    }
}

struct PaidTile {
    amount: Money,
    date: NaiveDate,
    pay_type: &'static str,
    batch: Option<(String, String)>,
    path: String,
}

/// Commissions by month, as a chart and as figures.
pub struct Months {
    pub chart: Chart,
    pub rows: Vec<(String, Money, Money)>,
    pub commissions: Money,
    pub payments: Money,
}

struct Entry {
    date: NaiveDate,
    item: String,
    badge: &'static str,
    tone: &'static str,
    order: Option<(String, String)>,
    amount: Money,
}

impl OverviewPage {
    pub fn new(viewer: &Viewer, head: Head, facts: Facts, id: PartnerId) -> OverviewPage {
        let layout = head.layout(viewer);
        let (format, today) = (layout.format, viewer.today());
        let last_month = Period::preset(Preset::LastMonth, today);
        let months = charted(&facts.months, today, &format);
        let net = |period: Period| {
            facts.months.iter().find(|row| row.month == period.from()).map(|row| row.net_minor)
        };
        let links = links(&facts, &head.code, id);
        let total_recruits = facts.recruits.len() as i64;
        OverviewPage {
            tiles: Tiles {
                balance: head.balance,
                balance_words: balance_words(&facts.open, last_month, &format),
                month: last_month.from().format("%B").to_string(),
                commissions: net(last_month).unwrap_or_default(),
                paid: facts.latest_payment.map(PaidTile::from),
                orders: crate::web::html::count(facts.orders),
            },
            months,
            entries: facts.entries.into_iter().map(Entry::from).collect(),
            programs: programs(&facts.programs, facts.payout, &format),
            recruits: facts
                .recruits
                .into_iter()
                .take(RECRUITS_SHOWN as usize)
                .map(|row| (Person::partner(row.id, &row.name, &row.code), row.code, row.balance_minor))
                .collect(),
            all_recruits: (total_recruits > RECRUITS_SHOWN)
                .then(|| format!("{}?parent={id}", paths::PARTNERS)),
            details: details(&facts.details),
            links,
            coupons: facts.coupons.into_iter().map(with_page).collect(),
            new_coupon: viewer.may_change().then(|| paths::new_coupon_for("partner", &head.code)),
            tags: facts.tags.into_iter().map(with_tag).collect(),
            earlier_codes: facts.details.earlier_codes.lines().map(String::from).collect(),
            layout,
            head,
        }
    }
}

/// Its addresses: its own one, and one for each link that is offered to it.
fn links(facts: &Facts, code: &str, id: PartnerId) -> Vec<(String, String, String)> {
    let (base, prefix) = &facts.link;
    let own = link::default_address(base, prefix, code);
    let own = ("Its own address".to_string(), own, paths::partner_code_picture(id));
    let of_link = |row: &LinkRow| {
        let address = link::address(base, &row.code, prefix, code);
        (row.name.clone(), address, paths::partner_link_picture(id, row.id))
    };
    std::iter::once(own).chain(facts.links.iter().map(of_link)).collect()
}

fn with_page(coupon: CouponRow) -> (String, String, bool) {
    (coupon.code, paths::coupon(coupon.id), coupon.is_ended)
}

/// A tag, and the list of all who have it.
fn with_tag(tag: String) -> (String, String) {
    let list = Address::new(paths::PARTNERS, &FormData::from([("tag", tag.as_str())])).to_string();
    (tag, list)
}

/// Of the balance, what is of the months that are over and what came since.
fn balance_words(open: &OpenRow, last_month: Period, format: &Format) -> String {
    if open.before_minor.is_zero() || open.since_minor.is_zero() {
        return String::new();
    }
    let until = last_month.from().format("%B");
    format!(
        "{} until the end of {until}, {} since",
        format.total(&open.before_minor),
        format.total(&open.since_minor)
    )
}

/// The twelve months that end with this one, months without anything too.
pub fn charted(rows: &[MonthRow], today: NaiveDate, format: &Format) -> Months {
    let of = |month: NaiveDate| rows.iter().find(|row| row.month == month);
    let months: Vec<(NaiveDate, Money, Money)> = twelve_months(today)
        .into_iter()
        .map(|month| {
            let row = of(month);
            (
                month,
                row.map_or(Money::ZERO, |row| row.net_minor),
                row.map_or(Money::ZERO, |row| row.payments_minor),
            )
        })
        .collect();
    let commissions: Money = months.iter().map(|(_, net, _)| *net).sum();
    let points: Vec<(NaiveDate, i64)> = months.iter().map(|(month, net, _)| (*month, net.minor())).collect();
    let sum = format!("{} in 12 months", format.total(&commissions));
    let chart = Chart::new("Net commissions", sum, &points, |minor| format.total(&Money::from_minor(minor)));
    Months {
        chart,
        commissions,
        payments: months.iter().map(|(.., paid)| *paid).sum(),
        rows: months
            .into_iter()
            .map(|(month, net, paid)| (month.format("%b %Y").to_string(), net, paid))
            .collect(),
    }
}

/// Each program by its priority, and what it pays in few words.
fn programs(rows: &[ProgramRow], payout: PayoutRules, format: &Format) -> Vec<(String, String)> {
    let of_program = |rows: &[ProgramRow]| {
        let first = rows.first()?;
        let levels = rows.iter().filter_map(|row| level_words(row, payout, format));
        let mut parts: Vec<String> = levels.collect();
        if parts.is_empty() {
            parts.push("no default".into());
        }
        let mut words = parts.join(", ");
        if first.own_rules > 0 {
            words.push_str(&format!("; own rules for {}", counted(first.own_rules, "product", "products")));
        }
        if first.payout == Payout::OnPayment {
            words.push_str("; on customer payment");
        }
        Some((format!("{}. {}", first.priority, first.name), words))
    };
    rows.chunk_by(|one, other| one.id == other.id).filter_map(of_program).collect()
}

/// `10 %`, `parent 3 %`; none for a level that pays nothing by today's settings.
fn level_words(row: &ProgramRow, payout: PayoutRules, format: &Format) -> Option<String> {
    let level = Level::from_number(row.level?)?;
    let whose = match level {
        Level::One => "",
        Level::Two => "parent ",
        Level::Three => "grandparent ",
        Level::Unused => "unused ",
    };
    let paid = match level {
        Level::Unused => payout.pay_if_unused && payout.levels > 1,
        level => level.number() <= i16::from(payout.levels),
    };
    let lead = Rate { amount: row.lead_amount_minor, percent: row.lead_percent };
    let sale = Rate { amount: row.sale_amount_minor, percent: row.sale_percent };
    let mut parts = Vec::new();
    for (counts, rate, role) in [(payout.lead, lead, " of the lead"), (payout.sale, sale, "")] {
        let role = if payout.lead && payout.sale { role } else { "" };
        if !counts || !paid {
            continue;
        }
        if payout.percent && !rate.percent.is_zero() {
            parts.push(format!("{} %{role}", rate.percent));
        }
        if payout.amount && !rate.amount.is_zero() {
            let per = if row.amount_per == AmountPer::Order { " an order" } else { " a unit" };
            parts.push(format!("{}{per}{role}", format.total(&rate.amount)));
        }
    }
    (!parts.is_empty()).then(|| format!("{whose}{}", parts.join(" + ")))
}

fn details(row: &DetailsRow) -> Vec<(&'static str, Vec<String>)> {
    let notified: Vec<&str> = [(row.notify_on_lead, "leads"), (row.notify_on_sale, "sales")]
        .iter()
        .filter(|n| n.0)
        .map(|n| n.1)
        .collect();
    let notified = if notified.is_empty() { "none".into() } else { notified.join(", ") };
    let address: Vec<String> = match row.address.is_empty() {
        true => vec!["not known".into()],
        false => row.address.lines().map(String::from).collect(),
    };
    let tracked = row.track_leads_days.map_or("for ever".into(), |days| counted(days, "day", "days"));
    vec![
        ("Address", address),
        ("Track leads for", vec![tracked]),
        ("Notified of", vec![notified]),
        ("Wants e-mail", vec![if row.opted_in { "yes" } else { "no" }.into()]),
    ]
}

impl From<PaymentRow> for PaidTile {
    fn from(row: PaymentRow) -> PaidTile {
        PaidTile {
            amount: row.amount_minor,
            date: row.paid_on,
            pay_type: row.pay_type.label(),
            batch: row.batch.map(|batch| (row.batch_id, paths::payment_batch(batch))),
            path: paths::payment(row.id),
        }
    }
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Entry {
        let (badge, tone, otherwise) = match row.kind {
            EntryKind::Commission => ("", "", "Commission"),
            EntryKind::Clawback => ("Clawback", "bad", "Commission"),
            EntryKind::Adjustment => ("Adjustment", "info", "Adjustment"),
            EntryKind::Payment => ("Payment", "", "Payment"),
            EntryKind::Void => ("Void", "warn", "Void of a payment"),
        };
        Entry {
            date: row.dated_on,
            item: crate::people::names::shown(&row.item, otherwise),
            badge,
            tone,
            order: row.order_id.map(|id| (row.order_number, paths::order(id))),
            amount: row.amount_minor,
        }
    }
}
