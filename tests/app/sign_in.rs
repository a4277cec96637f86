//! Signing in and out, the first start, and the people who may sign in.

use chrono::TimeDelta;
use partnerbook::config::{FirstAdmin, Secret};
use partnerbook::running::setup;
use partnerbook::running::sign_in::attempts::{self, Begun};
use partnerbook::web::admin::Role::{self, Administrator};
use std::sync::Barrier;

use crate::support::http::{self, PASSWORD, TestApp};

const DANA: &str = "dana@fernhill.example";

fn app_with_dana() -> TestApp {
    let app = http::app();
    app.add_user("Dana Fields", DANA, Administrator);
    app
}

#[test]
fn after_signing_in_the_visitor_is_where_they_wanted_to_go() {
    let app = app_with_dana();
    let visitor = app.visitor();
    let wanted = visitor.get("/settings/users?x=1&y=2");
    let sign_in = wanted.location().to_string();
    assert_eq!(sign_in, "/sign-in?next=%2Fsettings%2Fusers%3Fx%3D1%26y%3D2");
    let next = visitor.get(&sign_in).attribute("input[name=next]", "value");
    let page = visitor.submit(
        &sign_in,
        "/sign-in",
        &[("email", " DANA@Fernhill.example "), ("password", PASSWORD), ("next", &next)],
    );
    assert_eq!(page.location(), "/settings/users?x=1&y=2");
    visitor.get("/settings/users").says("Dana Fields").says("Sign out");
}

#[test]
fn nobody_is_led_to_another_site_after_signing_in() {
    let app = app_with_dana();
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let fields = [("email", DANA), ("password", PASSWORD), ("next", next)];
        assert_eq!(app.visitor().post_form("/sign-in", &fields).location(), "/", "{next}");
    }
}

