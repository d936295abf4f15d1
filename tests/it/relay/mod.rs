//! The edge's way out and the blind relay together: real links, real TLS, real HTTP, on loopback.

mod blind;
pub(crate) mod house;
mod recovery;
mod storm;
mod visitors;

pub(crate) use house::Relay;
