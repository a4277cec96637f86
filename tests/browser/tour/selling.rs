//! Orders by hand and what happens to them, and products.

use super::{Eyes, Tour, without_query};

const FORM: &str = "main form[method=post]";
const ORDER: &str = "form#order";
const EVENT: &str = "form#event";
const PREVIEW: &str = ".action-bar [value=preview]";
const RECORD: &str = ".action-bar [value=record]";

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn selling(&mut self) {
        self.products().await;
        self.page("orders", "/orders").await;
        self.page("orders-nothing", "/orders?q=nothing%20is%20called%20so").await;
        let sold = self.first("/orders", "main th a.row-link").await;
        self.page("order-sold", &sold).await;
        self.page("order-lines", &format!("{sold}/lines")).await;
        self.page("order-commissions", &format!("{sold}/commissions")).await;
        self.page("order-what-if", &format!("{sold}/what-if")).await;
        let other = format!("{sold}/what-if?choose=first&method=history_and_cookies&ip=yes&own=yes");
        self.page("order-what-if-otherwise", &other).await;
        self.trouble_page("order-what-if-problems", &format!("{sold}/what-if?choose=newest"), 422).await;
        self.credits().await;
        let (order, code) = self.order_by_hand().await;
        self.events(&order, &code).await;
    }

    /// Its page, and the code of the partner who is credited.
    async fn order_by_hand(&mut self) -> (String, String) {
        // A partner who earns: the first one in the books of these dates.
        self.browser.open(&self.dates.ledgers()).await;
        let code = self.words("tbody .code").await.swap_remove(0);
        self.page("order-new", "/orders/new").await;
        let wrong = "f.number.value = ''; f.customer.value = 'x'; f.partner.value = 'nobody'; f.querySelector('#product-0').value = 'KETTLE'; f.querySelector('#quantity-0').value = 'many'";
        self.sent("order-new-problems", "/orders/new", ORDER, wrong, PREVIEW).await;
        let fill = format!(
            "f.number.value = 'WALK-1'; f.customer.value = 'fay@example.com'; f.customer_name.value = 'Fay Phone'; f.coupon.value = 'WALK10, FREESHIP'; f.address.value = '192.0.2.7'; f.partner.value = '{code}';
             const line = (at, product, quantity, price) => {{
               f.querySelector('#product-' + at).value = product; f.querySelector('#quantity-' + at).value = quantity; f.querySelector('#price-' + at).value = price;
             }};
             line(0, 'WALK-KETTLE', '2', '49.90'); line(1, 'WALK-CUPS', '6', '4.25')"
        );
        self.sent("order-preview", "/orders/new", ORDER, &fill, PREVIEW).await;
        self.send(ORDER, "f.querySelector('#price-0').value = '59.90'", RECORD).await;
        self.look("order-preview-changed").await;
        self.send(ORDER, "", RECORD).await;
        let order = without_query(&self.browser.path().await);
        self.page("order", &order).await;
        let menu = "document.querySelector('.page-head details').open = true";
        self.page_with("order-actions", &order, menu).await;
        (order, code)
    }

    /// Many orders are credited to another partner, of whom one has changed meanwhile.
    async fn credits(&mut self) {
        self.browser.open(&self.dates.ledgers()).await;
        let code = self.words("tbody .code").await.swap_remove(0);
        let (list, credit) = ("form#results", "form#credit");
        let some = "f.tick.forEach((tick, at) => { tick.checked = at < 8 })";
        self.sent("orders-credit", "/orders", list, some, ".menu__item[form=results]").await;
        self.send(credit, "f.partner.value = 'nobody has this'", "[value=preview]").await;
        self.look("orders-credit-problems").await;
        let fill = format!("f.partner.value = '{code}'; f.reason.value = 'The wrong link was printed'");
        self.send(credit, &fill, "[value=preview]").await;
        self.look("orders-credit-preview").await;
        self.send(credit, "f.shown.value = ''", ".action-bar [value=record]").await;
        self.look("orders-credit-changed").await;
        self.send(credit, "", ".action-bar [value=record]").await;
        self.look("orders-credit-done").await;
    }

    async fn events(&mut self, order: &str, credited: &str) {
        let form = |kind: &str| format!("{order}/events/new?kind={kind}");
        self.browser.open(&self.dates.ledgers()).await;
        let mut codes = self.words("tbody .code").await.into_iter();
        let other = codes.find(|code| code != credited).expect("there are partners");

        self.page("order-payment", &form("payment")).await;
        self.sent("order-payment-problems", &form("payment"), EVENT, "f.amount.value = 'x'", PREVIEW).await;
        self.sent("order-payment-preview", &form("payment"), EVENT, "f.amount.value = '50'", PREVIEW).await;
        self.send(EVENT, "", RECORD).await;
        self.look("order-payment-recorded").await;
        self.page("order-return", &form("return")).await;
        let all = "f.querySelector('#quantity-1').value = '9'";
        self.sent("order-return-problems", &form("return"), EVENT, all, PREVIEW).await;
        let one = "f.querySelector('#quantity-1').value = '1'; f.amount.value = '59.90'";
        self.sent("order-return-preview", &form("return"), EVENT, one, PREVIEW).await;
        self.send(EVENT, "", RECORD).await;
        self.page("order-refund", &form("refund")).await;
        self.sent("order-refund-problems", &form("refund"), EVENT, "f.amount.value = '-1'", PREVIEW).await;
        let much = "f.amount.value = '500'; f.reason.value = 'Goodwill'";
        self.sent("order-refund-preview", &form("refund"), EVENT, much, PREVIEW).await;
        self.page("order-credit", &form("credit")).await;
        self.sent("order-credit-problems", &form("credit"), EVENT, "f.partner.value = 'nobody'", PREVIEW)
            .await;
        let other = format!("f.partner.value = '{other}'; f.reason.value = 'The wrong link was used'");
        self.sent("order-credit-preview", &form("credit"), EVENT, &other, PREVIEW).await;
        self.send(EVENT, "", RECORD).await;
        self.look("order-credit-recorded").await;
        self.page("order-cancellation", &form("cancellation")).await;
        let reason = "f.reason.value = 'Ordered twice'";
        self.open(&form("cancellation")).await;
        self.send(EVENT, reason, RECORD).await;
        self.look("order-cancellation-changed").await;
        self.send(EVENT, "", RECORD).await;
        self.look("order-cancelled").await;
        self.page("order-happens-no-more", &form("refund")).await;
    }

    async fn products(&mut self) {
        self.page("products", "/products").await;
        let sold = self.link("main th a.row-link").await.replace("/edit", "/delete");
        self.page("products-nothing", "/products?q=nothing%20is%20called%20so").await;
        self.page("product-new", "/products/new").await;
        self.sent_with("product-new-problems", "/products/new", "f.code.value = ''; f.name.value = ''").await;
        for (code, name) in
            [("WALK-KETTLE", "Kettle"), ("WALK-CUPS", "Cups, six in a box"), ("WALK-TRAY", "Tray")]
        {
            self.open("/products/new").await;
            self.send(FORM, &format!("f.code.value = '{code}'; f.name.value = '{name}'"), "").await;
        }
        self.look("product-added").await;
        let tray = self.first("/products?q=WALK-TRAY", "main th a.row-link").await;
        self.page("product-edit", &tray).await;
        self.overtaken("product-overtaken", &tray, "f.name.value = 'A tray'", "f.name.value = 'Trays'").await;
        let delete = tray.replace("/edit", "/delete");
        self.page("product-delete", &delete).await;
        self.page("product-delete-used", &sold).await;
        self.sent_refused("product-delete-refused", &sold).await;
    }
}
