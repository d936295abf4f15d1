//! What the end-to-end tests, the demo and the benches share: the generator of an invented school, and whatever plays
//! Schulhof from outside.

pub mod generator;
