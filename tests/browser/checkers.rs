//! What finds faults in pages: axe-core for those who see, hear or type otherwise, the Nu checker for
//! HTML. Both come as Node packages, pinned in `node/package-lock.json`, into a folder beside the builds.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::{Browser, found};
use crate::tour::Eyes;

const PACKAGES: &[(&str, &str)] = &[
    ("package.json", include_str!("node/package.json")),
    ("package-lock.json", include_str!("node/package-lock.json")),
];

/// How each page is shown, and by which rules it is judged: on a desk by day by all of WCAG 2.2 AA and by
/// what axe-core holds to be good besides; on a phone by night by what depends on colours and widths.
const SIGHTS: &[(u32, &str, &str)] = &[
    (1280, "light", "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"),
    (390, "dark", "['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block']"),
];

/// Remarks of the Nu checker that are no faults, each with its reason.
const ACCEPTED: &[&str] = &[];

/// The folder with the packages; none where this machine cannot have them, which is said in a line.
pub fn packages() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(install).as_deref()
}

fn install() -> Option<PathBuf> {
    if found("npm").is_none() {
        not_checked("pages are not looked at by axe-core and the Nu checker: Node is missing here (npm)");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page-checkers");
    let done = folder.join("installed");
    let wanted: String = PACKAGES.iter().map(|(_, text)| *text).collect();
    if fs::read_to_string(&done).ok().as_deref() != Some(wanted.as_str()) {
        fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, text) in PACKAGES {
            fs::write(folder.join(name), text).expect("the folder is ours");
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        let npm = Command::new("npm").args(arguments).current_dir(&folder).output().expect("npm starts");
        assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
        fs::write(&done, wanted).expect("the folder is ours");
    }
    Some(folder)
}

/// Says what this machine cannot check, past the test's own output, which nobody sees. Where everything
/// has to be checked it fails.
fn not_checked(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "NOT CHECKED: {what}");
    let _ = writeln!(std::io::stderr(), "NOT CHECKED: {what}");
}

/// Looks at each page and keeps what it finds.
pub struct Faults {
    axe: String,
    folder: PathBuf,
    pages: usize,
    /// Each fault once, with the pages that have it.
    found: BTreeMap<String, Vec<String>>,
}

impl Faults {
    /// `packages` from [`packages`]; the pages are kept in `folder` as they were sent.
    pub fn new(packages: &Path, folder: &Path) -> Faults {
        let axe = fs::read_to_string(packages.join("node_modules/axe-core/axe.min.js"));
        let axe = axe.expect("the package has it");
        Faults { axe, folder: folder.into(), pages: 0, found: BTreeMap::new() }
    }

    /// All that was found. The Nu checker reads all pages in one go.
    pub fn all(mut self, packages: &Path) -> Vec<String> {
        assert!(self.pages > 0, "no page was looked at");
        if found("java").is_none() {
            not_checked("the HTML of pages is not looked at by the Nu checker: Java is missing here");
        } else {
            for (page, fault) in invalid(packages, &self.folder) {
                self.found.entry(fault).or_default().push(page);
            }
        }
        self.found.into_iter().map(|(fault, pages)| format!("{fault}\n    on {}", pages.join("; "))).collect()
    }
}

impl Eyes for Faults {
    async fn look(&mut self, browser: &Browser, name: &str) {
        self.pages += 1;
        let page = self.folder.join(format!("{name}.html"));
        assert!(!page.exists(), "two pages are called {name}");
        fs::write(page, browser.source().await).expect("the folder is ours");
        for (width, scheme, rules) in SIGHTS {
            browser.width(*width).await;
            browser.colours(scheme).await;
            // From its beginning: what has been scrolled half under the bar is in nobody's way.
            let script = format!(
                "window.scrollTo(0, 0);
                 if (!window.axe) {{ {axe} }}
                 const done = arguments[arguments.length - 1];
                 const options = {{ runOnly: {rules}, resultTypes: ['violations'] }};
                 axe.run(document, options).then(({{ violations }}) => done([
                   ...violations.flatMap(({{ id, help, nodes }}) => nodes.slice(0, 3).map(node =>
                     `${{id}}: ${{help}}: ${{node.html.slice(0, 200)}}: ${{node.any.concat(node.all, node.none).map(why => why.message).join(' ')}}`)),
                   ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen: ' + document.documentElement.scrollWidth] : []),
                 ]), problem => done([String(problem)]))",
                axe = if *width == SIGHTS[0].0 { self.axe.as_str() } else { "" },
            );
            let faults = browser.driver.execute_async(script, Vec::new()).await.expect("axe-core runs");
            for fault in faults.json().as_array().expect("it is a list") {
                let fault = fault.as_str().unwrap_or_default();
                // Should the walk end before its end, this is known at least.
                eprintln!("{name}: {fault}");
                let sight = format!("{name}, {width} wide, {scheme}");
                self.found.entry(fault.to_string()).or_default().push(sight);
            }
        }
        browser.width(1280).await;
        browser.colours("light").await;
    }
}

/// What the Nu checker finds in the pages of a folder: where, and what.
fn invalid(packages: &Path, folder: &Path) -> Vec<(String, String)> {
    let mut nu = Command::new("java");
    nu.args(["-Xss2m", "-jar"]).arg(packages.join("node_modules/vnu-jar/build/dist/vnu.jar"));
    let nu = nu.args(["--format", "json", "--stdout", "--exit-zero-always"]).arg(folder).output();
    let nu = nu.expect("Java starts");
    let told = String::from_utf8_lossy(&nu.stdout).into_owned();
    let told: Value = serde_json::from_str(&told)
        .unwrap_or_else(|error| panic!("{error}: {told} {}", String::from_utf8_lossy(&nu.stderr)));
    let messages = told["messages"].as_array().expect("it is a list").iter();
    let faults = messages.map(|message| {
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_string();
        let page = text("url").rsplit('/').next().unwrap_or_default().to_string();
        (format!("{page}, line {}", message["lastLine"]), format!("{}: {}", text("message"), text("extract")))
    });
    faults.filter(|(_, fault)| !ACCEPTED.iter().any(|accepted| fault.contains(accepted))).collect()
}
