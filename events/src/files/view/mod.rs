//! The pictures of spaces that people see.

mod files;
mod spaces;

pub use files::{FileRow, Files, NodeKind};
pub use spaces::{SpaceRow, Spaces};
