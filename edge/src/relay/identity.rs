//! Who this edge is to its relays: the link key, made here and never sent, and the relay's grant. Two small files, mode 0600:
//! `pending.json` while an enrolment is under way, `identity.json` once it is granted. `epoch` counts the links made.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::private;
use relay_wire::enrol::Grant;
use relay_wire::{Hex, LinkKey};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::ring as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};

/// An enrolled edge.
pub(super) struct Identity {
    /// Which token led to it; the same token is not used again.
    pub(super) lookup: Hex<16>,
    /// What the relay granted.
    pub(super) grant: Grant,
    key: Vec<u8>,
    directory: PathBuf,
}

/// A key that is not yet granted.
pub(super) struct Candidate {
    pub(super) lookup: Hex<16>,
    pair: Ed25519KeyPair,
    key: Vec<u8>,
    directory: PathBuf,
}

/// Keys or grant cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file.
    #[error("using {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its content.
    #[error(
        "{path} does not hold what this edge wrote; restore it from a backup, or remove it and enrol with a new token"
    )]
    Content {
        /// Which file.
        path: PathBuf,
    },
    /// No key could be made.
    #[error("the system has no randomness for a key")]
    Randomness,
    /// The relay's authority or our key does not fit TLS.
    #[error("preparing TLS for the link")]
    Tls(#[from] rustls::Error),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    lookup: Hex<16>,
    /// PKCS#8 in hexadecimal.
    key: String,
    grant: Option<Grant>,
}

impl Identity {
    /// The identity on disk, if this edge is enrolled.
    pub(super) fn open(directory: &Path) -> Result<Option<Self>, IdentityError> {
        let path = directory.join("identity.json");
        let Some(kept) = read(&path)? else {
            return Ok(None);
        };
        let content = || IdentityError::Content { path: path.clone() };
        let key = bytes(&kept.key).ok_or_else(content)?;
        let grant = kept.grant.ok_or_else(content)?;
        Ok(Some(Self {
            lookup: kept.lookup,
            grant,
            key,
            directory: directory.to_owned(),
        }))
    }

    /// TLS towards relays: trusts only the pinned authority, shows only the raw public key (RFC 7250).
    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, IdentityError> {
        let path = self.directory.join("identity.json");
        let content = || IdentityError::Content { path: path.clone() };
        let authority = CertificateDer::from_pem_slice(self.grant.authority.as_bytes())
            .map_err(|_| content())?;
        let mut roots = RootCertStore::empty();
        roots.add(authority)?;
        let pair = Ed25519KeyPair::from_pkcs8(&self.key).map_err(|_| content())?;
        let public = relay_wire::public_key_der(&public_key(&pair));
        let signing =
            provider::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(self.key.as_slice()))?;
        let certified = Arc::new(CertifiedKey::new(
            vec![CertificateDer::from(public)],
            signing,
        ));
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
                .with_protocol_versions(&[&TLS13])?
                .with_root_certificates(roots)
                .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                    certified,
                )));
        config.alpn_protocols = vec![relay_wire::LINK_PROTOCOL.to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// The number of the next link: greater than every one before, across restarts and clocks set back.
    pub(super) fn next_epoch(&self) -> Result<u64, IdentityError> {
        let path = self.directory.join("epoch");
        let last = match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(source) => return Err(IdentityError::File { path, source }),
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let next = u64::try_from(now).unwrap_or_default().max(last + 1);
        write(&path, next.to_string().as_bytes())?;
        Ok(next)
    }
}

impl Candidate {
    /// The key for this token: the one of an earlier try, whose answer may have got lost, or a new one.
    pub(super) fn for_token(directory: &Path, lookup: Hex<16>) -> Result<Self, IdentityError> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory);
        made.map_err(|source| IdentityError::File {
            path: directory.to_owned(),
            source,
        })?;
        let path = directory.join("pending.json");
        let earlier = read(&path)?
            .filter(|kept| kept.lookup == lookup)
            .and_then(|kept| bytes(&kept.key));
        let key = match earlier {
            Some(key) => key,
            None => {
                let random = SystemRandom::new();
                let key = Ed25519KeyPair::generate_pkcs8(&random)
                    .map_err(|_| IdentityError::Randomness)?
                    .as_ref()
                    .to_vec();
                keep(
                    &path,
                    &Kept {
                        lookup,
                        key: hexadecimal(&key),
                        grant: None,
                    },
                )?;
                key
            }
        };
        let pair = Ed25519KeyPair::from_pkcs8(&key).map_err(|_| IdentityError::Content { path })?;
        Ok(Self {
            lookup,
            pair,
            key,
            directory: directory.to_owned(),
        })
    }

    pub(super) fn public(&self) -> LinkKey {
        public_key(&self.pair)
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Hex<64> {
        Hex(self.pair.sign(bytes).as_ref().try_into().unwrap_or([0; 64]))
    }

    /// The relay said yes: from now on this is who we are.
    pub(super) fn granted(self, grant: Grant) -> Result<Identity, IdentityError> {
        let kept = Kept {
            lookup: self.lookup,
            key: hexadecimal(&self.key),
            grant: Some(grant.clone()),
        };
        keep(&self.directory.join("identity.json"), &kept)?;
        // Left behind it would only be a second copy of the key.
        let _ = fs::remove_file(self.directory.join("pending.json"));
        Ok(Identity {
            lookup: self.lookup,
            grant,
            key: self.key,
            directory: self.directory,
        })
    }
}

fn public_key(pair: &Ed25519KeyPair) -> LinkKey {
    Hex(pair.public_key().as_ref().try_into().unwrap_or([0; 32]))
}

fn read(path: &Path) -> Result<Option<Kept>, IdentityError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| IdentityError::Content {
                path: path.to_owned(),
            }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IdentityError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn keep(path: &Path, kept: &Kept) -> Result<(), IdentityError> {
    let bytes = serde_json::to_vec_pretty(kept).map_err(|_| IdentityError::Content {
        path: path.to_owned(),
    })?;
    write(path, &bytes)
}

/// Writes whole or not at all, readable for the owner only.
fn write(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    private::replace(path, bytes).map_err(|source| IdentityError::File {
        path: path.to_owned(),
        source,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| {
        std::str::from_utf8(pair)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
    };
    text.as_bytes().chunks(2).map(pair).collect()
}
