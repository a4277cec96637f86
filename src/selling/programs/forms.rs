//! The forms of programs: a program with its rules, the priorities of the list, who is enrolled.

mod cells;

pub use cells::{Cells, name as cell_name, words as cell_words};

use super::queries::pages::ProductRow;
use super::{ProgramTerms, TermsRule, words};
use crate::domain::ids::{PartnerId, ProductId, ProgramId};
use crate::domain::money::Currency;
use crate::domain::period::{Period, Preset, is_plausible};
use crate::domain::program::{AmountPer, Payout, Program, Rule};
use crate::domain::typed::Trimmed;
use crate::web::forms::{FormData, Problems};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// How the fields of the default rule begin.
pub const DEFAULT: &str = "default";

/// A program as it was typed.
#[derive(Debug, Clone, Default)]
pub struct ProgramForm {
    pub name: String,
    pub priority: String,
    pub payout: String,
    pub amount_per: String,
    /// Whether products without a rule of their own are covered: `yes` or `no`.
    pub covers_all: String,
    /// How often the program had been saved when the page was shown.
    pub version: String,
    pub default: Cells,
    /// The products' own rules that the page shows. The others stay as they are.
    pub rules: Vec<RuleForm>,
    /// Codes of partners to enrol in a new program.
    pub partners: String,
    /// The month or quarter to try it on.
    pub trial: String,
}

/// A product's own rule as it was typed.
#[derive(Debug, Clone, Default)]
pub struct RuleForm {
    /// Tells its fields from those of the others.
    pub key: u32,
    /// The product of a rule that is saved.
    pub known: Option<ProductId>,
    /// The code of the product of a new rule.
    pub product: String,
    pub removed: bool,
    pub cells: Cells,
}

/// What has to be known to read the form.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The program as it stands; none for a new one.
    pub in_force: Option<Program>,
    /// The products that new rules name, by code.
    pub by_code: HashMap<String, ProductRow>,
    /// The products of the rules that the page shows.
    pub by_id: HashMap<ProductId, ProductRow>,
    /// The partners to enrol, by code in lower case.
    pub partners: HashMap<String, PartnerId>,
}

