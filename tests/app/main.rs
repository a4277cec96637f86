//! What the application does, told from outside: a file for each feature, one binary for all of them.

mod support;

mod access;
mod database;
mod lifecycle;
mod migrations;
mod payments;
mod scenarios;
mod pages;
mod settings;
mod sign_in;
