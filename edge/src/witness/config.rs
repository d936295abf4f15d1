//! The section `[witness]` of the configuration, checked whole before anything is opened.

use axum::http::Uri;
use edge_audit::{Peer, Policy, PolicyError};
use serde::{Deserialize, Serialize};

/// Who witnesses this school's log, and whose logs this machine witnesses.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// Cosignatures that must come; without it, more than half of the witnesses.
    pub need: Option<usize>,
    /// The witnesses.
    pub peer: Vec<PeerConfig>,
    /// Verifier keys of other schools' logs that are witnessed here, `name+hash+key`.
    pub log: Vec<String>,
}

/// A witness and the way to it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeerConfig {
    /// What the administration calls it.
    pub name: String,
    /// Its verifier key, `name+hash+key`.
    pub key: String,
    /// Where `add-checkpoint` is: `https://host/witness`, or `http://…` where nothing but sizes and hashes needs protection.
    pub url: Option<String>,
    /// Through the relay's NATS.
    pub nats: bool,
}

/// The section makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum WitnessConfigError {
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// No name.
    #[error("witness.peer number {0} has no `name`")]
    Nameless(usize),
    /// Two ways or none.
    #[error("witness.peer {0:?}: set either `url` or `nats = true`")]
    Way(String),
    /// No usable address.
    #[error("witness.peer {0:?}: `url` is http:// or https:// with a host, and without a query")]
    Url(String),
    /// NATS comes with the relay.
    #[error(
        "witness.peer {0:?} is asked through NATS, but the school is not enrolled with a relay"
    )]
    NoRelay(String),
}

/// The way to one witness.
#[derive(Clone, Debug)]
pub(super) enum To {
    Url(Uri),
    Nats,
}

/// A section that makes sense.
pub struct Configured {
    /// For the audit module.
    pub policy: Policy,
    pub(super) ways: Vec<(String, To)>,
}

impl WitnessConfig {
    /// Checks the section. `has_relay` says whether there is a way through NATS.
    ///
    /// # Errors
    /// The first thing that is wrong, by its name in the configuration.
    pub fn check(&self, has_relay: bool) -> Result<Configured, WitnessConfigError> {
        if let Some(at) = self.peer.iter().position(|peer| peer.name.is_empty()) {
            return Err(WitnessConfigError::Nameless(at + 1));
        }
        let peers = self.peer.iter().map(|peer| Peer {
            name: peer.name.clone(),
            key: peer.key.clone(),
        });
        let policy = Policy::try_new(self.need, peers.collect(), self.log.clone())?;
        let ways = self.peer.iter().map(|peer| {
            let name = peer.name.clone();
            let to = match (&peer.url, peer.nats) {
                (Some(url), false) => {
                    To::Url(address(url).ok_or_else(|| WitnessConfigError::Url(name.clone()))?)
                }
                (None, true) if has_relay => To::Nats,
                (None, true) => return Err(WitnessConfigError::NoRelay(name)),
                (Some(_), true) | (None, false) => return Err(WitnessConfigError::Way(name)),
            };
            Ok((name, to))
        });
        Ok(Configured {
            policy,
            ways: ways.collect::<Result<_, WitnessConfigError>>()?,
        })
    }
}

/// The address of `add-checkpoint` below a prefix.
fn address(prefix: &str) -> Option<Uri> {
    let whole = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
    let address: Uri = whole.parse().ok()?;
    let is_http = matches!(address.scheme_str(), Some("http" | "https"));
    (is_http && address.host().is_some() && address.query().is_none()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(url: Option<&str>, nats: bool) -> WitnessConfig {
        WitnessConfig {
            peer: vec![PeerConfig {
                name: "relay".into(),
                key: events_proof::cosignature::witness_key("w", &[1; 32]),
                url: url.map(str::to_owned),
                nats,
            }],
            ..WitnessConfig::default()
        }
    }

    #[test]
    fn a_witness_has_one_way_that_exists() {
        assert!(
            peer(Some("https://other.example/witness/"), false)
                .check(false)
                .is_ok()
        );
        assert!(peer(None, true).check(true).is_ok());
        let complaint = |config: WitnessConfig| match config.check(false) {
            Ok(_) => panic!("it is refused"),
            Err(error) => error.to_string(),
        };
        assert!(complaint(peer(None, true)).contains("not enrolled"));
        assert!(complaint(peer(None, false)).contains("either"));
        assert!(complaint(peer(Some("https://w"), true)).contains("either"));
        for url in ["w.example", "ftp://w.example", "http://", "https://w/?a=b"] {
            assert!(complaint(peer(Some(url), false)).contains("url"), "{url}");
        }
        let mut nameless = peer(None, true);
        nameless.peer[0].name.clear();
        assert!(complaint(nameless).contains("number 1"));
    }

    #[test]
    fn the_address_is_below_the_prefix() {
        let of = |prefix| address(prefix).expect("an address").to_string();
        assert_eq!(of("http://w:8447"), "http://w:8447/add-checkpoint");
        assert_eq!(of("https://w/witness/"), "https://w/witness/add-checkpoint");
    }
}
