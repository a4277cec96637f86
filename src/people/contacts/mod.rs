//! Contacts: leads and customers, and the person behind every partner. Others call
//! [`find_or_make`] with what they know of people, and get the contacts that these are.

pub mod handlers;
pub mod pages;
pub mod privacy;
mod queries;
pub mod record;

use crate::domain::ids::{ContactId, PartnerId, WebFormId};
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, PgConnection, QueryResult};
use std::collections::HashMap;

/// How often two transactions may get in each other's way before we give up: each time the other's
/// contact is found where ours was to be made, so a second time is rare already.
const TRIES: usize = 5;

/// What is known of a person who may be a contact already (spec 1: known by e-mail, and by
/// `external_id` where it came from another system).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewContact {
    pub external_id: Option<String>,
    pub email: Option<String>,
    pub name: String,
    pub address: PostalAddress,
}

/// A postal address; empty where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostalAddress {
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
}

/// Who is a contact's sales rep: the sale partner of its later orders that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SalesRep {
    pub partner: PartnerId,
    /// The form that said so; none: somebody did by hand.
    pub form: Option<WebFormId>,
}

/// Finds the contacts that these people are, and makes those that are not known yet; the result has
/// the order of the list.
///
/// Known by `external_id` first, then by e-mail without regard to case; equal ones within the list
/// are one. What a contact lacks is filled, nothing is overwritten. Where the `external_id` says one
/// contact and the e-mail another, the first is meant, and the e-mail stays where it is. Who comes
/// with neither is a new contact each time.
pub fn find_or_make(conn: &mut PgConnection, contacts: &[NewContact]) -> Result<Vec<ContactId>, AppError> {
    Ok(found_or_made(conn, contacts)?.into_iter().map(|(id, _)| id).collect())
}

/// The same for one person, and whether the contact is new.
pub fn find_or_make_one(
    conn: &mut PgConnection,
    contact: &NewContact,
) -> Result<(ContactId, bool), AppError> {
    let found = found_or_made(conn, std::slice::from_ref(contact))?.into_iter().next();
    found.ok_or_else(|| anyhow::anyhow!("no contact was found or made").into())
}

fn found_or_made(
    conn: &mut PgConnection,
    contacts: &[NewContact],
) -> Result<Vec<(ContactId, bool)>, AppError> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    for _ in 0..TRIES {
        let found = queries::matching(conn, contacts)?;
        let mut register = Register::of(found.contacts);
        let places: Vec<usize> = contacts
            .iter()
            .zip(&found.folded)
            .map(|(contact, folded)| register.place(contact, folded))
            .collect();
        if let Some(ids) = register.write(conn)? {
            return Ok(places.into_iter().map(|place| ids[place]).collect());
        }
    }
    Err(anyhow::anyhow!("contacts were changed by others {TRIES} times in a row").into())
}

/// First and last name as one.
pub fn full_name(first: &str, last: &str) -> String {
    format!("{first} {last}").trimmed().to_string()
}

/// A contact has said that it wants e-mail.
pub fn opt_in(conn: &mut PgConnection, id: ContactId) -> Result<(), AppError> {
    Ok(queries::opt_in(conn, id)?)
}

/// Makes a partner the sales rep of a contact that has none, as a form says. Who has one keeps it.
pub fn give_sales_rep(
    conn: &mut PgConnection,
    id: ContactId,
    partner: PartnerId,
    form: WebFormId,
) -> Result<(), AppError> {
    Ok(queries::give_sales_rep(conn, id, partner, form)?)
}

