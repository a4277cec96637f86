//! Web forms: made, opened by people outside, sent with mistakes and without.

use super::{Eyes, Tour, without_query};

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn web_forms(&mut self) {
        self.page("web-forms-nothing", "/web-forms?q=nothing%20is%20called%20so").await;
        self.page("web-form-new", "/web-forms/new").await;
        let wrong = "f.name.value = ''; f.code.value = 'a b'; f.choices_2.value = 'One'; f.redirect.value = 'home'; f.mail_to.value = 'nobody'";
        self.sent_with("web-form-new-problems", "/web-forms/new", wrong).await;
        self.open("/web-forms/new").await;
        let fill = "f.name.value = 'Talk to us'; f.code.value = 'talk'; f.title.value = 'Talk to us';
            f.introduction.value = 'We answer within a day.\\nOn Mondays too.'; f.is_embedded.checked = true;
            f.querySelector('[name=company][value=must]').checked = true; f.querySelector('[name=address][value=ask]').checked = true;
            f.question_1.value = 'How many are you?'; f.kind_1.value = 'choice'; f.choices_1.value = 'One\\nMore';
            f.question_2.value = 'What is it about?'; f.kind_2.value = 'lines'; f.opt_in.value = 'Send me news';
            f.mail_to.value = 'ops@partners.example\\nsales@partners.example'";
        self.send("main form[method=post]", fill, "").await;
        let form = without_query(&self.browser.path().await);
        self.page("web-form-unsent", &form).await;
        self.page("web-form-delete", &format!("{form}/delete")).await;
        self.page("hosted-form", "/f/talk").await;
        self.sent_with("hosted-form-problems", "/f/talk", "f.email.value = 'nobody'").await;
        self.trouble_page("hosted-form-missing", "/f/nobody-has-this-code", 404).await;
        self.open("/f/talk").await;
        // As from a page of somebody else's: nobody waits there, and the clocks of tests stand.
        let fill =
            "f.page.value = ''; f.email.value = 'lena@example.com'; f.first_name.value = 'Lena'; f.company.value = 'Lund & Co';
            f.question_2.value = 'Kettles.\\nMany of them.'";
        self.send("main form[method=post]", fill, "").await;
        self.page("hosted-form-thanks", "/f/talk/thanks").await;
        self.open("/f/talk").await;
        self.send("main form[method=post]", "f.email.value = 'robot@example.com'; f.website.value = 'x'", "")
            .await;
        self.page_with(
            "web-form",
            &form,
            "document.querySelectorAll('details').forEach((d) => { d.open = true; })",
        )
        .await;
        self.page("web-forms", "/web-forms").await;
        self.page("home-with-leads", "/").await;
        let contact = self.first("/contacts?q=lena%40example.com", "tbody a.row-link").await;
        self.page("contact-that-sent-a-form", &contact).await;
        self.sent_refused("web-form-delete-refused", &format!("{form}/delete")).await;
        self.page("web-form-edit", &format!("{form}/edit")).await;
        let (mine, theirs) = ("f.title.value = 'Ask us'", "f.title.value = 'Write to us'");
        self.overtaken("web-form-conflict", &format!("{form}/edit"), mine, theirs).await;
        self.open(&format!("{form}/edit")).await;
        self.send("main form[method=post]", "f.is_open.checked = false", "").await;
        self.trouble_page("hosted-form-closed", "/f/talk", 410).await;
        self.page("web-form-closed", &form).await;
    }
}
