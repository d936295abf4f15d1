//! TLS to servers of others, by the certificate authorities that the system trusts.

use rustls::{ClientConfig, Error, RootCertStore};
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// The authorities of the system; none where none are installed.
pub(crate) fn authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Connects to whoever shows a certificate of these.
pub(crate) fn trusting(roots: RootCertStore) -> Result<TlsConnector, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
