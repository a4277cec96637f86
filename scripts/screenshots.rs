//! Pictures of every page of a Partnerbook that has just been filled with the demo: each light and dark,
//! on a desk and on a phone. `scripts/screenshots` starts the server and hands over the address of the
//! set-up page; what the pictures need besides the demo (a user, a batch, a void) is made by pressing
//! what people press.

#[path = "../tests/browser/browser.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod browser;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::ResourceDef;
use partnerbook::routes::ROUTES;
use partnerbook::web::routing::Route;
use serde_json::json;

use browser::{Browser, Scripts, visit};

const MARCH: &str = "/reports/ledgers?from=2011-03-01&to=2011-03-31";
const PASSWORD: &str = "a password for pictures";

/// Addresses whose answer is no page, but a file, a word or a part of a page.
const NO_PAGES: &[&str] =
    &["/health", "/static/{hash}/{name}", "/favicon.ico", "/settings/referral-partner-defaults/example"];

/// A picture shows so much of a page that has no end.
const LONGEST: u32 = 5_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [set_up, folder] = &arguments[..] else {
        eprintln!("usage: screenshots <address of the set-up page> <folder for the pictures>");
        std::process::exit(2);
    };
    let (url, token) = set_up.split_once("/set-up/").expect("the address of the set-up page");
    std::fs::create_dir_all(folder).expect("the folder can be made");
    visit(url, Scripts::Run, async |browser| {
        browser.tell("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        let mut camera = Camera { browser, folder: folder.into(), shown: BTreeSet::new(), pictures: 0 };
        camera.signing_in(&format!("/set-up/{token}")).await;
        camera.paying().await;
        camera.looking_around().await;
        camera.settings().await;
        camera.tell();
    });
}

struct Camera<'a> {
    browser: &'a Browser,
    folder: PathBuf,
    /// The addresses of which there are pictures.
    shown: BTreeSet<String>,
    pictures: usize,
}

