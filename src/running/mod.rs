//! What keeps the system running: who may sign in, who did what, how it is doing.

pub mod about;
pub mod api_keys;
pub mod audit;
pub mod files;
pub mod health;
pub mod jobs;
pub mod keys;
pub mod mails;
pub mod saved_searches;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod users;
