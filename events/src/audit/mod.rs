//! What can be said about auditing: looks, and reading other people's content with a second person's consent.

mod command;
mod event;
mod values;
pub mod view;

pub use command::{AuditCommand, InspectionCommand};
pub use event::{AuditEvent, Looked};
pub use values::{About, CONTENT_VIEWS, Purpose};
