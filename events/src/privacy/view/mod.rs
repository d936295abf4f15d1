//! The pictures that those see who keep the accounts.

mod erasures;

pub use erasures::{ErasureRow, Erasures, Stage};
