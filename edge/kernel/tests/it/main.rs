//! The kernel from outside: one binary, one file per promise.

mod ahead;
mod crossing;
mod follow;
mod keys_on_server;
mod ledger;
mod lost_keys;
mod machines;
mod older;
mod on_server;
mod once;
mod reacting;
mod segments;
mod support;
mod tamper;
mod views;
mod wire;
