//! The way through the application by its own links and forms: nobody has to tell this test of a new page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use partnerbook::routes::ROUTES;
use partnerbook::web::routing::RouteTable;
use scraper::{Html, Selector};

use super::forms::{Button, Form, Kind};
use crate::support::http::{Page, Visitor};

/// So many pages of the same kind are looked at.
const ALIKE: usize = 3;

/// A form as it was sent: what it held, where that was not what the page offered.
#[derive(Debug, Clone)]
pub struct Sent {
    pub signature: String,
    pub typed: Vec<(usize, Option<Vec<u8>>)>,
    pub button: Option<Button>,
}

/// Where a form was found: a page, and the forms that were sent from there.
#[derive(Debug, Clone)]
pub struct Origin {
    pub page: String,
    pub sent: Vec<Sent>,
}

/// A form, and all the places where it stands.
pub struct Found {
    pub form: Form,
    pub origins: Vec<Origin>,
}

/// What has been found so far.
pub struct Walk<'a> {
    pub visitor: &'a Visitor,
    table: RouteTable,
    /// What a valid user would fill in besides what the page offers.
    fill: fn(&Form, usize) -> Vec<Option<Vec<u8>>>,
    waiting: VecDeque<String>,
    met: BTreeSet<String>,
    alike: BTreeMap<String, usize>,
    /// By route: pages of which enough others were looked at.
    spare: BTreeMap<&'static str, Vec<String>>,
    pub forms: BTreeMap<String, Found>,
    /// Of these routes pages were seen.
    pub seen: BTreeSet<&'static str>,
    /// What the links of these routes ask for, and an address of each.
    pub asked: BTreeMap<&'static str, (String, BTreeSet<String>)>,
    /// Pages that are no record's.
    lists: BTreeSet<String>,
    looked_again: BTreeSet<String>,
    pub trouble: Vec<String>,
    /// Nobody goes there: it would end the walk.
    avoid: Vec<String>,
    times: usize,
}

