//! paying
