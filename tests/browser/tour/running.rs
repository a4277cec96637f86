//! Who uses it and how it is set: signing in, settings, users, what was done; and pages for trouble.

use super::{Eyes, PASSWORD, Tour};

/// A picture, drawn on the spot.
const LOGO: &str = "(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 120 });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#115e6b'; pen.beginPath(); pen.arc(60, 60, 50, 0, 7); pen.fill();
    pen.font = '600 56px sans-serif'; pen.fillText('Fern & Co.', 130, 80);
    return Uint8Array.from(atob(canvas.toDataURL().split(',')[1]), c => c.charCodeAt(0));
  })()";

impl<E: Eyes> Tour<'_, E> {
    /// The pages before anybody is signed in, and the first user.
    pub(super) async fn setting_up(&mut self, set_up: &str) {
        self.page("set-up", set_up).await;
        self.sent("set-up-problems", set_up, "main form", "", "").await;
        self.open(set_up).await;
        self.become_somebody().await;
        self.sign_out().await;
        self.page("sign-in", "/sign-in").await;
        self.page("sign-in-first", "/sign-in?next=/orders").await;
        let wrong = "f.email.value = 'ann@example.com'; f.password.value = 'wrong'";
        self.sent("sign-in-refused", "/sign-in", "main form", wrong, "").await;
        self.trouble_page("set-up-void", "/set-up/none", 404).await;
        self.trouble_page("not-found-signed-out", "/nonsense", 404).await;
        self.sign_in().await;
    }

    /// Fills in the set-up page that is open.
    pub(super) async fn become_somebody(&mut self) {
        let fill = format!(
            "f.name.value = 'Ann Kowalski'; f.email.value = 'ann@example.com';
             f.password.value = f.password_again.value = '{PASSWORD}'"
        );
        self.send("main form", &fill, "").await;
        self.browser.says("You are the first administrator.").await;
    }

    async fn sign_in(&mut self) {
        self.open("/sign-in").await;
        let fill = format!("f.email.value = 'ann@example.com'; f.password.value = '{PASSWORD}'");
        self.send("main form", &fill, "").await;
        self.browser.says("Ann Kowalski").await;
    }

    async fn sign_out(&mut self) {
        self.send(".topbar__user form", "", "").await;
        self.browser.says("Sign in").await;
    }

    /// Settings, users, jobs, the audit log.
    pub(super) async fn running(&mut self) {
        self.page("home", "/").await;
        let menu = "document.querySelectorAll('.topbar details')[0].open = true";
        self.page_with("menu-open", "/", menu).await;
        let menu = "document.querySelector('.topbar__user').open = true";
        self.page_with("menu-user", "/", menu).await;
        self.page("search", "/search?q=an").await;
        self.page("search-nothing", "/search?q=nobody%20is%20called%20so").await;
        self.page("settings", "/settings").await;
        self.defaults().await;
        self.company().await;
        self.users().await;
        self.mail().await;
        self.api_keys().await;
        self.page("audit", "/settings/audit").await;
        self.page("audit-nothing", "/settings/audit?action=nothing").await;
        self.page("about", "/settings/about").await;
        self.page("keys", "/keys").await;
        self.browser.open("/").await;
        self.browser.keys("?").await;
        self.browser.says("Go to the search").await;
        self.look("keys-over-a-page").await;
    }

    /// A mail server is set, and takes nothing.
    async fn mail(&mut self) {
        self.page("mail", "/settings/mail").await;
        self.open("/settings/mail").await;
        self.send("form[action='/settings/mail/tests']", "", "").await;
        self.browser.says("Your last test").await;
        self.look("mail-tested").await;
        self.page("mail-nothing-sent", "/settings/mail?state=sent").await;
        self.page("mail-failed", "/settings/mail?state=failed").await;
    }

    async fn defaults(&mut self) {
        let defaults = "/settings/referral-partner-defaults";
        let form = "main form.columns";
        self.page("defaults", defaults).await;
        self.sent("defaults-to-be-seen", defaults, form, "f.levels.value = '1'", "#save-button").await;
        let wrong = "f.code_prefix.value = 'a b'; f.custom_link_url.value = 'ftp://x'; f.payout_sale.checked = f.payout_lead.checked = false";
        self.sent("defaults-problems", defaults, form, wrong, "#save-button").await;
        let theirs = "f.code_prefix.value = 'pb'";
        self.open(defaults).await;
        self.send(form, theirs, "#save-button").await;
        let mine = "f.code_prefix.value = 'ref'; f.version.value = Number(f.version.value) - 1";
        self.sent("defaults-overtaken", defaults, form, mine, "#save-button").await;
        self.open(defaults).await;
        self.send(form, "f.code_prefix.value = ''", "#save-button").await;
        self.look("defaults-saved").await;
    }

    async fn company(&mut self) {
        let company = "/settings/company";
        self.page("company", company).await;
        self.sent_with("company-problems", company, "f.email.value = 'partners'; f.name.value = ''").await;
        self.overtaken(
            "company-overtaken",
            company,
            "f.phone.value = '+1 555 0100'",
            "f.phone.value = '+1 555 0199'",
        )
        .await;
        let logo = "form[action='/settings/company/logo']";
        let picture = |bytes: &str| {
            format!(
                "const files = new DataTransfer();
                 files.items.add(new File([{bytes}], 'logo.png', {{ type: 'image/png' }}));
                 f.querySelector('[type=file]').files = files.files"
            )
        };
        self.sent("logo-problems", company, logo, &picture("'no picture'"), "").await;
        self.sent("company-with-logo", company, logo, &picture(LOGO), "").await;
        let older = format!("{}; f.version.value = Number(f.version.value) - 1", picture(LOGO));
        self.sent("logo-overtaken", company, logo, &older, "").await;
        let gone = "form[action='/settings/company/logo/remove']";
        let older = "f.version.value = Number(f.version.value) - 1";
        self.sent("logo-removal-overtaken", company, gone, older, "").await;
        self.open(company).await;
        self.send(gone, "", "").await;
    }

    async fn users(&mut self) {
        self.page("user-new", "/settings/users/new").await;
        self.sent_with("user-new-problems", "/settings/users/new", "f.email.value = 'ann@example.com'").await;
        self.open("/settings/users/new").await;
        let bea = format!(
            "f.name.value = 'Bea Okafor'; f.email.value = 'bea@example.com'; f.role.value = 'viewer';
             f.password.value = f.password_again.value = '{PASSWORD}'"
        );
        self.send("main form[method=post]", &bea, "").await;
        self.browser.says("Bea Okafor").await;
        self.page("users", "/settings/users").await;
        let users = "/settings/users";
        self.browser.open(users).await;
        let links =
            "return [...document.querySelectorAll('main tbody th a')].map(a => [a.textContent, a.pathname])";
        let links = self.browser.asks(links).await;
        let link = |name: &str| {
            let mut links = links.as_array().expect("it is a list").iter();
            let link = links.find(|link| link[0].as_str().is_some_and(|words| words.contains(name)));
            link.and_then(|link| link[1].as_str()).expect("the user is listed").to_string()
        };
        let (ann, bea) = (link("Ann"), link("Bea"));
        self.page("user", &bea).await;
        self.page("user-oneself", &ann).await;
        self.overtaken("user-overtaken", &bea, "f.name.value = 'B. Okafor'", "f.name.value = 'Bea O.'").await;
        let password = format!("form[action='{bea}/password']");
        self.sent("user-password-problems", &bea, &password, "f.password.value = 'short'", "").await;
        let access = format!("form[action='{bea}/access']");
        self.sent("user-disabled", &bea, &access, "", "[name=access]").await;
        self.page("profile", "/profile").await;
        self.sent_with("profile-problems", "/profile", "f.current.value = 'x'; f.password.value = 'y'").await;
    }

    /// API keys: made, shown once, revoked.
    async fn api_keys(&mut self) {
        let new = "/settings/api-keys/new";
        self.page("api-keys-none", "/settings/api-keys").await;
        self.page("api-key-new", new).await;
        self.sent_with("api-key-new-problems", new, "").await;
        self.sent_with("api-key-made", new, "f.name.value = 'Shop'").await;
        self.sent_with("api-key-taken", new, "f.name.value = 'shop'").await;
        self.sent_with("api-key-made-again", new, "f.name.value = 'Till in the market hall'").await;
        self.page("api-keys", "/settings/api-keys").await;
        let revoke = self.browser.asks("return document.querySelector('tbody td a').pathname").await;
        self.page("api-key-revoke", revoke.as_str().expect("it leads to a page")).await;
        self.send("main form[method=post]", "", "").await;
        self.look("api-key-revoked").await;
    }

    /// What is shown when something is not as it should be.
    pub(super) async fn trouble(&mut self) {
        self.trouble_page("not-found", "/reports/nonsense", 404).await;
        self.trouble_page("partner-not-found", "/partners/999999", 404).await;
        self.sent("form-too-old", "/partners/new", "main form[method=post]", "f.csrf.value = 'old'", "")
            .await;
    }
}
