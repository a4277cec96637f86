//! Every URL, on one screen: method, address, who may use it, and the handler that answers. Where
//! two patterns fit an address, the first one here wins. The handler's first argument enforces *who
//! may*; `tests/app/access.rs` has a row of its own for each line, tries all roles, and fails where
//! the two differ. Templates and redirects take addresses from `web::paths`.

use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, web};

use crate::error::AppError;
use crate::paying::{checks, ledgers, payments, statements};
use crate::people::{contacts, partners};
use crate::reporting::{home, reports, search};
use crate::running::{
    about, api_keys, audit, health, jobs, keys, mails, saved_searches, sessions, settings, setup, sign_in,
    users,
};
use crate::selling::tracking::visits::Visits;
use crate::selling::tracking::web_forms::{self, submissions};
use crate::selling::{api, coupons, imports, orders, products, programs, tracking, trials};
use crate::web::routing::{routes, takes};
use crate::web::{AppState, assets, csrf, errors, security};

pub use crate::web::paths;

routes! {
    // what partners hand out: without sessions, so that nothing stands between a click and its record
    outside {
        GET  "/go/{asked:.*}"                Public         tracking::visits::handlers::go;
        GET  "/f/{form}"                     Public         submissions::handlers::show;
        POST "/f/{form}"                     Public         submissions::handlers::create;
        GET  "/f/{form}/thanks"              Public         submissions::handlers::thanks;
        GET  "/f/{form}/logo"                Public         submissions::handlers::logo;
        GET  "/aff.html"                     Public         tracking::sites::lead_on::show;
        GET  "/t.js"                         Public         tracking::sites::script::show;
        POST "/visits"                       Public         tracking::sites::report::create;

        // what other systems ask: their keys are all that counts
        POST "/api/v1/orders"                ApiKey         api::handlers::create_order;
        GET  "/api/v1/orders/{number}"       ApiKey         api::handlers::show_order;
        POST "/api/v1/orders/{number}/credits" ApiKey       api::handlers::credit_order;
        POST "/api/v1/contacts"              ApiKey         api::handlers::create_contact;
        GET  "/api/v1/openapi.json"          Public         api::handlers::describe;
    }

    // method  address                       who may        handler
    GET  "/"                                 Viewer         home::show;
    GET  "/search"                           Viewer         search::show;
    GET  "/choices/{kind}"                   Viewer         search::choices::index;
    GET  "/reports"                          Viewer         reports::index;
    GET  "/health"                           Public         health::show;
    GET  "/static/{hash}/{name}"             Public         assets::show;
    GET  "/favicon.ico"                      Public         assets::favicon;

    // signing in
    GET  "/sign-in"                          Public         sign_in::handlers::new;
    POST "/sign-in"                          Public         sign_in::handlers::create;
    POST "/sign-out"                         Public         sign_in::handlers::remove;
    GET  "/set-up/{token}"                   Public         setup::handlers::new;
    POST "/set-up/{token}"                   Public         setup::handlers::create;
    GET  "/profile"                          Viewer         users::profile::edit;
    POST "/profile/password"                 Viewer         users::profile::update;

    // paying
    GET  "/reports/ledgers"                  Viewer         ledgers::handlers::index;
    GET  "/reports/ledgers.csv"              Viewer         ledgers::handlers::export;
    GET  "/reports/ledgers.pdf"              Viewer         statements::handlers::print_all;
    POST "/runs"                             Viewer         ledgers::handlers::create_run;
    GET  "/runs/{id}/ledgers.csv"            Viewer         ledgers::handlers::show_run;
    GET  "/runs/{id}/ledgers.pdf"            Viewer         statements::handlers::show_run;
    POST "/prints"                           Viewer         statements::handlers::create;
    GET  "/prints/{id}"                      Viewer         statements::handlers::show_file;
    GET  "/runs/{id}/checks.csv"             Viewer         checks::handlers::of_run;
    GET  "/partners/{id}/ledger"             Viewer         ledgers::individual::handlers::show;
    GET  "/partners/{id}/ledger.csv"         Viewer         ledgers::individual::handlers::export;
    POST "/partners/{id}/payments"           Administrator  ledgers::individual::handlers::create_payment;
    POST "/partners/{id}/adjustments"        Administrator  ledgers::individual::handlers::create_adjustment;
    POST "/runs/{id}/again"                  Administrator  payments::handlers::again;
    GET  "/payment-batches/new"              Administrator  payments::handlers::new;
    POST "/payment-batches"                  Administrator  payments::handlers::create;
    GET  "/payment-batches/{id}"             Viewer         payments::handlers::show;
    GET  "/payment-batches/{id}/payments.csv" Viewer        payments::handlers::export;
    GET  "/payment-batches/{id}/checks.csv"  Viewer         checks::handlers::of_batch;
    GET  "/payment-batches/{id}/void"        Administrator  payments::handlers::voids::confirm_void;
    POST "/payment-batches/{id}/void"        Administrator  payments::handlers::voids::void_batch;
    GET  "/payments/{id}"                    Viewer         payments::handlers::show_payment;
    GET  "/payments/{id}/void"               Administrator  payments::handlers::voids::confirm_void_payment;
    POST "/payments/{id}/void"               Administrator  payments::handlers::voids::void_payment;
    GET  "/reports/payments"                 Viewer         payments::handlers::search;

    // people
    POST "/saved-searches"                   Viewer         saved_searches::handlers::create;
    POST "/saved-searches/{id}/remove"       Viewer         saved_searches::handlers::remove;
    GET  "/contacts"                         Viewer         contacts::handlers::index;
    GET  "/contacts/new"                     Administrator  contacts::record::handlers::new;
    POST "/contacts"                         Administrator  contacts::record::handlers::create;
    GET  "/contacts/{id}"                    Viewer         contacts::handlers::show;
    POST "/contacts/{id}"                    Administrator  contacts::record::handlers::update;
    GET  "/contacts/{id}/edit"               Administrator  contacts::record::handlers::edit;
    GET  "/contacts/{id}/delete"             Administrator  contacts::record::handlers::confirm_delete;
    POST "/contacts/{id}/delete"             Administrator  contacts::record::handlers::remove;
    GET  "/contacts/{id}/privacy"            Administrator  contacts::privacy::handlers::show;
    POST "/contacts/{id}/export"             Administrator  contacts::privacy::handlers::export;
    POST "/contacts/{id}/erase"              Administrator  contacts::privacy::handlers::erase;
    GET  "/contacts/{id}/referrals/new"      Administrator  tracking::by_hand::new;
    POST "/contacts/{id}/referrals"          Administrator  tracking::by_hand::create;

    // partners
    GET  "/partners"                         Viewer         partners::list::handlers::index;
    GET  "/partners.csv"                     Viewer         partners::list::handlers::export;
    POST "/partners.csv"                     Viewer         partners::list::handlers::export_chosen;
    POST "/partners/mass-update"             Administrator  partners::mass::handlers::update;
    GET  "/partners/new"                     Administrator  partners::record::handlers::new;
    POST "/partners"                         Administrator  partners::record::handlers::create;
    GET  "/partners/{id}"                    Viewer         partners::handlers::show;
    POST "/partners/{id}"                    Administrator  partners::record::handlers::update;
    GET  "/partners/{id}/edit"               Administrator  partners::record::handlers::edit;
    GET  "/partners/{id}/status"             Administrator  partners::standing::handlers::edit;
    POST "/partners/{id}/status"             Administrator  partners::standing::handlers::update;
    GET  "/partners/{id}/merge"              Administrator  partners::merging::handlers::new;
    POST "/partners/{id}/merge"              Administrator  partners::merging::handlers::create;
    GET  "/partners/{id}/delete"             Administrator  partners::record::handlers::confirm_delete;
    POST "/partners/{id}/delete"             Administrator  partners::record::handlers::remove;
    GET  "/partners/{id}/referrals"          Viewer         partners::handlers::referrals;
    GET  "/partners/{id}/clicks"             Viewer         tracking::clicks::handlers::index;
    GET  "/partners/{id}/clicks.csv"         Viewer         tracking::clicks::handlers::export;
    GET  "/partners/{id}/orders"             Viewer         orders::handlers::of_partner;
    GET  "/partners/{id}/payments"           Viewer         partners::handlers::payments;
    GET  "/partners/{id}/notes"              Viewer         partners::notes::handlers::index;
    POST "/partners/{id}/notes"              Administrator  partners::notes::handlers::create;
    GET  "/partners/{id}/history"            Viewer         partners::handlers::history;

    // programs
    GET  "/programs"                         Viewer         programs::handlers::index;
    POST "/programs"                         Administrator  programs::handlers::create;
    GET  "/programs/new"                     Administrator  programs::handlers::new;
    POST "/programs/priorities"              Administrator  programs::handlers::update_priorities;
    GET  "/programs/{id}"                    Viewer         programs::handlers::show;
    POST "/programs/{id}"                    Administrator  programs::handlers::update;
    GET  "/programs/{id}/edit"               Administrator  programs::handlers::edit;
    POST "/programs/{id}/delete"             Administrator  programs::handlers::remove;
    GET  "/programs/{id}/partners"           Viewer         programs::handlers::partners;
    POST "/programs/{id}/partners"           Administrator  programs::handlers::enrol;
    POST "/programs/{id}/withdrawals"        Administrator  programs::handlers::withdraw;
    POST "/program-trials"                   Administrator  trials::handlers::create;
    GET  "/programs/{id}/versions"           Viewer         programs::handlers::versions;
    GET  "/programs/{id}/versions/{number}"  Viewer         programs::handlers::version;

    // products and orders
    GET  "/products"                         Viewer         products::handlers::index;
    GET  "/products/new"                     Administrator  products::record::handlers::new;
    POST "/products"                         Administrator  products::record::handlers::create;
    POST "/products/{id}"                    Administrator  products::record::handlers::update;
    GET  "/products/{id}/edit"               Administrator  products::record::handlers::edit;
    GET  "/products/{id}/delete"             Administrator  products::record::handlers::confirm_delete;
    POST "/products/{id}/delete"             Administrator  products::record::handlers::remove;
    GET  "/orders"                           Viewer         orders::handlers::index;
    GET  "/orders/new"                       Administrator  orders::by_hand::placing::handlers::new;
    POST "/orders"                           Administrator  orders::by_hand::placing::handlers::create;
    POST "/orders/credits"                   Administrator  orders::crediting::handlers::update;
    GET  "/orders/{id}"                      Viewer         orders::handlers::show;
    GET  "/orders/{id}/what-if"              Viewer         orders::what_if::handlers::show;
    GET  "/orders/{id}/events/new"           Administrator  orders::by_hand::happening::handlers::new;
    POST "/orders/{id}/events"               Administrator  orders::by_hand::happening::handlers::create;
    GET  "/orders/{id}/lines"                Viewer         orders::handlers::lines;
    GET  "/orders/{id}/commissions"          Viewer         orders::handlers::commissions;

    // tracking links
    GET  "/links"                            Viewer         tracking::links::handlers::index;
    GET  "/links/new"                        Administrator  tracking::links::handlers::new;
    POST "/links"                            Administrator  tracking::links::handlers::create;
    POST "/links/set-aside"                  Administrator  tracking::visits::set_aside::again;
    GET  "/links/{id}"                       Viewer         tracking::links::handlers::show;
    POST "/links/{id}"                       Administrator  tracking::links::handlers::update;
    GET  "/links/{id}/edit"                  Administrator  tracking::links::handlers::edit;
    GET  "/links/{id}/delete"                Administrator  tracking::links::handlers::confirm_delete;
    POST "/links/{id}/delete"                Administrator  tracking::links::handlers::remove;
    GET  "/how-to-connect"                   Viewer         tracking::sites::connect::show;
    GET  "/partners/{id}/link.svg"           Viewer         tracking::links::qr::show;

    // coupon codes
    GET  "/coupons"                          Viewer         coupons::handlers::index;
    GET  "/coupons/new"                      Administrator  coupons::handlers::new;
    POST "/coupons"                          Administrator  coupons::handlers::create;
    GET  "/coupons/{id}"                     Viewer         coupons::handlers::show;
    POST "/coupons/{id}/end"                 Administrator  coupons::handlers::end;

    // web forms
    GET  "/web-forms"                        Viewer         web_forms::handlers::index;
    GET  "/web-forms/new"                    Administrator  web_forms::handlers::new;
    POST "/web-forms"                        Administrator  web_forms::handlers::create;
    GET  "/web-forms/{id}"                   Viewer         web_forms::handlers::show;
    POST "/web-forms/{id}"                   Administrator  web_forms::handlers::update;
    GET  "/web-forms/{id}/leads.csv"         Viewer         web_forms::handlers::export;
    GET  "/web-forms/{id}/edit"              Administrator  web_forms::handlers::edit;
    POST "/web-forms/{id}/seen"              Administrator  web_forms::handlers::see;
    GET  "/web-forms/{id}/delete"            Administrator  web_forms::handlers::confirm_delete;
    POST "/web-forms/{id}/delete"            Administrator  web_forms::handlers::remove;

    // importing
    GET  "/imports"                          Administrator  imports::handlers::index;
    POST "/imports"                          Administrator  imports::handlers::create, takes imports::handlers::MOST_BYTES;
    GET  "/imports/new"                      Administrator  imports::handlers::new;
    GET  "/imports/sample.csv"               Administrator  imports::handlers::sample;
    GET  "/imports/{id}"                     Administrator  imports::handlers::show;
    POST "/imports/{id}/columns"             Administrator  imports::handlers::update_columns;
    POST "/imports/{id}/start"               Administrator  imports::handlers::start;
    POST "/imports/{id}/discard"             Administrator  imports::handlers::discard;
    GET  "/imports/{id}/remarks.csv"         Administrator  imports::handlers::remarks;

    // settings
    GET  "/settings"                         Viewer         settings::landing::index;
    GET  "/settings/referral-partner-defaults"          Viewer         settings::defaults::handlers::edit;
    GET  "/settings/referral-partner-defaults/example"  Viewer         settings::defaults::handlers::example;
    POST "/settings/referral-partner-defaults"          Administrator  settings::defaults::handlers::update;
    GET  "/settings/company"                 Viewer         settings::company::handlers::edit;
    POST "/settings/company"                 Administrator  settings::company::handlers::update;
    GET  "/settings/company/logo"            Viewer         settings::company::logo::show;
    POST "/settings/company/logo"            Administrator  settings::company::logo::update, takes settings::company::logo::MOST_BYTES;
    POST "/settings/company/logo/remove"     Administrator  settings::company::logo::remove;
    GET  "/settings/tracking"                Viewer         settings::tracking::handlers::edit;
    POST "/settings/tracking"                Administrator  settings::tracking::handlers::update;
    GET  "/settings/users"                   Administrator  users::handlers::index;
    GET  "/settings/users/new"               Administrator  users::handlers::new;
    POST "/settings/users"                   Administrator  users::handlers::create;
    GET  "/settings/users/{id}"              Administrator  users::handlers::edit;
    POST "/settings/users/{id}"              Administrator  users::handlers::update;
    POST "/settings/users/{id}/access"       Administrator  users::handlers::update_access;
    POST "/settings/users/{id}/password"     Administrator  users::handlers::update_password;
    GET  "/settings/mail"                    Viewer         mails::handlers::index;
    POST "/settings/mail/tests"              Administrator  mails::handlers::create_test;
    POST "/settings/mail/again"              Administrator  mails::handlers::all_again;
    POST "/settings/mail/{id}/again"         Administrator  mails::handlers::again;
    POST "/settings/mail/{id}/seen"          Administrator  mails::handlers::see;
    GET  "/settings/api-keys"                Administrator  api_keys::handlers::index;
    POST "/settings/api-keys"                Administrator  api_keys::handlers::create;
    GET  "/settings/api-keys/new"            Administrator  api_keys::handlers::new;
    GET  "/settings/api-keys/{id}/revoke"    Administrator  api_keys::handlers::confirm_revoke;
    POST "/settings/api-keys/{id}/revoke"    Administrator  api_keys::handlers::revoke;
    GET  "/keys"                             Viewer         keys::show;
    GET  "/jobs"                             Viewer         jobs::handlers::index;
    GET  "/jobs/{id}"                        Viewer         jobs::handlers::show;
    POST "/jobs/{id}/cancel"                 Viewer         jobs::handlers::cancel;
    GET  "/settings/audit"                   Administrator  audit::handlers::index;
    GET  "/settings/about"                   Administrator  about::show;
}

/// Where partners' links begin.
const GO: &str = "/go";

/// The whole application: the routes, and around them all headers and pages for trouble; around those of
/// users also compression, the session, and the form guard.
pub fn application(
    state: &AppState,
    cookie_key: &Key,
    visits: &Visits,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let for_users = web::scope("")
        .configure(configure)
        .wrap(from_fn(csrf::guard))
        .wrap(sessions::middleware(state, cookie_key.clone()))
        .wrap(from_fn(health::without_session))
        .wrap(Compress::default());
    let all_else = web::scope("")
        .configure(configure_outside)
        .service(for_users)
        .wrap(from_fn(errors::pages))
        .wrap(from_fn(security::headers));
    App::new()
        .app_data(web::Data::new(state.clone()))
        .app_data(web::Data::new(visits.desk()))
        .app_data(web::Data::new(submissions::Signer::new(cookie_key)))
        .app_data(
            web::PathConfig::default()
                .error_handler(|_, _| AppError::not_found("page at this address").into()),
        )
        // A click passes by everything that it does not need: it is found without a pattern, and brings its own
        // headers. What it does not answer, the table above does.
        .service(web::scope(GO).guard(takes("GET")).default_service(web::to(tracking::visits::handlers::go)))
        .service(all_else)
}
