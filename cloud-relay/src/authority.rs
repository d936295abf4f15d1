//! The relays' private authority, which edges pin at enrolment. It certifies relays to edges, and nothing else: visitors never see a
//! certificate of it, and no name of a school is ever in one. Relays that share a data folder share it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use relay_wire::{ENROL_PROTOCOL, LINK_PROTOCOL, RELAY_NAME};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
    version::TLS13,
};

/// The authority of a fleet and this relay's certificate under it.
pub(crate) struct Authority {
    /// The authority's certificate, PEM.
    pub(crate) pem: String,
    /// Control links: the edge shows its raw public key.
    pub(crate) link: Arc<ServerConfig>,
    /// Enrolment: the edge shows nothing yet.
    pub(crate) enrol: Arc<ServerConfig>,
}

/// The authority cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Reading or writing its files.
    #[error("using the file {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What the files hold, or making certificates.
    #[error("using the relay's private authority")]
    Certificate(#[from] rcgen::Error),
    /// TLS does not take them.
    #[error("preparing TLS for links")]
    Tls(#[from] rustls::Error),
}

impl Authority {
    /// Reads the authority from `ca.key` and `ca.pem`, or makes it at the first start.
    pub(crate) fn open(folder: &Path) -> Result<Self, AuthorityError> {
        let (pem, key) = read_or_make(folder)?;
        let issuer = Issuer::from_ca_cert_pem(&pem, KeyPair::from_pem(&key)?)?;
        // A fresh certificate at each start, valid as long as the authority: nothing to renew, nothing that a wrong clock can break.
        let own_key = KeyPair::generate()?;
        let mut params = CertificateParams::new([RELAY_NAME.to_owned()])?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&own_key, &issuer)?;
        let chain = vec![certificate.der().clone()];
        let key = own_key.serialize_der();
        Ok(Self {
            pem,
            link: server_config(&chain, &key, Arc::new(RawLinkKey::default()), LINK_PROTOCOL)?,
            enrol: server_config(
                &chain,
                &key,
                WebPkiClientVerifier::no_client_auth(),
                ENROL_PROTOCOL,
            )?,
        })
    }
}

fn server_config(
    chain: &[CertificateDer<'static>],
    key: &[u8],
    verifier: Arc<dyn ClientCertVerifier>,
    protocol: &[u8],
) -> Result<Arc<ServerConfig>, AuthorityError> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_vec()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain.to_vec(), key)?;
    config.alpn_protocols = vec![protocol.to_vec()];
    // Each link proves its key anew: a resumed session would outlive a revocation.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn read_or_make(folder: &Path) -> Result<(String, String), AuthorityError> {
    let (pem_file, key_file) = (folder.join("ca.pem"), folder.join("ca.key"));
    if !pem_file.exists() {
        // The key first: a certificate without its key would be taken for a finished authority.
        found(&key_file, KeyPair::generate()?.serialize_pem().as_bytes())?;
        let key = KeyPair::from_pem(&read(&key_file)?)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "Schulhof relay links");
        let certificate = params.self_signed(&key)?;
        found(&pem_file, certificate.pem().as_bytes())?;
    }
    Ok((read(&pem_file)?, read(&key_file)?))
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(|source| AuthorityError::File {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file that is not there yet, whole or not at all, readable for the owner only. Of several relays that begin in one folder
/// the first has written it.
fn found(path: &Path, bytes: &[u8]) -> Result<(), AuthorityError> {
    let temporary = path.with_extension(format!("new{}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        let linked = fs::hard_link(&temporary, path);
        fs::remove_file(&temporary)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    };
    write().map_err(|source| AuthorityError::File {
        path: path.to_owned(),
        source,
    })
}

/// Creates the data folder, for the owner only.
pub(crate) fn make_folder(folder: &Path) -> Result<(), AuthorityError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| AuthorityError::File {
        path: folder.to_owned(),
        source,
    })
}

/// Takes any raw public key (RFC 7250) whose owner proves it. Whether a school has that key is asked of the directory afterwards, so
/// that the edge can be told why it is not wanted.
#[derive(Debug)]
struct RawLinkKey(WebPkiSupportedAlgorithms);

impl Default for RawLinkKey {
    fn default() -> Self {
        Self(ring::default_provider().signature_verification_algorithms)
    }
}

impl ClientCertVerifier for RawLinkKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match relay_wire::public_key_from_der(end_entity) {
            Some(_) => Ok(ClientCertVerified::assertion()),
            None => Err(CertificateError::BadEncoding.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(
            "links speak TLS 1.3 only".to_owned(),
        ))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_begins_beside_another_takes_the_key_that_one_has_drawn() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("ca.key");
        let first = KeyPair::generate().expect("a key").serialize_pem();
        fs::write(&path, &first).expect("ours");
        let authority = Authority::open(folder.path()).expect("opens");
        assert_eq!(fs::read_to_string(&path).expect("reads"), first);
        let again = Authority::open(folder.path()).expect("opens");
        assert_eq!(authority.pem, again.pem);
    }
}
