//! TLS and HTTP on visitors' streams, through the relay or from a listener of our own: one router, the visitor's address in every
//! request, and bounds on what one connection may ask for. TLS ends here, on the school's machine, and nowhere before.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::HOST;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{RelayLink, Visitor};
use crate::tls::Certificates;

const HANDSHAKE: Duration = Duration::from_secs(10);
/// A request's head must be whole within this time, also on a connection that is kept alive.
const REQUEST_HEAD: Duration = Duration::from_secs(30);
const PING: Duration = Duration::from_secs(20);
/// Requests at once on one HTTP/2 connection: a page with all its parts, and the feed.
const STREAMS: u32 = 128;
/// Streams a peer may reset before they were begun (CVE-2023-44487) or make us reset (CVE-2025-8671) before it is cut off.
const RESETS: usize = 20;
const HEADERS: u32 = 32 * 1024;
const WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// Encrypted connections at once.
const CONNECTIONS: usize = 10_000;

/// Encrypted serving: what every connection needs. Clones share it.
#[derive(Clone)]
pub struct Server {
    router: Router,
    certificates: Arc<Certificates>,
    stop: CancellationToken,
    places: Arc<Semaphore>,
}

impl Server {
    /// Serves `router` under the names of `certificates` until `stop`.
    #[must_use]
    pub fn new(router: Router, certificates: Arc<Certificates>, stop: CancellationToken) -> Self {
        Self {
            router,
            certificates,
            stop,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
        }
    }

    /// Serves those who come through relays, and keeps the certificate in step with the names that the relay leads here.
    pub async fn visitors(self, relay: RelayLink, mut visitors: mpsc::Receiver<Visitor>) {
        let mut status = relay.watch();
        loop {
            let names: Vec<_> = status
                .borrow_and_update()
                .names
                .iter()
                .map(ToString::to_string)
                .collect();
            if let Err(error) = self.certificates.ensure(&names) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the relay name has no certificate"
                );
            }
            tokio::select! {
                Ok(()) = status.changed() => {}
                visitor = visitors.recv() => match visitor {
                    Some(visitor) => self.spawn(visitor.stream, visitor.address),
                    None => return,
                },
                () = self.stop.cancelled() => return,
            }
        }
    }

    /// Serves a listener of our own, for HTTPS on the school's network.
    pub async fn listener(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, address)) => {
                    // Small answers must not wait for the last one's acknowledgement; a failure only costs that wait.
                    let _ = stream.set_nodelay(true);
                    self.spawn(stream, address);
                }
                // Out of descriptors: the backlog holds the others meanwhile.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn spawn<S>(&self, stream: S, address: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return;
        };
        let server = self.clone();
        tokio::spawn(async move {
            server.connection(stream, address).await;
            drop(place);
        });
    }

    /// One connection from handshake to end. Its errors are the visitor's: a closed lid, a lost line, a scanner.
    async fn connection<S>(&self, stream: S, address: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let acceptor = TlsAcceptor::from(self.certificates.server_config());
        let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
            return;
        };
        let server = self.clone();
        let service = service_fn(move |request| {
            let server = server.clone();
            async move { server.answer(request, address).await }
        });
        let builder = builder();
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke");
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        address: SocketAddr,
    ) -> Result<Response<Body>, Infallible> {
        if !self.is_ours(&request) {
            return Ok(misdirected());
        }
        request.extensions_mut().insert(ConnectInfo(address));
        self.router.clone().oneshot(request).await
    }

    /// Whether the request is for a name of this school. A connection that came in under our server name may still carry another's
    /// `Host` (domain fronting), and a browser may reuse a connection for a name it believes to be ours.
    fn is_ours(&self, request: &Request<Incoming>) -> bool {
        let in_uri = request
            .uri()
            .authority()
            .map(|authority| authority.as_str());
        let mut hosts = request
            .headers()
            .get_all(HOST)
            .iter()
            .map(|host| host.to_str().unwrap_or_default());
        let in_header = hosts.next();
        let named = in_uri
            .or(in_header)
            .is_some_and(|host| self.certificates.covers(host));
        let agreed = in_header.is_none_or(|host| self.certificates.covers(host));
        named && agreed && hosts.next().is_none()
    }
}

/// RFC 9110, section 15.5.20.
fn misdirected() -> Response<Body> {
    let mut response = Response::new(Body::from(
        "Dieser Name gehört nicht zu diesem Server. / This name is not served here.\n",
    ));
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_HEAD)
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_header_list_size(HEADERS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}
