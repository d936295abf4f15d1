//! What is done by the clock.

mod age;
mod propose;
