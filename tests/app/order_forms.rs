//! Orders typed in by hand, and what happens to them: each form shows first what it will write, and
//! writes exactly that, once.

mod happening;
mod now;
pub mod placing;
pub mod typing;