impl ProgramForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> ProgramForm {
        let mut fields: HashMap<&str, &str> = HashMap::new();
        for (name, value) in form.fields() {
            fields.entry(name).or_insert(value);
        }
        let text = |name: &str| fields.get(name).map_or(String::new(), |value| value.to_string());
        let mut keys = HashSet::new();
        let rules = form.all("rule").filter_map(|key| key.parse().ok()).filter(|key| keys.insert(*key));
        ProgramForm {
            name: text("name"),
            priority: text("priority"),
            payout: text("payout"),
            amount_per: text("amount_per"),
            covers_all: text("covers_all"),
            version: text("version"),
            default: Cells::read(&fields, DEFAULT),
            rules: rules.map(|key| RuleForm::read(&fields, key)).collect(),
            partners: text("partners"),
            trial: text("trial"),
        }
    }

    /// The form for a new program: after all others.
    pub fn new_program(last_priority: i32) -> ProgramForm {
        ProgramForm {
            priority: (last_priority + 1).clamp(1, 9999).to_string(),
            payout: Payout::UpFront.word().into(),
            amount_per: AmountPer::Unit.word().into(),
            covers_all: "yes".into(),
            ..ProgramForm::default()
        }
    }

    /// The form for a program that there is, with these of its products' own rules.
    pub fn of(name: &str, version: i32, program: &Program, own: &[ProductId]) -> ProgramForm {
        let known = |(key, id): (u32, &ProductId)| RuleForm { key, known: Some(*id), ..RuleForm::default() };
        ProgramForm {
            name: name.into(),
            priority: program.priority.to_string(),
            payout: program.payout.word().into(),
            amount_per: program.amount_per.word().into(),
            covers_all: if program.default.is_some() { "yes" } else { "no" }.into(),
            version: version.to_string(),
            rules: (1..).zip(own).map(known).collect(),
            ..ProgramForm::default()
        }
    }

    /// One more rule, for a product still to be named.
    pub fn add_rule(&mut self) {
        let key = self.rules.iter().map(|rule| rule.key).max().unwrap_or(0).saturating_add(1);
        self.rules.push(RuleForm { key, ..RuleForm::default() });
    }

    /// The codes of the products of new rules.
    pub fn product_codes(&self) -> Vec<String> {
        self.rules
            .iter()
            .filter(|rule| rule.known.is_none())
            .map(|rule| rule.product.trimmed().into())
            .collect()
    }

    /// The products of the saved rules that the page shows.
    pub fn known_products(&self) -> Vec<ProductId> {
        self.rules.iter().filter_map(|rule| rule.known).collect()
    }

    /// The codes of the partners to enrol.
    pub fn partner_codes(&self) -> Vec<String> {
        codes(&self.partners)
    }

    /// The version of the program that was edited. What is no number counts as an old one.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// Reads the program, and whom to enrol.
    pub fn parse(
        &self,
        facts: &Facts,
        currency: Currency,
    ) -> Result<(ProgramTerms, Vec<PartnerId>), Problems> {
        let mut problems = Problems::none();
        let name = problems.text("name", "Name", &self.name, 200);
        if name.contains(['\n', '\r', '\t']) {
            problems.add("name", "Name stands on one line.");
        }
        let priority = problems.whole("priority", "Priority", &self.priority, 1, 9999).unwrap_or(1);
        let payout = Payout::from_word(&self.payout).unwrap_or_else(|| {
            problems.add("payout", "Choose when commissions are credited.");
            Payout::UpFront
        });
        let amount_per = AmountPer::from_word(&self.amount_per).unwrap_or_else(|| {
            problems.add("amount_per", "Choose what an amount is paid for.");
            AmountPer::Unit
        });
        let mut rules = self.parse_rules(facts, currency, &mut problems);
        rules.sort_by_key(|rule| rule.product);
        let partners = read_partners(&self.partners, &facts.partners, "partners", &mut problems);
        let priority = i32::try_from(priority).unwrap_or(1);
        problems.or((ProgramTerms { name, priority, payout, amount_per, rules }, partners))
    }

    fn parse_rules(&self, facts: &Facts, currency: Currency, problems: &mut Problems) -> Vec<TermsRule> {
        let mut rules = Vec::new();
        let saved_default = facts.in_force.as_ref().and_then(|program| program.default.as_ref());
        match self.covers_all.as_str() {
            "yes" => {
                let rows = self.default.parse(DEFAULT, "Default rule", saved_default, currency, problems);
                rules.push(TermsRule { product: None, rows });
            }
            "no" => {}
            _ => problems.add("covers_all", "Choose what holds for products without a rule of their own."),
        }
        let own = facts.in_force.iter().flat_map(|program| &program.products);
        let own: HashMap<ProductId, &Rule> = own.map(|(id, rule)| (*id, rule)).collect();
        let names = facts.names();
        let (mut shown, mut taken) = (HashSet::new(), HashSet::new());
        for rule in &self.rules {
            let Some(product) = rule.parse_product(facts, problems) else { continue };
            if rule.known.is_some() {
                shown.insert(product);
            }
            if rule.removed {
                continue;
            }
            let saved = own.get(&product).copied();
            let is_elsewhere = saved.is_some() && !shown.contains(&product);
            let name = words::product(product, &names);
            if is_elsewhere || !taken.insert(product) {
                let sentence = format!("{name} has a rule of its own already. A product has one at most.");
                problems.add(rule.field("product"), sentence);
                continue;
            }
            let rows = rule.cells.parse(&rule.prefix(), &name, saved, currency, problems);
            rules.push(TermsRule { product: Some(product), rows });
        }
        let kept = own.iter().filter(|(id, _)| !shown.contains(id) && !taken.contains(id));
        rules.extend(kept.map(|(id, rule)| super::terms_of_rule(Some(*id), rule)));
        rules
    }
}

impl Facts {
    /// The products that rules name.
    pub fn names(&self) -> HashMap<ProductId, ProductRow> {
        let named = self.by_code.values().map(|product| (product.id, product.clone()));
        self.by_id.iter().map(|(id, product)| (*id, product.clone())).chain(named).collect()
    }
}

impl RuleForm {
    fn read(fields: &HashMap<&str, &str>, key: u32) -> RuleForm {
        let rule = RuleForm { key, ..RuleForm::default() };
        let text = |field: &str| fields.get(rule.field(field).as_str()).map_or("", |value| *value);
        RuleForm {
            known: text("known").parse().ok().map(ProductId),
            product: text("product").into(),
            removed: text("removed") == "yes",
            cells: Cells::read(fields, &rule.prefix()),
            key,
        }
    }

