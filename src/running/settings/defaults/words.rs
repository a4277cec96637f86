//! The settings in the help page's words and order, and what each says.

use crate::domain::program::{Level, Role};
use crate::domain::rate::{RateKind, RatePlace, Switched, Worth};
use crate::domain::settings::{Choose, CouponOrLink, Defaults, TrackingMethod};
use crate::web::html::{Format, counted};

/// A row of the page.
pub struct Setting {
    /// Its place on the help page; empty for what is ours.
    pub number: &'static str,
    /// The name of its field, of its problem, and of its part of the page.
    pub field: &'static str,
    pub name: &'static str,
    /// A sentence or two under the name.
    pub help: &'static str,
    /// What it says, in the words of its control.
    says: fn(&Defaults) -> String,
}

impl Setting {
    /// The setting of this field.
    pub fn of(field: &str) -> &'static Setting {
        SETTINGS.iter().find(|setting| setting.field == field).unwrap_or(&SETTINGS[0])
    }

    /// What it says in these defaults.
    pub fn says(&self, defaults: &Defaults) -> String {
        (self.says)(defaults)
    }
}

/// All of them.
pub static SETTINGS: [Setting; 12] = [
    Setting {
        number: "1",
        field: "code_prefix",
        name: "Referral Partner Code Prefix",
        help: "Put before the partner’s code in every link that is generated, as in …/go/shop/fern-sam. Optional; links \
               without it, and with an earlier one, keep working.",
        says: |defaults| or_none(&defaults.code_prefix),
    },
    Setting {
        number: "2",
        field: "skip_notifications",
        name: "Skip notifications on orders and web forms?",
        help: "Yes: no partner is mailed when someone they referred buys something or fills out a web form, whatever \
               the partner record says.",
        says: |defaults| yes_or_no(defaults.skip_notifications),
    },
    Setting {
        number: "3",
        field: "choose_partner",
        name: "How to choose a referral partner",
        help: "Who is credited when a prospect clicked on links of several partners. Latest referring is used most.",
        says: |defaults| choose(defaults.tracking.choose).into(),
    },
    Setting {
        number: "4",
        field: "tracking_method",
        name: "Referral Partner tracking method",
        help: "Only cookies pays only sales with a tracking cookie. Referral history and cookies looks for a cookie \
               first, then in the partner history.",
        says: |defaults| method(defaults.tracking.method).into(),
    },
    Setting {
        number: "5",
        field: "use_ip_address",
        name: "Use IP Address",
        help: "One more way to find the partner of a later order: after the cookie and the history, the visitor’s IP \
               address. Optional.",
        says: |defaults| yes_or_no(defaults.tracking.use_ip_address),
    },
    Setting {
        number: "6",
        field: "custom_link_url",
        name: "Custom Referral Partner Link URL",
        help: "Links then begin with this address instead of the server’s own. Optional; https only.",
        says: |defaults| or_none(&defaults.custom_link_url),
    },
    Setting {
        number: "7",
        field: "levels",
        name: "Referral Partner # of Levels",
        help: "How many partners are paid for one sale: 1 the partner, 2 also the parent who recruited it, 3 also the \
               grandparent.",
        says: |defaults| defaults.payout.levels.to_string(),
    },
    Setting {
        number: "8",
        field: "payout_roles",
        name: "Payout Type (Lead/Sale)",
        help: "Sale alone is typical. Tick both to pay the partner who referred the lead and the sales rep who closed \
               the deal. A lead is paid only when it buys.",
        says: |defaults| both(("Lead", defaults.payout.lead), ("Sale", defaults.payout.sale)),
    },
    Setting {
        number: "9",
        field: "payout_kinds",
        name: "Payout Type (Amount/Percent)",
        help: "A flat amount, a percentage of the sale, or both added up. Rates that you switch off are kept, and come \
               back when you switch them on again.",
        says: |defaults| both(("Amount", defaults.payout.amount), ("Percent", defaults.payout.percent)),
    },
    Setting {
        number: "10",
        field: "pay_if_unused",
        name: "Use “Pay If Unused”?",
        help: "Only with more than one level: pays a sale partner who has no parent an additional commission, when the \
               sale involves no level 2 or level 3 partner.",
        says: |defaults| yes_or_no(defaults.payout.pay_if_unused),
    },
    Setting {
        number: "",
        field: "credit_own_purchases",
        name: "Credit partners for their own purchases",
        help: "No: a partner who buys is no candidate for that order; others who referred it still are. An order that \
               names its partner is credited either way.",
        says: |defaults| yes_or_no(defaults.tracking.credit_own_purchases),
    },
    Setting {
        number: "",
        field: "coupon_or_link",
        name: "When an order has a coupon and a link",
        help: "A coupon code of a partner credits it, as CRM > Coupon Codes says. Link wins: only where no cookie, \
               referral or IP address speaks for a partner.",
        says: |defaults| coupon(defaults.tracking.coupon).into(),
    },
];

/// *Latest referring*.
pub fn choose(choose: Choose) -> &'static str {
    match choose {
        Choose::Latest => "Latest referring",
        Choose::First => "First referring",
    }
}

/// *Only cookies*.
pub fn method(method: TrackingMethod) -> &'static str {
    match method {
        TrackingMethod::Cookies => "Only cookies",
        TrackingMethod::HistoryAndCookies => "Referral history and cookies",
    }
}

/// *Coupon wins*.
pub fn coupon(coupon: CouponOrLink) -> &'static str {
    match coupon {
        CouponOrLink::Coupon => "Coupon wins",
        CouponOrLink::Link => "Link wins",
    }
}

/// *level 2*, *unused*.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::One => "level 1",
        Level::Two => "level 2",
        Level::Three => "level 3",
        Level::Unused => "unused",
    }
}

/// *10 %*, *$5.00*.
pub fn worth(worth: Worth, format: &Format) -> String {
    match worth {
        Worth::Percent(percent) => format!("{percent}\u{a0}%"),
        Worth::Amount(amount) => format.total(&amount),
    }
}

/// *Sale percent of level 2: 3 %, and in 12 products’ own rules*.
pub fn switched(switched: &Switched, format: &Format) -> String {
    let RatePlace { level: at, role, kind } = switched.place;
    let role = if role == Role::Sale { "Sale" } else { "Lead" };
    let kind = if kind == RateKind::Percent { "percent" } else { "amount" };
    let own = match switched.own_rules {
        0 => String::new(),
        n => format!("in {}", counted(n, "product’s own rule", "products’ own rules")),
    };
    let default = switched.default.map(|default| worth(default, format)).unwrap_or_default();
    let and = if default.is_empty() || own.is_empty() { "" } else { ", and " };
    format!("{role} {kind} of {}: {default}{and}{own}", level(at))
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".into() } else { text.into() }
}

fn yes_or_no(yes: bool) -> String {
    if yes { "Yes" } else { "No" }.into()
}

fn both((one, has_one): (&str, bool), (other, has_other): (&str, bool)) -> String {
    match (has_one, has_other) {
        (true, true) => format!("{one} and {other}"),
        (true, false) => one.into(),
        (false, true) => other.into(),
        (false, false) => "neither".into(),
    }
}
