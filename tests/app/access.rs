//! Who may go where. Every route × signed out, viewer, administrator, and other systems by their keys. The table is written by hand and
//! not made from the routes, so that a route opened by mistake must be opened twice.

use partnerbook::routes::ROUTES;
use partnerbook::web::admin::Role;
use partnerbook::web::routing::Access::{self, Administrator, ApiKey, Public, Viewer};

use crate::api;
use crate::support::http::{self, Visitor};

/// Method, route, who may use it, and an address of that route to try.
const TABLE: &[(&str, &str, Access, &str)] = &[
    ("GET", "/", Viewer, "/"),
    ("GET", "/search", Viewer, "/search?q=a"),
    ("GET", "/choices/{kind}", Viewer, "/choices/partners?q=a"),
    ("GET", "/reports", Viewer, "/reports"),
    ("GET", "/contacts", Viewer, "/contacts"),
    ("GET", "/contacts/{id}", Viewer, "/contacts/999"),
    ("GET", "/partners", Viewer, "/partners"),
    ("GET", "/partners/{id}", Viewer, "/partners/999"),
    ("GET", "/partners/{id}/referrals", Viewer, "/partners/999/referrals"),
    ("GET", "/partners/{id}/clicks", Viewer, "/partners/999/clicks"),
    ("GET", "/partners/{id}/clicks.csv", Viewer, "/partners/999/clicks.csv"),
    ("GET", "/partners/{id}/orders", Viewer, "/partners/999/orders"),
    ("GET", "/partners/{id}/payments", Viewer, "/partners/999/payments"),
    ("GET", "/partners/{id}/notes", Viewer, "/partners/999/notes"),
    ("POST", "/partners/{id}/notes", Administrator, "/partners/999/notes"),
    ("GET", "/partners/{id}/history", Viewer, "/partners/999/history"),
    ("GET", "/programs", Viewer, "/programs"),
    ("POST", "/programs", Administrator, "/programs"),
    ("GET", "/programs/new", Administrator, "/programs/new"),
    ("POST", "/programs/priorities", Administrator, "/programs/priorities"),
    ("GET", "/programs/{id}", Viewer, "/programs/999"),
    ("POST", "/programs/{id}", Administrator, "/programs/999"),
    ("GET", "/programs/{id}/edit", Administrator, "/programs/999/edit"),
    ("POST", "/programs/{id}/delete", Administrator, "/programs/999/delete"),
    ("GET", "/programs/{id}/partners", Viewer, "/programs/999/partners"),
    ("POST", "/programs/{id}/partners", Administrator, "/programs/999/partners"),
    ("POST", "/programs/{id}/withdrawals", Administrator, "/programs/999/withdrawals"),
    ("POST", "/program-trials", Administrator, "/program-trials"),
    ("GET", "/programs/{id}/versions", Viewer, "/programs/999/versions"),
    ("GET", "/programs/{id}/versions/{number}", Viewer, "/programs/999/versions/1"),
    ("GET", "/products", Viewer, "/products"),
    ("GET", "/contacts/new", Administrator, "/contacts/new"),
    ("POST", "/contacts", Administrator, "/contacts"),
    ("POST", "/contacts/{id}", Administrator, "/contacts/999"),
    ("GET", "/contacts/{id}/edit", Administrator, "/contacts/999/edit"),
    ("GET", "/contacts/{id}/delete", Administrator, "/contacts/999/delete"),
    ("POST", "/contacts/{id}/delete", Administrator, "/contacts/999/delete"),
    ("GET", "/contacts/{id}/privacy", Administrator, "/contacts/999/privacy"),
    ("POST", "/contacts/{id}/export", Administrator, "/contacts/999/export"),
    ("POST", "/contacts/{id}/erase", Administrator, "/contacts/999/erase"),
    ("GET", "/contacts/{id}/referrals/new", Administrator, "/contacts/999/referrals/new"),
    ("POST", "/contacts/{id}/referrals", Administrator, "/contacts/999/referrals"),
    ("POST", "/saved-searches", Viewer, "/saved-searches"),
    ("POST", "/saved-searches/{id}/remove", Viewer, "/saved-searches/999/remove"),
    ("GET", "/partners.csv", Viewer, "/partners.csv"),
    ("POST", "/partners.csv", Viewer, "/partners.csv"),
    ("POST", "/partners/mass-update", Administrator, "/partners/mass-update"),
    ("GET", "/partners/{id}/merge", Administrator, "/partners/999/merge"),
    ("POST", "/partners/{id}/merge", Administrator, "/partners/999/merge"),
    ("GET", "/partners/new", Administrator, "/partners/new"),
    ("POST", "/partners", Administrator, "/partners"),
    ("POST", "/partners/{id}", Administrator, "/partners/999"),
    ("GET", "/partners/{id}/edit", Administrator, "/partners/999/edit"),
    ("GET", "/partners/{id}/status", Administrator, "/partners/999/status"),
    ("POST", "/partners/{id}/status", Administrator, "/partners/999/status"),
    ("GET", "/partners/{id}/delete", Administrator, "/partners/999/delete"),
    ("POST", "/partners/{id}/delete", Administrator, "/partners/999/delete"),
    ("GET", "/products/new", Administrator, "/products/new"),
    ("POST", "/products", Administrator, "/products"),
    ("POST", "/products/{id}", Administrator, "/products/999"),
    ("GET", "/products/{id}/edit", Administrator, "/products/999/edit"),
    ("GET", "/products/{id}/delete", Administrator, "/products/999/delete"),
    ("POST", "/products/{id}/delete", Administrator, "/products/999/delete"),
    ("GET", "/orders", Viewer, "/orders"),
    ("GET", "/orders/new", Administrator, "/orders/new"),
    ("POST", "/orders", Administrator, "/orders"),
    ("POST", "/orders/credits", Administrator, "/orders/credits"),
    ("GET", "/orders/{id}", Viewer, "/orders/999"),
    ("GET", "/orders/{id}/what-if", Viewer, "/orders/999/what-if"),
    ("GET", "/orders/{id}/events/new", Administrator, "/orders/999/events/new?kind=refund"),
    ("POST", "/orders/{id}/events", Administrator, "/orders/999/events"),
    ("GET", "/orders/{id}/lines", Viewer, "/orders/999/lines"),
    ("GET", "/orders/{id}/commissions", Viewer, "/orders/999/commissions"),
    ("GET", "/links", Viewer, "/links"),
    ("GET", "/links/new", Administrator, "/links/new"),
    ("POST", "/links", Administrator, "/links"),
    ("POST", "/links/set-aside", Administrator, "/links/set-aside"),
    ("GET", "/links/{id}", Viewer, "/links/999"),
    ("POST", "/links/{id}", Administrator, "/links/999"),
    ("GET", "/links/{id}/edit", Administrator, "/links/999/edit"),
    ("GET", "/links/{id}/delete", Administrator, "/links/999/delete"),
    ("POST", "/links/{id}/delete", Administrator, "/links/999/delete"),
    ("GET", "/coupons", Viewer, "/coupons"),
    ("GET", "/coupons/new", Administrator, "/coupons/new"),
    ("POST", "/coupons", Administrator, "/coupons"),
    ("GET", "/coupons/{id}", Viewer, "/coupons/999"),
    ("POST", "/coupons/{id}/end", Administrator, "/coupons/999/end"),
    ("GET", "/partners/{id}/link.svg", Viewer, "/partners/999/link.svg"),
    ("GET", "/settings/tracking", Viewer, "/settings/tracking"),
    ("POST", "/settings/tracking", Administrator, "/settings/tracking"),
    ("GET", "/imports", Administrator, "/imports"),
    ("POST", "/imports", Administrator, "/imports"),
    ("GET", "/imports/new", Administrator, "/imports/new?kind=orders"),
    ("GET", "/imports/sample.csv", Administrator, "/imports/sample.csv?kind=orders"),
    ("GET", "/imports/{id}", Administrator, "/imports/999"),
    ("POST", "/imports/{id}/columns", Administrator, "/imports/999/columns"),
    ("POST", "/imports/{id}/start", Administrator, "/imports/999/start"),
    ("POST", "/imports/{id}/discard", Administrator, "/imports/999/discard"),
    ("GET", "/imports/{id}/remarks.csv", Administrator, "/imports/999/remarks.csv"),
    ("GET", "/go/{asked:.*}", Public, "/go/none/nobody"),
    ("GET", "/f/{form}", Public, "/f/none"),
    ("POST", "/f/{form}", Public, "/f/none"),
    ("GET", "/f/{form}/thanks", Public, "/f/none/thanks"),
    ("GET", "/f/{form}/logo", Public, "/f/none/logo"),
    ("GET", "/web-forms", Viewer, "/web-forms"),
    ("GET", "/web-forms/new", Administrator, "/web-forms/new"),
    ("POST", "/web-forms", Administrator, "/web-forms"),
    ("GET", "/web-forms/{id}", Viewer, "/web-forms/999"),
    ("POST", "/web-forms/{id}", Administrator, "/web-forms/999"),
    ("GET", "/web-forms/{id}/leads.csv", Viewer, "/web-forms/999/leads.csv"),
    ("GET", "/web-forms/{id}/edit", Administrator, "/web-forms/999/edit"),
    ("POST", "/web-forms/{id}/seen", Administrator, "/web-forms/999/seen"),
    ("GET", "/web-forms/{id}/delete", Administrator, "/web-forms/999/delete"),
    ("POST", "/web-forms/{id}/delete", Administrator, "/web-forms/999/delete"),
    ("GET", "/aff.html", Public, "/aff.html?to=https%3A%2F%2Fnowhere.example%2F"),
    ("GET", "/t.js", Public, "/t.js"),
    ("POST", "/visits", Public, "/visits"),
    ("GET", "/how-to-connect", Viewer, "/how-to-connect"),
    ("GET", "/health", Public, "/health"),
    ("GET", "/static/{hash}/{name}", Public, "/static/0/app.css"),
    ("GET", "/favicon.ico", Public, "/favicon.ico"),
    ("GET", "/sign-in", Public, "/sign-in"),
    ("POST", "/sign-in", Public, "/sign-in"),
    ("POST", "/sign-out", Public, "/sign-out"),
    ("GET", "/set-up/{token}", Public, "/set-up/none"),
    ("POST", "/set-up/{token}", Public, "/set-up/none"),
    ("GET", "/profile", Viewer, "/profile"),
    ("POST", "/profile/password", Viewer, "/profile/password"),
    ("GET", "/settings", Viewer, "/settings"),
    ("GET", "/settings/referral-partner-defaults", Viewer, "/settings/referral-partner-defaults"),
    (
        "GET",
        "/settings/referral-partner-defaults/example",
        Viewer,
        "/settings/referral-partner-defaults/example?levels=3",
    ),
    ("POST", "/settings/referral-partner-defaults", Administrator, "/settings/referral-partner-defaults"),
    ("GET", "/settings/company", Viewer, "/settings/company"),
    ("POST", "/settings/company", Administrator, "/settings/company"),
    ("GET", "/settings/company/logo", Viewer, "/settings/company/logo"),
    ("POST", "/settings/company/logo", Administrator, "/settings/company/logo"),
    ("POST", "/settings/company/logo/remove", Administrator, "/settings/company/logo/remove"),
    ("GET", "/reports/ledgers", Viewer, "/reports/ledgers"),
    ("GET", "/reports/ledgers.csv", Viewer, "/reports/ledgers.csv"),
    ("GET", "/reports/ledgers.pdf", Viewer, "/reports/ledgers.pdf"),
    ("POST", "/runs", Viewer, "/runs"),
    ("GET", "/runs/{id}/ledgers.csv", Viewer, "/runs/999/ledgers.csv"),
    ("GET", "/runs/{id}/ledgers.pdf", Viewer, "/runs/999/ledgers.pdf"),
    ("POST", "/prints", Viewer, "/prints"),
    ("GET", "/prints/{id}", Viewer, "/prints/999"),
    ("GET", "/runs/{id}/checks.csv", Viewer, "/runs/999/checks.csv"),
    ("GET", "/partners/{id}/ledger", Viewer, "/partners/999/ledger"),
    ("GET", "/partners/{id}/ledger.csv", Viewer, "/partners/999/ledger.csv"),
    ("POST", "/partners/{id}/payments", Administrator, "/partners/999/payments"),
    ("POST", "/partners/{id}/adjustments", Administrator, "/partners/999/adjustments"),
    ("POST", "/runs/{id}/again", Administrator, "/runs/999/again"),
    ("GET", "/payment-batches/new", Administrator, "/payment-batches/new"),
    ("POST", "/payment-batches", Administrator, "/payment-batches"),
    ("GET", "/payment-batches/{id}", Viewer, "/payment-batches/999"),
    ("GET", "/payment-batches/{id}/payments.csv", Viewer, "/payment-batches/999/payments.csv"),
    ("GET", "/payment-batches/{id}/checks.csv", Viewer, "/payment-batches/999/checks.csv"),
    ("GET", "/payment-batches/{id}/void", Administrator, "/payment-batches/999/void"),
    ("POST", "/payment-batches/{id}/void", Administrator, "/payment-batches/999/void"),
    ("GET", "/payments/{id}", Viewer, "/payments/999"),
    ("GET", "/payments/{id}/void", Administrator, "/payments/999/void"),
    ("POST", "/payments/{id}/void", Administrator, "/payments/999/void"),
    ("GET", "/reports/payments", Viewer, "/reports/payments"),
    ("GET", "/settings/users", Administrator, "/settings/users"),
    ("GET", "/settings/users/new", Administrator, "/settings/users/new"),
    ("POST", "/settings/users", Administrator, "/settings/users"),
    ("GET", "/settings/users/{id}", Administrator, "/settings/users/1"),
    ("POST", "/settings/users/{id}", Administrator, "/settings/users/1"),
    ("POST", "/settings/users/{id}/access", Administrator, "/settings/users/999/access"),
    ("POST", "/settings/users/{id}/password", Administrator, "/settings/users/999/password"),
    ("GET", "/settings/api-keys", Administrator, "/settings/api-keys"),
    ("POST", "/settings/api-keys", Administrator, "/settings/api-keys"),
    ("GET", "/settings/api-keys/new", Administrator, "/settings/api-keys/new"),
    ("GET", "/settings/api-keys/{id}/revoke", Administrator, "/settings/api-keys/999/revoke"),
    ("POST", "/settings/api-keys/{id}/revoke", Administrator, "/settings/api-keys/999/revoke"),
    ("POST", "/api/v1/orders", ApiKey, "/api/v1/orders"),
    ("GET", "/api/v1/orders/{number}", ApiKey, "/api/v1/orders/999"),
    ("POST", "/api/v1/orders/{number}/credits", ApiKey, "/api/v1/orders/999/credits"),
    ("POST", "/api/v1/contacts", ApiKey, "/api/v1/contacts"),
    ("GET", "/api/v1/openapi.json", Public, "/api/v1/openapi.json"),
    ("GET", "/keys", Viewer, "/keys"),
    ("GET", "/jobs", Viewer, "/jobs"),
    ("GET", "/jobs/{id}", Viewer, "/jobs/999"),
    ("POST", "/jobs/{id}/cancel", Viewer, "/jobs/999/cancel"),
    ("GET", "/settings/mail", Viewer, "/settings/mail"),
    ("POST", "/settings/mail/tests", Administrator, "/settings/mail/tests"),
    ("POST", "/settings/mail/again", Administrator, "/settings/mail/again"),
    ("POST", "/settings/mail/{id}/again", Administrator, "/settings/mail/999/again"),
    ("POST", "/settings/mail/{id}/seen", Administrator, "/settings/mail/999/seen"),
    ("GET", "/settings/audit", Administrator, "/settings/audit"),
    ("GET", "/settings/about", Administrator, "/settings/about"),
];

