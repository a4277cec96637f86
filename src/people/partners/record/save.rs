//! Writing a partner's record: the person, the partner, its programs and tags, in one transaction.

use super::{Facts, Record, Saved, Sound, Versions, lock, queries};
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::contacts::record as person;
use crate::people::partners::{self, NewPartner, by_code};
use crate::running::audit::{self, Who};
use crate::running::settings;
use crate::web::forms::Problems;
use diesel::PgConnection;
use serde_json::{Map, Value, json};

/// Makes a partner. A contact that is known by the e-mail becomes it, under the name that is given.
pub fn create(conn: &mut PgConnection, who: &Who, sound: &Sound) -> Result<Saved, AppError> {
    queries::hold_codes(conn)?;
    let (parent, problems) = check(conn, None, sound)?;
    if !problems.is_empty() {
        return Ok(Saved::Problems(problems));
    }
    let facts = &Facts { parent, ..sound.facts.clone() };
    let new = NewPartner {
        code: facts.code.clone(),
        name: sound.person.name.clone(),
        email: sound.person.email.clone(),
        parent,
        status: facts.status,
        track_leads_days: facts.track_leads_days,
        notify_on_lead: facts.notify_on_lead,
        notify_on_sale: facts.notify_on_sale,
        address: sound.person.address.clone(),
    };
    let id = partners::make(conn, &[new])?[0];
    partners::enrol(conn, &facts.programs.iter().map(|program| (id, *program)).collect::<Vec<_>>())?;
    queries::set_tags(conn, id, &facts.tags)?;
    let made = lock(conn, id)?;
    let opted_in = person::Facts { opted_in: sound.person.opted_in, ..made.person.facts.clone() };
    person::save(conn, &made.person, &opted_in)?;
    let details = json!({ "code": facts.code, "parent": parent, "status": facts.status.word(), "programs": facts.programs });
    audit::write(conn, who, "partner.create", ("partner", id.0), details)?;
    Ok(Saved::Done(id))
}

/// Saves an edited partner.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: PartnerId,
    sound: &Sound,
    versions: Versions,
) -> Result<Saved, AppError> {
    queries::hold_codes(conn)?;
    let before = lock(conn, id)?;
    refuse_closed(&before)?;
    if versions != (Versions { partner: before.version, person: before.person.version }) {
        return Ok(Saved::Stale);
    }
    let (parent, mut problems) = check(conn, Some(id), sound)?;
    // What the form does not show stays.
    let person = person::Facts {
        external_id: before.person.facts.external_id.clone(),
        sales_rep: before.person.facts.sales_rep,
        ..sound.person.clone()
    };
    if problems.is_empty() {
        problems = person::save(conn, &before.person, &person)?;
    }
    if !problems.is_empty() {
        return Ok(Saved::Problems(problems));
    }
    let mut after = Facts { parent, ..sound.facts.clone() };
    after.programs.sort_unstable();
    let mut changed = changes(&before.facts, &after);
    changed.extend(person::changes(&before.person.facts, &person));
    if changed.is_empty() {
        return Ok(Saved::Done(id));
    }
    queries::update(conn, id, &after).map_err(partners::explain)?;
    queries::set_programs(conn, id, &after.programs)?;
    queries::set_tags(conn, id, &after.tags)?;
    audit::write(conn, who, "partner.update", ("partner", id.0), Value::Object(changed))?;
    Ok(Saved::Done(id))
}

/// Deletes a partner that nothing names; gives back what does otherwise. Its contact stays, and its codes
/// are never given to another.
pub fn delete(conn: &mut PgConnection, who: &Who, id: PartnerId) -> Result<Vec<queries::Use>, AppError> {
    queries::hold_codes(conn)?;
    let record = lock(conn, id)?;
    let uses = queries::uses(conn, id)?;
    if uses.is_empty() {
        queries::take_out(conn, id)?;
        let details = json!({ "code": record.facts.code, "contact": record.person.id });
        audit::write(conn, who, "partner.delete", ("partner", id.0), details)?;
    }
    Ok(uses)
}

