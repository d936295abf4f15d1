//! What can be said about files and folders.

mod command;
mod event;
pub mod view;

pub use command::FilesCommand;
pub use event::{BlobRef, FilesEvent};
