//! The pictures that auditors see.

mod entries;

pub use entries::{Entries, EntryRow};