#[test]
fn every_route_has_a_row_here_and_says_the_same() {
    let rows: Vec<_> = TABLE.iter().map(|(method, route, access, _)| (*method, *route, *access)).collect();
    let routes: Vec<_> = ROUTES.iter().map(|route| (route.method, route.path, route.access)).collect();
    let without_row: Vec<_> = routes.iter().filter(|route| !rows.contains(route)).collect();
    let without_route: Vec<_> = rows.iter().filter(|row| !routes.contains(row)).collect();
    assert!(without_row.is_empty(), "in src/routes.rs, but not so in tests/app/access.rs: {without_row:#?}");
    assert!(
        without_route.is_empty(),
        "in tests/app/access.rs, but not so in src/routes.rs: {without_route:#?}"
    );
    assert_eq!(rows.len(), routes.len(), "one of the two says a line twice");
}

#[test]
fn each_role_reaches_its_routes_and_no_others() {
    let app = http::app();
    let administrator = app.sign_in_as(Role::Administrator);
    let viewer = app.sign_in_as(Role::Viewer);
    let of_users = |row: &&(&str, &str, Access, &str)| row.1 != "/sign-out" && row.2 != ApiKey;
    for &(method, route, access, address) in TABLE.iter().filter(of_users) {
        let visitors = [
            ("administrator", &administrator, true),
            ("viewer", &viewer, access != Administrator),
            ("signed out", &app.visitor(), access == Public),
        ];
        for (name, visitor, may) in visitors {
            let page = send(visitor, method, address);
            let sent_to_sign_in = page.status == 303 && page.header("location").starts_with("/sign-in");
            // A shop's report is refused by the site that it comes from, whoever sends it.
            let refused = (page.status == 403 && route != "/visits") || sent_to_sign_in;
            assert_eq!(refused, !may, "{name}: {method} {route} answers {} {}", page.status, page.text());
            assert!(page.status < 500, "{name}: {method} {route} answers {} {}", page.status, page.text());
            let expected = if name == "viewer" { 403 } else { 303 };
            assert!(may || page.status == expected, "{name}: {method} {route} answers {}", page.status);
        }
    }
}

