//! Partners and contacts: lists, records, and what can be done with them.

use super::{Eyes, Tour, without_query};

const FORM: &str = "main form[method=post]";

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn people(&mut self) {
        let report = self.dates.ledgers();
        let partner = self.first(&report, "th a.row-link").await.replace("/ledger", "");
        self.partner_list().await;
        self.page("partner", &partner).await;
        for tab in ["referrals", "clicks", "orders", "payments", "notes", "history", "ledger"] {
            self.page(&format!("partner-{tab}"), &format!("{partner}/{tab}")).await;
        }
        let menu = "document.querySelector('.page-head details').open = true";
        self.page_with("partner-actions", &partner, menu).await;
        self.notes(&partner).await;
        let nora = self.new_partner(&partner).await;
        self.merging(&partner, &nora).await;
        self.contacts(&partner).await;
    }

    async fn partner_list(&mut self) {
        self.page("partners", "/partners").await;
        self.page("partners-nothing", "/partners?q=nobody%20is%20called%20so").await;
        let columns = "/partners?status=active&sort=-balance&col=code&col=parent&col=status&col=programs&col=tags&col=country&col=track&col=recruits&col=since&col=balance";
        self.page("partners-all-columns", columns).await;
        let tick =
            "document.querySelectorAll('[name=tick]').forEach((tick, at) => { if (at < 2) tick.click() })";
        self.page_with("partners-ticked", "/partners", tick).await;
        self.page_with(
            "partners-save-search",
            "/partners?status=active",
            "document.querySelector('.toolbar--saved details').open = true",
        )
        .await;
        self.send(".toolbar--saved details form", "f.name.value = 'Those who sell'", "").await;
        self.page("partners-saved-search", "/partners?status=active").await;

        self.page_with(
            "partners-columns",
            "/partners",
            "document.querySelector('details[name=tools]').open = true",
        )
        .await;
        let choose = "form#results";
        let all = "document.querySelector('[name=all]') ? document.querySelector('[name=all]').checked = true : f.tick.forEach(t => { t.checked = true })";
        self.sent("mass-update", "/partners", choose, all, "[formaction='/partners/mass-update']").await;
        let wrong = "f.set_parent.value = 'nobody'; f.set_track_leads_days.value = 'x'";
        self.send(FORM, wrong, "[value=preview]").await;
        self.look("mass-update-problems").await;
        self.send(FORM, "f.set_parent.value = ''; f.set_track_leads_days.value = '45'; f.set_add_tags.value = 'autumn, fair'", "[value=preview]").await;
        self.look("mass-update-preview").await;
        self.send(FORM, "", "[value=apply]").await;
        self.look("mass-update-done").await;
    }

    async fn notes(&mut self, partner: &str) {
        let notes = format!("{partner}/notes");
        self.sent_with("notes-problems", &notes, "f.note.value = ''").await;
        self.open(&notes).await;
        self.send(
            FORM,
            "f.note.value = 'Agreed by phone: 12 % from January on.\\nConfirm it by e-mail.'",
            "",
        )
        .await;
        self.look("notes-written").await;
    }

    /// A partner who is new: every form of a record. Its page.
    async fn new_partner(&mut self, seller: &str) -> String {
        self.page("partner-new", "/partners/new").await;
        let wrong = "f.name.value = ''; f.code.value = 'a b'; f.email.value = 'x'; f.parent.value = 'nobody'; f.track_leads_days.value = '-1'";
        self.sent_with("partner-new-problems", "/partners/new", wrong).await;
        self.open("/partners/new").await;
        let nora = "f.name.value = 'Nora Nilsson'; f.code.value = 'nora'; f.email.value = 'nora@example.com';
                    f.address_line1.value = 'Storgatan 1'; f.city.value = 'Malmö'; f.country.value = 'Sweden'; f.tags.value = 'fair'";
        self.send(FORM, nora, "").await;
        let nora = without_query(&self.browser.path().await);
        self.look("partner-added").await;
        let edit = format!("{nora}/edit");
        self.page("partner-edit", &edit).await;
        self.page("partner-edit-seller", &format!("{seller}/edit")).await;
        self.overtaken("partner-overtaken", &edit, "f.name.value = 'N. Nilsson'", "f.name.value = 'Nora N.'")
            .await;
        self.page("partner-status", &format!("{seller}/status")).await;
        self.open(&format!("{nora}/status")).await;
        self.send(FORM, "", "[name=status]").await;
        self.look("partner-inactive").await;
        self.page("partner-status-inactive", &format!("{nora}/status")).await;
        self.page("partner-delete-used", &format!("{seller}/delete")).await;
        self.sent_refused("partner-delete-refused", &format!("{seller}/delete")).await;
        self.page("partner-delete", &format!("{nora}/delete")).await;
        nora
    }

    async fn merging(&mut self, seller: &str, nora: &str) {
        self.page("merge", &format!("{nora}/merge")).await;
        self.page("merge-nobody", &format!("{nora}/merge?other=nobody")).await;
        self.browser.open(seller).await;
        let code = self.words(".page-head .code").await.swap_remove(0);
        self.page("merge-preview", &format!("{nora}/merge?other={code}")).await;
        let other = format!("{seller}/merge?other=nora");
        self.page("merge-preview-other-way", &other).await;
        self.sent(
            "merge-overtaken",
            &other,
            FORM,
            "for (const e of f.elements) if (e.name.includes('version')) e.value = 77",
            "",
        )
        .await;
        self.open(&other).await;
        self.send(FORM, "", "").await;
        self.page("partner-with-merged", seller).await;
        self.page("partner-merged", nora).await;
        self.page("partner-merged-ledger", &format!("{nora}/ledger")).await;
    }

    async fn contacts(&mut self, seller: &str) {
        self.page("contacts", "/contacts").await;
        self.page("contacts-nothing", "/contacts?q=nobody%20is%20called%20so").await;
        self.page("contact-new", "/contacts/new").await;
        self.sent_with("contact-new-problems", "/contacts/new", "f.name.value = ''; f.email.value = 'x'")
            .await;
        self.open("/contacts/new").await;
        self.send(FORM, "f.name.value = 'Mia Berg'; f.email.value = 'mia@example.com'", "").await;
        let mia = without_query(&self.browser.path().await);
        self.look("contact-added").await;
        self.page("contact-edit", &format!("{mia}/edit")).await;
        self.overtaken(
            "contact-overtaken",
            &format!("{mia}/edit"),
            "f.name.value = 'M. Berg'",
            "f.name.value = 'Mia B.'",
        )
        .await;
        let referral = format!("{mia}/referrals/new");
        self.page("referral-new", &referral).await;
        self.sent_with("referral-new-problems", &referral, "f.partner.value = 'nobody'").await;
        self.page("contact-delete", &format!("{mia}/delete")).await;
        self.privacy(&mia, seller).await;
        let buyer = self.first("/orders", "main a[href^='/contacts/']").await;
        self.page("contact", &buyer).await;
        self.page("contact-delete-used", &format!("{buyer}/delete")).await;
        self.sent_refused("contact-delete-refused", &format!("{buyer}/delete")).await;
    }

    /// A person who is erased, and a partner who is owed something and cannot be yet.
    async fn privacy(&mut self, contact: &str, seller: &str) {
        let privacy = format!("{contact}/privacy");
        self.page("privacy", &privacy).await;
        let erase = "form[action$='/erase']";
        self.sent("privacy-problems", &privacy, erase, "f.reason.value = ' '", "").await;
        self.sent(
            "contact-erased",
            &privacy,
            erase,
            "f.reason.value = 'Asked for'; f.sure.checked = true",
            "",
        )
        .await;
        self.page("privacy-erased", &privacy).await;
        let person = self.first(seller, ".page-head .meta a[href^='/contacts/']").await;
        self.page("privacy-partner", &format!("{person}/privacy")).await;
    }

    /// The page said no already, and somebody sends the form all the same.
    pub(super) async fn sent_refused(&mut self, name: &str, path: &str) {
        self.open(path).await;
        let form = format!(
            "const f = document.body.appendChild(document.createElement('form'));
             f.id = 'made'; f.method = 'post'; f.action = '{path}';
             f.append(document.querySelector('[name=csrf]').cloneNode())"
        );
        self.browser.asks(&form).await;
        self.send("#made", "", "").await;
        self.look(name).await;
    }
}
