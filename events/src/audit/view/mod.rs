//! The pictures of auditing: the log's entries, who asked to read other people's content, and who read whose.

mod entries;
mod inspections;
mod looks;

pub use entries::{Entries, EntryRow};
pub use inspections::{InspectionRow, InspectionStage, Inspections};
pub use looks::{LookRow, Looks};
