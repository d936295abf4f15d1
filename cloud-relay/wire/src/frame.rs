//! Frames of the control link: two bytes of length, then JSON. Small and rare by design; no payload ever travels here.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{HostName, LinkId};

/// Longest frame body. A peer that announces more is cut off.
pub const LONGEST_FRAME: usize = 4096;

/// One message on a control link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum Frame {
    /// Edge to relay, first: who speaks, and which names the school consents to serve here.
    Hello {
        /// Version of this protocol, 1.
        version: u16,
        /// Build of the edge, for the operator's eyes.
        build: String,
        /// Grows with every link this edge makes; the newest wins.
        epoch: u64,
        /// Names the edge serves. The relay routes only those that its directory also grants.
        names: Vec<HostName>,
    },
    /// Relay to edge, the answer to a good hello.
    Welcome {
        /// Context for the exporter and first part of each prologue.
        link: LinkId,
        /// Which relay this is.
        relay: String,
        /// Milliseconds since 1970, UTC: an edge with a wrong clock can notice.
        time: u64,
        /// Most work connections that may be parked on this link.
        ceiling: u16,
    },
    /// Either side, every few seconds; `sent` comes back in the pong.
    Ping {
        /// Sender's own clock, opaque to the receiver.
        sent: u64,
    },
    /// The answer to a ping.
    Pong {
        /// Copied from the ping.
        sent: u64,
    },
    /// Relay to edge: visitors wait and nothing is parked; bring this many work connections beyond the warm pool.
    Want {
        /// How many.
        count: u16,
    },
    /// Relay to edge: this relay is going down; running streams go on for a while.
    Drain {},
    /// Relay to edge, last: why the link is not wanted.
    Refused {
        /// What the edge can tell its operator.
        reason: Refusal,
    },
}

/// Why a relay does not keep a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No school has this key, or no longer.
    UnknownKey,
    /// A newer link of the same key is standing.
    Superseded,
    /// The hello was not understood or is of another version.
    Hello,
    /// The school's key was revoked.
    Revoked,
    /// The school makes links faster than the relay allows.
    Rate,
}

/// A frame that cannot be read; the link must be closed.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`LONGEST_FRAME`].
    #[error("a frame of {0} bytes is longer than the {LONGEST_FRAME} allowed")]
    TooLong(usize),
    /// Not the JSON of a message.
    #[error("a frame could not be read")]
    Malformed(#[source] serde_json::Error),
}

/// The bytes of one message.
///
/// # Errors
/// [`FrameError::TooLong`] when its JSON does not fit a frame.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, FrameError> {
    let body = serde_json::to_vec(message).map_err(FrameError::Malformed)?;
    let length = u16::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= LONGEST_FRAME);
    let length = length.ok_or(FrameError::TooLong(body.len()))?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Takes the first whole message out of what was received so far; nothing when more bytes are needed.
///
/// # Errors
/// As [`FrameError`]; what was received is then of no more use.
pub fn decode<M: DeserializeOwned>(received: &mut Vec<u8>) -> Result<Option<M>, FrameError> {
    let Some((length, rest)) = received.split_first_chunk::<2>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes(*length));
    if length > LONGEST_FRAME {
        return Err(FrameError::TooLong(length));
    }
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let message = serde_json::from_slice(body).map_err(FrameError::Malformed)?;
    received.drain(..2 + length);
    Ok(Some(message))
}
