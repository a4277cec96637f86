//! The search in the top bar: partners, codes, contacts, orders and batches at once.

pub mod choices;
mod queries;

use actix_web::HttpResponse;
use askama::Template;
use diesel::PgConnection;

use self::queries::{BatchHit, ContactHit, OrderHit, PartnerHit};
use crate::error::AppError;
use crate::people::names::{Person, shown};
use crate::web::admin::Viewer;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems};
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::list::Address;
use crate::web::{App, paths};

/// How many of a kind are shown.
const SHOWN: i64 = 10;

/// What was found.
#[derive(Template)]
#[template(path = "search/show.html")]
struct SearchPage {
    layout: Layout,
    words: String,
    problems: Problems,
    /// Of all kinds, where the words are all of a name, code, e-mail or number.
    exact: Vec<Hit>,
    groups: Vec<Group>,
}

/// Hits of one kind.
struct Group {
    name: &'static str,
    hits: Vec<Hit>,
    /// Where all of them are, if they are more.
    more: Option<String>,
}

/// Something that was found.
struct Hit {
    kind: &'static str,
    name: String,
    path: String,
    /// Its code, e-mail or date.
    note: String,
    inactive: bool,
    exact: bool,
}

/// As they were read; one more of each than is shown tells that there are more.
#[derive(Default)]
struct Found {
    partners: Vec<PartnerHit>,
    contacts: Vec<ContactHit>,
    orders: Vec<OrderHit>,
    batches: Vec<BatchHit>,
}

/// `GET /search?q=`
pub async fn show(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let typed = query.get("q").to_string();
    let words = problems.optional_text("q", "What to look for", &typed, 200);
    let is_sound = problems.is_empty();
    let asked = words.clone();
    let found =
        app.db.read(move |conn| if is_sound { find(conn, &asked) } else { Ok(Found::default()) }).await?;
    let format = viewer.company.format();
    let mut groups = groups(found, &words, &format);
    let exact = groups.iter_mut().flat_map(|group| take_exact(&mut group.hits)).collect();
    groups.retain(|group| !group.hits.is_empty());
    let layout = viewer.layout("Search").searching(typed).narrow();
    let found = SearchPage { layout, words, problems, exact, groups };
    if is_sound { page(&found) } else { page_with_problems(&found) }
}

fn find(conn: &mut PgConnection, words: &str) -> Result<Found, AppError> {
    if words.is_empty() {
        return Ok(Found::default());
    }
    Ok(Found {
        partners: queries::partners(conn, words, SHOWN + 1)?,
        contacts: queries::contacts(conn, words, SHOWN + 1)?,
        orders: queries::orders(conn, words, SHOWN + 1)?,
        batches: queries::batches(conn, words, SHOWN + 1)?,
    })
}

fn groups(found: Found, words: &str, format: &Format) -> Vec<Group> {
    let query = FormData::from([("q", words)]);
    let group = |name, mut hits: Vec<Hit>, list: Option<&str>| {
        let more = i64::try_from(hits.len()).is_ok_and(|n| n > SHOWN);
        hits.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
        let all = list.filter(|_| more).map(|list| Address::new(list, &query).to_string());
        Group { name, hits, more: all }
    };
    vec![
        group("Referral partners", found.partners.into_iter().map(partner).collect(), Some(paths::PARTNERS)),
        group("Contacts", found.contacts.into_iter().map(contact).collect(), Some(paths::CONTACTS)),
        group("Orders", found.orders.into_iter().map(|o| order(o, format)).collect(), Some(paths::ORDERS)),
        group("Batches", found.batches.into_iter().map(|b| batch(b, format)).collect(), None),
    ]
}

fn take_exact(hits: &mut Vec<Hit>) -> Vec<Hit> {
    let (exact, rest) = std::mem::take(hits).into_iter().partition(|hit| hit.exact);
    *hits = rest;
    exact
}

fn partner(hit: PartnerHit) -> Hit {
    let person = Person::partner(hit.id, &hit.name, &hit.code);
    let note = if hit.email.is_empty() { hit.code } else { format!("{} · {}", hit.code, hit.email) };
    let (name, path) = (person.name, person.path);
    Hit { kind: "Partner", name, path, note, inactive: !hit.active, exact: hit.exact }
}

fn contact(hit: ContactHit) -> Hit {
    let number = format!("Contact {}", hit.id);
    let note = if hit.email.is_empty() { hit.external_id } else { hit.email };
    let person = Person::contact(hit.id, &hit.name, &shown(&note, &number));
    let (name, path) = (person.name, person.path);
    let note = if note == name { String::new() } else { note };
    Hit { kind: "Contact", name, path, note, inactive: false, exact: hit.exact }
}

fn order(hit: OrderHit, format: &Format) -> Hit {
    let day = format.day(&hit.ordered_on);
    let note = if hit.contact.is_empty() { day } else { format!("{day} · {}", hit.contact) };
    Hit {
        kind: "Order",
        name: hit.number,
        path: paths::order(hit.id),
        note,
        inactive: false,
        exact: hit.exact,
    }
}

fn batch(hit: BatchHit, format: &Format) -> Hit {
    let (path, note) = (paths::payment_batch(hit.id), format.day(&hit.paid_on));
    Hit { kind: "Batch", name: hit.batch_id, path, note, inactive: false, exact: hit.exact }
}
