//! What can be said about people, groups and signing in.

mod command;
mod event;
mod values;
pub mod view;

pub use command::{AccountsCommand, GroupCommand, PersonCommand};
pub use event::AccountsEvent;
pub use values::{Date, EndReason, GroupKind, MemberRole, NotADate, PersonName, Role, Way};
