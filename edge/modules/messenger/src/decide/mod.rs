//! The aggregates of the messenger: a room, and a person's reading mark in one. Pure; who may ask is said beforehand.

mod marks;
mod room;
mod said;

pub use marks::{AskedMarks, Marks};
pub use room::{AskedRoom, By, Room};