/// A merged partner is kept as it was; what it is now is kept with the partner that it is.
pub fn refuse_closed(record: &Record) -> Result<(), AppError> {
    person::refuse_erased(&record.person)?;
    match record.merged_into {
        None => Ok(()),
        Some(_) => Err(AppError::refused(
            "This partner was merged into another one. What was recorded of it stays; edit the partner that it is now.",
        )),
    }
}

/// Everything that stands against this record in the database; with whom the parent's code means.
fn check(
    conn: &mut PgConnection,
    own: Option<PartnerId>,
    sound: &Sound,
) -> Result<(Option<PartnerId>, Problems), AppError> {
    let mut problems = Problems::none();
    if let Some(owner) = queries::other_with_email(conn, own, sound.person.email.as_deref())? {
        problems
            .add("email", format!("{owner} has this e-mail already. Each partner is a person of its own."));
    }
    check_code(conn, own, &sound.facts.code, &mut problems)?;
    let parent = match &sound.parent_code {
        None => None,
        Some(code) => check_parent(conn, own, code, &mut problems)?,
    };
    if queries::known_programs(conn, &sound.facts.programs)? < sound.facts.programs.len() as i64 {
        problems.add("programs", "One of the programs does not exist any more. Choose again.");
    }
    Ok((parent, problems))
}

/// A code is never used again for another, and no prefix may make it equal to another's (spec 1, 2).
fn check_code(
    conn: &mut PgConnection,
    own: Option<PartnerId>,
    code: &str,
    problems: &mut Problems,
) -> Result<(), AppError> {
    match queries::code_owner(conn, code)? {
        Some(owner) if owner.id.is_some() && owner.id == own && owner.is_free_for_it => {}
        Some(owner) => {
            problems.add("code", owner.sentence(own));
            return Ok(());
        }
        None => {}
    }
    if let Some(equal) = settings::equal_links(conn, &[(code, own)])?.first() {
        problems.add("code", format!("This code cannot be used: {equal}."));
    }
    Ok(())
}

fn check_parent(
    conn: &mut PgConnection,
    own: Option<PartnerId>,
    code: &str,
    problems: &mut Problems,
) -> Result<Option<PartnerId>, AppError> {
    let code = code.to_ascii_lowercase();
    let Some(parent) = by_code(conn, std::slice::from_ref(&code))?.remove(&code) else {
        problems.add(
            "parent",
            "No partner has or had this code. Type the parent’s code, or choose from the list.",
        );
        return Ok(None);
    };
    if let Some(own) = own
        && let Some(chain) = queries::chain_down(conn, own, parent)?
    {
        let problem = match chain.len() {
            0 | 1 => "A partner cannot be its own parent.".to_string(),
            _ => format!(
                "This partner would be its own ancestor: {}. Choose another parent.",
                chain.join(" → ")
            ),
        };
        problems.add("parent", problem);
    }
    Ok(Some(parent))
}

/// What changed, for the audit log: codes, numbers and words of ours; before and after.
fn changes(before: &Facts, after: &Facts) -> Map<String, Value> {
    let mut changed = Map::new();
    let mut note = |name: &str, before: Value, after: Value| {
        if before != after {
            changed.insert(name.into(), json!([before, after]));
        }
    };
    note("code", json!(before.code), json!(after.code));
    note("parent", json!(before.parent), json!(after.parent));
    note("status", json!(before.status.word()), json!(after.status.word()));
    note("track_leads_days", json!(before.track_leads_days), json!(after.track_leads_days));
    note("notify_on_lead", json!(before.notify_on_lead), json!(after.notify_on_lead));
    note("notify_on_sale", json!(before.notify_on_sale), json!(after.notify_on_sale));
    note("programs", json!(before.programs), json!(after.programs));
    let folded = |tags: &[String]| {
        let mut tags: Vec<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
        tags.sort();
        tags
    };
    if folded(&before.tags) != folded(&after.tags) {
        changed.insert("tags".into(), json!([before.tags, after.tags]));
    }
    changed
}
