//! What *Create Referral Partner Payments* shows: the three methods side by side, and for the chosen
//! one what each partner would get, before anything is recorded.

use super::forms::{BatchForm, Choice};
use super::process::{Basis, Change, digest};
use super::queries::{PartnerLine, RunLine};
use crate::domain::ids::AccountId;
use crate::domain::money::Money;
use crate::domain::payment::{OpenEntry, Outcome, PaymentDue, PaymentMethod};
use crate::domain::period::Period;
use crate::web::admin::SignedIn;
use crate::web::forms::{FormData, Problems};
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Window};
use crate::web::paths;
use askama::Template;
use chrono::NaiveDate;
use std::collections::HashMap;

/// How many partners a page of the preview shows.
const ROWS: usize = 200;

/// What was read for a preview.
pub struct Shown {
    pub chosen: RunLine,
    pub as_of: RunLine,
    /// Exports and prints of the same dates.
    pub others: Vec<RunLine>,
    pub basis: Basis,
    pub partners: Vec<PartnerLine>,
    pub period: Period,
}

/// One of the three methods, with what it would pay.
pub struct MethodCard {
    label: &'static str,
    help: &'static str,
    address: Address,
    current: bool,
    by_method: Money,
    already_settled: Money,
    to_pay: Money,
    paid: usize,
}

/// One partner of the preview.
pub struct DueLine {
    partner: PartnerLine,
    due: PaymentDue,
}

/// A payment on account that counts, or is left out by choice.
pub struct OnAccountLine {
    partner: PartnerLine,
    entry: OpenEntry,
    left_out: bool,
    /// The preview with the other choice.
    address: Address,
}

/// What changed for a partner since the run.
pub struct ChangeLine {
    partner: PartnerLine,
    change: Change,
}

/// Sums of a list.
#[derive(Default)]
pub struct Sums {
    by_method: Money,
    already_settled: Money,
    to_pay: Money,
    balance_after: Money,
}

/// The page.
#[derive(Template)]
#[template(path = "payments/new.html")]
pub struct NewPage {
    layout: Layout,
    choice: Choice,
    period: Period,
    chosen: RunLine,
    as_of: RunLine,
    others: Vec<RunLine>,
    methods: Vec<MethodCard>,
    on_account: Vec<OnAccountLine>,
    paid: Vec<DueLine>,
    paid_sums: Sums,
    paid_count: usize,
    settled: Vec<DueLine>,
    skipped: Vec<DueLine>,
    skipped_sums: Sums,
    skipped_count: usize,
    stays_open_before: Money,
    changes: Vec<ChangeLine>,
    form: BatchForm,
    problems: Problems,
    /// A note above all: what happened when Process Action was pressed.
    note: String,
    latest_entry: Option<NaiveDate>,
    asks_early: bool,
    digest: String,
    pager: Pager,
}

impl NewPage {
    pub fn new(
        visitor: &SignedIn,
        shown: Shown,
        choice: Choice,
        form: BatchForm,
        problems: Problems,
        note: String,
        query: &FormData,
    ) -> NewPage {
        let layout = visitor
            .layout("Create Referral Partner Payments")
            .under("CRM", "")
            .under("Reports", paths::REPORTS)
            .under("Referral Partner Ledgers", paths::LEDGERS);
        let due = shown.basis.due(choice.method, &choice.on_account());
        let changes = shown.basis.changes(choice.method, &choice.on_account(), &due);
        let names: HashMap<AccountId, PartnerLine> =
            shown.partners.iter().map(|partner| (partner.account_id, partner.clone())).collect();
        let digest = digest(&due);
        let latest_entry = due
            .iter()
            .filter(|due| !due.outcome.is_skipped())
            .flat_map(|due| &due.takes)
            .map(|e| e.dated_on)
            .max();
        let stays_open_before = due.iter().map(|due| due.stays_open_before).sum();
        let methods = PaymentMethod::ALL.map(|method| card(&shown.basis, &choice, method)).into();
        let on_account = on_account_lines(&due, &names, &choice);
        let mut by_account: HashMap<AccountId, PaymentDue> =
            due.into_iter().map(|due| (due.account, due)).collect();
        let mut lists: [Vec<DueLine>; 3] = Default::default();
        for partner in &shown.partners {
            let Some(due) = by_account.remove(&partner.account_id) else { continue };
            let list = match due.outcome {
                Outcome::Paid => 0,
                Outcome::SettledWithoutPayment => 1,
                _ => 2,
            };
            lists[list].push(DueLine { partner: partner.clone(), due });
        }
        let [paid, settled, mut skipped] = lists;
        skipped.sort_by_key(|line| matches!(line.due.outcome, Outcome::Nothing | Outcome::NotInRun));
        let (paid_sums, skipped_sums) = (sums(&paid), sums(&skipped));
        let (paid_count, skipped_count) = (paid.len(), skipped.len());
        let window = Window { page: Window::of(query).page, rows: ROWS as i64 };
        let pager = Pager::new(window, paid_count as i64, &choice.address());
        skipped.truncate(ROWS);
        NewPage {
            layout,
            period: shown.period,
            chosen: shown.chosen,
            as_of: shown.as_of,
            others: shown.others,
            methods,
            on_account,
            paid: paid.into_iter().skip(window.offset() as usize).take(ROWS).collect(),
            paid_sums,
            paid_count,
            settled,
            skipped,
            skipped_sums,
            skipped_count,
            stays_open_before,
            changes: changes
                .into_iter()
                .filter_map(|change| {
                    Some(ChangeLine { partner: names.get(&change.account)?.clone(), change })
                })
                .collect(),
            asks_early: !problems.of("early").is_empty(),
            form,
            problems,
            note,
            latest_entry,
            digest,
            choice,
            pager,
        }
    }

