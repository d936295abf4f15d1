//! Retention: rules as data, what people did as facts, and what is due by both on a day. Pure: today is an input. Nothing here
//! deletes anything; what is due is proposed, and a second person must agree.

mod facts;
mod followed;
mod pack;
mod planner;

pub(crate) use followed::Followed;
pub use pack::{Pack, PackError, Rule, Who};
pub use planner::Due;
pub(crate) use planner::due;
