//! Certificates of the edge. Until there is one from a public authority, a private authority in `DATA/tls/` signs them: `ca.pem` is
//! what a device has to trust. The server certificate is made at start, follows the names the edge serves, and is renewed in time.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring as provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Short enough that a lost key is soon worthless, and below what browsers accept.
const LIFE: Duration = Duration::from_secs(90 * 24 * 3600);
/// Renewed when less is left.
const RENEW: Duration = Duration::from_secs(30 * 24 * 3600);
/// Clocks of old phones run behind.
const GRACE: Duration = Duration::from_secs(24 * 3600);
const AUTHORITY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The edge's certificate and the names it is for; shared by all listeners.
pub struct Certificates {
    authority: Authority,
    config: Arc<ServerConfig>,
    current: Arc<Current>,
}

/// Certificates cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of the private authority.
    #[error("using {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Making a certificate, or reading the authority's.
    #[error("making a certificate")]
    Certificate(#[from] rcgen::Error),
    /// TLS does not take it.
    #[error("preparing TLS")]
    Tls(#[from] rustls::Error),
}

impl Certificates {
    /// Opens the authority in `directory`, making it at the first start, and issues a certificate for `localhost` and `names`
    /// (host names and addresses).
    ///
    /// # Errors
    /// When the authority's files cannot be read or written, or a name is no name.
    pub fn open(directory: &Path, names: &[String]) -> Result<Self, TlsError> {
        let authority = Authority::open(directory)?;
        let names: BTreeSet<_> = names
            .iter()
            .map(|name| plain(name))
            .chain(["localhost".to_owned()])
            .collect();
        let issued = authority.issue(&names)?;
        let current = Arc::new(Current(RwLock::new(issued)));
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = provider::Ticketer::new()?;
        // No early data: a request in it could be replayed by whoever overheard it.
        config.max_early_data_size = 0;
        Ok(Self {
            authority,
            config: Arc::new(config),
            current,
        })
    }

    /// For a TLS acceptor; it always shows the newest certificate.
    #[must_use]
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// What devices have to trust.
    #[must_use]
    pub fn authority_file(&self) -> &Path {
        &self.authority.file
    }

    /// Whether a `Host` or `:authority`, with or without a port, is one of the edge's names.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, port)) => (name, port.strip_prefix(':').unwrap_or(port)),
            None => host.split_once(':').unwrap_or((host, "")),
        };
        port.len() <= 5
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && self.current.read().names.contains(&plain(name))
    }

    /// Serves these names too, from now on.
    ///
    /// # Errors
    /// When a name is no name; the old certificate stays.
    pub fn ensure(&self, names: &[String]) -> Result<(), TlsError> {
        let mut all = self.current.read().names.clone();
        let before = all.len();
        all.extend(names.iter().map(|name| plain(name)));
        if all.len() > before {
            self.replace(&all)
        } else {
            Ok(())
        }
    }

    /// Makes a new certificate when the old one runs out soon; for a daily task.
    ///
    /// # Errors
    /// When none can be made; the old certificate stays.
    pub fn renew(&self) -> Result<(), TlsError> {
        let (names, expires) = {
            let current = self.current.read();
            (current.names.clone(), current.expires)
        };
        if expires < SystemTime::now() + RENEW {
            self.replace(&names)
        } else {
            Ok(())
        }
    }

    fn replace(&self, names: &BTreeSet<String>) -> Result<(), TlsError> {
        let issued = self.authority.issue(names)?;
        *self
            .current
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner) = issued;
        tracing::info!(names = names.len(), "a new server certificate is in use");
        Ok(())
    }
}

/// Names are compared in lower case and without a trailing dot.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[derive(Debug)]
struct Current(RwLock<Issued>);

#[derive(Debug)]
struct Issued {
    names: BTreeSet<String>,
    expires: SystemTime,
    key: Arc<CertifiedKey>,
}

impl Current {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Issued> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.read().key))
    }
}

struct Authority {
    file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn open(directory: &Path) -> Result<Self, TlsError> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory);
        made.map_err(|source| TlsError::File {
            path: directory.to_owned(),
            source,
        })?;
        let (file, key_file) = (directory.join("ca.pem"), directory.join("ca.key"));
        if !file.exists() {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::new(Vec::new())?;
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.distinguished_name.push(
                DnType::CommonName,
                "Schulhof, private authority of this school",
            );
            limit(&mut params, AUTHORITY_LIFE);
            let certificate = params.self_signed(&key)?;
            // The key first: a certificate without its key would be taken for a finished authority.
            write(&key_file, key.serialize_pem().as_bytes(), 0o600)?;
            write(&file, certificate.pem().as_bytes(), 0o644)?;
        }
        let issuer =
            Issuer::from_ca_cert_pem(&read(&file)?, KeyPair::from_pem(&read(&key_file)?)?)?;
        Ok(Self { file, issuer })
    }

    fn issue(&self, names: &BTreeSet<String>) -> Result<Issued, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params
            .distinguished_name
            .push(DnType::CommonName, "Schulhof");
        let expires = limit(&mut params, LIFE);
        let certificate = params.signed_by(&key, &self.issuer)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = provider::sign::any_supported_type(&private)?;
        let key = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], signing));
        Ok(Issued {
            names: names.clone(),
            expires,
            key,
        })
    }
}

fn limit(params: &mut CertificateParams, life: Duration) -> SystemTime {
    let now = SystemTime::now();
    let expires = now + life;
    params.not_before = (now - GRACE).into();
    params.not_after = expires.into();
    expires
}

fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

/// Writes whole or not at all.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), TlsError> {
    let temporary = path.with_extension("new");
    let writing = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    writing().map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_stays_and_its_key_is_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("schulhof-tls-{}", std::process::id()));
        let first = Certificates::open(&folder, &[]).expect("made");
        let pem = fs::read(first.authority_file()).expect("readable");
        let again = Certificates::open(&folder, &["10.0.0.5".to_owned()]).expect("opened");
        assert_eq!(fs::read(again.authority_file()).expect("readable"), pem);
        let mode = fs::metadata(folder.join("ca.key"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            again.covers("10.0.0.5:443")
                && again.covers("LOCALHOST.")
                && !again.covers("kgs.relay.localhost")
        );
        again
            .ensure(&["kgs.relay.localhost".to_owned()])
            .expect("issued");
        assert!(again.covers("kgs.relay.localhost:8443"));
        assert!(
            !again.covers("kgs.relay.localhost:8443:1")
                && !again.covers("")
                && !again.covers("x.kgs.relay.localhost")
        );
        fs::remove_dir_all(folder).expect("removed");
    }
}
