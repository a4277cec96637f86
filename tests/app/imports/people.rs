//! What imports stand on: contacts found or made, partners made, programs under other defaults.

use super::{company, partners as all_partners, rows};
use crate::support::database;
use partnerbook::domain::ids::ContactId;
use partnerbook::people::contacts::{self, NewContact, PostalAddress};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::selling::programs;
use std::sync::Barrier;

fn person(external_id: &str, email: &str, name: &str) -> NewContact {
    let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
    let address = PostalAddress { country: "UK".into(), ..PostalAddress::default() };
    NewContact { external_id: some(external_id), email: some(email), name: name.into(), address }
}

fn partner(code: &str, email: Option<&str>) -> NewPartner {
    NewPartner {
        code: code.into(),
        name: "Ann".into(),
        email: email.map(str::to_string),
        parent: None,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: PostalAddress::default(),
    }
}

#[test]
fn contacts_found_or_made_at_once_are_the_same() {
    let database = database();
    let start = Barrier::new(8);
    let people: Vec<NewContact> =
        (0..50).map(|n| person(&format!("{n}"), &format!("P{n}@example.com"), "Ann")).collect();
    let found: Vec<Vec<ContactId>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let ids = database.db.run_now(|conn| contacts::find_or_make(conn, &people));
                    ids.expect("contacts are found or made")
                })
            })
            .collect();
        running.into_iter().map(|ids| ids.join().expect("it does not panic")).collect()
    });
    assert!(found.iter().all(|ids| *ids == found[0]));
    assert_eq!(rows(&database.db, "SELECT count(*)::text AS value FROM contacts"), ["50"]);
}

#[test]
fn what_a_contact_lacks_is_filled_and_nothing_is_overwritten() {
    let database = database();
    let find =
        |people: &[NewContact]| database.db.run_now(|conn| contacts::find_or_make(conn, people)).unwrap();
    let first = find(&[person("7", "", ""), person("", "zoe@example.com", "Zoe")]);
    let again = find(&[
        person("7", "ann@example.com", "Ann"),
        person("8", "ZOE@example.com", "Zoë"),
        person("7", "zoe@example.com", "Else"),
        person("9", "zoe@example.com", "Eve"),
    ]);
    assert_eq!(again[..3], [first[0], first[1], first[0]]);
    let shown = "SELECT concat_ws(' ', external_id, email, name, country) AS value FROM contacts ORDER BY id";
    assert_eq!(
        rows(&database.db, shown),
        ["7 ann@example.com Ann UK", "8 zoe@example.com Zoe UK", "9 Eve UK"],
        "the e-mail stays with the contact that has it"
    );
}

#[test]
fn a_partner_is_a_person_of_its_own_with_a_code_of_its_own() {
    let company = company();
    let make = |new: NewPartner| company.db.run_now(|conn| partners::make(conn, &[new]));
    let before = all_partners(&company.db);
    let email =
        make(partner("n1", Some("RP1@example.com"))).expect_err("the e-mail is another's").to_string();
    assert_eq!(email, "An e-mail is another partner's already. Each partner is a person of its own.");
    let code = make(partner("RP1", None)).expect_err("the code is another's").to_string();
    assert_eq!(code, "A code is, or was, another partner's. Codes are never used again.");
    assert_eq!(all_partners(&company.db), before);
    // A customer who becomes a partner is called as the partner's record says.
    make(partner("zoe", Some("zoe@example.com"))).expect("a new partner");
    assert_eq!(all_partners(&company.db)[3], "zoe Ann Zoe@example.com of active");
    let loops = company.db.run_now(|conn| {
        let ids = partners::by_code(conn, &["rp1".into(), "RP2".into()])?;
        partners::set_parents(conn, &[(ids["rp1"], ids["rp2"])])
    });
    let said = loops.expect_err("rp2 is rp1's recruit").to_string();
    assert_eq!(said, "A partner would be recruited by its own recruit. Choose another parent.");
}

#[test]
fn other_defaults_give_every_program_a_version_with_the_same_rules() {
    let company = company();
    let before = company.db.read_now(programs::in_force).expect("programs can be read");
    company.psql("UPDATE defaults SET levels = 3, payout_lead = true");
    let changed =
        company.db.run_now(|conn| programs::new_versions_for_defaults(conn, None)).expect("they are made");
    let after = company.db.read_now(programs::in_force).expect("programs can be read");
    assert_eq!(changed, [before[0].id]);
    assert_ne!(after[0].version, before[0].version);
    let rates = "SELECT string_agg(concat_ws(' ', level, sale_percent), ', ' ORDER BY level) AS value
                 FROM program_rates JOIN program_rules ON program_rules.id = rule_id GROUP BY program_version_id";
    assert_eq!(rows(&company.db, rates), ["1 10, 2 3", "1 10, 2 3"]);
    let flags =
        "SELECT concat_ws(' ', number, levels, payout_lead) AS value FROM program_versions ORDER BY number";
    assert_eq!(rows(&company.db, flags), ["1 2 f", "2 3 t"]);
}
