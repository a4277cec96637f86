//! The addresses of pages, for templates and redirects: nobody else writes a path. A constant where
//! the address is fixed, a function where it names a record. `routes.rs` has the patterns.

mod api;
mod forms;
mod mail;
mod privacy;
mod records;

pub use api::*;
pub use forms::*;
pub use mail::*;
pub use privacy::*;
pub use records::*;

/// The start page.
pub const HOME: &str = "/";
/// The sign-in page, and where its form goes.
pub const SIGN_IN: &str = "/sign-in";
/// Where the sign-out button goes.
pub const SIGN_OUT: &str = "/sign-out";
/// Whether all works, for whoever watches the server.
pub const HEALTH: &str = "/health";
/// The search over everything.
pub const SEARCH: &str = "/search";

/// CRM > Contacts.
pub const CONTACTS: &str = "/contacts";
/// CRM > Referral Partners.
pub const PARTNERS: &str = "/partners";
/// CRM > Commission Programs.
pub const PROGRAMS: &str = "/programs";
/// The form for a new program.
pub const NEW_PROGRAM: &str = "/programs/new";
/// Where the priorities of the list go.
pub const PROGRAM_PRIORITIES: &str = "/programs/priorities";
/// Where the button *What would it have paid?* goes.
pub const PROGRAM_TRIALS: &str = "/program-trials";
/// CRM > Tracking Links.
pub const LINKS: &str = "/links";
/// Where clicks that are set aside are tried again.
pub const SET_ASIDE_CLICKS: &str = "/links/set-aside";
/// CRM > Tracking Links > How to connect.
pub const CONNECT: &str = "/how-to-connect";
/// The form for a new tracking link.
pub const NEW_LINK: &str = "/links/new";
/// CRM > Coupon Codes.
pub const COUPONS: &str = "/coupons";
/// The form for a new coupon code.
pub const NEW_COUPON: &str = "/coupons/new";
/// CRM > Orders.
pub const ORDERS: &str = "/orders";
/// CRM > Products.
pub const PRODUCTS: &str = "/products";

/// CRM > Import.
pub const IMPORTS: &str = "/imports";

/// CRM > Reports.
pub const REPORTS: &str = "/reports";
/// Referral Partner Activity Summary.
pub const ACTIVITY: &str = "/reports/activity";
/// Referral Partner Redirect Activity Summary.
pub const REDIRECTS: &str = "/reports/redirects";
/// Referral Partner Referral Report.
pub const REFERRALS: &str = "/reports/referrals";
/// Referral Partner Payment Search.
pub const PAYMENT_SEARCH: &str = "/reports/payments";
/// Referral Partner Ledgers.
pub const LEDGERS: &str = "/reports/ledgers";
/// The export of the Ledgers report; asks for `from=` and `to=`.
pub const LEDGERS_CSV: &str = "/reports/ledgers.csv";
/// The print of the Ledgers report; asks for `from=` and `to=`.
pub const LEDGERS_PDF: &str = "/reports/ledgers.pdf";
/// Where ticked rows of the Ledgers report become a run.
pub const RUNS: &str = "/runs";
/// Where a print of ledgers is asked for.
pub const PRINTS: &str = "/prints";
/// Where Process Action goes.
pub const PAYMENT_BATCHES: &str = "/payment-batches";
/// Create Referral Partner Payments; asks for `run=`.
pub const NEW_PAYMENT_BATCH: &str = "/payment-batches/new";
/// Referral Partner Structure.
pub const STRUCTURE: &str = "/reports/structure";

/// CRM > Settings.
pub const SETTINGS: &str = "/settings";
/// CRM > Settings > Referral Partner Defaults.
pub const DEFAULTS: &str = "/settings/referral-partner-defaults";
/// What choices of Referral Partner Defaults would do, while they are made.
pub const DEFAULTS_EXAMPLE: &str = "/settings/referral-partner-defaults/example";
/// CRM > Settings > Tracking.
pub const TRACKING: &str = "/settings/tracking";
/// CRM > Settings > Company.
pub const COMPANY: &str = "/settings/company";
/// The company's logo: the picture, and where another one is uploaded.
pub const COMPANY_LOGO: &str = "/settings/company/logo";
/// Where the logo is taken away.
pub const REMOVE_COMPANY_LOGO: &str = "/settings/company/logo/remove";
/// CRM > Settings > Users.
pub const USERS: &str = "/settings/users";
/// The form for a new user.
pub const NEW_USER: &str = "/settings/users/new";
/// CRM > Settings > Audit log.
pub const AUDIT: &str = "/settings/audit";
/// CRM > Settings > About.
pub const ABOUT: &str = "/settings/about";
/// CRM > Settings > Jobs.
pub const JOBS: &str = "/jobs";
/// The keys that the pages know.
pub const KEYS: &str = "/keys";
/// The signed-in user's own page.
pub const PROFILE: &str = "/profile";
/// Where the form for the signed-in user's own password goes.
pub const OWN_PASSWORD: &str = "/profile/password";

/// The path if it is one of ours, or else the start page: nobody is led elsewhere by a `next=`.
pub fn local_or_home(next: &str) -> String {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(|c| c.is_control() || c.is_whitespace());
    if local { next.to_string() } else { HOME.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_host() {
        for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:x", ""]
        {
            assert_eq!(local_or_home(next), "/", "{next:?}");
        }
        assert_eq!(local_or_home("/reports/ledgers?from=2026-10-01"), "/reports/ledgers?from=2026-10-01");
    }
}
