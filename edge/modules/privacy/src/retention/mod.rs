//! Retention: rules as data, what people did as facts, and what is due by both on a day. Pure: today is an input. Nothing here
//! deletes anything; what is due is proposed, and a second person must agree.

mod facts;
mod followed;
mod kinds;
mod pack;
mod planner;

pub(crate) use followed::Followed;
pub(crate) use kinds::ageing;
pub use pack::{Pack, PackError, Rule, Who};
pub use planner::{Due, DueEvents};
pub(crate) use planner::{due, moment, windows};