impl<'a> Walk<'a> {
    pub fn new(
        visitor: &'a Visitor,
        fill: fn(&Form, usize) -> Vec<Option<Vec<u8>>>,
        avoid: &[&str],
    ) -> Walk<'a> {
        Walk {
            visitor,
            table: RouteTable::new(ROUTES),
            fill,
            waiting: VecDeque::new(),
            met: BTreeSet::new(),
            alike: BTreeMap::new(),
            spare: BTreeMap::new(),
            forms: BTreeMap::new(),
            seen: BTreeSet::new(),
            asked: BTreeMap::new(),
            lists: BTreeSet::new(),
            looked_again: BTreeSet::new(),
            trouble: Vec::new(),
            avoid: avoid.iter().map(ToString::to_string).collect(),
            times: 0,
        }
    }

    /// The pattern of the route that an address belongs to.
    pub fn route(&self, method: &str, address: &str) -> Option<&'static str> {
        self.table.route(method, address.split('?').next()?).map(|route| route.path)
    }

    pub fn signature(&self, form: &Form) -> String {
        let method = if form.posts { "POST" } else { "GET" };
        form.signature(self.route(method, &form.action).unwrap_or("nowhere"))
    }

    /// Filled in as somebody would who has nothing bad in mind.
    pub fn valid(&mut self, form: &Form) -> Vec<Option<Vec<u8>>> {
        self.times += 1;
        (self.fill)(form, self.times)
    }

    /// Notes an address to be visited, unless there were enough of its kind.
    pub fn notice(&mut self, address: &str) {
        let address = address.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let Some(route) = self.route("GET", path) else { return };
        if self.avoid.iter().any(|avoided| avoided == path) {
            return;
        }
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let asked = self.asked.entry(route).or_insert_with(|| (path.to_string(), BTreeSet::new()));
        asked.1.extend(fields.iter().map(|(name, _)| name.clone()));
        // What chooses between pages is told by its value, the rest by its name.
        let asked: BTreeSet<String> = fields
            .into_iter()
            .map(
                |(name, value)| {
                    if ["kind", "show"].contains(&name.as_str()) { format!("{name}={value}") } else { name }
                },
            )
            .collect();
        let sort = format!("{route} {asked:?}");
        let count = self.alike.entry(sort).or_default();
        if self.met.contains(address) {
            return;
        }
        if *count < ALIKE {
            *count += 1;
            self.met.insert(address.to_string());
            self.waiting.push_back(address.to_string());
        } else {
            self.spare.entry(route).or_default().push(address.to_string());
        }
    }

    /// Looks at some of the pages that were passed by, of a route or of those around it. Whether there were any.
    pub fn more(&mut self, route: &str) -> bool {
        let around = route.rfind('}').map_or(route, |end| &route[..=end]);
        let mut any = false;
        for (other, spare) in &mut self.spare {
            if *other != route && !other.starts_with(around) {
                continue;
            }
            // The latest: what was made just now is whole.
            let mut left = ALIKE;
            while let Some(address) = spare.pop().filter(|_| left > 0) {
                if self.met.insert(address.clone()) {
                    self.waiting.push_back(address);
                    (left, any) = (left - 1, true);
                }
            }
        }
        self.go();
        any
    }

    /// Looks at the lists once more, once for each form that stands nowhere: there are new records in them.
    /// Whether this was the time.
    pub fn look_again(&mut self, what: &str) -> bool {
        let first = self.looked_again.insert(what.to_string());
        if first {
            self.waiting.extend(self.lists.iter().cloned());
            self.go();
        }
        first
    }

    /// Visits all that is waiting.
    pub fn go(&mut self) {
        while let Some(address) = self.waiting.pop_front() {
            let page = self.visitor.get(&address);
            if page.status >= 500 {
                self.trouble.push(format!("{address} answers {}: {}", page.status, page.text()));
            }
            if page.status == 200 {
                let route = self.route("GET", &address).unwrap_or_default();
                self.seen.insert(route);
                if !route.contains(['{', '.']) && (!address.contains('?') || address.contains("show=")) {
                    self.lists.insert(address.clone());
                }
            }
            self.harvest(&page, &Origin { page: address, sent: Vec::new() });
        }
    }

    /// Notes the links and the forms of a page.
    pub fn harvest(&mut self, page: &Page, origin: &Origin) {
        if page.status == 303 {
            let location = page.header("location").to_string();
            return self.notice(&location);
        }
        if !page.header("content-type").starts_with("text/html") {
            return;
        }
        let links: Vec<String> = {
            let html = Html::parse_document(&page.html);
            let links = Selector::parse("a[href^='/']").expect("a selector");
            html.select(&links).filter_map(|link| Some(link.value().attr("href")?.to_string())).collect()
        };
        links.iter().for_each(|link| self.notice(link));
        for form in Form::all(page, &origin.page) {
            let signature = self.signature(&form);
            if self.avoid.contains(&form.action) {
                continue;
            }
            let found = self.forms.entry(signature).or_insert_with(|| Found { form, origins: Vec::new() });
            // A page that was looked at again is no other place.
            let is_known = |known: &Origin| known.page == origin.page && known.sent.is_empty();
            let is_same = origin.sent.is_empty() && found.origins.iter().any(is_known);
            if found.origins.len() < 12 && !is_same {
                found.origins.push(origin.clone());
            }
        }
    }

    /// The form as it stands there now; none where it has gone.
    pub fn open(&mut self, signature: &str, origin: &Origin) -> Option<Form> {
        let mut page = self.visitor.get(&origin.page);
        for sent in &origin.sent {
            let form = self.find(&page, &sent.signature, &origin.page)?;
            let mut values = form.filled();
            for (place, typed) in &sent.typed {
                *values.get_mut(*place)? = typed.clone();
            }
            page = form.send(self.visitor, &values, sent.button.as_ref());
        }
        self.find(&page, signature, &origin.page)
    }

    /// The form of this signature on a page.
    pub fn find(&self, page: &Page, signature: &str, address: &str) -> Option<Form> {
        if page.status == 303 {
            return None;
        }
        Form::all(page, address).into_iter().find(|form| self.signature(form) == signature)
    }
}

/// Whether a form has something to type into, and is not only a button.
pub fn is_typed_into(form: &Form) -> bool {
    form.open_to_all().any(|(_, field)| !matches!(field.kind, Kind::Hidden | Kind::Choice))
}
