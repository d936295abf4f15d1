//! Subjects and messages of the control plane on NATS. Never a payload byte, never anything about a visitor.

use serde::{Deserialize, Serialize};

use crate::{LinkKey, SchoolId};

/// An edge tells relays that it is there; every 15 seconds, give or take.
#[must_use]
pub fn presence(school: &SchoolId) -> String {
    format!("edge.{school}.up.presence")
}

/// A relay asks an edge to bring a link; request and reply.
#[must_use]
pub fn dial(school: &SchoolId) -> String {
    format!("edge.{school}.down.dial")
}

/// A school asks for a cosignature on its log's checkpoint; request and reply with the bodies of c2sp.org/tlog-witness.
#[must_use]
pub fn witness(school: &SchoolId) -> String {
    format!("edge.{school}.up.witness")
}

/// A relay tells the others how busy it is.
#[must_use]
pub fn load(relay: &str) -> String {
    format!("relay.{relay}.load")
}

/// The prefix of an edge's private inbox; its permissions name it.
#[must_use]
pub fn inbox(school: &SchoolId) -> String {
    format!("_INBOX.{school}")
}

/// What relays listen to for presence.
pub const ALL_PRESENCE: &str = "edge.*.up.presence";
/// What relays listen to for [`witness`].
pub const ALL_WITNESS: &str = "edge.*.up.witness";
/// Header of a question to a witness: the verifier key of the school's log, believed the first time.
pub const WITNESS_KEY: &str = "Schulhof-Log-Key";
/// Header of a witness' reply: the status that HTTP would have.
pub const WITNESS_STATUS: &str = "Schulhof-Status";
/// What relays listen to for revocation.
pub const REVOKE: &str = "relay.ctl.revoke";

/// Body of [`presence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The school.
    pub school: SchoolId,
    /// Build of its edge.
    pub build: String,
    /// Relays it has a link to.
    pub relays: Vec<String>,
    /// Work connections it keeps parked, all links together.
    pub parked: u32,
}

/// Body of [`dial`]: bring a link to this relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Which relay asks.
    pub relay: String,
    /// Its link address, `host:port`. The edge believes nothing but the pinned authority behind it.
    pub link: String,
}

/// Reply to [`Dial`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialled {
    /// Whether the edge will try.
    pub dialling: bool,
}

/// Body of [`load`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Which relay.
    pub relay: String,
    /// Running visitor streams.
    pub visitors: u64,
    /// Schools with a link.
    pub schools: u64,
    /// Whether it is going down.
    pub draining: bool,
}

/// Body of [`REVOKE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    /// The school.
    pub school: SchoolId,
    /// The key that no longer counts.
    pub key: LinkKey,
}
