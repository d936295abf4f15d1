//! Enrolling with a relay: asks until there is an answer, and stops asking when the answer is a no.
//!
//! The relay's certificate is not known yet, so any is taken; what counts is the proof over the connection's exporter, which only
//! somebody who knows the token can give (`relay_wire::enrol`).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use relay_wire::enrol::{Answer, EXPORTER, Refusal, Request};
use relay_wire::token::TokenHashes;
use relay_wire::{ENROL_PROTOCOL, RELAY_NAME, frame};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring as provider, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::backoff::Backoff;
use super::identity::{Candidate, Identity, IdentityError};
use super::{Enrolment, RelayConfig, Status, socket};

const ANSWER: Duration = Duration::from_secs(10);
/// How long to wait when the relay says that it was asked too often.
const CALM: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
enum EnrolmentError {
    #[error("reaching the relay")]
    Network(#[from] io::Error),
    #[error("speaking TLS with the relay")]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// This edge's identity: the one it has, or a new one for a token it has not used yet. Nothing when the relay refuses for good.
pub(super) async fn enrolled(
    config: &RelayConfig,
    has: Option<Identity>,
    status: &watch::Sender<Status>,
) -> Option<Identity> {
    let Some(enrolment) = &config.enrolment else {
        return has;
    };
    let hashes = enrolment.token.hashes();
    if has
        .as_ref()
        .is_some_and(|identity| identity.lookup == hashes.lookup)
    {
        return has;
    }
    let mut backoff = Backoff::default();
    loop {
        let error = match timeout(ANSWER, enrol(config, enrolment, &hashes)).await {
            Ok(Ok(identity)) => {
                tracing::info!(school = %identity.grant.school, "enrolled with the relay");
                return Some(identity);
            }
            Ok(Err(error)) => error,
            Err(_) => io::Error::from(io::ErrorKind::TimedOut).into(),
        };
        if backoff.failures() == 0 {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "not enrolled with the relay yet"
            );
        }
        status.send_modify(|status| status.problem = Some(error.to_string()));
        match error {
            EnrolmentError::Refused(Refusal::Rate) => tokio::time::sleep(CALM).await,
            EnrolmentError::Refused(refusal) if refusal != Refusal::Malformed => {
                tracing::error!(%refusal, "the relay refuses to enrol this school");
                // An old identity may still be good: a mistyped token must not take the school off the air.
                return has;
            }
            _ => backoff.wait().await,
        }
    }
}

async fn enrol(
    config: &RelayConfig,
    enrolment: &Enrolment,
    hashes: &TokenHashes,
) -> Result<Identity, EnrolmentError> {
    let stream = socket::connect(&enrolment.address).await?;
    let candidate = Candidate::for_token(&config.directory, hashes.lookup)?;
    let name = ServerName::try_from(RELAY_NAME).map_err(io::Error::other)?;
    let mut stream = TlsConnector::from(tls()?).connect(name, stream).await?;
    let exporter = stream
        .get_ref()
        .1
        .export_keying_material([0; 32], EXPORTER, None)?;
    let request = Request::new(hashes, &exporter, candidate.public(), |bytes| {
        candidate.sign(bytes)
    });
    stream
        .write_all(&frame::encode(&request).map_err(io::Error::other)?)
        .await?;
    stream.flush().await?;
    let mut received = Vec::new();
    let answer = loop {
        if let Some(answer) = frame::decode::<Answer>(&mut received).map_err(io::Error::other)? {
            break answer;
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
    };
    let grant = answer.granted(&hashes.proof, &exporter)?;
    Ok(candidate.granted(grant)?)
}

fn tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate::default()))
        .with_no_client_auth();
    config.alpn_protocols = vec![ENROL_PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}

/// Takes any certificate whose owner signs the handshake; the token's proof does the rest.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl Default for AnyCertificate {
    fn default() -> Self {
        Self(provider::default_provider().signature_verification_algorithms)
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
