//! What can be said about auditing itself.

mod command;
mod event;
pub mod view;

pub use command::AuditCommand;
pub use event::{AuditEvent, Looked};
