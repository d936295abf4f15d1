//! The pictures of rooms that people see.

mod messages;
mod reads;
mod rooms;

pub use messages::{MessageRow, Messages};
pub use reads::{ReadRow, Reads};
pub use rooms::{RoomRow, Rooms};
