//! A file comes in: every stage of it, and files that cannot be used; and the jobs that do it.

use std::path::PathBuf;

use super::{Eyes, Tour};

const GOOD: &str = "code;name;email\nzoe;Zoë Lindqvist;zoe@example.com\nmax;Max Okafor;\n";
const BAD: &str =
    "code,name,email\nida,Ida Berg,ida@example.com\na b,Blank Code,nobody\n,No Code,x@example.com\n";
const UNUSABLE: &str = "Kennung;Anzeige;Post\nzoe;Zoë Lindqvist;zoe@example.com\n";

impl<E: Eyes> Tour<'_, E> {
    /// A file that waits for somebody who looks what it would do.
    pub async fn waiting_for_a_worker(&mut self) {
        self.upload("partners that wait.csv", GOOD).await;
        self.browser.says("Looking what the file would do").await;
        self.look("import-looking").await;
        let waiting = self.first("/jobs", "main th a.row-link").await;
        self.page("job-waiting", &waiting).await;
    }

    pub(super) async fn importing(&mut self) {
        self.open("/imports").await;
        let kinds = self.links("a[href^='/imports/new']").await;
        assert!(kinds.len() >= 6, "{kinds:?}");
        for path in kinds {
            let name = format!("import-new-{}", path.rsplit('=').next().unwrap_or_default());
            self.page(&name, &path).await;
        }
        let form = "form[enctype]";
        self.sent("import-new-problems", "/imports/new?kind=partners", form, "", "").await;

        self.upload("no columns.csv", UNUSABLE).await;
        self.browser.says("The file cannot be used as it is.").await;
        self.look("import-unusable").await;
        let twice = "f.querySelectorAll('select').forEach(select => { select.value = 'code' })";
        self.send("#columns", twice, "").await;
        self.look("import-columns-problems").await;

        self.upload("partners with faults.csv", BAD).await;
        self.browser.says("What will happen").await;
        self.look("import-with-errors").await;
        self.send("#start", "", "").await;
        self.look("import-errors-not-left-out").await;
        self.send("#start", "f.skip_bad_rows.checked = true", "").await;
        self.browser.says("1 partner recorded").await;
        self.look("import-done-with-errors").await;

        self.upload("new partners.csv", GOOD).await;
        self.browser.says("What will happen").await;
        self.look("import-preview").await;
        let preview = self.browser.path().await;
        self.shown.insert(preview.clone());
        self.send("#start", "", "").await;
        self.browser.says("2 partners recorded").await;
        self.look("import-done").await;
        self.upload("new partners again.csv", GOOD).await;
        self.browser.says("There is nothing to import").await;
        self.look("import-nothing-new").await;
        self.page("imports", "/imports").await;
        self.page("jobs", "/jobs").await;
        let job = self.first("/jobs", "main th a.row-link").await;
        self.page("job", &job).await;
    }

    async fn upload(&mut self, name: &str, content: &str) {
        let file: PathBuf = self.folder.join(name);
        std::fs::write(&file, content).expect("the folder is ours");
        self.open("/imports/new?kind=partners").await;
        let field = self.browser.find("#file").await;
        field.send_keys(file.to_string_lossy()).await.expect("a file can be chosen");
        self.browser.press("Upload, and show what it would do").await;
    }
}
