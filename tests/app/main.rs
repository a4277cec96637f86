//! What the application does, told from outside: a file for each feature, one binary for all of them.

mod support;

mod access;
mod book;
mod choices;
mod clicks_tab;
mod concurrency;
mod coupons;
mod crediting;
mod database;
mod files;
mod hostile;
mod import_pages;
mod imports;
mod jobs;
mod ledgers;
mod lifecycle;
mod migrations;
mod model;
mod order_forms;
mod order_pages;
mod pages;
mod partner_pages;
mod payments;
mod program_pages;
mod records;
mod scenarios;
mod settings;
mod sign_in;
mod statements;
mod tidy;
mod tracking_links;
mod verify;
mod visits;
mod web_forms;
mod what_if;
