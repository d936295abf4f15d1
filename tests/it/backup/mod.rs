//! Backups: what was brought elsewhere is restored and is the same; what is damaged is named; whoever was forgotten stays so.

mod aged;
mod at_console;
mod continuous;
mod copies;
mod damaged;
mod forgotten;
mod machines;
mod refused;
mod scene;
mod tail;
mod whole;
