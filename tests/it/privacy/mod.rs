//! Forgetting people: what they said and were called is found nowhere afterwards, here and in yesterday's backup; the log still
//! verifies; and what others said and have reads on.

mod again;
mod crash;
mod exported;
mod governed;
mod on_servers;
mod package;
mod planted;
mod refused;
pub(crate) mod scene;
mod unfinished;
