//! Tracking links: made, followed, counted; and where visitors go whom no link says where to.

use super::{Eyes, Tour, without_query};

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn tracking(&mut self) {
        self.page("links-nothing", "/links?q=nothing%20is%20called%20so").await;
        self.page("link-new", "/links/new").await;
        let wrong = "f.name.value = ''; f.code.value = 'a b'; f.destination.value = 'shop'";
        self.sent_with("link-new-problems", "/links/new", wrong).await;
        let fill = "f.name.value = 'Autumn offer'; f.code.value = 'autumn'; f.destination.value = 'https://shop.example.com/autumn'; f.program?.[0]?.click()";
        self.open("/links/new").await;
        self.send("main form[method=post]", fill, "").await;
        let link = without_query(&self.browser.path().await);
        self.page("link-unclicked", &link).await;
        self.page("link-delete", &format!("{link}/delete")).await;
        let nowhere = "/go/autumn/nobody-has-this-code";
        self.trouble_page("link-leads-nowhere", nowhere, 404).await;
        let code = self.follow(&link).await;
        self.page("link", &link).await;
        self.page("links", "/links").await;
        self.page("link-delete-used", &format!("{link}/delete")).await;
        self.sent_refused("link-delete-refused", &format!("{link}/delete")).await;
        self.page("link-edit", &format!("{link}/edit")).await;
        let (mine, theirs) = ("f.name.value = 'Autumn sale'", "f.name.value = 'Autumn offers'");
        self.overtaken("link-conflict", &format!("{link}/edit"), mine, theirs).await;

        self.page("how-to-connect-no-site", "/how-to-connect").await;
        self.open("/settings/tracking").await;
        let sites = "f.sites.value = location.host + '\\nshop.example.com\\n*.example.org'";
        self.send("main form[method=post]", sites, "").await;
        let told = "fetch('/visits', { method: 'POST', body: new URLSearchParams({ visitor: '0'.repeat(32), ref: 'CODE', page: location.href }) })";
        self.browser.asks(&format!("return {}", told.replace("CODE", &code))).await;
        self.page("how-to-connect", "/how-to-connect").await;
        self.trouble_page("to-a-foreign-site", "/aff.html?to=https%3A%2F%2Felsewhere.example%2F", 404).await;
        self.page("tracking", "/settings/tracking").await;
        let wrong =
            "f.cookie_days.value = '0'; f.default_destination.value = 'home'; f.sites.value = 'my shop'";
        self.sent_with("tracking-problems", "/settings/tracking", wrong).await;
        let (mine, theirs) = ("f.cookie_days.value = '30'", "f.cookie_days.value = '60'");
        self.overtaken("tracking-conflict", "/settings/tracking", mine, theirs).await;
    }

    /// Coupon codes: added, ended, and told where another one has them.
    pub(super) async fn coupons(&mut self) {
        self.browser.open(&self.dates.ledgers()).await;
        let code = self.words("tbody .code").await.swap_remove(0);
        self.page("coupons-nothing", "/coupons?q=nothing%20is%20called%20so").await;
        self.page("coupon-new", "/coupons/new").await;
        let wrong = "f.code.value = 'TEN %'; f.partner.value = 'nobody has this'";
        self.sent_with("coupon-new-problems", "/coupons/new", wrong).await;
        let fill = format!("f.code.value = 'WALK10'; f.partner.value = '{code}'");
        self.open("/coupons/new").await;
        self.send("main form[method=post]", &fill, "").await;
        let coupon = without_query(&self.browser.path().await);
        self.look("coupon-added").await;
        self.sent_with("coupon-taken", "/coupons/new", &fill).await;
        self.open(&coupon).await;
        self.send("main form[method=post]", "", "").await;
        self.look("coupon-ended").await;
        self.open("/coupons/new").await;
        self.send("main form[method=post]", &fill, "").await;
        self.look("coupon-again").await;
        self.page("coupons", "/coupons").await;
    }

    /// Somebody follows the link of a partner, without leaving this machine; the partner's code.
    async fn follow(&mut self, link: &str) -> String {
        self.browser.open(&self.dates.ledgers()).await;
        let code = self.words("tbody .code").await.swap_remove(0);
        let lead = |place: &str| format!("f.destination.value = {place}");
        self.open(&format!("{link}/edit")).await;
        self.send("main form[method=post]", &lead("location.origin + '/sign-in'"), "").await;
        self.browser.open(&format!("/go/autumn/{code}")).await;
        self.open(&format!("{link}/edit")).await;
        self.send("main form[method=post]", &lead("'https://shop.example.com/autumn'"), "").await;
        code
    }
}
