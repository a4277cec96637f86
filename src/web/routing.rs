//! The table of routes as data: who may go where, which methods an address takes, which menu
//! entries lead to a page. `routes.rs` fills it.

use actix_web::dev::ResourceDef;
use actix_web::guard::{self, Guard};
use std::sync::Arc;

use super::admin::Role;

/// Who may use a route. The handler's extractor enforces it; `tests/app/access.rs` proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Everybody who is signed in.
    Viewer,
    /// Administrators.
    Administrator,
    /// Other systems, each by its API key; nobody by a session.
    ApiKey,
}

/// One line of `routes.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The pattern: `/users/{id}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// The most that a file may have which is sent here with a form; 0 where no file is taken.
    pub most_upload_bytes: u64,
}

impl Access {
    /// Whether a signed-in user of this role may use the route.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Access::Public | Access::Viewer => true,
            Access::Administrator => role == Role::Administrator,
            Access::ApiKey => false,
        }
    }
}

/// All routes with their patterns compiled once.
#[derive(Clone)]
pub struct RouteTable(Arc<Vec<(ResourceDef, Route)>>);

impl RouteTable {
    /// Compiles the patterns of a list.
    pub fn new(routes: &[Route]) -> RouteTable {
        RouteTable(Arc::new(routes.iter().map(|route| (ResourceDef::new(route.path), *route)).collect()))
    }

    /// The methods that this address takes; none where there is no such page.
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        self.matching(path).map(|route| route.method).collect()
    }

    /// Who may do this here; none where there is no such route.
    pub fn access(&self, method: &str, path: &str) -> Option<Access> {
        self.route(method, path).map(|route| route.access)
    }

    /// The line that stands for this; none where there is no such route.
    pub fn route(&self, method: &str, path: &str) -> Option<Route> {
        self.matching(path).find(|route| route.method == method).copied()
    }

    fn matching<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Route> {
        self.0.iter().filter(move |(pattern, _)| pattern.is_match(path)).map(|(_, route)| route)
    }
}

/// What a route's line asks for: a page that can be got can also be asked for its head alone.
pub fn takes(method: &'static str) -> impl Guard {
    guard::fn_guard(move |context| {
        let asked = context.head().method.as_str();
        asked == method || (asked == "HEAD" && method == "GET")
    })
}

/// Makes the table and the registration from one list, so that neither can have a line that the
/// other lacks: `pub const ROUTES: &[Route]`, `pub fn configure(&mut ServiceConfig)` and, for what stands
/// `outside` of sessions and the form guard, `pub fn configure_outside(&mut ServiceConfig)`.
macro_rules! routes {
    (outside { $($out_method:ident $out_path:literal $out_access:ident $out_handler:path;)* }
     $($method:ident $path:literal $access:ident $handler:path $(, takes $most:expr)?;)*) => {
        /// Every route, as data: for menus, for 405, and for the test of who may go where.
        pub const ROUTES: &[$crate::web::routing::Route] = &[
            $($crate::web::routing::Route {
                method: stringify!($out_method),
                path: $out_path,
                access: $crate::web::routing::Access::$out_access,
                most_upload_bytes: 0,
            },)*
            $($crate::web::routing::Route {
                method: stringify!($method),
                path: $path,
                access: $crate::web::routing::Access::$access,
                most_upload_bytes: 0 $(+ $most)?,
            },)*
        ];

        /// Registers the routes for visitors who are nobody's users, and what answers where the API has none.
        pub fn configure_outside(config: &mut actix_web::web::ServiceConfig) {
            $(
                let route = actix_web::web::route().guard($crate::web::routing::takes(stringify!($out_method)));
                config.route($out_path, route.to($out_handler));
            )*
            config.service(actix_web::web::resource("/api/{rest:.*}").to($crate::web::problem::fallback));
        }

        /// Registers every other route, and what answers all other addresses.
        pub fn configure(config: &mut actix_web::web::ServiceConfig) {
            $(
                let route = actix_web::web::route().guard($crate::web::routing::takes(stringify!($method)));
                config.route($path, route.to($handler));
            )*
            config.default_service(actix_web::web::to($crate::web::errors::fallback));
        }
    };
}
pub(crate) use routes;
