//! The worked example beside the settings: *a sale of $100 by Sam, whose parent is Joe*. The figures
//! come from the rulebook, with a program that is made up for it.

use rust_decimal::Decimal;
use std::collections::HashMap;

use super::words;
use crate::domain::commission::{self, Lineage, Member, Row, SoldLine};
use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId, RuleId};
use crate::domain::money::Money;
use crate::domain::program::{AmountPer, Level, Payout, Percent, Program, Rate, Rates, Role, Rule};
use crate::domain::rate::{RateKind, RatePlace};
use crate::domain::settings::PayoutRules;
use crate::web::html::Format;

/// A hundred dollars, ten thousand yen: a sale that people can imagine in most currencies.
const SALE: Money = Money::from_minor(10_000);

const SAM: PartnerId = PartnerId(1);
const JOE: PartnerId = PartnerId(2);
const KIM: PartnerId = PartnerId(3);
const PAT: PartnerId = PartnerId(4);

/// Rates of the made-up program: thousandths of a percent and minor units for the sale, and for the lead.
const RATES: [(Level, [i64; 4]); 4] = [
    (Level::One, [10_000, 500, 4_000, 200]),
    (Level::Two, [3_000, 150, 1_000, 50]),
    (Level::Three, [1_000, 50, 500, 25]),
    (Level::Unused, [2_000, 100, 0, 0]),
];

/// What choices of settings 7 to 10 pay for the sale.
#[derive(Debug, Clone)]
pub struct Example {
    pub sale: Money,
    /// Each who could be paid, with what they are paid.
    pub people: Vec<Paid>,
    /// What does not count at all: flat amounts, percents.
    pub off: Vec<Off>,
    pub total: Money,
    /// What is left of the sale.
    pub kept: Money,
    /// The same sale by somebody without a parent: what *Pay If Unused* adds.
    pub unused: Paid,
    /// The rates that are used, level by level.
    pub rates: Vec<LevelRates>,
}

/// One who could be paid.
#[derive(Debug, Clone)]
pub struct Paid {
    pub name: &'static str,
    /// Its part in the sale: *level 2, parent of Sam*.
    pub part: &'static str,
    pub amount: Money,
    /// How the amount comes about; where there is none, why not.
    pub working: String,
    pub is_paid: bool,
}

/// Something that does not count, and why.
#[derive(Debug, Clone)]
pub struct Off {
    pub name: &'static str,
    pub why: &'static str,
}

/// The rates of one level; empty where there is none.
#[derive(Debug, Clone)]
pub struct LevelRates {
    pub level: &'static str,
    pub rates: Vec<ShownRate>,
}

/// A rate, and whether it counts.
#[derive(Debug, Clone)]
pub struct ShownRate {
    pub worth: String,
    pub counts: bool,
}

/// Works the example out.
pub fn example(rules: PayoutRules, format: &Format) -> Example {
    let program = program();
    let rows = |lead: Option<&Lineage>, sale: &Lineage| {
        let enrolled = |_| vec![&program];
        // Amounts as small as these are never refused.
        commission::rows(&[line(format)], lead, Some(sale), enrolled, rules, format.currency)
            .unwrap_or_default()
    };
    let family = Lineage { own: member(SAM), parent: Some(member(JOE)), grandparent: Some(member(KIM)) };
    let alone = Lineage { own: member(PAT), parent: None, grandparent: None };
    let paid_for = rows(Some(&alone), &family);
    let person = |name, part, partner, role, level| {
        let row = paid_for.iter().find(|row| row.partner == partner && row.role == role);
        paid(name, part, row, RatePlace { level, role, kind: RateKind::Percent }, rules, format)
    };
    let people = vec![
        person("Sam", "level 1", SAM, Role::Sale, Level::One),
        person("Joe", "level 2, parent of Sam", JOE, Role::Sale, Level::Two),
        person("Kim", "level 3, parent of Joe", KIM, Role::Sale, Level::Three),
        person("Pat", "referred the lead", PAT, Role::Lead, Level::One),
    ];
    let alone_paid = rows(None, &alone);
    let unused_row = alone_paid.iter().find(|row| row.level == Level::Unused);
    let unused_place = RatePlace { level: Level::Unused, role: Role::Sale, kind: RateKind::Percent };
    let total: Money = paid_for.iter().map(|row| row.full).sum();
    Example {
        sale: SALE,
        off: off(rules),
        total,
        kept: SALE - total,
        unused: paid("Pay if unused", "", unused_row, unused_place, rules, format),
        rates: rates(&program, rules, format),
        people,
    }
}

fn paid(
    name: &'static str,
    part: &'static str,
    row: Option<&Row>,
    place: RatePlace,
    rules: PayoutRules,
    format: &Format,
) -> Paid {
    let working = row.map_or_else(|| why_not(place, rules), |row| working(row, format));
    let amount = row.map_or(Money::ZERO, |row| row.full);
    Paid { name, part, amount, working, is_paid: row.is_some() }
}

/// *100.00 × 10 % + 5.00*
fn working(row: &Row, format: &Format) -> String {
    let percent =
        (!row.percent.is_zero()).then(|| format!("{} × {}\u{a0}%", format.money(&SALE), row.percent));
    let amount = (!row.amount.is_zero()).then(|| format.money(&row.amount));
    percent.into_iter().chain(amount).collect::<Vec<_>>().join(" + ")
}

