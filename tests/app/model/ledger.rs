//! Section 7 of the specification, told once more in plain words and plain lists, for comparison. It
//! knows nothing of the program: an entry is open if the definition says so, looked up each time among
//! all payments that stand.

use std::collections::{BTreeMap, BTreeSet};

/// In cents.
pub type Amount = i64;
/// So many days after the first of January 2026.
pub type Day = i64;
/// By its place among the partners of the story.
pub type Partner = usize;
/// An entry by its place in the book.
pub type Place = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Commission,
    Clawback,
    Adjustment,
    Payment,
    Void,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub partner: Partner,
    pub number: i32,
    pub kind: Kind,
    pub amount: Amount,
    pub day: Day,
    /// A payment of a typed amount, or the void of one.
    pub on_account: bool,
    /// Of a void: the payment's entry.
    pub of: Option<Place>,
}

#[derive(Debug, Clone)]
pub struct Payment {
    pub partner: Partner,
    pub batch: Option<usize>,
    /// None where the amount is zero.
    pub entry: Option<Place>,
    pub amount: Amount,
    pub day: Day,
    pub settles: Vec<Place>,
    pub voided: bool,
}

/// What a showing of the report keeps.
#[derive(Debug, Clone)]
pub struct Run {
    pub from: Day,
    pub to: Day,
    /// The number of the last entry that it included, for each partner.
    pub last: BTreeMap<Partner, i32>,
    /// What of it was open then.
    pub open: BTreeSet<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Commission,
    BeginningPlusCommission,
    EndingBalance,
}

/// A batch that somebody wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub partners: Vec<Partner>,
    pub method: Method,
    pub run: Run,
    /// Payments on account that are left out by choice.
    pub left_out: BTreeSet<Place>,
    pub day: Day,
    pub batch_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Paid,
    SettledWithoutPayment,
    Skipped,
}

/// What a batch does for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub partner: Partner,
    pub outcome: Outcome,
    pub by_method: Amount,
    pub already_settled: Amount,
    pub to_pay: Amount,
    pub takes: Vec<Place>,
}

/// What became of something that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// What would be taken in is no longer open: nothing was recorded.
    Changed,
    Refused,
}

/// Beginning, earned, clawbacks, adjustments, payments.
pub type Figures = [Amount; 5];

#[derive(Debug, Default)]
pub struct Book {
    pub entries: Vec<Entry>,
    pub payments: Vec<Payment>,
    pub batch_ids: Vec<String>,
}

impl Kind {
    pub fn is_earning(self) -> bool {
        matches!(self, Kind::Commission | Kind::Clawback | Kind::Adjustment)
    }
}

impl Book {
    pub fn add(&mut self, partner: Partner, kind: Kind, amount: Amount, day: Day) -> Place {
        let number = 1 + self.entries.iter().filter(|entry| entry.partner == partner).count() as i32;
        self.entries.push(Entry { partner, number, kind, amount, day, on_account: false, of: None });
        self.entries.len() - 1
    }

    fn is_settled(&self, place: Place) -> bool {
        self.payments.iter().any(|payment| !payment.voided && payment.settles.contains(&place))
    }

    /// Open: not settled by a payment that stands. A voided payment on account and its void are closed
    /// while no standing payment settles either of them.
    pub fn is_open(&self, place: Place) -> bool {
        let entry = &self.entries[place];
        if self.is_settled(place) {
            return false;
        }
        if entry.kind.is_earning() {
            return true;
        }
        if !entry.on_account {
            return false;
        }
        let its_void = self.entries.iter().position(|other| other.of == Some(place));
        match entry.of.or(its_void) {
            Some(pair) => self.is_settled(pair),
            None => true,
        }
    }

    pub fn open(&self) -> BTreeSet<Place> {
        (0..self.entries.len()).filter(|place| self.is_open(*place)).collect()
    }

    pub fn balance(&self, partner: Partner) -> Amount {
        self.entries.iter().filter(|entry| entry.partner == partner).map(|entry| entry.amount).sum()
    }

    pub fn figures(&self, partner: Partner, from: Day, to: Day) -> Figures {
        self.figures_up_to(partner, i32::MAX, from, to)
    }

    fn figures_up_to(&self, partner: Partner, last: i32, from: Day, to: Day) -> Figures {
        let mut figures = [0; 5];
        for entry in self.entries.iter().filter(|entry| entry.partner == partner && entry.number <= last) {
            if entry.day < from {
                figures[0] += entry.amount;
            } else if entry.day <= to {
                match entry.kind {
                    Kind::Commission => figures[1] += entry.amount,
                    Kind::Clawback => figures[2] += entry.amount,
                    Kind::Adjustment => figures[3] += entry.amount,
                    Kind::Payment | Kind::Void => figures[4] -= entry.amount,
                }
            }
        }
        figures
    }

    pub fn run(&self, partners: &[Partner], from: Day, to: Day) -> Run {
        let count =
            |partner: Partner| self.entries.iter().filter(|entry| entry.partner == partner).count() as i32;
        Run {
            from,
            to,
            last: partners.iter().map(|partner| (*partner, count(*partner))).collect(),
            open: self.open(),
        }
    }

    fn in_run(&self, run: &Run, place: Place) -> bool {
        let entry = &self.entries[place];
        run.last.get(&entry.partner).is_some_and(|last| entry.number <= *last)
    }