impl Camera<'_> {
    /// The pages before anybody is signed in, and the first user.
    async fn signing_in(&mut self, set_up: &str) {
        self.page("set-up", set_up).await;
        let browser = self.browser;
        browser.open(set_up).await;
        browser.fill("Your name", "Ann Kowalski").await;
        browser.fill("E-mail", "ann@example.com").await;
        browser.fill("Password", PASSWORD).await;
        browser.fill("Password again", PASSWORD).await;
        browser.find("main form button, form button").await.click().await.expect("a button");
        browser.says("Ann Kowalski").await;
        browser.find(".topbar__user summary").await.click().await.expect("a menu");
        browser.press("Sign out").await;
        self.page("sign-in", "/sign-in").await;
        self.after(
            "sign-in-refused",
            "/sign-in",
            "f.email.value = 'ann@example.com'; f.password.value = 'wrong'",
        )
        .await;
        browser.open("/sign-in").await;
        browser.fill("E-mail", "ann@example.com").await;
        browser.fill("Password", PASSWORD).await;
        browser.press("Sign in").await;
        browser.says("Ann Kowalski").await;
    }

    /// The main job: ledgers, preview, batch, payment, void.
    async fn paying(&mut self) {
        let browser = self.browser;
        self.page("ledgers", MARCH).await;
        self.readme().await;
        self.page("ledgers-search", "/reports/ledgers").await;
        self.page("ledgers-nobody", "/reports/ledgers?from=2001-01-01&to=2001-01-31").await;
        self.page("ledgers-wrong-dates", "/reports/ledgers?from=2011-03-31&to=2011-03-01&partner=x").await;
        let tick = "document.querySelectorAll('[name=tick]').forEach((t, i) => { if (i < 4) t.click() });
                    document.querySelectorAll('details.menu.menu--end').forEach(m => { if (m.innerText.includes('Actions')) m.open = true })";
        self.page_with("ledgers-actions", MARCH, tick).await;
        let ledger = self.first(MARCH, "td.cell-link a").await;
        self.page("ledger", &ledger).await;
        self.page(
            "ledger-all-time",
            &ledger.replace("from=2011-03-01&to=2011-03-31", "from=2010-01-01&to=2011-12-31"),
        )
        .await;

        browser.open(MARCH).await;
        browser.press("Create Referral Partner Payments").await;
        browser.says("What each partner gets").await;
        let preview = browser.path().await;
        self.page("payments-new", &preview).await;
        let ending = format!("{preview}&method=ending_balance");
        self.page("payments-new-ending-balance", &ending).await;
        self.after(
            "payments-new-problems",
            &ending,
            "f = batch; f.batch_id.value = ''; f.paid_on.value = '2010-01-01'",
        )
        .await;
        browser.open(&ending).await;
        browser.fill("Batch Id", "March 2011").await;
        browser.fill("Note", "by bank transfer, as agreed").await;
        browser.find(".action-bar .button--primary").await.click().await.expect("a button");
        browser.says("Paid ").await;
        let batch = browser.path().await;
        self.page("batch", &batch).await;
        self.page_with(
            "batch-entries",
            &batch,
            "document.querySelectorAll('td details').forEach((d, i) => { if (i < 3) d.open = true })",
        )
        .await;
        let payment = self.first(&batch, "td.cell-link a").await;
        self.page("payment", &payment).await;
        self.page("void-payment", &format!("{payment}/void")).await;
        self.after(
            "void-problems",
            &format!("{payment}/void"),
            "f.reason.value = ''; f.voided_on.value = '2010-01-01'",
        )
        .await;
        browser.open(&format!("{payment}/void")).await;
        browser.fill("Reason", "The transfer came back: the account is closed.").await;
        browser.find("main form .button--danger").await.click().await.expect("a button");
        browser.says("Voided ").await;
        self.page("payment-voided", &payment).await;
        self.page("batch-part-voided", &batch).await;
        self.page("void-batch", &format!("{batch}/void")).await;
        self.page("preview-changed", &preview).await;
        self.page("payment-search", "/reports/payments").await;
        self.page("payment-search-payments", "/reports/payments?show=payments").await;
        self.page("payment-search-nothing", "/reports/payments?batch=nothing").await;
        self.page("ledger-after", &ledger.replace("to=2011-03-31", "to=2030-12-31")).await;
    }

    /// What the ledgers lead to.
    async fn looking_around(&mut self) {
        self.page("home", "/").await;
        self.page_with("menu-open", "/", "document.querySelectorAll('.topbar details')[0].open = true").await;
        self.page("reports", "/reports").await;
        self.page("search", "/search?q=an").await;
        self.page("search-nothing", "/search?q=nobody%20is%20called%20so").await;
        self.page("not-found", "/reports/nonsense").await;
        self.page("partners", "/partners").await;
        let partner = self.first(MARCH, "th a.row-link").await;
        let partner = partner.split('?').next().unwrap_or_default().to_string();
        self.page("partner", &partner).await;
        for tab in ["referrals", "orders", "payments", "history"] {
            self.page(&format!("partner-{tab}"), &format!("{partner}/{tab}")).await;
        }
        self.page("contacts", "/contacts").await;
        let contact = self.first("/contacts", "main a[href^='/contacts/']").await;
        self.page("contact", &contact).await;
        self.page("products", "/products").await;
        self.page("orders", "/orders").await;
        let order = self
            .first(&format!("{partner}/ledger?from=2011-03-01&to=2011-03-31"), "main a[href^='/orders/']")
            .await;
        self.page("order", &order).await;
        self.page("order-lines", &format!("{order}/lines")).await;
        self.page("order-commissions", &format!("{order}/commissions")).await;
    }

    async fn settings(&mut self) {
        let defaults = "/settings/referral-partner-defaults";
        self.page("defaults", defaults).await;
        self.page(
            "defaults-example",
            &format!("{defaults}/example?levels=3&payout_sale=yes&payout_percent=yes"),
        )
        .await;
        self.page("company", "/settings/company").await;
        self.after("company-problems", "/settings/company", "f.email.value = 'partners'").await;
        self.page("users", "/settings/users").await;
        self.page("user-new", "/settings/users/new").await;
        self.after("user-new-problems", "/settings/users/new", "f.email.value = 'ann@example.com'").await;
        self.page("user", "/settings/users/1").await;
        self.page("audit", "/settings/audit").await;
        self.page("about", "/settings/about").await;
        self.page("profile", "/profile").await;
    }

    /// Where the first link leads that matches.
    async fn first(&self, page: &str, selector: &str) -> String {
        self.browser.open(page).await;
        let link = self.browser.find(selector).await;
        link.attr("href").await.expect("it is a link").expect("it leads somewhere")
    }

    async fn page(&mut self, name: &str, path: &str) {
        self.page_with(name, path, "").await;
    }

    /// A page, after a script has opened or ticked something on it.
    async fn page_with(&mut self, name: &str, path: &str, script: &str) {
        self.shown.insert(path.split('?').next().unwrap_or_default().to_string());
        for (width, scheme) in [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")] {
            self.browser.width(width).await;
            self.browser.colours(scheme).await;
            self.browser.open(path).await;
            if !script.is_empty() {
                self.browser.asks(script).await;
            }
            self.whole(&format!("{name}-{width}-{scheme}"), width).await;
        }
        self.browser.width(1440).await;
        self.browser.colours("light").await;
    }

    /// The answer to a form that was sent as the script fills it in, without the browser's own checks.
    async fn after(&mut self, name: &str, path: &str, fill: &str) {
        for (width, scheme) in [(1440, "light"), (390, "dark")] {
            self.browser.width(width).await;
            self.browser.colours(scheme).await;
            self.browser.open(path).await;
            let send = format!(
                "let f = document.querySelector('main form[method=post]') ?? document.querySelector('form[method=post]');
                 {fill}; f.noValidate = true; document.body.dataset.old = 'yes'; f.requestSubmit()"
            );
            self.browser.asks(&send).await;
            while self
                .browser
                .asks("return document.readyState !== 'complete' || !!document.body.dataset.old")
                .await
                == true
            {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            self.whole(&format!("{name}-{width}-{scheme}"), width).await;
        }
        self.browser.width(1440).await;
        self.browser.colours("light").await;
    }

    /// The page from top to bottom.
    async fn whole(&mut self, name: &str, width: u32) {
        let size = self
            .browser
            .asks("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            .await;
        let [shown, height] =
            [0, 1].map(|at| u32::try_from(size[at].as_u64().unwrap_or_default()).unwrap_or(LONGEST));
        if shown > width {
            println!("{name} is {shown} wide");
        }
        self.save(name, width, height.min(LONGEST)).await;
    }

    /// The picture of the README: as much as a screen shows.
    async fn readme(&mut self) {
        self.browser.width(1440).await;
        self.browser.colours("light").await;
        self.browser.open(MARCH).await;
        self.save("readme", 1440, 900).await;
    }

    async fn save(&mut self, name: &str, width: u32, height: u32) {
        self.browser.screen(width, height).await;
        let bytes = self.browser.driver.screenshot_as_png().await.expect("a picture");
        std::fs::write(self.folder.join(format!("{name}.png")), bytes).expect("the picture can be written");
        self.pictures += 1;
    }

    /// How many pictures there are, and of which pages there is none.
    fn tell(&self) {
        println!("{} pictures in {}", self.pictures, self.folder.display());
        let fits = |route: &Route, path: &str| ResourceDef::new(route.path).is_match(path);
        let pages = ROUTES.iter().filter(|route| route.method == "GET" && !route.path.ends_with(".csv"));
        for route in pages.filter(|route| !NO_PAGES.contains(&route.path)) {
            // The first route that fits answers, so a page counts for that one only.
            let answering =
                |path: &str| ROUTES.iter().find(|route| route.method == "GET" && fits(route, path));
            let is_of = |path: &String| answering(path) == Some(route);
            if !self.shown.iter().any(is_of) {
                println!("no picture of {}", route.path);
            }
        }
    }
}
