//! The independent verifier of an export of the log: everything in the package is checked against the log's public key, and
//! what is wrong is named by position, file and byte. It shares no code with the server that wrote the export.

mod chain;
mod columns;
mod entry;
mod erasures;
mod handovers;
mod hash;
mod many;
mod note;
mod package;
mod report;
mod run;
mod segment;
mod tree;

pub use report::{Problem, Report};
use std::path::Path;

/// What a verification goes by.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The log's verifier key, known from elsewhere: the newest, or one of before from which the log leads to it. Without it the export's own is believed, which proves only that the
    /// export fits together.
    pub key: Option<String>,
    /// Verifier keys of witnesses, each of whom must have cosigned at least one checkpoint.
    pub witnesses: Vec<String>,
    /// Segments checked at once; as many as there are processors when this is 0.
    pub threads: usize,
}

/// Verifies the export in a directory. `progress` is told how many events were checked, of how many.
#[must_use]
pub fn verify(directory: &Path, options: &Options, progress: &(dyn Fn(u64, u64) + Sync)) -> Report {
    run::run(directory, options, progress)
}
