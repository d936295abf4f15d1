//! The roster's sources by path: the reader and comparer need six small crates, the whole module a database and a web server.

#[path = "../../src/roster/mod.rs"]
pub mod roster;