    /// How the fields of its grid begin.
    pub fn prefix(&self) -> String {
        format!("rule-{}", self.key)
    }

    /// One of its fields.
    pub fn field(&self, name: &str) -> String {
        format!("rule-{}-{name}", self.key)
    }

    /// The product; a new rule without one, that says nothing, is no rule.
    fn parse_product(&self, facts: &Facts, problems: &mut Problems) -> Option<ProductId> {
        if self.known.is_some() {
            return self.known;
        }
        if self.removed {
            return None;
        }
        let code = self.product.trimmed();
        if code.is_empty() {
            problems.add(self.field("product"), "Name the product of this rule, or take the rule out.");
            return None;
        }
        let found = facts.by_code.get(code).map(|product| product.id);
        if found.is_none() {
            let shown: String = code.chars().take(60).collect();
            problems.add(
                self.field("product"),
                format!("There is no product with the code “{shown}”. Codes are compared exactly."),
            );
        }
        found
    }
}

/// The codes in a field: separated by blanks, commas, semicolons or lines; each once.
pub fn codes(typed: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let codes = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    codes
        .filter(|code| !code.is_empty() && seen.insert(code.to_ascii_lowercase()))
        .map(str::to_string)
        .collect()
}

/// The partners of the codes in a field; a problem names those that nobody has.
pub fn read_partners(
    typed: &str,
    known: &HashMap<String, PartnerId>,
    field: &'static str,
    problems: &mut Problems,
) -> Vec<PartnerId> {
    const MOST: usize = 5;
    let codes = codes(typed);
    let of = |code: &String| known.get(&code.to_ascii_lowercase()).copied();
    let unknown: Vec<String> = codes
        .iter()
        .filter(|code| of(code).is_none())
        .map(|code| format!("“{}”", code.chars().take(60).collect::<String>()))
        .collect();
    if !unknown.is_empty() {
        let more = match unknown.len() {
            n if n > MOST => format!(" and {} more", n - MOST),
            _ => String::new(),
        };
        let named = unknown.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
        let partners =
            if unknown.len() == 1 { "No partner has the code" } else { "No partner has one of the codes" };
        problems.add(field, format!("{partners} {named}{more}."));
    }
    let mut partners: Vec<PartnerId> = codes.iter().filter_map(of).collect();
    partners.sort_unstable();
    partners.dedup();
    partners
}

/// Reads a month or a quarter: `2026-09`, `2026-Q3`.
pub fn read_trial_period(code: &str) -> Option<Period> {
    let (year, part) = code.split_once('-')?;
    let (month, preset) = match part.strip_prefix('Q') {
        Some(quarter) => {
            (quarter.parse::<u32>().ok().filter(|n| (1..=4).contains(n))? * 3 - 2, Preset::ThisQuarter)
        }
        None => (part.parse().ok()?, Preset::ThisMonth),
    };
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month, 1).filter(|day| is_plausible(*day))?;
    Some(Period::preset(preset, day))
}

/// The priorities of the list: of each program as it was shown, and as typed.
#[derive(Debug, Clone, Default)]
pub struct PrioritiesForm(pub Vec<(ProgramId, i32, String)>);

impl PrioritiesForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> PrioritiesForm {
        let mut seen = HashSet::new();
        let programs = form.all("program").filter_map(|id| id.parse().ok()).filter(|id| seen.insert(*id));
        let row = |id: i64| {
            let shown = form.get(&format!("shown-{id}")).parse().unwrap_or(-1);
            (ProgramId(id), shown, form.get(&format!("priority-{id}")).to_string())
        };
        PrioritiesForm(programs.take(10_000).map(row).collect())
    }

    /// What was typed for a program.
    pub fn typed(&self, id: ProgramId) -> Option<&str> {
        self.0.iter().find(|(known, ..)| *known == id).map(|(.., typed)| typed.as_str())
    }

    /// Reads the priorities.
    pub fn parse(&self) -> Result<Vec<(ProgramId, i32, i32)>, Problems> {
        let mut problems = Problems::none();
        let mut wanted = Vec::new();
        for (id, shown, typed) in &self.0 {
            let mut of_this = Problems::none();
            match of_this.whole("priority", "Priority", typed, 1, 9999).and_then(|n| i32::try_from(n).ok()) {
                Some(priority) => wanted.push((*id, *shown, priority)),
                None => problems.add(format!("priority-{id}"), of_this.of("priority")),
            }
        }
        problems.or(wanted)
    }
}
