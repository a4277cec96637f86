//! What the application does, told from outside: a file for each feature, one binary for all of them.

mod support;

mod access;
mod database;
mod imports;
mod ledgers;
mod lifecycle;
mod migrations;
mod payments;
mod scenarios;
mod order_pages;
mod partner_pages;
mod pages;
mod settings;
mod sign_in;
mod tidy;
