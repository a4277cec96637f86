//! The rules of this code that no compiler knows: which way dependencies run, where SQL may stand, who
//! writes which table, that nothing lies around unused or unfinished. Everything here reads the source
//! tree and nothing else. An exception stands in a list with its reason beside it, and a list that names
//! something that no longer is an exception fails too.
//!
//! Each check is a function from sources to complaints, so that a test can show it a source that breaks
//! the rule and see it complain.

mod layers;
mod leftovers;
mod pages;
mod source;
mod sql;
