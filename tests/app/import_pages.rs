//! Imports through the browser: upload, preview, import, result; and everything that can be wrong with
//! a file or with how it comes.

mod bad_files;
mod columns;
mod uploads;
mod whole;

use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use partnerbook::runners;
use partnerbook::running::jobs::worker::{self, Worker};
use partnerbook::web::admin::Role;

use crate::support::http::{self, Page, TestApp, Visitor};
use crate::support::program::eventually;

/// The application with its worker, and an administrator at a browser.
pub struct Office {
    pub app: TestApp,
    pub ann: Visitor,
    worker: Option<Worker>,
}

/// An office with a program and three partners.
pub fn office() -> Office {
    let office = empty_office();
    let programs = "program,level,sale_percent\nStandard,1,10\nStandard,2,3\n";
    office.brings("programs", "programs.csv", programs.as_bytes());
    office.brings("partners", "partners.csv", PARTNERS.as_bytes());
    office
}

pub fn empty_office() -> Office {
    let app = http::app();
    let ann = app.sign_in_as(Role::Administrator);
    let worker = worker::start(&app.database.db, &app.clock, runners::runner);
    Office { app, ann, worker: Some(worker) }
}

pub const PARTNERS: &str = "code,name,email,parent_code,status,program\n\
    rp2,Recruit,rp2@example.com,rp1,active,Standard\n\
    rp1,Ann,rp1@example.com,,active,Standard\n\
    rp3,Gone,,rp1,inactive,\n";

pub const ORDERS: &str = "order_number,ordered_at,contact_external_id,product_code,description,quantity,unit_price,partner_code\n\
    1,2026-01-05 10:00,c1,kettle,Drip Kettle,2,50.00,rp2\n\
    2,2026-01-06 10:00,c2,cup,Cup,1,8.00,\n\
    3,2026-01-07 10:00,c1,kettle,,-1,50.00,\n\
    4,2026-01-07 11:00,c9,kettle,,-5,50.00,\n";

impl Office {
    /// Uploads a file: its page, once it has been looked at.
    pub fn uploads(&self, kind: &str, name: &str, content: &[u8]) -> (String, Page) {
        let page = self.sends(kind, name, content);
        let path = page.location().to_string();
        (path.clone(), self.waits_for(&path))
    }

    /// Uploads a file: the answer.
    pub fn sends(&self, kind: &str, name: &str, content: &[u8]) -> Page {
        self.ann.upload(&format!("/imports/new?kind={kind}"), "/imports", &[("kind", kind)], (name, content))
    }

    /// The page of an import, once nothing is under way.
    pub fn waits_for(&self, path: &str) -> Page {
        eventually("the job ends", || {
            Some(self.ann.get(path)).filter(|page| !page.html.contains("data-poll"))
        })
    }

    /// Presses the button of the preview: the page, once it is imported.
    pub fn starts(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.ann.get(path);
        let seen = page.attribute("input[name=seen]", "value");
        let fields = [fields, &[("seen", seen.as_str())]].concat();
        let answer = self.ann.post_with(&format!("{path}/start"), &page.token(), &fields);
        assert_eq!(answer.location(), path);
        self.waits_for(path)
    }

    /// Imports a file in which nothing is wrong.
    pub fn brings(&self, kind: &str, name: &str, content: &[u8]) -> Page {
        let (path, _) = self.uploads(kind, name, content);
        let page = self.starts(&path, &[]);
        page.says("Imported.");
        page
    }

    pub fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = BigInt)]
            value: i64,
        }
        let sql = format!("SELECT ({sql})::bigint AS value");
        let number: Number = sql_query(&sql).get_result(&mut self.app.database.owner()).unwrap();
        number.value
    }

    /// Stops the worker.
    pub fn closes(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop();
            assert!(worker.wait(Duration::from_secs(60)), "the worker stops");
        }
    }

    /// Starts it again.
    pub fn opens(&mut self) {
        self.worker = Some(worker::start(&self.app.database.db, &self.app.clock, runners::runner));
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop();
            worker.wait(Duration::from_secs(60));
        }
    }
}

/// The tiles of a page: name and figure.
pub fn tiles(page: &Page) -> Vec<(String, String)> {
    let figures = page.all(".stat dd:nth-of-type(1)");
    page.all(".stat dt").into_iter().zip(figures).collect()
}

pub fn tile(page: &Page, name: &str) -> String {
    let found = tiles(page).into_iter().find(|(of, _)| of == name);
    found.unwrap_or_else(|| panic!("no tile {name}: {}", page.text())).1
}
