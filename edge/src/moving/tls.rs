//! TLS between the two machines of a move. Both make their keys from the secret in the code and know from it what key the other must
//! show, so that nobody else can be either; there is no certificate (RFC 7250).

use super::Code;
use anyhow::{Context, Result};
use relay_wire::{Hex, public_key_der};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{ring as provider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, ServerConfig,
    SignatureScheme,
};
use std::sync::Arc;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What stands before the seed of an Ed25519 key in PKCS#8 (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const NEW: &str = "schulhof move 1, new machine";
const OLD: &str = "schulhof move 1, old machine";

/// For the new machine, which listens.
pub(super) fn acceptor(code: &Code) -> Result<TlsAcceptor> {
    let shown = certified(&seed(code, NEW))?;
    let other = Other(public(&seed(code, OLD))?);
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(other))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(shown)));
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// For the old machine, which calls.
pub(super) fn connector(code: &Code) -> Result<TlsConnector> {
    let shown = certified(&seed(code, OLD))?;
    let other = Other(public(&seed(code, NEW))?);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(other))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(shown)));
    config.resumption = rustls::client::Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn seed(code: &Code, whose: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &code.secret);
    let mut seed = [0; 32];
    seed.copy_from_slice(hmac::sign(&key, whose.as_bytes()).as_ref());
    seed
}

fn public(seed: &[u8; 32]) -> Result<Vec<u8>> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed);
    let pair = pair.ok().context("making a key from the code")?;
    let public = <[u8; 32]>::try_from(pair.public_key().as_ref()).context("making a key")?;
    Ok(public_key_der(&Hex(public)))
}

fn certified(seed: &[u8; 32]) -> Result<Arc<CertifiedKey>> {
    let key = PrivatePkcs8KeyDer::from([&PKCS8[..], seed].concat());
    let signing = provider::sign::any_eddsa_type(&key)?;
    let public = CertificateDer::from(public(seed)?);
    Ok(Arc::new(CertifiedKey::new(vec![public], signing)))
}

/// Accepts the one key that the other machine must have.
#[derive(Debug)]
struct Other(Vec<u8>);

impl Other {
    fn is(&self, shown: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        match shown.as_ref() == self.0.as_slice() {
            true => Ok(()),
            false => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn has_signed(
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider::default_provider().signature_verification_algorithms;
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &algorithms)
    }

    fn only_tls13() -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(
            "a move speaks TLS 1.3 only".to_owned(),
        ))
    }
}

impl ServerCertVerifier for Other {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.is(end_entity)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _key: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::only_tls13()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::has_signed(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Other {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.is(end_entity)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _key: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::only_tls13()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::has_signed(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