fn why_not(place: RatePlace, rules: PayoutRules) -> String {
    let role = match place.role {
        Role::Sale if !rules.sale => Some("Sale is not ticked"),
        Role::Lead if !rules.lead => Some("Lead is not ticked"),
        _ => None,
    };
    let levels = format!("# of Levels is {}", rules.levels);
    let level = match place.level {
        Level::Unused if !rules.pay_if_unused => Some("set to No"),
        Level::Unused if rules.levels < 2 => Some(levels.as_str()),
        generation if generation.number() > rules.levels.into() => Some(levels.as_str()),
        _ => None,
    };
    format!("off: {}", level.or(role).unwrap_or("neither Amount nor Percent is ticked"))
}

fn off(rules: PayoutRules) -> Vec<Off> {
    let kinds = [
        ("Flat amounts", "off: Amount is not ticked", rules.amount),
        ("Percentages", "off: Percent is not ticked", rules.percent),
    ];
    kinds.into_iter().filter(|(.., on)| !on).map(|(name, why, _)| Off { name, why }).collect()
}

fn rates(program: &Program, rules: PayoutRules, format: &Format) -> Vec<LevelRates> {
    let places: Vec<RatePlace> = RatePlace::all().collect();
    let of_level = |level: Level| {
        let places = places.iter().filter(move |place| place.level == level);
        let rates = places.map(|place| ShownRate {
            worth: program
                .default
                .as_ref()
                .and_then(|rule| place.worth(rule))
                .map_or_else(|| "–".into(), |worth| words::worth(worth, format)),
            counts: place.counts(rules),
        });
        LevelRates { level: words::level(level), rates: rates.collect() }
    };
    Level::ALL.into_iter().map(of_level).collect()
}

fn program() -> Program {
    let rate = |thousandths, amount| Rate {
        percent: Percent::new(Decimal::new(thousandths, 3)).unwrap_or_default(),
        amount: Money::from_minor(amount),
    };
    let rows = RATES.map(|(level, [percent, amount, lead_percent, lead_amount])| {
        (level, Rates { sale: rate(percent, amount), lead: rate(lead_percent, lead_amount) })
    });
    Program {
        id: ProgramId(1),
        version: ProgramVersionId(1),
        priority: 1,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        default: Some(Rule::new(RuleId(1), None, rows)),
        products: HashMap::new(),
    }
}

fn line(format: &Format) -> SoldLine {
    SoldLine {
        product: ProductId(1),
        quantity: Decimal::ONE,
        unit_price: Decimal::new(SALE.minor(), format.currency.minor_units()),
        discount: Money::ZERO,
        commissionable: true,
    }
}

fn member(partner: PartnerId) -> Member {
    Member { partner, active: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::domain::settings::Defaults;
    use crate::web::html::DateFormat;

    fn told(rules: PayoutRules, currency: &str) -> Vec<String> {
        let currency = Currency::from_code(currency).unwrap();
        let format = Format { currency, zone: chrono_tz::UTC, dates: DateFormat::default() };
        let example = example(rules, &format);
        let line = |paid: &Paid| format!("{} {} = {}", paid.name, paid.working, format.total(&paid.amount));
        let people = example.people.iter().map(line);
        let off = example.off.iter().map(|off| format!("{} {}", off.name, off.why));
        let totals = [
            format!("paid {}, kept {}", format.total(&example.total), format.total(&example.kept)),
            line(&example.unused),
        ];
        people.chain(off).chain(totals).collect()
    }

    #[test]
    fn sam_gets_ten_and_joe_three_as_it_comes() {
        let expected = [
            "Sam 100.00 × 10\u{a0}% = $10.00",
            "Joe 100.00 × 3\u{a0}% = $3.00",
            "Kim off: # of Levels is 2 = $0.00",
            "Pat off: Lead is not ticked = $0.00",
            "Flat amounts off: Amount is not ticked",
            "paid $13.00, kept $87.00",
            "Pay if unused off: set to No = $0.00",
        ];
        assert_eq!(told(Defaults::default().payout, "USD"), expected);
    }

    #[test]
    fn with_everything_on_all_are_paid_and_both_kinds_add_up() {
        let all = PayoutRules {
            levels: 3,
            lead: true,
            sale: true,
            amount: true,
            percent: true,
            pay_if_unused: true,
        };
        let expected = [
            "Sam 10,000 × 10\u{a0}% + 500 = ¥1,500",
            "Joe 10,000 × 3\u{a0}% + 150 = ¥450",
            "Kim 10,000 × 1\u{a0}% + 50 = ¥150",
            "Pat 10,000 × 4\u{a0}% + 200 = ¥600",
            "paid ¥2,700, kept ¥7,300",
            "Pay if unused 10,000 × 2\u{a0}% + 100 = ¥300",
        ];
        assert_eq!(told(all, "JPY"), expected);
    }

    #[test]
    fn a_choice_that_pays_nobody_says_why() {
        let nothing =
            PayoutRules { percent: false, pay_if_unused: true, levels: 1, ..Defaults::default().payout };
        let told = told(nothing, "USD");
        assert!(told.contains(&"Sam off: neither Amount nor Percent is ticked = $0.00".into()), "{told:?}");
        assert!(told.contains(&"Pay if unused off: # of Levels is 1 = $0.00".into()), "{told:?}");
    }
}