#[test]
fn an_unknown_e_mail_and_a_wrong_password_look_the_same() {
    let app = app_with_dana();
    let answers = [DANA, "nobody@fernhill.example"].map(|email| {
        let page =
            app.visitor().post_form("/sign-in", &[("email", email), ("password", "wrong password here")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.attribute("input[name=email]", "value"), email);
        assert!(!page.html.contains("wrong password here"), "passwords are never shown again");
        page.first("[role=alert]")
    });
    assert_eq!(answers[0], "E-mail and password do not match.");
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn guessing_is_slowed_and_says_how_long_to_wait() {
    let app = app_with_dana();
    let guess =
        |email| app.visitor().post_form("/sign-in", &[("email", email), ("password", "wrong password here")]);
    guess(DANA);
    guess(DANA).says("After 3 more tries you must wait 15 minutes.");
    guess(DANA).says("After 2 more tries");
    guess(DANA).says("After one more try");
    guess(DANA).says("That was the last try for now");
    app.clock.advance(TimeDelta::minutes(4));
    let page = app.visitor().post_form("/sign-in", &[("email", DANA), ("password", PASSWORD)]);
    assert_eq!((page.status, page.header("retry-after")), (429, "660"));
    page.says("Too many tries. Wait 11 minutes, then try again.");
    assert_eq!(guess("other@fernhill.example").status, 422, "others are not held up");
    app.clock.advance(TimeDelta::minutes(12));
    app.sign_in(DANA);
}

#[test]
fn many_guesses_at_once_are_not_more_than_one_after_the_other() {
    let app = app_with_dana();
    let (db, now) = (&app.database.db, app.clock.now());
    for round in 0..5 {
        let email = format!("guessed{round}@fernhill.example");
        let together = Barrier::new(16);
        let begun: Vec<Begun> = std::thread::scope(|scope| {
            let guess = || {
                together.wait();
                db.run_now(|conn| attempts::begin(conn, &email, None, now)).unwrap()
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(guess)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let allowed = begun.iter().filter(|begun| matches!(begun, Begun::Allowed(..))).count();
        assert_eq!(allowed, 5, "{begun:?}");
    }
}

#[test]
fn a_session_ends_with_sign_out_on_the_server_too() {
    let app = app_with_dana();
    let visitor = app.sign_in(DANA);
    assert_eq!(visitor.submit("/profile", "/sign-out", &[]).location(), "/sign-in");
    assert_eq!(visitor.get("/profile").status, 303);
    assert_eq!(count(&app, "sessions"), 0);
}

#[test]
fn a_session_ends_after_twelve_idle_hours_and_after_seven_days() {
    let app = app_with_dana();
    let visitor = app.sign_in(DANA);
    app.clock.advance(TimeDelta::hours(11));
    assert_eq!(visitor.get("/profile").status, 200, "a request keeps it alive");
    app.clock.advance(TimeDelta::hours(11));
    assert_eq!(visitor.get("/profile").status, 200);
    app.clock.advance(TimeDelta::hours(12));
    assert_eq!(visitor.get("/profile").status, 303, "twelve hours without one end it");

    let visitor = app.sign_in(DANA);
    for _ in 0..16 {
        app.clock.advance(TimeDelta::hours(10));
        assert_eq!(visitor.get("/profile").status, 200);
    }
    app.clock.advance(TimeDelta::hours(8));
    assert_eq!(visitor.get("/profile").status, 303, "after seven days it ends all the same");
}

#[test]
fn the_session_gets_a_new_key_at_sign_in_and_the_database_keeps_only_its_hash() {
    let app = app_with_dana();
    let visitor = app.visitor();
    let before = visitor.get("/sign-in");
    let cookie = before.header("set-cookie").to_string();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "this machine is reached without TLS: {cookie}");
    assert_eq!(count(&app, "sessions"), 0, "who only looks at the sign-in page costs no row");
    let token = before.token();
    let fields = [("email", DANA), ("password", PASSWORD)];
    let signed_in = visitor.post_with("/sign-in", &token, &fields);
    assert_ne!(signed_in.header("set-cookie").split(';').next(), cookie.split(';').next());
    assert_eq!(visitor.post_with("/profile/password", &token, &[]).status, 403, "the old token is void");
    app.database.psql("SELECT 1 / (octet_length(key_hash) / 32) FROM sessions");
}

#[test]
fn a_disabled_user_is_out_at_once() {
    let app = app_with_dana();
    let dana = app.sign_in(DANA);
    let id = app.add_user("Sam Reed", "sam@fernhill.example", Role::Viewer);
    let sam = app.sign_in("sam@fernhill.example");
    assert_eq!(sam.get("/profile").status, 200);
    let user = format!("/settings/users/{id}");
    dana.get(&user).says("Disable Sam Reed");
    let page = dana.submit(&user, &format!("{user}/access"), &[("access", "disabled")]);
    dana.get(page.location()).says("Disabled. Sam Reed was signed out everywhere");
    assert_eq!(sam.get("/profile").status, 303);
    let again = [("email", "sam@fernhill.example"), ("password", PASSWORD)];
    app.visitor().post_form("/sign-in", &again).says("E-mail and password do not match.");
    dana.submit(&user, &format!("{user}/access"), &[("access", "enabled")]);
    app.sign_in("sam@fernhill.example");
}

#[test]
fn the_last_administrator_can_neither_be_disabled_nor_demoted() {
    let app = app_with_dana();
    let dana = app.sign_in(DANA);
    let page = dana.submit("/settings/users/1", "/settings/users/1/access", &[("access", "disabled")]);
    assert_eq!(page.status, 422);
    page.says("Dana Fields is the only administrator who can sign in");
    let fields = [("name", "Dana Fields"), ("email", DANA), ("role", "viewer"), ("version", "1")];
    let page = dana.post_form("/settings/users/1", &fields);
    assert_eq!(page.status, 422);
    assert_eq!(
        page.first("#role-error"),
        "This is the only administrator who can sign in. Make somebody else one first."
    );
    app.add_user("Sam Reed", "sam@fernhill.example", Administrator);
    assert_eq!(dana.post_form("/settings/users/1", &fields).status, 303);
    assert_eq!(dana.get("/settings/users").status, 403, "a role that was changed counts at once");
}

#[test]
fn two_administrators_who_demote_each_other_at_once_leave_one() {
    for _ in 0..5 {
        let app = http::app();
        let pair = [("Ann", "ann@fernhill.example"), ("Bob", "bob@fernhill.example")];
        let visitors = pair.map(|(name, email)| {
            app.add_user(name, email, Administrator);
            app.sign_in(email)
        });
        let tokens = visitors.each_ref().map(|visitor| visitor.get("/profile").token());
        std::thread::scope(|scope| {
            let both = visitors.iter().zip(&tokens).zip([(2, pair[1]), (1, pair[0])]);
            for ((visitor, token), (id, (name, email))) in both {
                let path = format!("/settings/users/{id}");
                let fields = [("name", name), ("email", email), ("role", "viewer"), ("version", "1")];
                scope.spawn(move || visitor.post_with(&path, token, &fields));
            }
        });
        app.database.psql("SELECT 1 / count(*) FROM users WHERE role = 'administrator'");
    }
}

#[test]
fn a_user_is_added_with_every_problem_named_at_once() {
    let app = app_with_dana();
    let dana = app.sign_in(DANA);
    let long = "x".repeat(5000);
    let fields = [
        ("name", long.as_str()),
        ("email", "not an address"),
        ("password", "short"),
        ("password_again", "other"),
    ];
    let page = dana.submit("/settings/users/new", "/settings/users", &fields);
    assert_eq!(page.status, 422);
    assert_eq!(page.all("p.error").len(), 5);
    assert_eq!(page.attribute("#name", "value"), long, "what was typed is still there");
    let fields = [
        ("name", "Zoë van den Berg"),
        ("email", "Zoe@fernhill.example"),
        ("role", "viewer"),
        ("password", "four words in a row"),
        ("password_again", "four words in a row"),
    ];
    let page = dana.submit("/settings/users/new", "/settings/users", &fields);
    dana.get(page.location()).says("Zoë van den Berg can sign in now").says("Viewer");
    let again = dana.submit(
        "/settings/users/new",
        "/settings/users",
        &fields.map(|(name, value)| match name {
            "email" => (name, "ZOE@fernhill.example"),
            _ => (name, value),
        }),
    );
    assert_eq!(
        (again.status, again.first("#email-error").as_str()),
        (422, "Another user has this e-mail address.")
    );
}

#[test]
fn an_edit_of_an_old_version_is_not_saved_over_a_newer_one() {
    let app = app_with_dana();
    let dana = app.sign_in(DANA);
    let fields = |name| [("name", name), ("email", DANA), ("role", "administrator"), ("version", "1")];
    assert_eq!(dana.post_form("/settings/users/1", &fields("Dana F. Fields")).status, 303);
    let page = dana.post_form("/settings/users/1", &fields("Somebody Else"));
    assert_eq!(page.status, 422);
    page.says("Somebody has saved this user since you opened it")
        .says("Dana F. Fields")
        .says("Somebody Else");
    assert!(!page.text().contains("You typed Dana"), "what agrees is not shown");
    dana.get("/settings/users").says("Dana F. Fields");
    // Sent again as the page offers it, it is saved knowingly.
    let version = page.attribute("input[name=version]", "value");
    let again =
        [("name", "Somebody Else"), ("email", DANA), ("role", "administrator"), ("version", &version)];
    assert_eq!(dana.post_form("/settings/users/1", &again).status, 303);
    dana.get("/settings/users").says("Somebody Else");
}

#[test]
fn a_new_password_ends_all_sessions_but_the_one_that_set_it() {
    let app = app_with_dana();
    let (here, elsewhere) = (app.sign_in(DANA), app.sign_in(DANA));
    let new = "another four good words";
    let fields = |current| [("current", current), ("password", new), ("password_again", new)];
    let page = here.submit("/profile", "/profile/password", &fields("not the present one"));
    assert_eq!(
        (page.status, page.first("#current-error").as_str()),
        (422, "This is not your present password.")
    );
    let page = here.submit("/profile", "/profile/password", &fields(PASSWORD));
    here.get(page.location()).says("Your password is changed");
    assert_eq!(elsewhere.get("/profile").status, 303);
    let old = app.visitor().post_form("/sign-in", &[("email", DANA), ("password", PASSWORD)]);
    assert_eq!(old.status, 422);
    assert_eq!(app.visitor().post_form("/sign-in", &[("email", DANA), ("password", new)]).status, 303);
}

fn token_of(announcement: &str) -> String {
    announcement.rsplit('/').next().unwrap().trim().to_string()
}

const FIRST: [(&str, &str); 4] =
    [("name", "Dana Fields"), ("email", DANA), ("password", PASSWORD), ("password_again", PASSWORD)];

#[test]
fn the_first_start_prints_a_link_that_makes_the_first_administrator_once() {
    let app = http::app();
    let announcement = setup::announce(&app.state, None).unwrap();
    assert!(announcement.contains(&format!("{}/set-up/", app.url)), "{announcement}");
    let path = format!("/set-up/{}", token_of(&announcement));
    let visitor = app.visitor();
    visitor.get(&path).says("You become the first administrator.");
    let page = visitor
        .post_form(&path, &[("name", ""), ("email", DANA), ("password", "short"), ("password_again", "")]);
    assert_eq!((page.status, page.all("p.error").len()), (422, 3));
    let page = visitor.post_form(&path, &FIRST);
    assert_eq!(page.location(), "/");
    visitor
        .get("/settings/users")
        .says("Welcome. You are the first administrator.")
        .says("Dana Fields (you)");
    assert_eq!(app.visitor().get(&path).status, 404, "it works once");
    assert_eq!(setup::announce(&app.state, None).unwrap(), format!("Sign in at {}/sign-in", app.url));
}

#[test]
fn a_link_of_an_earlier_start_is_void() {
    let app = http::app();
    let earlier = token_of(&setup::announce(&app.state, None).unwrap());
    let later = token_of(&setup::announce(&app.state, None).unwrap());
    assert_eq!(app.visitor().get(&format!("/set-up/{earlier}")).status, 404);
    assert_eq!(app.visitor().get(&format!("/set-up/{later}")).status, 200);
}

#[test]
fn of_two_people_with_the_link_only_one_is_made_administrator() {
    let app = http::app();
    let path = format!("/set-up/{}", token_of(&setup::announce(&app.state, None).unwrap()));
    let people: Vec<_> = (0..6)
        .map(|_| app.visitor())
        .map(|visitor| {
            let token = visitor.get(&path).token();
            (visitor, token)
        })
        .collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let people = people.iter().enumerate().map(|(n, (visitor, token))| {
            let path = &path;
            scope.spawn(move || {
                let email = format!("person{n}@fernhill.example");
                let fields =
                    FIRST.map(|(name, value)| (name, if name == "email" { email.as_str() } else { value }));
                visitor.post_with(path, token, &fields).status
            })
        });
        let threads: Vec<_> = people.collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 5, "{statuses:?}");
    assert_eq!(count(&app, "users"), 1);
}

#[test]
fn the_environment_makes_the_first_administrator_and_only_the_first() {
    let app = http::app();
    let admin =
        |email: &str, password: &str| FirstAdmin { email: email.into(), password: Secret::new(password) };
    let refusal = setup::announce(&app.state, Some(&admin(DANA, "short"))).unwrap_err().to_string();
    assert!(refusal.starts_with("PARTNERBOOK_ADMIN_PASSWORD: The password needs at least 12"), "{refusal}");
    let made = setup::announce(&app.state, Some(&admin(DANA, PASSWORD))).unwrap();
    assert!(made.contains("The first administrator was made"), "{made}");
    app.sign_in(DANA);
    let other = admin("other@fernhill.example", PASSWORD);
    assert_eq!(setup::announce(&app.state, Some(&other)).unwrap(), format!("Sign in at {}/sign-in", app.url));
    assert_eq!(count(&app, "users"), 1);
}

#[test]
fn every_change_is_in_the_audit_log_and_nobody_can_alter_it() {
    let app = app_with_dana();
    let dana = app.sign_in(DANA);
    let id = app.add_user("Sam Reed", "sam@fernhill.example", Role::Viewer);
    let user = format!("/settings/users/{id}");
    dana.submit(&user, &format!("{user}/access"), &[("access", "disabled")]);
    let page = dana.get("/settings/audit");
    assert_eq!(
        page.all("tbody th"),
        ["User: disable user 2", "User: create user 2", "User: sign in user 1", "User: create user 1"]
    );
    page.says("Dana Fields").says("127.0.0.1").says("Command line");
    assert!(!page.html.contains("sam@fernhill.example"), "no e-mails in the log");
    let narrowed = dana.get("/settings/audit?user=1&action=user.disable");
    assert_eq!(narrowed.all("tbody th"), ["User: disable user 2"]);
    for attempt in ["UPDATE audit_log SET user_id = NULL", "DELETE FROM audit_log", "TRUNCATE audit_log"] {
        let refused = diesel::connection::SimpleConnection::batch_execute(&mut app.database.owner(), attempt);
        assert!(refused.unwrap_err().to_string().contains("append-only"), "{attempt}");
    }
}

fn count(app: &TestApp, table: &str) -> i64 {
    use diesel::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Counted {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }
    let query = diesel::sql_query(format!("SELECT count(*) AS rows FROM {table}"));
    query.get_result::<Counted>(&mut app.database.owner()).unwrap().rows
}
