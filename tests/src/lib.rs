//! What the end-to-end tests, the demo and the benches share: the generator of an invented school, and whatever plays
//! Schulhof from outside.

pub mod api;
pub mod feed;
pub mod generator;
pub mod plan;
pub mod process;
pub mod school;
pub mod seeding;
pub mod tap;
pub mod writers;
