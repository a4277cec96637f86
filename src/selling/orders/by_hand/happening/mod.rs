//! What happens to an order later, recorded by hand: the customer pays, goods or money go back, the
//! order is cancelled, another partner is credited. Each form shows first which entries it will write.

mod due;
mod forms;
pub mod handlers;
mod happen;
mod pages;

pub use forms::Kind;
pub use happen::{check_open, credited};
