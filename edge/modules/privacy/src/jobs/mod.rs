//! What is done by the clock.

mod propose;
