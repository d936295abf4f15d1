//! The school's machine: one process that keeps the ledger, answers people in school and at home, and folds what they see.
//!
//! [`start`] builds the house, opens its doors last, and gives a handle that stops it again; `main` and the tests use it
//! alike.

mod assets;
pub mod backup;
pub mod cli;
pub mod config;
mod connection;
mod console;
mod doors;
mod feed;
mod health;
mod holds;
mod house;
pub mod moving;
pub mod objects;
mod outbound;
mod pages;
mod places;
mod private;
pub mod relay;
mod room;
mod rules;
mod serve;
mod shelf;
pub mod size;
pub mod tls;
pub mod witness;

pub use config::Config;
pub use house::House;
pub use places::Places;
pub use serve::{Running, start};
