//! What can be said about forgetting people: planned, executed, done.

mod command;
mod event;
mod values;
pub mod view;

pub use command::PrivacyCommand;
pub use event::PrivacyEvent;
pub use values::{Aged, Approval, Approver, Confirm, Counts, Depth, Span, covers, spans_of};
