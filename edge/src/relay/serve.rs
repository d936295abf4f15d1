//! TLS on visitors' streams, through the relay or from a listener of our own: one router, and the visitor's address in every
//! request. TLS ends here, on the school's machine, and nowhere before.

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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{RelayLink, Visitor};
use crate::connection;
use crate::tls::Certificates;

const HANDSHAKE: Duration = Duration::from_secs(10);
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
        let answer = move |request| {
            let server = server.clone();
            async move { server.answer(request, address).await }
        };
        connection::serve(stream, &self.stop, answer).await;
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