#[test]
fn other_systems_reach_the_api_and_nothing_else_and_nobody_else_does() {
    let app = http::app();
    let administrator = app.sign_in_as(Role::Administrator);
    let key = api::make(&administrator, "Till");
    let outside = app.visitor();
    for &(method, route, access, address) in TABLE {
        let page = match method {
            "GET" => outside.get_with(address, &[("authorization", &format!("Bearer {key}"))]),
            _ => outside.post_json(address, &key, "{}"),
        };
        match access {
            ApiKey => {
                assert!(matches!(page.status, 200 | 404 | 422), "{method} {route} answers {}", page.status);
                for visitor in [&administrator, &outside] {
                    let page = send(visitor, method, address);
                    assert_eq!(page.status, 401, "{method} {route} without a key");
                }
            }
            Public => {}
            Viewer | Administrator => {
                let is_refused = page.status == 303 && page.header("location").starts_with("/sign-in");
                assert!(is_refused, "{method} {route} answers {} to a key", page.status);
            }
        }
    }
}

#[test]
fn no_form_is_taken_without_its_sessions_token() {
    let app = http::app();
    let administrator = app.sign_in_as(Role::Administrator);
    let somebody_elses = app.sign_in_as(Role::Viewer).get("/profile").token();
    // What people outside send carries no session's token: nobody who is signed in can be made to do anything by it.
    let outside = ["/f/{form}", "/visits"];
    for &(_, route, access, address) in
        TABLE.iter().filter(|row| row.0 == "POST" && row.2 != ApiKey && !outside.contains(&row.1))
    {
        let signed_out = app.visitor();
        for token in ["", "00", &somebody_elses] {
            let page = administrator.post_with(address, token, &[]);
            assert_eq!(page.status, 403, "administrator: {route} with the token {token:?}");
            page.says("This form is no longer valid").says("Nothing was recorded");
            let page = signed_out.post_with(address, token, &[]);
            let expected = if access == Public { 403 } else { 303 };
            assert_eq!(page.status, expected, "signed out: {route} with the token {token:?}");
        }
        assert_eq!(administrator.post(address, &[]).status, 403, "{route} without a token");
    }
}

/// As this visitor's own pages would send it, but with no field filled in.
fn send(visitor: &Visitor, method: &str, address: &str) -> http::Page {
    if method == "GET" {
        return visitor.get(address);
    }
    let profile = visitor.get("/profile");
    let page = if profile.status == 200 { profile } else { visitor.get("/sign-in") };
    visitor.post_with(address, &page.token(), &[])
}
