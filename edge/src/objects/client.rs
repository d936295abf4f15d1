//! HTTP to an object store with what is in the house already: hyper, and rustls with ring. Whatever stands still is given up, and tried
//! again by whoever asked.

use crate::outbound::{authorities, trusting};
use axum::http::Uri;
use futures::FutureExt;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use rustls::pki_types::ServerName;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower::Service;
use tower_http::timeout::TimeoutBody;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request may take until its answer begins: eight mebibytes over a slow line.
const ANSWER: Duration = Duration::from_secs(120);
/// How long an answer may stand still.
const STILL: Duration = Duration::from_secs(30);

/// Makes clients for object stores.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        // Without authorities, only https:// is refused, by name.
        let tls = trusting(authorities()).map_err(|source| object_store::Error::Generic {
            store: "S3",
            source: source.into(),
        })?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(STILL)
            .build(Dial { tls });
        Ok(HttpClient::new(Http(client)))
    }
}

#[derive(Debug)]
struct Http(Client<Dial, HttpRequestBody>);

impl HttpService for Http {
    fn call<'life0, 'async_trait>(
        &'life0 self,
        request: HttpRequest,
    ) -> BoxFuture<'async_trait, Result<HttpResponse, HttpError>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.answer(request).boxed()
    }
}

impl Http {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answered = timeout(ANSWER, self.0.request(request)).await;
        let answered = answered.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?;
        let (parts, body) = answered.map_err(failed)?.into_parts();
        let body = TimeoutBody::new(STILL, body);
        let body = body.map_err(|error| HttpError::new_boxed(HttpErrorKind::Interrupted, error));
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
    }
}

fn failed(error: Error) -> HttpError {
    let kind = match error.is_connect() {
        true => HttpErrorKind::Connect,
        // A connection from the pool may have ended meanwhile.
        false => HttpErrorKind::Interrupted,
    };
    HttpError::new(kind, error)
}

#[derive(Clone)]
struct Dial {
    tls: TlsConnector,
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dial").finish_non_exhaustive()
    }
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Line>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<TokioIo<Line>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let tls = self.tls.clone();
        async move {
            match timeout(CONNECT, dial(tls, to)).await {
                Ok(dialled) => dialled.map(TokioIo::new),
                Err(late) => Err(late.into()),
            }
        }
        .boxed()
    }
}

async fn dial(tls: TlsConnector, to: Uri) -> io::Result<Line> {
    let host = to.host().ok_or(io::ErrorKind::InvalidInput)?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let is_tls = to.scheme_str() == Some("https");
    let port = to.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    if !is_tls {
        return Ok(Line(Box::new(stream)));
    }
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    Ok(Line(Box::new(tls.connect(name, stream).await?)))
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection, encrypted or not.
struct Line(Box<dyn Wire>);

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
