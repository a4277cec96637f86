//! What the pages of coupon codes show.

use super::forms::CouponForm;
use super::queries::CouponRow;
use crate::domain::ids::CouponId;
use crate::people::names::Person;
use crate::web::admin::{Administrator, Viewer};
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, Utc};

/// The list.
#[derive(Template)]
#[template(path = "coupons/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    words: String,
    problems: Problems,
    coupons: Vec<Coupon>,
    pager: Pager,
}

/// The form of a new one.
#[derive(Template)]
#[template(path = "coupons/new.html")]
pub struct NewPage {
    layout: Layout,
    form: CouponForm,
    problems: Problems,
}

/// One code: whose it is, and who else had it.
#[derive(Template)]
#[template(path = "coupons/show.html")]
pub struct ShowPage {
    layout: Layout,
    may_change: bool,
    id: CouponId,
    coupon: Coupon,
    /// Where it can be given away; none while it is in force.
    again: Option<String>,
    others: Vec<Coupon>,
    orders: i64,
    /// The list of those orders.
    list: String,
}

/// A code for as long as it is one partner's.
pub struct Coupon {
    pub code: String,
    pub path: String,
    pub partner: Person,
    pub partner_code: String,
    pub added_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Coupon {
    fn new(row: CouponRow) -> Coupon {
        Coupon {
            path: paths::coupon(row.id),
            code: row.code,
            partner: Person::partner(row.partner_id, &row.partner_name, &row.partner_code),
            partner_code: row.partner_code,
            added_at: row.added_at,
            ended_at: row.ended_at,
        }
    }
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (words, problems): (String, Problems),
        rows: Vec<CouponRow>,
        pager: Pager,
    ) -> IndexPage {
        let layout = viewer.layout("Coupon Codes").under("CRM", "");
        let coupons = rows.into_iter().map(Coupon::new).collect();
        IndexPage { layout, may_change: viewer.may_change(), words, problems, coupons, pager }
    }
}

impl NewPage {
    pub fn new(admin: &Administrator, form: CouponForm, problems: Problems) -> NewPage {
        let layout = admin.layout("Add a coupon code").under("CRM", "");
        NewPage { layout: layout.under("Coupon Codes", paths::COUPONS).narrow(), form, problems }
    }
}

impl ShowPage {
    pub fn new(viewer: &Viewer, row: CouponRow, of_code: Vec<CouponRow>, orders: i64) -> ShowPage {
        let id = row.id;
        let is_free = of_code.iter().all(|row| row.ended_at.is_some());
        let layout = viewer.layout(format!("Coupon {}", row.code)).under("CRM", "");
        ShowPage {
            layout: layout.under("Coupon Codes", paths::COUPONS).narrow(),
            may_change: viewer.may_change(),
            id,
            again: is_free.then(|| paths::new_coupon_for("code", &row.code)),
            others: of_code.into_iter().filter(|other| other.id != id).map(Coupon::new).collect(),
            orders,
            list: paths::orders_with(&row.code),
            coupon: Coupon::new(row),
        }
    }
}
