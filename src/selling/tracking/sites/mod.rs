//! Other people's software on the company's own sites: the script that a shop includes, what it reports, and the
//! page `/aff.html` that leads on to such a site and tells it the partner.

pub mod connect;
pub mod lead_on;
mod queries;
pub mod report;
pub mod script;
