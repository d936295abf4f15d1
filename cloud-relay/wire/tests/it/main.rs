//! The wire between edge and relay: what one side writes the other reads, and nothing else passes.

mod enrolment;
mod frames;
mod names;
mod tokens;
mod work;
