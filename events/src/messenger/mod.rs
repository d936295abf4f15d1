//! What can be said about rooms and messages.

mod command;
mod event;
pub mod view;

pub use command::{MarksCommand, RoomCommand};
pub use event::MessengerEvent;
