//! Several people, or programs, at once.

use super::{Filled, form, with_standard};
use crate::order_pages::shop::{percent, program, rows};
use partnerbook::domain::program::Level;
use partnerbook::running::settings::queries as settings;
use partnerbook::selling::programs;
use std::sync::mpsc::channel;
use std::time::Duration;

#[test]
fn two_people_who_edit_a_program_are_told_and_decide() {
    let (shop, administrator, standard) = with_standard();
    let opened = form(&administrator, standard);
    form(&administrator, standard)
        .with("default-level_1-sale_percent", "20")
        .with("name", "Generous")
        .send(&administrator);
    let page = opened.with("default-level_1-sale_percent", "15").with("priority", "3").send(&administrator);
    assert_eq!(page.status, 422);
    page.says("Somebody has saved this program since you opened it.");
    let compared = rows(&page, ".compare tbody");
    assert_eq!(
        compared,
        [
            "Name | Generous | Standard",
            "Priority | 1 | 3",
            "Default rule | 20 %, parent 3 % | 15 %, parent 3 %",
        ]
    );
    shop.viewer.get("/programs").says("Generous 20 %");
    // Saved again, knowingly.
    let again = Filled::of(&page, &format!("/programs/{standard}")).send(&administrator);
    assert_eq!(again.status, 303, "{}", again.text());
    shop.viewer.get("/programs").says("Standard 15 %");
}

#[test]
fn priorities_are_saved_together_and_only_where_they_are_as_shown() {
    let (shop, administrator, standard) = with_standard();
    let special = shop.program(program("Special", &[(Level::One, percent("20"))]));
    let order = || {
        rows(&shop.viewer.get("/programs"), "tbody")
            .iter()
            .map(|row| row[..7].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(), ["1 | Sta", "1 | Spe"]);
    let list = || Filled::of(&administrator.get("/programs"), "/programs/priorities");
    let (mine, theirs) = (format!("priority-{special}"), format!("priority-{standard}"));
    let opened = list();
    let page = list().with(&theirs, "2").send(&administrator);
    administrator
        .get(page.location())
        .says("Saved. 1 program has another priority from now on, and a new version.");
    assert_eq!(order(), ["1 | Spe", "2 | Sta"]);
    assert_eq!(rows(&shop.viewer.get(&format!("/programs/{special}/versions")), "tbody").len(), 1);
    // The list that was opened before shows another order than the one that is saved.
    let page = opened.with(&mine, "5").send(&administrator);
    assert_eq!(page.status, 422);
    page.says("Somebody has changed this program’s priority since you opened the list.");
    assert_eq!(order(), ["1 | Spe", "2 | Sta"]);
    let page = list().with(&mine, "0").with(&theirs, "x").send(&administrator);
    assert_eq!(page.status, 422);
    page.says("2 things need another look:");
    assert_eq!(page.attribute(&format!("#{theirs}"), "value"), "x");
    let page = list().send(&administrator);
    administrator.get(page.location()).says("Nothing to save.");
}

/// A version says under which Referral Partner Defaults it was made. A program that is made while they
/// are being saved waits for them.
#[test]
fn a_program_made_while_the_defaults_are_saved_is_made_under_the_new_ones() {
    let (shop, ..) = with_standard();
    let db = shop.app.database.db.clone();
    let (saying, said) = channel();
    let (telling, told) = channel::<()>();
    let saver = std::thread::spawn({
        let db = db.clone();
        move || {
            db.run_now(|conn| {
                settings::lock_defaults(conn)?;
                let (mut defaults, _) = settings::defaults(conn)?;
                defaults.payout.levels = 3;
                settings::save_defaults(conn, &defaults)?;
                saying.send(()).expect("the test waits");
                // Until the other one has had its time to overtake.
                let _ = told.recv_timeout(Duration::from_secs(2));
                Ok(())
            })
        }
    });
    said.recv().expect("it is saving");
    let made =
        db.run_now(|conn| programs::save(conn, &[program("Late", &[(Level::One, percent("5"))])], None));
    drop(telling);
    saver.join().expect("no panic").expect("the defaults are saved");
    let late = made.expect("the program is made")[0];
    let page = shop.viewer.get(&format!("/programs/{late}/versions/1"));
    assert!(!page.text().contains("off: # of Levels"), "made under the old defaults: {}", page.text());
}
