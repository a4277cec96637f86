//! The main job: ledgers, preview, batch, payment, void; and one partner's ledger with its forms.

use super::{Eyes, Tour, without_query};

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn paying(&mut self) {
        let report = self.dates.ledgers();
        self.page("reports", "/reports").await;
        self.page("ledgers", &report).await;
        self.page("ledgers-search", "/reports/ledgers").await;
        self.page("ledgers-nobody", "/reports/ledgers?from=2001-01-01&to=2001-01-31").await;
        let wrong = format!("/reports/ledgers?from={}&to={}&partner=x", self.dates.to, self.dates.from);
        self.page("ledgers-wrong-dates", &wrong).await;
        let tick = "document.querySelectorAll('[name=tick]').forEach((tick, at) => { if (at < 4) tick.click() });
                    for (const menu of document.querySelectorAll('details.menu.menu--end')) if (menu.innerText.includes('Actions')) menu.open = true";
        self.page_with("ledgers-actions", &report, tick).await;
        self.open(&report).await;
        let ledger = self.link("td.cell-link a").await;
        self.ledger(&ledger).await;

        self.browser.open(&report).await;
        self.browser.press("Create Referral Partner Payments").await;
        self.browser.says("What each partner gets").await;
        let preview = self.browser.path().await;
        self.page("payments-new", &preview).await;
        let ending = format!("{preview}&method=ending_balance");
        self.page("payments-new-ending-balance", &ending).await;
        let wrong = "f.batch_id.value = ''; f.paid_on.value = '2010-01-01'";
        let form = "form[action='/payment-batches']";
        self.sent("payments-new-problems", &ending, form, wrong, "").await;
        self.open(&ending).await;
        let fill = "f.batch_id.value = 'Walk'; f.note.value = 'by bank transfer, as agreed'";
        self.send(form, fill, ".action-bar .button--primary").await;
        self.browser.says("Paid ").await;
        let batch = without_query(&self.browser.path().await);
        self.page("batch", &batch).await;
        let fold =
            "document.querySelectorAll('td details').forEach((fold, at) => { if (at < 3) fold.open = true })";
        self.page_with("batch-entries", &batch, fold).await;
        let payment = self.first(&batch, "td.cell-link a").await;
        self.page("payment", &payment).await;
        let void = format!("{payment}/void");
        self.page("void-payment", &void).await;
        self.sent_with("void-problems", &void, "f.reason.value = ''; f.voided_on.value = '2010-01-01'").await;
        self.open(&void).await;
        let reason = "f.reason.value = 'The transfer came back: the account is closed.'";
        self.send("main form[method=post]", reason, "").await;
        self.page("payment-voided", &payment).await;
        self.page("batch-part-voided", &batch).await;
        let void = format!("{batch}/void");
        self.page("void-batch", &void).await;
        self.sent_with("void-batch-problems", &void, "f.reason.value = ''").await;
        self.page("preview-changed", &preview).await;
        self.page("payment-search", "/reports/payments").await;
        self.page("payment-search-payments", "/reports/payments?show=payments").await;
        self.page("payment-search-nothing", "/reports/payments?batch=nothing").await;
        self.page("payment-search-wrong", "/reports/payments?from=2011-03-31&to=2011-03-01").await;
    }

    async fn ledger(&mut self, ledger: &str) {
        self.page("ledger", ledger).await;
        let all_time = format!("{}?from=2010-01-01&to=2029-12-31", without_query(ledger));
        self.page("ledger-all-time", &all_time).await;
        self.page("ledger-dates", &without_query(ledger)).await;
        let (pay, adjust) = ("#pay form", "#adjust form");
        self.sent("payment-problems", ledger, pay, "f.amount.value = 'x'; f.paid_on.value = ''", "").await;
        self.sent("advance", ledger, pay, "f.amount.value = '1000000'", "").await;
        self.sent("adjustment-problems", ledger, adjust, "f.adjustment.value = '1,2,3'", "").await;
        self.open(ledger).await;
        self.send(adjust, "f.adjustment.value = '25'; f.reason.value = 'A bonus for the autumn fair'", "")
            .await;
        self.look("adjustment-recorded").await;
    }
}
