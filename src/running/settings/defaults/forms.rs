//! The form of Referral Partner Defaults.

use actix_web::http::Uri;

use super::NewDefaults;
use crate::domain::settings::{Choose, CouponOrLink, Defaults, PayoutRules, TrackingMethod, TrackingRules};
use crate::domain::typed::Trimmed;
use crate::web::forms::{FormData, Problems};

/// What was typed and chosen.
#[derive(Debug, Clone, Default)]
pub struct DefaultsForm {
    pub code_prefix: String,
    pub skip_notifications: String,
    pub choose_partner: String,
    pub tracking_method: String,
    pub use_ip_address: String,
    pub custom_link_url: String,
    pub levels: String,
    pub payout_lead: bool,
    pub payout_sale: bool,
    pub payout_amount: bool,
    pub payout_percent: bool,
    pub pay_if_unused: String,
    pub credit_own_purchases: String,
    pub coupon_or_link: String,
    /// How often the settings had been saved when the page was shown.
    pub version: String,
    /// The key of the program changes that the pressed button named; empty where it named none.
    pub confirm: String,
}

impl DefaultsForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> DefaultsForm {
        let text = |name| form.get(name).to_string();
        DefaultsForm {
            code_prefix: text("code_prefix"),
            skip_notifications: text("skip_notifications"),
            choose_partner: text("choose_partner"),
            tracking_method: text("tracking_method"),
            use_ip_address: text("use_ip_address"),
            custom_link_url: text("custom_link_url"),
            levels: text("levels"),
            payout_lead: form.has("payout_lead"),
            payout_sale: form.has("payout_sale"),
            payout_amount: form.has("payout_amount"),
            payout_percent: form.has("payout_percent"),
            pay_if_unused: text("pay_if_unused"),
            credit_own_purchases: text("credit_own_purchases"),
            coupon_or_link: text("coupon_or_link"),
            version: text("version"),
            confirm: text("confirm"),
        }
    }

    /// The form for settings as they are saved.
    pub fn of(defaults: &Defaults, version: i32) -> DefaultsForm {
        DefaultsForm {
            code_prefix: defaults.code_prefix.clone(),
            skip_notifications: word(defaults.skip_notifications),
            choose_partner: defaults.tracking.choose.word().into(),
            tracking_method: defaults.tracking.method.word().into(),
            use_ip_address: word(defaults.tracking.use_ip_address),
            custom_link_url: defaults.custom_link_url.clone(),
            levels: defaults.payout.levels.to_string(),
            payout_lead: defaults.payout.lead,
            payout_sale: defaults.payout.sale,
            payout_amount: defaults.payout.amount,
            payout_percent: defaults.payout.percent,
            pay_if_unused: word(defaults.payout.pay_if_unused),
            credit_own_purchases: word(defaults.tracking.credit_own_purchases),
            coupon_or_link: defaults.tracking.coupon.word().into(),
            version: version.to_string(),
            confirm: String::new(),
        }
    }

    /// The settings, or everything that is wrong with them.
    pub fn parse(&self) -> Result<NewDefaults, Problems> {
        let mut problems = Problems::none();
        let defaults = self.settings(&mut problems, &Defaults::default());
        problems.or(NewDefaults {
            defaults,
            // A version that is no number was not made by our page; it counts as an old one.
            version: self.version.parse().unwrap_or(-1),
            confirm: self.confirm.clone(),
        })
    }

    /// The settings as far as they can be read; what cannot is left as it is saved. For showing what
    /// they would do.
    pub fn as_far_as_read(&self, saved: &Defaults) -> Defaults {
        self.settings(&mut Problems::none(), saved)
    }

    /// One after the other as on the page, so that problems come in its order.
    fn settings(&self, problems: &mut Problems, otherwise: &Defaults) -> Defaults {
        let saved = otherwise.tracking;
        let code_prefix = prefix(problems, &self.code_prefix);
        let skip = yes(problems, "skip_notifications", &self.skip_notifications);
        let choose = Choose::from_word(&self.choose_partner);
        if choose.is_none() {
            problems.add("choose_partner", "Choose Latest referring or First referring.");
        }
        let method = TrackingMethod::from_word(&self.tracking_method);
        if method.is_none() {
            problems.add("tracking_method", "Choose Only cookies or Referral history and cookies.");
        }
        let use_ip_address = yes(problems, "use_ip_address", &self.use_ip_address);
        let custom_link_url = link_url(problems, &self.custom_link_url);
        let payout = self.payout(problems, otherwise.payout);
        let own = yes(problems, "credit_own_purchases", &self.credit_own_purchases);
        let coupon = CouponOrLink::from_word(&self.coupon_or_link);
        if coupon.is_none() {
            problems.add("coupon_or_link", "Choose Coupon wins or Link wins.");
        }
        Defaults {
            code_prefix: code_prefix.unwrap_or_else(|| otherwise.code_prefix.clone()),
            skip_notifications: skip.unwrap_or(otherwise.skip_notifications),
            tracking: TrackingRules {
                choose: choose.unwrap_or(saved.choose),
                method: method.unwrap_or(saved.method),
                use_ip_address: use_ip_address.unwrap_or(saved.use_ip_address),
                credit_own_purchases: own.unwrap_or(saved.credit_own_purchases),
                coupon: coupon.unwrap_or(saved.coupon),
            },
            custom_link_url: custom_link_url.unwrap_or_else(|| otherwise.custom_link_url.clone()),
            payout,
        }
    }

    fn payout(&self, problems: &mut Problems, otherwise: PayoutRules) -> PayoutRules {
        let levels = ["1", "2", "3"].iter().position(|levels| *levels == self.levels);
        if levels.is_none() {
            problems.add("levels", "The number of levels is 1, 2 or 3.");
        }
        if !self.payout_lead && !self.payout_sale {
            problems.add("payout_roles", "Tick Lead, Sale, or both: with neither, nobody would be paid.");
        }
        if !self.payout_amount && !self.payout_percent {
            problems
                .add("payout_kinds", "Tick Amount, Percent, or both: with neither, nobody would be paid.");
        }
        let unused = yes(problems, "pay_if_unused", &self.pay_if_unused);
        PayoutRules {
            levels: levels.map_or(otherwise.levels, |place| place as u8 + 1),
            lead: self.payout_lead,
            sale: self.payout_sale,
            amount: self.payout_amount,
            percent: self.payout_percent,
            pay_if_unused: unused.unwrap_or(otherwise.pay_if_unused),
        }
    }
}

