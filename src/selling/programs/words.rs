//! Programs in words: what a rule pays, and what one version says otherwise than the one before.

use super::queries::pages::ProductRow;
use crate::domain::ids::ProductId;
use crate::domain::program::{AmountPer, Level, Payout, Program, Role, Rule};
use crate::domain::rate::{RateKind, RatePlace, Worth};
use crate::domain::settings::PayoutRules;
use crate::people::names::shown;
use crate::running::settings::defaults::words::worth;
use crate::web::html::{Format, counted};
use std::collections::{BTreeSet, HashMap};

/// *Up-front credit in full*.
pub fn payout(payout: Payout) -> &'static str {
    match payout {
        Payout::UpFront => "Up-front credit in full",
        Payout::OnPayment => "Credit on customer payment",
    }
}

/// *per unit*, *once per order*.
pub fn per(per: AmountPer) -> &'static str {
    match per {
        AmountPer::Unit => "per unit",
        AmountPer::Order => "once per order",
    }
}

/// *Level 1*, *Unused*.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::One => "Level 1",
        Level::Two => "Level 2",
        Level::Three => "Level 3",
        Level::Unused => "Unused",
    }
}

/// *Sale percent*.
pub fn column(role: Role, kind: RateKind) -> &'static str {
    match (role, kind) {
        (Role::Sale, RateKind::Percent) => "Sale percent",
        (Role::Sale, RateKind::Amount) => "Sale amount",
        (Role::Lead, RateKind::Percent) => "Lead percent",
        (Role::Lead, RateKind::Amount) => "Lead amount",
    }
}

/// Why no rate of a level counts; empty where it does.
pub fn level_off(level: Level, rules: PayoutRules) -> String {
    match level {
        Level::Unused if !rules.pay_if_unused => "off: “Pay If Unused” is No".into(),
        Level::Unused if rules.levels < 2 => format!("off: # of Levels is {}", rules.levels),
        Level::Unused => String::new(),
        generation if generation.number() > rules.levels.into() => {
            format!("off: # of Levels is {}", rules.levels)
        }
        _ => String::new(),
    }
}

/// Why no rate of a column counts; empty where it does.
pub fn column_off(role: Role, kind: RateKind, rules: PayoutRules) -> &'static str {
    match (role, kind) {
        (Role::Sale, _) if !rules.sale => "off: Sale is not ticked",
        (Role::Lead, _) if !rules.lead => "off: Lead is not ticked",
        (_, RateKind::Percent) if !rules.percent => "off: Percent is not ticked",
        (_, RateKind::Amount) if !rules.amount => "off: Amount is not ticked",
        _ => "",
    }
}

/// What a rule pays by these settings: *10 % + $2.00 per unit, parent 3 %*; or what it keeps that does
/// not count. Empty for nothing.
pub fn rates(rule: &Rule, amounts: AmountPer, rules: PayoutRules, counting: bool, format: &Format) -> String {
    let of_level = |level: Level| {
        let places = RatePlace::all().filter(|place| place.level == level && place.counts(rules) == counting);
        let parts: Vec<String> = places.filter_map(|place| rate(place, rule, amounts, format)).collect();
        let whose = match level {
            Level::One => "",
            Level::Two => "parent ",
            Level::Three => "grandparent ",
            Level::Unused => "unused ",
        };
        (!parts.is_empty()).then(|| format!("{whose}{}", parts.join(" + ")))
    };
    Level::ALL.into_iter().filter_map(of_level).collect::<Vec<_>>().join(", ")
}

fn rate(place: RatePlace, rule: &Rule, amounts: AmountPer, format: &Format) -> Option<String> {
    let of = if place.role == Role::Lead { " for the lead" } else { "" };
    Some(match place.worth(rule)? {
        Worth::Amount(amount) => format!("{} {}{of}", format.total(&amount), per(amounts)),
        percent => format!("{}{of}", worth(percent, format)),
    })
}

/// A product as people know it: *85123A White hanging heart*.
pub fn product(id: ProductId, names: &HashMap<ProductId, ProductRow>) -> String {
    match names.get(&id) {
        Some(product) if product.name.is_empty() => shown(&product.code, "a product"),
        Some(product) => format!("{} {}", product.code, product.name),
        None => format!("product {id}"),
    }
}

/// A version, as the next one is compared with it.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    pub program: &'a Program,
    /// Referral Partner Defaults 7 to 10 when it was made.
    pub rules: PayoutRules,
}

/// What a version says otherwise than the one before it, a sentence each.
pub fn changes(
    before: Version,
    after: Version,
    names: &HashMap<ProductId, ProductRow>,
    format: &Format,
) -> Vec<String> {
    let (old, new) = (before.program, after.program);
    let mut told = Vec::new();
    let mut tell = |name: &str, old: String, new: String| {
        if old != new {
            told.push(format!("{name}: {old} → {new}"));
        }
    };
    tell("Priority", old.priority.to_string(), new.priority.to_string());
    tell("Payout type", payout(old.payout).into(), payout(new.payout).into());
    tell("Amounts", per(old.amount_per).into(), per(new.amount_per).into());
    told.extend(defaults(before.rules, after.rules));
    told.extend(rule_changes(
        "Default",
        old.default.as_ref(),
        new.default.as_ref(),
        new.amount_per,
        after.rules,
        format,
    ));
    let products: BTreeSet<&ProductId> = old.products.keys().chain(new.products.keys()).collect();
    for id in products {
        let (was, is) = (old.products.get(id), new.products.get(id));
        if was.map(pays) != is.map(pays) {
            told.extend(rule_changes(&product(*id, names), was, is, new.amount_per, after.rules, format));
        }
    }
    told
}

