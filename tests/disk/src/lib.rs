//! A disk that fails and forgets, for tests: a layer over SQLite's own files that refuses the n-th write or read, and that can
//! show what a power cut at this moment would leave behind.
//!
//! This package, and no other, contains `unsafe` of ours. SQLite reaches its files through a table of C functions, so whoever
//! wants to stand in between must be such a table. It is a package for tests only: nothing that a school runs depends on it.
//! The C side is in `vfs.rs` and `file.rs`, which decide nothing; everything else is safe code.
//!
//! ```no_run
//! use faulty_disk::{Disk, Fault};
//! let disk = Disk::watch(std::path::Path::new("/tmp/school"));
//! disk.fail(Fault::Full.at(7));
//! // The seventh write to a database below the directory finds no room; whatever was opened after `watch` goes through it.
//! ```

mod dice;
mod disk;
mod fault;
#[allow(unsafe_code)]
mod file;
mod image;
#[allow(unsafe_code)]
mod vfs;

pub use dice::Dice;
pub use disk::{Disk, Images};
pub use fault::{Fault, Planned};
