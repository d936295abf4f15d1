//! The verifier against exports that a writer of its own makes from FORMAT.md alone, and then changes.

mod promises;
mod speed;
mod writer;
