//! The blind relay: visitors' TLS passes through it untouched. It reads the server name of the first message, finds the school's
//! link, and joins the visitor with a work connection that the school has parked here.
//!
//! Invariants: no key and no certificate of a school is ever here; nothing of ours is used but `relay-wire`; no payload travels on
//! NATS; logs hold school, truncated address, bytes and duration.

mod authority;
mod config;
mod directory;
mod enrol;
mod frames;
mod front;
pub mod hello;
mod limits;
mod link;
mod links;
mod metrics;
mod nats;
mod operator;
mod pipes;
mod pump;
mod relay;
mod replay;
mod socket;
mod state;
mod status;
mod store;
mod witness;

pub use authority::AuthorityError;
pub use config::{Config, ConfigError, Limits, Listen, Nats, Public, Times, Witness};
pub use enrol::TokenError;
pub use nats::NatsError;
pub use operator::{OperatorError, enrol, revoke, witness_key};
pub use relay::{Addresses, Relay, RelayError};
pub use store::StoreError;