fn word(yes: bool) -> String {
    if yes { "yes" } else { "no" }.into()
}

fn yes(problems: &mut Problems, field: &'static str, typed: &str) -> Option<bool> {
    let yes = [("yes", true), ("no", false)].into_iter().find(|(word, _)| *word == typed).map(|(_, yes)| yes);
    if yes.is_none() {
        problems.add(field, "Choose No or Yes.");
    }
    yes
}

/// Setting 1; none where it is no prefix.
fn prefix(problems: &mut Problems, typed: &str) -> Option<String> {
    let prefix = typed.trimmed();
    let stands_in_links = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !prefix.chars().all(stands_in_links) {
        problems.add("code_prefix", "A prefix is made of letters (a to z), digits, - and _ only.");
    } else if prefix.len() > 20 {
        problems.add("code_prefix", format!("The prefix has {} characters; it may have 20.", prefix.len()));
    } else {
        return Some(prefix.into());
    }
    None
}

/// Setting 6, without slashes at its end; none where links cannot begin so.
fn link_url(problems: &mut Problems, typed: &str) -> Option<String> {
    let url = typed.trimmed();
    match url_problem(url) {
        "" => Some(url.trim_end_matches('/').into()),
        problem => {
            problems.add("custom_link_url", problem);
            None
        }
    }
}

/// What is wrong with an address that links shall begin with.
fn url_problem(url: &str) -> &'static str {
    if url.is_empty() {
        return "";
    }
    if url.len() > 500 {
        return "The address is longer than 500 characters.";
    }
    if !url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")) {
        return "The address begins with https://, as in https://go.example.com.";
    }
    if url.contains(['?', '#']) {
        return "The address has no ? and no #: the rest of each link comes after it.";
    }
    let visible =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`' | '{' | '}' | '|' | '^');
    let parsed = url.parse::<Uri>().ok().filter(|_| url.chars().all(visible));
    let Some(host) = parsed.as_ref().and_then(Uri::host) else {
        return "This is no address that a browser can open: write it like https://go.example.com.";
    };
    let authority = parsed.as_ref().and_then(Uri::authority).map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return "The address has no user name and no password.";
    }
    if authority.len() > host.len() && parsed.as_ref().and_then(Uri::port_u16).is_none() {
        return "The number after the : is no port: it lies between 1 and 65535.";
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let is_ip6 = host.starts_with('[');
    if !is_ip6 && !host.split('.').all(label) {
        return "The name of the server is not right: write it like https://go.example.com.";
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_comes_back_from_its_form() {
        let defaults = Defaults { code_prefix: "fern-".into(), ..Defaults::default() };
        let read = DefaultsForm::of(&defaults, 3).parse().unwrap();
        assert_eq!((read.defaults, read.version), (defaults, 3));
    }

    #[test]
    fn an_empty_form_names_every_problem_in_the_order_of_the_page() {
        let problems = DefaultsForm::default().parse().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
        let expected = [
            "skip_notifications",
            "choose_partner",
            "tracking_method",
            "use_ip_address",
            "levels",
            "payout_roles",
            "payout_kinds",
            "pay_if_unused",
            "credit_own_purchases",
            "coupon_or_link",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn links_begin_with_an_https_address() {
        for url in [
            "https://go.fernhill.example",
            "HTTPS://GO.example/partners",
            "https://go.example:8443/a%20b",
            "https://[::1]:8443",
            "https://xn--bcher-kva.example",
        ] {
            assert_eq!(url_problem(url), "", "{url}");
        }
        for url in [
            "http://go.example",
            "go.example",
            "https://",
            "https:///path",
            "https://go.example/?a=1",
            "https://go.example/#a",
            "https://sam:secret@go.example",
            "https://go example",
            "https://go..example",
            "https://-go.example",
            "https://bücher.example",
            "https://go.example:999999",
            "https://go.example/\"><script>",
            "javascript:alert(1)",
            "https:/go.example",
            "httpsé//go",
        ] {
            assert_ne!(url_problem(url), "", "{url}");
        }
    }

    #[test]
    fn an_address_is_kept_without_slashes_at_its_end() {
        let read = |typed| link_url(&mut Problems::none(), typed);
        assert_eq!(read(" https://go.example/p// ").as_deref(), Some("https://go.example/p"));
        assert_eq!(read("").as_deref(), Some(""));
        assert_eq!(read("https://go.example/?"), None);
    }
}