/// The products whose own rules differ.
pub fn differing_products(old: &Program, new: &Program) -> Vec<ProductId> {
    let products: BTreeSet<&ProductId> = old.products.keys().chain(new.products.keys()).collect();
    let differs = |id: &&&ProductId| old.products.get(id).map(pays) != new.products.get(id).map(pays);
    products.iter().filter(differs).map(|id| **id).collect()
}

fn pays(rule: &Rule) -> Vec<Option<Worth>> {
    RatePlace::all().map(|place| place.worth(rule)).collect()
}

fn rule_changes(
    name: &str,
    old: Option<&Rule>,
    new: Option<&Rule>,
    amounts: AmountPer,
    rules: PayoutRules,
    format: &Format,
) -> Vec<String> {
    let all = |rule: &Rule| {
        let parts = [rates(rule, amounts, rules, true, format), rates(rule, amounts, rules, false, format)];
        match parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("; off: ")
        {
            nothing if nothing.is_empty() => "nothing".to_string(),
            paid if parts[0].is_empty() => format!("off: {paid}"),
            paid => paid,
        }
    };
    match (old, new) {
        (None, None) => Vec::new(),
        (None, Some(rule)) => vec![format!("{name}: rule added, {}", all(rule))],
        (Some(rule), None) => vec![format!("{name}: rule taken out, was {}", all(rule))],
        (Some(old), Some(new)) => {
            let words = |at: Option<Worth>| at.map_or_else(|| "nothing".into(), |at| worth(at, format));
            let changed = RatePlace::all().filter(|place| place.worth(old) != place.worth(new));
            let told = |place: RatePlace| {
                let (was, is) = (words(place.worth(old)), words(place.worth(new)));
                let column = column(place.role, place.kind).to_lowercase();
                format!("{name}, {column} of {}: {was} → {is}", level(place.level).to_lowercase())
            };
            changed.map(told).collect()
        }
    }
}

/// What Referral Partner Defaults say otherwise.
fn defaults(old: PayoutRules, new: PayoutRules) -> Option<String> {
    if old == new {
        return None;
    }
    let mut told = Vec::new();
    if old.levels != new.levels {
        told.push(format!("# of Levels {} → {}", old.levels, new.levels));
    }
    for (name, was, is) in [
        ("Sale", old.sale, new.sale),
        ("Lead", old.lead, new.lead),
        ("Percent", old.percent, new.percent),
        ("Amount", old.amount, new.amount),
        ("Pay If Unused", old.pay_if_unused, new.pay_if_unused),
    ] {
        if was != is {
            told.push(format!("{name} switched {}", if is { "on" } else { "off" }));
        }
    }
    Some(format!("Referral Partner Defaults: {}", told.join(", ")))
}

/// *2 products have rules of their own*.
pub fn own_rules(program: &Program) -> String {
    match program.products.len() {
        0 => "none".into(),
        n => counted(n, "product", "products"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ProgramId, ProgramVersionId, RuleId};
    use crate::domain::money::{Currency, Money};
    use crate::domain::program::{Percent, Rate, Rates};
    use crate::domain::settings::Defaults;
    use crate::web::html::DateFormat;

    fn format() -> Format {
        let currency = Currency::from_code("USD").unwrap();
        Format { currency, zone: chrono_tz::UTC, dates: DateFormat::default() }
    }

    fn rule(product: Option<i64>, level_two: i64) -> Rule {
        let sale = |percent: i64| Rates {
            sale: Rate { percent: Percent::new(percent.into()).unwrap(), amount: Money::ZERO },
            lead: Rate { percent: Percent::ZERO, amount: Money::from_minor(200) },
        };
        let rows = [(Level::One, sale(10)), (Level::Two, sale(level_two))];
        Rule::new(RuleId(1), product.map(ProductId), rows)
    }

    fn program(priority: i32, level_two: i64, own: &[i64]) -> Program {
        Program {
            id: ProgramId(1),
            version: ProgramVersionId(1),
            priority,
            payout: Payout::UpFront,
            amount_per: AmountPer::Unit,
            default: Some(rule(None, level_two)),
            products: own.iter().map(|id| (ProductId(*id), rule(Some(*id), level_two))).collect(),
        }
    }

    #[test]
    fn what_counts_and_what_is_kept_are_told_apart() {
        let (rule, rules) = (rule(None, 3), Defaults::default().payout);
        assert_eq!(rates(&rule, AmountPer::Unit, rules, true, &format()), "10\u{a0}%, parent 3\u{a0}%");
        let kept = rates(&rule, AmountPer::Order, rules, false, &format());
        assert_eq!(kept, "$2.00 once per order for the lead, parent $2.00 once per order for the lead");
    }

    #[test]
    fn a_change_is_told_by_its_place() {
        let rules = Defaults::default().payout;
        let (old, new) = (program(1, 3, &[7]), program(2, 4, &[]));
        let before = Version { program: &old, rules };
        let after = Version { program: &new, rules: PayoutRules { levels: 1, ..rules } };
        let told = changes(before, after, &HashMap::new(), &format());
        assert_eq!(told[0], "Priority: 1 → 2");
        assert_eq!(told[1], "Referral Partner Defaults: # of Levels 2 → 1");
        assert_eq!(told[2], "Default, sale percent of level 2: 3\u{a0}% → 4\u{a0}%");
        assert!(told[3].starts_with("product 7: rule taken out, was 10\u{a0}%; off: "), "{told:?}");
        assert_eq!(told.len(), 4);
        assert_eq!(differing_products(&old, &new), [ProductId(7)]);
        assert!(changes(before, before, &HashMap::new(), &format()).is_empty());
    }
}
