//! How a question reaches a witness: by HTTP, or by NATS request and reply through the relay, with the same body. Answers are bounded
//! in size and time; who really answered is told by the signature, whatever the line.

use super::config::{Configured, To};
use crate::outbound::{authorities, trusting};
use crate::relay::RelayLink;
use anyhow::{Context, Result, bail};
use axum::body::{Body, to_bytes};
use axum::http::{Request, Uri, header};
use edge_audit::{Answer, Way};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer: a few signature lines.
const LONGEST_ANSWER: usize = 16 * 1024;

/// The ways to all witnesses.
#[derive(Clone)]
pub struct Ways {
    to: Arc<Vec<(String, To)>>,
    relay: Option<RelayLink>,
    /// The key of our own log, which a relay believes the first time.
    log_key: Arc<str>,
    tls: Option<TlsConnector>,
}

impl Ways {
    /// The ways that a configuration names.
    ///
    /// # Errors
    /// When TLS is needed and the system has no authorities to trust.
    pub fn try_new(
        configured: &Configured,
        relay: Option<RelayLink>,
        log_key: String,
    ) -> Result<Self> {
        let needs_tls = configured.ways.iter().any(|(_, to)| match to {
            To::Url(address) => address.scheme_str() == Some("https"),
            To::Nats => false,
        });
        Ok(Self {
            to: Arc::new(configured.ways.clone()),
            relay,
            log_key: log_key.into(),
            tls: needs_tls.then(tls).transpose()?,
        })
    }

    async fn ask(&self, to: &To, body: String) -> Result<Answer> {
        match to {
            To::Url(address) => self.post(address, body).await,
            To::Nats => {
                let relay = self.relay.as_ref().context("there is no relay")?;
                let reply = relay.ask_witness(&self.log_key, body).await;
                let (status, body) = reply.context("no relay answered")?;
                Ok(Answer { status, body })
            }
        }
    }

    async fn post(&self, address: &Uri, body: String) -> Result<Answer> {
        let host = address.host().context("the address has no host")?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_tls = address.scheme_str() == Some("https");
        let port = address.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        match &self.tls {
            Some(tls) if is_tls => {
                let name = ServerName::try_from(host)?;
                send(tls.connect(name, stream).await?, address, body).await
            }
            None if is_tls => bail!("TLS was not prepared"),
            Some(_) | None => send(stream, address, body).await,
        }
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    address: &Uri,
    body: String,
) -> Result<Answer> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let authority = address.authority().context("the address has no host")?;
    let request = Request::post(address.path())
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Body::from(body))?;
    let answered = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let bytes = to_bytes(Body::new(response.into_body()), LONGEST_ANSWER).await?;
        let body = String::from_utf8(bytes.to_vec())?;
        anyhow::Ok(Answer { status, body })
    };
    let answer = answered.await;
    driven.abort();
    answer
}

fn tls() -> Result<TlsConnector> {
    let roots = authorities();
    if roots.is_empty() {
        bail!(
            "the system has no certificate authorities to trust a witness' https:// address by; install ca-certificates"
        );
    }
    Ok(trusting(roots)?)
}

impl Way for Ways {
    async fn carry(&self, witness: &str, body: String) -> Option<Answer> {
        let (_, to) = self.to.iter().find(|(name, _)| name == witness)?;
        match tokio::time::timeout(PATIENCE, self.ask(to, body)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                tracing::debug!(witness, error = %format!("{error:#}"), "a witness did not answer");
                None
            }
            Err(_) => None,
        }
    }
}