    /// The table of the three methods.
    fn takes_in(&self, wanted: &Wanted, place: Place) -> bool {
        let entry = &self.entries[place];
        let (from, to) = (wanted.run.from, wanted.run.to);
        match (wanted.method, entry.kind.is_earning()) {
            (Method::Commission, true) => from <= entry.day && entry.day <= to,
            (Method::Commission, false) => from <= entry.day,
            (Method::BeginningPlusCommission, true) => entry.day < from || entry.day <= to,
            (Method::EndingBalance, true) => entry.day <= to,
            (_, false) => true,
        }
    }

    /// Which entries on account a batch could be told to leave out.
    pub fn on_account(&self, wanted: &Wanted) -> Vec<Place> {
        let open = self.open().into_iter();
        open.filter(|place| !self.entries[*place].kind.is_earning() && self.in_run(&wanted.run, *place))
            .collect()
    }

    pub fn due(&self, wanted: &Wanted) -> Vec<Due> {
        wanted.partners.iter().map(|partner| self.due_to(wanted, *partner)).collect()
    }

    fn due_to(&self, wanted: &Wanted, partner: Partner) -> Due {
        let run = &wanted.run;
        let takes: Vec<Place> = (0..self.entries.len())
            .filter(|place| {
                self.entries[*place].partner == partner && self.in_run(run, *place) && self.is_open(*place)
            })
            .filter(|place| self.takes_in(wanted, *place) && !wanted.left_out.contains(place))
            .collect();
        let last = run.last.get(&partner).copied().unwrap_or(0);
        let [beginning, earned, clawbacks, adjustments, payments] =
            self.figures_up_to(partner, last, run.from, run.to);
        let commissions = earned + clawbacks + adjustments;
        let by_method = match wanted.method {
            Method::Commission => commissions,
            Method::BeginningPlusCommission => beginning + commissions,
            Method::EndingBalance => beginning + commissions - payments,
        };
        let to_pay: Amount = takes.iter().map(|place| self.entries[*place].amount).sum();
        let outcome = match to_pay {
            1.. => Outcome::Paid,
            0 if !takes.is_empty() => Outcome::SettledWithoutPayment,
            _ => Outcome::Skipped,
        };
        Due { partner, outcome, by_method, already_settled: by_method - to_pay, to_pay, takes }
    }

    /// Whether anything that the run took in for these partners by this method, skipped ones included, has
    /// been settled or voided since.
    fn is_lost(&self, wanted: &Wanted) -> bool {
        wanted.run.open.iter().any(|place| {
            wanted.partners.contains(&self.entries[*place].partner)
                && self.in_run(&wanted.run, *place)
                && self.takes_in(wanted, *place)
                && !wanted.left_out.contains(place)
                && !self.is_open(*place)
        })
    }

    /// Process Action; with what the page showed, if it did.
    pub fn process(&mut self, wanted: &Wanted, shown: Option<&[Due]>) -> Answer {
        let due = self.due(wanted);
        if self.is_lost(wanted) || shown.is_some_and(|shown| shown != due) {
            return Answer::Changed;
        }
        if self.batch_ids.iter().any(|used| used.eq_ignore_ascii_case(&wanted.batch_id)) {
            return Answer::Refused;
        }
        self.batch_ids.push(wanted.batch_id.clone());
        let batch = Some(self.batch_ids.len() - 1);
        for due in due.iter().filter(|due| due.outcome != Outcome::Skipped) {
            self.pay(due.partner, batch, due.to_pay, wanted.day, due.takes.clone());
        }
        Answer::Done
    }

    fn pay(&mut self, partner: Partner, batch: Option<usize>, amount: Amount, day: Day, settles: Vec<Place>) {
        let entry = (amount > 0).then(|| self.add(partner, Kind::Payment, -amount, day));
        self.payments.push(Payment { partner, batch, entry, amount, day, settles, voided: false });
    }

    /// What *Create Payment* proposes: the open sum that *Ending balance* of the shown range would pay.
    pub fn proposal(&self, partner: Partner, to: Day) -> (Amount, Vec<Place>) {
        let takes: Vec<Place> = (0..self.entries.len())
            .filter(|place| self.entries[*place].partner == partner && self.is_open(*place))
            .filter(|place| !self.entries[*place].kind.is_earning() || self.entries[*place].day <= to)
            .collect();
        (takes.iter().map(|place| self.entries[*place].amount).sum(), takes)
    }

    pub fn pay_proposal(&mut self, partner: Partner, to: Day, day: Day) -> Answer {
        let (amount, takes) = self.proposal(partner, to);
        if amount <= 0 {
            return Answer::Refused;
        }
        self.pay(partner, None, amount, day, takes);
        Answer::Done
    }

    pub fn pay_on_account(&mut self, partner: Partner, amount: Amount, day: Day) {
        self.pay(partner, None, amount, day, Vec::new());
        let entry = self.entries.len() - 1;
        self.entries[entry].on_account = true;
    }

    /// Voids those of these payments that stand.
    pub fn void(&mut self, payments: &[usize], day: Day) -> Answer {
        let standing: Vec<usize> =
            payments.iter().copied().filter(|payment| !self.payments[*payment].voided).collect();
        if standing.is_empty() || standing.iter().any(|payment| day < self.payments[*payment].day) {
            return Answer::Refused;
        }
        for payment in standing {
            self.payments[payment].voided = true;
            let Payment { partner, entry, amount, .. } = self.payments[payment];
            if let Some(paid) = entry {
                let void = self.add(partner, Kind::Void, amount, day);
                self.entries[void].on_account = self.entries[paid].on_account;
                self.entries[void].of = Some(paid);
            }
        }
        Answer::Done
    }
}
