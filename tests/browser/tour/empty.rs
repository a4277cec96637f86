//! A system in which nothing has happened yet: every list says what it will hold and what to do first.

use super::{Eyes, Tour};

/// The lists and reports, and forms that something has to be made for first.
const PAGES: &[(&str, &str)] = &[
    ("home", "/"),
    ("partners", "/partners"),
    ("partners-nothing", "/partners?q=nobody"),
    ("partner-new", "/partners/new"),
    ("contacts", "/contacts"),
    ("programs", "/programs"),
    ("products", "/products"),
    ("links", "/links"),
    ("link-new", "/links/new"),
    ("coupons", "/coupons"),
    ("coupon-new", "/coupons/new"),
    ("web-forms", "/web-forms"),
    ("web-form-new", "/web-forms/new"),
    ("tracking", "/settings/tracking"),
    ("mail", "/settings/mail"),
    ("orders", "/orders"),
    ("order-new", "/orders/new"),
    ("imports", "/imports"),
    ("jobs", "/jobs"),
    ("reports", "/reports"),
    ("ledgers", "/reports/ledgers"),
    ("ledgers-nobody", "/reports/ledgers?from=2026-10-01&to=2026-10-31"),
    ("payment-search", "/reports/payments"),
    ("search", "/search"),
    ("search-nothing", "/search?q=nobody"),
    ("settings", "/settings"),
    ("defaults", "/settings/referral-partner-defaults"),
    ("company", "/settings/company"),
    ("users", "/settings/users"),
    ("api-keys", "/settings/api-keys"),
    ("audit", "/settings/audit"),
];

impl<E: Eyes> Tour<'_, E> {
    /// The pages of an empty system, with its first user.
    pub async fn emptiness(&mut self, set_up: &str) {
        self.open(set_up).await;
        self.become_somebody().await;
        for (name, path) in PAGES {
            self.page(&format!("empty-{name}"), path).await;
        }
        // A partner, a contact and a program of whom nothing is known but the name.
        self.open("/partners/new").await;
        self.send("main form[method=post]", "f.name.value = 'Nora Nilsson'; f.code.value = 'nora'", "").await;
        let partner = self.browser.path().await;
        self.shown.insert(partner.clone());
        self.look("empty-partner").await;
        for tab in ["ledger", "referrals", "orders", "payments", "notes", "history"] {
            self.page(&format!("empty-partner-{tab}"), &format!("{partner}/{tab}")).await;
        }
        self.open("/contacts/new").await;
        self.send("main form[method=post]", "f.name.value = 'Dana Whitfield'", "").await;
        self.look("empty-contact").await;
        self.open("/programs/new").await;
        self.send("main form[method=post]", "f.name.value = 'Standard'", "").await;
        let program = super::without_query(&self.browser.path().await);
        self.look("empty-program-partners").await;
        self.page("empty-program", program.trim_end_matches("/partners")).await;
    }
}
