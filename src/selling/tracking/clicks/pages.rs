//! What the page of a partner's clicks shows.

use super::device::device;
use super::forms::{BECAME, Search, SearchForm, WHO, Who};
use super::queries::{ClickRow, Totals};
use crate::domain::ids::LinkId;
use crate::people::names::Person;
use crate::people::partners::pages::Head;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager};
use crate::web::{paths, range};
use askama::Template;
use chrono::{DateTime, Utc};
use url::Url;

/// The clicks of a partner: a tab of its page.
#[derive(Template)]
#[template(path = "partners/clicks.html")]
pub struct ClicksPage {
    layout: Layout,
    head: Head,
    form: SearchForm,
    problems: Problems,
    presets: Vec<(&'static str, &'static str, bool)>,
    links: Vec<(String, String)>,
    /// None where the search means nothing.
    shown: Option<Shown>,
}

struct Shown {
    range: String,
    totals: Totals,
    clicks: Vec<Click>,
    pager: Pager,
    export: Address,
}

/// What was found.
pub struct Found {
    pub totals: Totals,
    pub rows: Vec<ClickRow>,
    pub pager: Pager,
    /// Where all of it is a file.
    pub export: Address,
}

struct Click {
    at: DateTime<Utc>,
    robot: bool,
    /// Name and page; none: the partner's own address.
    link: Option<(String, String)>,
    /// The shop that reported it; empty: it came through a link or the partner's own address.
    site: String,
    /// The host that it came from, or that there was none.
    from: String,
    campaign: String,
    device: String,
    visitor: String,
    contact: Option<Person>,
    is_lead: bool,
    orders: Vec<(String, String)>,
    /// Everything that is kept of it beside, each with what it is.
    more: Vec<(&'static str, String)>,
    expires_at: Option<DateTime<Utc>>,
    expired: bool,
}

impl ClicksPage {
    pub fn new(
        viewer: &Viewer,
        head: Head,
        (form, problems): (SearchForm, Problems),
        links: Vec<(LinkId, String)>,
        found: Option<(Search, Found)>,
        now: DateTime<Utc>,
    ) -> ClicksPage {
        let layout = head.layout(viewer);
        let period = found.as_ref().map(|(search, _)| search.period);
        let shown = found.map(|(search, found)| Shown {
            range: range::words(&search.period, &layout.format),
            totals: found.totals,
            clicks: found.rows.into_iter().map(|row| Click::new(row, now)).collect(),
            pager: found.pager,
            export: found.export,
        });
        let named = [(String::new(), "Any link".to_string()), ("own".to_string(), "Own address".to_string())];
        let links = links.into_iter().map(|(id, name)| (id.to_string(), name));
        ClicksPage {
            presets: range::presets(period, viewer.today()),
            layout,
            head,
            form,
            problems,
            links: named.into_iter().chain(links).collect(),
            shown,
        }
    }

    fn path(&self) -> String {
        paths::partner_tab(self.head.id, "clicks")
    }

    fn who_options(&self) -> [(&'static str, &'static str); 3] {
        WHO.map(|(_, word, words)| (word, words))
    }

    fn became_options(&self) -> [(&'static str, &'static str); 3] {
        BECAME.map(|(_, word, words)| (word, words))
    }
}

impl Click {
    fn new(row: ClickRow, now: DateTime<Utc>) -> Click {
        let orders = row.orders().into_iter().map(|(id, number)| (number, paths::order(id))).collect();
        let campaign = [&row.utm_source, &row.utm_medium, &row.utm_campaign];
        let campaign: Vec<_> = campaign.into_iter().filter(|part| !part.is_empty()).cloned().collect();
        let more = [
            ("Page", &row.page),
            ("Came from", &row.referrer),
            ("Passed on", &row.query),
            ("Term", &row.utm_term),
            ("Content", &row.utm_content),
            ("Browser", &row.user_agent),
            ("IP address", &row.address),
        ];
        Click {
            at: row.clicked_at,
            robot: row.robot,
            link: row.link_id.map(|id| (row.link_name.clone(), paths::link(id))),
            site: host(&row.page),
            from: host(&row.referrer),
            campaign: campaign.join(" · "),
            device: device(&row.user_agent),
            visitor: row.visitor_id.map(|id| format!("Visitor {id}")).unwrap_or_default(),
            contact: row.contact_id.map(|id| Person::contact(id, &row.contact_name, &row.contact_otherwise)),
            is_lead: row.is_lead,
            orders,
            more: more
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name, value.clone()))
                .collect(),
            expires_at: row.expires_at,
            expired: row.expires_at.is_some_and(|end| end < now),
        }
    }
}

/// The host of the page that it came from; of what is no address the beginning.
pub fn host(referrer: &str) -> String {
    let url = Url::parse(referrer).ok();
    match url.as_ref().and_then(Url::host_str) {
        Some(host) => host.to_string(),
        None => range::shortened(referrer),
    }
}

/// How many rows the list has for whom is asked.
pub fn rows_of(totals: &Totals, who: Who) -> i64 {
    match who {
        Who::People => totals.clicks,
        Who::Robots => totals.robots,
        Who::All => totals.clicks + totals.robots,
    }
}
