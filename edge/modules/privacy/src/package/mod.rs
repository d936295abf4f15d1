//! Everything that the school's machine holds about one person, as a package that they can keep and take with them (GDPR
//! Articles 15 and 20): an overview to read, every event that is about them or that they caused, and their files.
//!
//! The package lies in a file without a name: nobody else can open it, and it is gone with the process, or after an hour.

mod archive;
mod concern;
mod gather;
mod jobs;
mod looks;
mod overview;
mod paths;

pub(crate) use gather::exports;
pub(crate) use jobs::{Jobs, Status};
