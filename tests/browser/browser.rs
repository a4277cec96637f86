//! Chromium, driven by chromedriver, as somebody who looks at pages and presses what is written on
//! buttons. What is not there after a while fails the test, with the page's words.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Value, json};
use thirtyfour::Cookie;
use thirtyfour::common::capabilities::chrome::ChromeCapabilities;
use thirtyfour::prelude::*;

/// How long a page may take. A busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// The flags that a headless Chromium wants, also as root and without anything to call home to.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=en-US",
    "--window-size=1280,900",
];

/// What kind of browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    Run,
    /// As with people who switch them off, and where app.js fails to load.
    DoNotRun,
}

/// A browser at work. What it downloads lands in a folder of its own.
pub struct Browser {
    pub driver: WebDriver,
    /// `http://127.0.0.1:41234`
    pub url: String,
    folder: PathBuf,
}

/// Shows a site to a new browser and ends the browser, also where the visit panics. Where this machine
/// has no Chromium the visit is left out with a word; where everything has to be checked that fails.
pub fn visit(url: &str, scripts: Scripts, visit: impl AsyncFnOnce(&Browser)) {
    let (Some(chromium), Some(chromedriver)) = (found("chromium"), found("chromedriver")) else {
        let missing = "chromium and chromedriver are not installed (Debian: chromium, chromium-driver)";
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("NOT CHECKED: {missing}");
        return;
    };
    let folder = tempfile::Builder::new().prefix("partnerbook-browser-").tempdir().unwrap();
    let chromedriver = Chromedriver::start(&chromedriver, folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let capabilities = capabilities(&chromium, folder.path(), scripts);
        let driver = WebDriver::new(&chromedriver.url, capabilities).await.expect("Chromium starts");
        let browser = Browser { driver, url: url.into(), folder: folder.path().into() };
        let downloads = json!({ "behavior": "allow", "downloadPath": folder.path() });
        browser.tell("Browser.setDownloadBehavior", downloads).await;
        // From now on it keeps what servers answer.
        browser.tell("Network.enable", json!({})).await;
        let ended = AssertUnwindSafe(visit(&browser)).catch_unwind().await;
        let _ = browser.driver.quit().await;
        ended
    });
    if let Err(panic) = ended {
        resume_unwind(panic);
    }
}

/// Where this machine has a program.
pub fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.exists())
}

fn capabilities(chromium: &Path, folder: &Path, scripts: Scripts) -> ChromeCapabilities {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&chromium.to_string_lossy()).unwrap();
    for flag in FLAGS {
        wanted.add_arg(flag).unwrap();
    }
    wanted.add_arg(&format!("--user-data-dir={}", folder.join("profile").display())).unwrap();
    let block_scripts = if scripts == Scripts::Run { 1 } else { 2 };
    let preferences = json!({ "profile.managed_default_content_settings.javascript": block_scripts });
    wanted.add_experimental_option("prefs", preferences).unwrap();
    wanted
}

/// Chromedriver on a port that it chose.
struct Chromedriver {
    child: Child,
    url: String,
    /// Waits for the end of this test, however it ends, and takes chromedriver and Chromium with it.
    watcher: Child,
}

