//! Visitors: with real TLS, or with whatever bytes a test wants to send.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring as provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::soon;

/// A connection closed without a word.
pub(crate) const NOTHING: Vec<u8> = Vec::new();
/// The alert for a name that is not served.
pub(crate) const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];
/// The alert for what is no ClientHello.
pub(crate) const DECODE_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 50];

/// A visitor whose TLS reaches a school.
pub(crate) async fn visit(front: SocketAddr, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(front).await?;
    let connector = TlsConnector::from(blind_trust(&[&TLS13, &TLS12], &[]));
    connector
        .connect(ServerName::try_from(name.to_owned()).expect("a name"), tcp)
        .await
}

/// What a school says first to a visitor of `name`.
pub(crate) async fn greeting(front: SocketAddr, name: &str) -> String {
    let mut stream = soon("a visitor's handshake", visit(front, name))
        .await
        .expect("the school answers");
    line(&mut stream).await
}

/// Reads one line.
pub(crate) async fn line(stream: &mut TlsStream<TcpStream>) -> String {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        line.push(
            soon("a byte of the greeting", stream.read_u8())
                .await
                .expect("the school speaks"),
        );
    }
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

/// Sends these bytes and returns everything that comes back until the end.
pub(crate) async fn send(front: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(front).await.expect("the relay listens");
    // The relay may close before it has read all of a bad hello.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

/// Everything until the end, or until the relay resets.
pub(crate) async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = soon(
        "the relay's end of the connection",
        stream.read_to_end(&mut answer),
    )
    .await;
    answer
}

/// TLS that takes any certificate: these tests are about where bytes go, not about whom to trust.
pub(crate) fn blind_trust(
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&[u8]],
) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
