//! The shared language of Schulhof: what can be asked, what has happened, and how a picture is folded from it.
//!
//! Everything here is pure: no clock, no randomness, no I/O. The same code runs on the school's machine, in the
//! browser and in an auditor's replay, and must give the same answer in all three.

pub mod access;
pub mod accounts;
pub mod any;
pub mod audit;
pub mod codec;
pub mod files;
pub mod fold;
pub mod ids;
pub mod messenger;
pub mod personal;
pub mod privacy;
pub mod recorded;
#[cfg(feature = "schema")]
mod schema;
pub mod scope;
pub mod text;
pub mod views;

pub use any::{AnyEvent, Kind, Owner, Term};
pub use codec::Codec;
pub use fold::{Folded, Key, Place, Touched, View};
pub use personal::{Personal, Withheld};
pub use recorded::{Millis, Position, Recorded};
pub use scope::{Audience, Scope};