impl Chromedriver {
    fn start(program: &Path, folder: &Path) -> Chromedriver {
        let mut command = Command::new(program);
        // Chromium keeps settings in the home folder, whatever the profile. A group of its own can be
        // ended as one.
        command.arg("--port=0").env("HOME", folder).process_group(0);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver starts");
        let mut lines =
            BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
        });
        let url = format!("http://127.0.0.1:{}", port.expect("chromedriver tells its port"));
        // Whoever writes into a closed pipe dies.
        std::thread::spawn(move || lines.for_each(drop));
        let mut watcher = Command::new("sh");
        watcher
            .args(["-c", r#"cat; kill -s KILL -- "-$0"; rm -rf "$1""#, &child.id().to_string()])
            .arg(folder);
        // Not in our group, so that Ctrl-C leaves it to do its work.
        let watcher =
            watcher.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let watcher = watcher.spawn().expect("a shell can be started");
        Chromedriver { child, url, watcher }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Opens a page of the site.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.url)).await.expect("the page opens");
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("it shows a page");
        url.as_str().strip_prefix(&self.url).expect("it is a page of ours").to_string()
    }

    /// The words that can be seen, blanks squeezed.
    pub async fn text(&self) -> String {
        let body = self.driver.find(By::Tag("body")).await;
        let text = match body {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until these words can be seen.
    pub async fn says(&self, words: &str) -> &Browser {
        let started = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return self;
            }
            assert!(started.elapsed() < PATIENCE, "“{words}” is not on {}: {text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Presses the link, button or menu that says this and can be seen.
    pub async fn press(&self, words: &str) {
        self.pressable(words).await.click().await.unwrap_or_else(|error| panic!("“{words}”: {error}"));
    }

    /// Something to press, by its words or by how they begin.
    pub async fn pressable(&self, words: &str) -> WebElement {
        self.saying(&["a", "button", "summary"], words).await
    }

    async fn saying(&self, tags: &[&str], words: &str) -> WebElement {
        let tests =
            [format!("normalize-space()='{words}'"), format!("starts-with(normalize-space(), '{words}')")];
        let path = |test| tags.iter().map(|tag| format!("//{tag}[{test}]")).collect::<Vec<_>>().join("|");
        let paths: Vec<String> = tests.iter().map(path).collect();
        let started = Instant::now();
        loop {
            for path in &paths {
                for element in self.driver.find_all(By::XPath(path.as_str())).await.unwrap_or_default() {
                    if element.is_displayed().await.unwrap_or(false) {
                        return element;
                    }
                }
            }
            assert!(
                started.elapsed() < PATIENCE,
                "nothing on {} says “{words}”: {}",
                self.path().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// What matches a CSS selector.
    pub async fn find(&self, selector: &str) -> WebElement {
        let found = self.driver.find(By::Css(selector)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {selector} on {}: {error}: {}", self.path().await, self.text().await),
        }
    }

    /// Types into the field under this label, in place of what is there. A day is typed as month, day,
    /// year, as American browsers ask for it.
    pub async fn fill(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        if field.attr("type").await.unwrap().as_deref() != Some("date") {
            field.clear().await.unwrap();
        }
        field.send_keys(value).await.unwrap();
    }

    /// Presses keys, wherever the focus is.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Chooses from the list under this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let path = format!("./option[normalize-space()='{option}']");
        let option = self.field(label).await.find(By::XPath(path)).await.expect("the list has it");
        option.click().await.unwrap();
    }

    async fn field(&self, label: &str) -> WebElement {
        let label = self.saying(&["label"], label).await;
        let id = label.attr("for").await.unwrap().expect("the label names its field");
        self.find(&format!("[id='{id}']")).await
    }

    /// The cells of the table row that is about this.
    pub async fn row(&self, words: &str) -> Vec<String> {
        let path = format!("//tr[th[contains(normalize-space(), '{words}')]]/*[self::td or self::th]");
        let mut cells = Vec::new();
        for cell in self.driver.find_all(By::XPath(path)).await.unwrap_or_default() {
            let text = cell.text().await.unwrap_or_default();
            cells.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        assert!(!cells.is_empty(), "no row is about {words}: {}", self.text().await);
        cells
    }

    /// Fetches a file as the browser would, with its cookies.
    pub async fn fetch(&self, path: &str) -> String {
        let cookies: Vec<Cookie> = self.driver.get_all_cookies().await.unwrap();
        let cookies: Vec<String> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let request =
            reqwest::Client::new().get(format!("{}{path}", self.url)).header("cookie", cookies.join("; "));
        let answer = request.send().await.expect("the server answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("the answer is complete")
    }

    /// The file with this ending that was downloaded, once it is complete.
    pub async fn downloaded(&self, ending: &str) -> String {
        let started = Instant::now();
        loop {
            let files = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
            if let Some(file) = files.into_iter().find(|file| file.to_string_lossy().ends_with(ending)) {
                return std::fs::read_to_string(file).unwrap();
            }
            assert!(started.elapsed() < PATIENCE, "no {ending} was downloaded: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Tells Chromium something that is not WebDriver's business.
    pub async fn tell(&self, command: &str, what: Value) -> Value {
        self.driver.cdp().send_raw(command, what).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Shows pages as wide as this.
    pub async fn width(&self, width: u32) {
        self.screen(width, 900).await;
    }

    /// Shows pages on a screen of this size, a phone's where it is narrow.
    pub async fn screen(&self, width: u32, height: u32) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", screen).await;
    }

    /// Shows pages in these colours: `light`, `dark`.
    pub async fn colours(&self, scheme: &str) {
        // Nothing glides from one to the other while somebody looks.
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }, still] });
        self.tell("Emulation.setEmulatedMedia", features).await;
    }

    /// The page as the server sent it.
    pub async fn source(&self) -> String {
        let tree = self.tell("Page.getResourceTree", json!({})).await;
        // A page's request is known by its loader.
        let request = json!({ "requestId": tree["frameTree"]["frame"]["loaderId"] });
        let answer = self.tell("Network.getResponseBody", request).await;
        answer["body"].as_str().expect("a page is text").to_string()
    }

    /// What a script finds.
    pub async fn asks(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }
}
