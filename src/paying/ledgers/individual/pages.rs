//! What an individual ledger shows.

use askama::Template;
use chrono::NaiveDate;

use super::super::pages::parts;
use super::super::queries::Partner;
use super::forms::{AdjustmentForm, PaymentForm};
use super::handlers::in_advance;
use super::ledger::Ledger;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::domain::period::Period;
use crate::paying::payments::single::Proposal;
use crate::people::names::{Person, shown};
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::html::{Format, count, counted};
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Window};
use crate::web::range::{self, RangeForm};
use crate::web::{forms::FormData, paths};

/// The ledger of one partner.
#[derive(Template)]
#[template(path = "ledgers/show.html")]
pub struct ShowPage {
    layout: Layout,
    partner: Partner,
    name: String,
    range: RangeForm,
    problems: Problems,
    presets: Vec<(&'static str, &'static str, bool)>,
    /// None where the dates are wrong.
    shown: Option<Shown>,
}

/// A ledger for dates that are right.
struct Shown {
    ledger: Ledger,
    pager: Pager,
    /// What an administrator may record here.
    forms: Option<Forms>,
}

struct Forms {
    /// What is proposed, and what happens if another amount is typed.
    help: String,
    payment: PaymentForm,
    adjustment: AdjustmentForm,
    pay_types: Vec<(&'static str, &'static str)>,
    /// What of the amount in the form goes beyond the balance.
    advance: Option<Money>,
}

impl ShowPage {
    #[expect(clippy::too_many_arguments, reason = "everything that a form may come back with")]
    pub fn new(
        visitor: &SignedIn,
        partner: Partner,
        ledger: Option<Ledger>,
        dates: RangeForm,
        window: Window,
        payment: Option<PaymentForm>,
        adjustment: Option<AdjustmentForm>,
        problems: Problems,
    ) -> ShowPage {
        let name = shown(&partner.name, &partner.code);
        let layout =
            visitor.layout(format!("Ledger: {name}")).under("CRM", "").under("Reports", paths::REPORTS);
        let layout = layout.under("Referral Partner Ledgers", paths::LEDGERS).wide();
        let today = visitor.today();
        let presets = range::presets(ledger.as_ref().map(|ledger| ledger.period), today);
        let shown = ledger.map(|ledger| {
            let forms = ledger
                .proposal
                .as_ref()
                .map(|proposal| Forms::new(&ledger, proposal, payment, adjustment, today, &layout.format));
            let fields = [("from", ledger.period.from().to_string()), ("to", ledger.period.to().to_string())];
            let fields = fields.each_ref().map(|(name, day)| (*name, day.as_str()));
            let address = Address::new(paths::partner_ledger_form(partner.id), &FormData::from(fields));
            let pager = Pager::new(window, ledger.count.all, &address);
            Shown { ledger, pager, forms }
        });
        ShowPage { layout, name, partner, range: dates, problems, presets, shown }
    }

    fn parent(&self) -> Option<Person> {
        self.partner.parent().map(|(id, name)| Person::partner(id, name, "Parent"))
    }

    fn partner_path(&self) -> String {
        paths::partner(self.partner.id)
    }

    fn form_path(&self) -> String {
        paths::partner_ledger_form(self.partner.id)
    }

    fn csv_path(&self, period: &Period) -> String {
        paths::partner_ledger_csv(self.partner.id, *period)
    }

    fn payments_path(&self) -> String {
        paths::partner_payments(self.partner.id)
    }

    fn adjustments_path(&self) -> String {
        paths::partner_adjustments(self.partner.id)
    }

    fn range_words(&self, period: &Period) -> String {
        range::words(period, &self.layout.format)
    }
}

impl Shown {
    fn count_words(&self) -> String {
        counted(self.ledger.count.all, "entry", "entries")
    }

    fn parts(&self, format: &Format) -> Vec<(&'static str, String, &'static str)> {
        parts(&self.ledger.figures, format)
    }

    fn payments_words(&self) -> String {
        let payments = counted(self.ledger.count.payments, "payment", "payments");
        match self.ledger.count.voids {
            0 => payments,
            voids => format!("{payments}, {}", counted(voids, "void", "voids")),
        }
    }

    /// What was recorded with dates after this range.
    fn later(&self) -> Money {
        self.ledger.balance() - self.ledger.figures.ending()
    }

    /// With the entries' sign: what was paid is below zero.
    fn minus_payments(&self) -> Money {
        -self.ledger.figures.payments
    }

    fn minus_payments_to_date(&self) -> Money {
        -self.ledger.to_date.payments
    }

    fn open_words(&self, open: &i64) -> String {
        match open {
            0 => "No entry is open.".into(),
            1 => "1 entry is open; it is the balance.".into(),
            open => format!("{} entries are open; together they are the balance.", count(*open)),
        }
    }

    fn amount_label(&self, format: &Format) -> String {
        format!("Amount in {}", format.currency.code())
    }

    /// The day before which the beginning balance stands; none where all dates are shown.
    fn first_day(&self) -> Option<NaiveDate> {
        Some(self.ledger.period.from()).filter(|day| *day != Period::FIRST_DAY)
    }

    fn last_day(&self) -> Option<NaiveDate> {
        Some(self.ledger.period.to()).filter(|day| *day != Period::LAST_DAY)
    }
}

impl Forms {
    fn new(
        ledger: &Ledger,
        proposal: &Proposal,
        payment: Option<PaymentForm>,
        adjustment: Option<AdjustmentForm>,
        today: NaiveDate,
        format: &Format,
    ) -> Forms {
        let fresh = PaymentForm::proposing(proposal, today, format);
        let payment = match payment {
            Some(typed) => typed.again(fresh),
            None => fresh,
        };
        let amount = Money::parse(&payment.amount, format.currency).ok();
        let beyond = amount.filter(|amount| amount.is_positive() && *amount > ledger.balance());
        Forms {
            advance: beyond.map(|amount| in_advance(amount, ledger.balance())),
            help: help(ledger, proposal, format),
            payment,
            adjustment: adjustment.map_or_else(|| AdjustmentForm::fresh(today), AdjustmentForm::again),
            pay_types: PayType::ALL.iter().map(|pay_type| (pay_type.word(), pay_type.label())).collect(),
        }
    }
}

fn help(ledger: &Ledger, proposal: &Proposal, format: &Format) -> String {
    let until = match Some(ledger.period.to()).filter(|day| *day != Period::LAST_DAY) {
        Some(day) => format!("up to {}", format.day(&day)),
        None => "of any date".into(),
    };
    let amount = format.total(&proposal.amount);
    let otherwise = "paid on account: it settles nothing by itself, and the next batch takes it in.";
    if !proposal.amount.is_positive() {
        return format!(
            "Nothing is to be paid {until}: what is open comes to {amount}. An amount that you type is {otherwise}"
        );
    }
    let entries = counted(proposal.takes.len(), "open entry", "open entries");
    format!(
        "{amount} is what Ending balance would pay: the {entries} {until}. Recorded unchanged, it settles them. Any \
         other amount is {otherwise}"
    )
}
