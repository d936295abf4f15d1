//! What can be said about rooms and messages.

mod command;
mod event;
pub mod view;

/// Characters in one message: two printed pages. Longer texts are files.
pub const LONGEST_TEXT: usize = 8_000;

pub use command::{MarksCommand, RoomCommand};
pub use event::MessengerEvent;
