//! Partnerbook: the referral-partner book. Modules stand in reading order, which is dependency
//! order: the rulebook knows nobody, the database and the web know the rulebook, the book is the
//! only writer of the ledger, features use all of them, and `routes` lists every URL.

/// What requests take on one thread and others give back costs less than by the system's (decision 0080).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// The bundled PostgreSQL client library and its TLS are linked, not called.
use openssl_sys as _;
use pq_sys as _;

pub mod domain;

pub mod config;
pub mod error;

pub mod db;
pub mod web;

pub mod paper;

pub mod book;

pub mod running;

pub mod people;

pub mod selling;

pub mod paying;

pub mod reporting;

pub mod runners;

pub mod routes;

pub mod server;

pub mod commands;