/// The sales reps of those of these contacts that have one.
pub fn sales_reps(
    conn: &mut PgConnection,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, SalesRep>, AppError> {
    Ok(queries::sales_reps(conn, contacts)?)
}

/// The contact that somebody means who types an e-mail, a number from elsewhere, or `#` and our own
/// number (what `forms::pick` offers).
pub fn by_typed(conn: &mut PgConnection, typed: &str) -> Result<Option<ContactId>, AppError> {
    Ok(queries::by_typed(conn, typed.trimmed())?)
}

/// The contacts in question, as they are and as they are to be.
struct Register {
    known: Vec<Known>,
    by_external_id: HashMap<String, usize>,
    /// By the e-mail in lower case, as the database folds it.
    by_email: HashMap<String, usize>,
}

/// One of them.
#[derive(Debug, Clone, Default)]
struct Known {
    /// None: to be made.
    id: Option<ContactId>,
    /// As it was read; somebody may edit the contact meanwhile.
    version: i32,
    contact: NewContact,
    /// Something was filled in.
    changed: bool,
}

impl Register {
    fn of(found: Vec<queries::Found>) -> Register {
        let mut register =
            Register { known: Vec::new(), by_external_id: HashMap::new(), by_email: HashMap::new() };
        for (found, folded) in found.into_iter().map(queries::Found::parts) {
            register.add(found, folded.as_deref());
        }
        register
    }

    fn add(&mut self, known: Known, folded: Option<&str>) -> usize {
        let place = self.known.len();
        if let Some(external_id) = &known.contact.external_id {
            self.by_external_id.insert(external_id.clone(), place);
        }
        if let Some(folded) = folded {
            self.by_email.insert(folded.to_string(), place);
        }
        self.known.push(known);
        place
    }

    /// Where this person stands in the register, new or known; what the known one lacked is filled.
    fn place(&mut self, contact: &NewContact, folded: &Option<String>) -> usize {
        let by_external_id = contact.external_id.as_ref().and_then(|id| self.by_external_id.get(id)).copied();
        let by_email = folded.as_ref().and_then(|email| self.by_email.get(email)).copied();
        // An e-mail does not make two customers of another system one.
        let is_another =
            |place: &usize| contact.external_id.is_some() && self.known[*place].contact.external_id.is_some();
        let place = by_external_id.or(by_email.filter(|place| !is_another(place)));
        let email_is_free = by_email.is_none();
        match place {
            Some(place) => {
                self.fill(place, contact, folded.as_deref().filter(|_| email_is_free));
                place
            }
            None => {
                let mut contact = contact.clone();
                contact.email = contact.email.filter(|_| email_is_free);
                let folded = folded.as_deref().filter(|_| email_is_free);
                self.add(Known { contact, ..Known::default() }, folded)
            }
        }
    }

    fn fill(&mut self, place: usize, given: &NewContact, free_email: Option<&str>) {
        let known = &mut self.known[place];
        let mut filled = false;
        if known.contact.external_id.is_none()
            && let Some(external_id) = &given.external_id
        {
            known.contact.external_id = Some(external_id.clone());
            self.by_external_id.insert(external_id.clone(), place);
            filled = true;
        }
        if known.contact.email.is_none()
            && let Some(folded) = free_email
        {
            known.contact.email = given.email.clone();
            self.by_email.insert(folded.to_string(), place);
            filled = true;
        }
        if known.contact.name.is_empty() && !given.name.is_empty() {
            known.contact.name = given.name.clone();
            filled = true;
        }
        filled |= known.contact.address.fill(&given.address);
        known.changed |= filled && known.id.is_some();
    }

    /// Writes what is new and what was filled; the ids by place, and which are new. None: another transaction was
    /// faster with one of them, so look again.
    fn write(self, conn: &mut PgConnection) -> QueryResult<Option<Vec<(ContactId, bool)>>> {
        let changed: Vec<&Known> = self.known.iter().filter(|known| known.changed).collect();
        let new: Vec<&NewContact> =
            self.known.iter().filter(|known| known.id.is_none()).map(|known| &known.contact).collect();
        // A savepoint, so that what was written before the clash is not there the next time.
        let written = conn.transaction(|conn| {
            if queries::fill(conn, &changed)? < changed.len() {
                return Err(Error::RollbackTransaction);
            }
            queries::insert(conn, &new)
        });
        let mut made = match written {
            Ok(made) => made.into_iter(),
            Err(Error::RollbackTransaction | Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut id = |known: &Known| known.id.or_else(|| made.next()).map(|id| (id, known.id.is_none()));
        Ok(self.known.iter().map(&mut id).collect())
    }
}

impl PostalAddress {
    /// Takes over what is missing here: a whole address where there is none, or the country alone.
    /// Lines of two addresses are never mixed. Tells whether anything was.
    fn fill(&mut self, other: &PostalAddress) -> bool {
        let has_lines = [&self.line1, &self.line2, &self.city, &self.state, &self.postal_code]
            .iter()
            .any(|part| !part.is_empty());
        let before = self.clone();
        let agrees = self.country.is_empty() || other.country.is_empty() || self.country == other.country;
        if !has_lines && agrees {
            let country = std::mem::take(&mut self.country);
            *self = other.clone();
            if self.country.is_empty() {
                self.country = country;
            }
        } else if self.country.is_empty() {
            self.country = other.country.clone();
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(external_id: &str, email: &str, name: &str) -> (NewContact, Option<String>) {
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        let contact = NewContact {
            external_id: some(external_id),
            email: some(email),
            name: name.into(),
            address: PostalAddress::default(),
        };
        (contact, some(&email.to_lowercase()))
    }

    fn places(register: &mut Register, people: &[(NewContact, Option<String>)]) -> Vec<usize> {
        people.iter().map(|(contact, folded)| register.place(contact, folded)).collect()
    }

    #[test]
    fn equal_ones_are_one_and_what_is_missing_is_filled() {
        let mut register = Register::of(Vec::new());
        let people = [
            person("7", "", ""),
            person("", "Ann@x.org", "Ann"),
            person("7", "ann@X.org", "A"),
            person("7", "b@x.org", "B"),
        ];
        assert_eq!(places(&mut register, &people), [0, 1, 0, 0]);
        // The e-mail of the third is the second's; the fourth's is free.
        assert_eq!(register.known[0].contact, person("7", "b@x.org", "A").0);
        assert_eq!(register.known[1].contact.email.as_deref(), Some("Ann@x.org"));
    }

    #[test]
    fn an_email_does_not_make_two_customers_of_another_system_one() {
        let mut register = Register::of(Vec::new());
        let people =
            [person("7", "ann@x.org", ""), person("8", "ann@x.org", ""), person("", "ann@x.org", "")];
        assert_eq!(places(&mut register, &people), [0, 1, 0]);
        assert_eq!(register.known[1].contact.email, None);
    }

    #[test]
    fn who_has_neither_number_nor_email_is_new_each_time() {
        let mut register = Register::of(Vec::new());
        assert_eq!(places(&mut register, &[person("", "", "Ann"), person("", "", "Ann")]), [0, 1]);
    }

    #[test]
    fn addresses_are_not_mixed() {
        let given = PostalAddress { line1: "1 Road".into(), country: "UK".into(), ..Default::default() };
        let mut none = PostalAddress { country: "UK".into(), ..Default::default() };
        assert!(none.fill(&given));
        assert_eq!(none, given);
        let mut other = PostalAddress { city: "Rome".into(), ..Default::default() };
        assert!(other.fill(&given));
        assert_eq!(other, PostalAddress { city: "Rome".into(), country: "UK".into(), ..Default::default() });
    }
}
