//! Books for tests.

pub mod busy;
