//! Commission programs.

use super::{Eyes, Tour, without_query};

const EDIT: &str = "main form.stack[method=post]";

impl<E: Eyes> Tour<'_, E> {
    pub(super) async fn programs(&mut self) {
        let seller = self.first("/programs", "main th a.row-link").await;
        self.page("program", &seller).await;
        self.page("program-versions", &format!("{seller}/versions")).await;
        self.page("program-version", &format!("{seller}/versions/1")).await;
        self.page("program-partners", &format!("{seller}/partners")).await;
        let enrol = format!("form[action='{seller}/partners']");
        self.sent(
            "program-enrol-problems",
            &format!("{seller}/partners"),
            &enrol,
            "f.codes.value = 'nobody, not-a-code'",
            "",
        )
        .await;
        let edit = format!("{seller}/edit");
        self.page("program-edit", &edit).await;
        let trial = "const rate = f.querySelector('[id$=sale_percent]'); rate.value = '7.5'; f.trial.selectedIndex = f.trial.options.length - 1";
        self.sent("program-trial", &edit, EDIT, trial, "[formaction^='/program-trials']").await;
        let wrong = "f.querySelector('[id$=sale_percent]').value = 'x'";
        self.sent("program-trial-problems", &edit, EDIT, wrong, "[formaction^='/program-trials']").await;

        self.page("program-new", "/programs/new").await;
        self.sent(
            "program-new-problems",
            "/programs/new",
            EDIT,
            "f.name.value = ''; f.priority.value = 'first'; f.partners.value = 'nobody'",
            "",
        )
        .await;
        self.open("/programs/new").await;
        self.send(EDIT, "f.name.value = 'Autumn'; f.priority.value = '2'; f.querySelector('[id$=sale_percent]').value = '12.5'", "").await;
        let autumn = without_query(&self.browser.path().await).replace("/partners", "");
        self.look("program-added").await;
        self.page("program-without-partners", &autumn).await;
        self.sent("program-add-rule", &format!("{autumn}/edit"), EDIT, "", "[name=add]").await;
        self.overtaken_program(&format!("{autumn}/edit")).await;
        self.page("programs", "/programs").await;
        let priorities = "form[action='/programs/priorities']";
        let wrong =
            "f.querySelectorAll('input:not([type=hidden])').forEach(field => { field.value = 'first' })";
        self.sent("programs-problems", "/programs", priorities, wrong, "").await;
    }

    async fn overtaken_program(&mut self, edit: &str) {
        self.open(edit).await;
        self.send(EDIT, "f.name.value = 'Autumn and winter'", "").await;
        let mine = "f.name.value = 'Autumn fair'; f.version.value = Number(f.version.value) - 1";
        self.sent("program-overtaken", edit, EDIT, mine, "").await;
    }
}
