//! Pictures of every page: each light and dark, on a desk and on a phone. `scripts/screenshots` starts two
//! servers, one of them just filled with the demo and one empty, and hands over the addresses of their
//! set-up pages; the walk in `tests/browser/tour` leads past every page of both.

#[path = "../tests/browser/browser.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod browser;
#[path = "../tests/browser/tour/mod.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod tour;

use std::path::{Path, PathBuf};

use serde_json::json;

use browser::{Browser, Scripts, visit};
use tour::{Dates, Eyes, Tour};

/// In the demo, the month in which there is most to see.
const MARCH: Dates = Dates { from: "2011-03-01", to: "2011-03-31" };

const SIGHTS: &[(u32, &str)] = &[(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")];

/// A picture shows so much of a page that has no end.
const LONGEST: u32 = 5_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [filled, empty, folder] = &arguments[..] else {
        eprintln!("usage: screenshots <set-up page of the demo> <set-up page of an empty system> <folder>");
        std::process::exit(2);
    };
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let files = tempfile::tempdir().expect("a folder can be made");
    let split = |set_up: &str| {
        let at = set_up.find("/set-up/").expect("the address of a set-up page");
        (set_up[..at].to_string(), set_up[at..].to_string())
    };
    let (url, set_up) = split(empty);
    visit(&url, Scripts::Run, async |browser| {
        let mut tour = Tour::new(browser, Camera::new(folder), MARCH, files.path().into());
        tour.emptiness(&set_up).await;
        println!("{} pictures of an empty system in {folder}", tour.eyes.pictures);
    });
    let (url, set_up) = split(filled);
    visit(&url, Scripts::Run, async |browser| {
        browser.tell("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        let mut tour = Tour::new(browser, Camera::new(folder), MARCH, files.path().into());
        tour.everything(&set_up).await;
        println!("{} pictures of the demo in {folder}", tour.eyes.pictures);
        for path in tour.missed() {
            println!("no picture of {path}");
        }
    });
}

/// Takes pictures.
struct Camera {
    folder: PathBuf,
    pictures: usize,
}

impl Camera {
    fn new(folder: impl AsRef<Path>) -> Camera {
        Camera { folder: folder.as_ref().into(), pictures: 0 }
    }

    async fn save(&mut self, browser: &Browser, name: &str, width: u32, height: u32) {
        browser.screen(width, height).await;
        let bytes = browser.driver.screenshot_as_png().await.expect("a picture");
        std::fs::write(self.folder.join(format!("{name}.png")), bytes).expect("the picture can be written");
        self.pictures += 1;
    }
}

impl Eyes for Camera {
    /// The page from top to bottom.
    async fn look(&mut self, browser: &Browser, name: &str) {
        for (width, scheme) in SIGHTS {
            browser.width(*width).await;
            browser.colours(scheme).await;
            let size = "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
            let size = browser.asks(size).await;
            let [shown, height] =
                [0, 1].map(|at| u32::try_from(size[at].as_u64().unwrap_or_default()).unwrap_or(LONGEST));
            if shown > *width {
                println!("{name} is {shown} wide");
            }
            self.save(browser, &format!("{name}-{width}-{scheme}"), *width, height.min(LONGEST)).await;
        }
        browser.width(1440).await;
        browser.colours("light").await;
        if name == "ledgers" {
            // The picture of the README: as much as a screen shows.
            self.save(browser, "readme", 1440, 900).await;
        }
    }
}
