//! Retention: rules as data, what people did as facts, and what is due by both on a day. Pure: today is an input. Nothing here
//! deletes anything; what is due is proposed, and a second person must agree.

mod facts;
mod pack;
mod planner;

pub(crate) use facts::Facts;
pub use pack::{Pack, Rule, Who};
pub use planner::Due;
pub(crate) use planner::due;
