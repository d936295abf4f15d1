//! HTTP on one connection, encrypted or not: bounds on heads, streams and windows that hold for every listener.

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

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

/// Serves a connection until it ends or `stop`. Its errors are the visitor's: a closed lid, a lost line, a scanner.
pub(crate) async fn serve<S, A, F>(stream: S, stop: &CancellationToken, answer: A)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let asked = CancellationToken::new();
    let service = service_fn(|request| {
        asked.cancel();
        answer(request)
    });
    let builder = builder();
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Which protocol is spoken shows in the first bytes, and hyper waits for those without a limit.
    let silent = async {
        if tokio::time::timeout(REQUEST_HEAD, asked.cancelled())
            .await
            .is_ok()
        {
            std::future::pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = silent => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke");
    }
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