    /// What the button says: how much, to how many.
    fn button(&self) -> String {
        let settled = self.settled.len();
        match (self.paid_count, settled) {
            (0, 0) => "Process Action: pay nobody".into(),
            (0, _) => {
                format!("Process Action: pay nobody, settle {}", counted(settled, "partner", "partners"))
            }
            (paid, _) => format!(
                "Process Action: pay {} {}",
                counted(paid, "partner", "partners"),
                self.layout.format.total(&self.paid_sums.to_pay)
            ),
        }
    }

    fn is_now(&self) -> bool {
        self.choice.as_of == self.choice.run
    }

    /// The fields that say which preview it is.
    fn leaves_out(&self) -> bool {
        !self.choice.leave.is_empty()
    }
}

/// *as exported Jun 30, 2026, 14:05 by Ann*: how a run is called where one can be chosen.
pub fn run_words(run: &RunLine) -> &'static str {
    match run.kind.as_str() {
        "export" => "As exported",
        "print" => "As printed",
        _ => "As of",
    }
}

fn card(basis: &Basis, choice: &Choice, method: PaymentMethod) -> MethodCard {
    let due = basis.due(method, &choice.on_account());
    let paid = || due.iter().filter(|due| due.outcome == Outcome::Paid);
    let to_pay: Money = paid().map(|due| due.to_pay).sum();
    MethodCard {
        label: method.label(),
        help: match method {
            PaymentMethod::Commission => {
                "Pays what was earned within the dates: the Commissions column. The beginning balance, also a \
                 negative one, is left as it is."
            }
            PaymentMethod::BeginningPlusCommission => {
                "Adds what was open before the dates to what was earned within them. The beginning balance may be \
                 negative where commission was taken back after it was paid."
            }
            PaymentMethod::EndingBalance => {
                "Pays the ending balance: beginning balance and commissions, less the payments within the dates."
            }
        },
        address: choice.by(method).address(),
        current: choice.method == method,
        by_method: paid().map(|due| due.by_method).sum(),
        already_settled: paid().map(|due| due.already_settled).sum(),
        to_pay,
        paid: paid().count(),
    }
}

fn on_account_lines(
    due: &[PaymentDue],
    names: &HashMap<AccountId, PartnerLine>,
    choice: &Choice,
) -> Vec<OnAccountLine> {
    let mut lines = Vec::new();
    for due in due {
        let Some(partner) = names.get(&due.account) else { continue };
        let taken = due.takes.iter().filter(|entry| !entry.kind.is_earning()).map(|entry| (entry, false));
        for (entry, left_out) in taken.chain(due.left_out.iter().map(|entry| (entry, true))) {
            let mut other = choice.clone();
            if left_out {
                other.leave.retain(|left| *left != entry.id);
            } else {
                other.leave.push(entry.id);
            }
            lines.push(OnAccountLine {
                partner: partner.clone(),
                entry: *entry,
                left_out,
                address: other.address(),
            });
        }
    }
    lines
}

fn sums(lines: &[DueLine]) -> Sums {
    Sums {
        by_method: lines.iter().map(|line| line.due.by_method).sum(),
        already_settled: lines.iter().map(|line| line.due.already_settled).sum(),
        to_pay: lines.iter().map(|line| line.due.to_pay).sum(),
        balance_after: lines.iter().map(|line| line.due.balance_after).sum(),
    }
}
