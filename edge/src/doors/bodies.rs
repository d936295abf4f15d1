//! Bodies of requests: small ones are read whole before any handler sees them, within a time and a size; those of doors
//! that stream must go on coming. Nobody holds a connection open by sending slowly, and nobody is read in vain.

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use edge_kernel::http::{Described, Problem};
use futures::{Stream, StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Bodies of ordinary requests, in bytes.
pub(super) const MOST: usize = 256 << 10;
/// Bytes of a body that is too large which are read and thrown away; whoever announces more is refused at once.
const SWALLOWED: u64 = 4 << 20;
/// How long a body of an ordinary request may take.
const WHOLE: Duration = Duration::from_secs(15);
/// How long the next piece of an upload may take.
const PIECE: Duration = Duration::from_secs(30);

/// The doors whose bodies are read piece by piece, and bounded, by their handlers.
#[derive(Clone)]
pub(super) struct Streaming(Arc<Vec<(Method, &'static str)>>);

impl Streaming {
    pub(super) fn of(described: &[Described]) -> Self {
        let doors = described.iter().filter(|route| route.streams);
        Self(Arc::new(
            doors
                .map(|route| (route.method.clone(), route.path))
                .collect(),
        ))
    }

    fn contains(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>();
        path.is_some_and(|path| {
            let door =
                |(method, at): &(Method, &str)| method == request.method() && *at == path.as_str();
            self.0.iter().any(door)
        })
    }
}

/// Middleware: bounds the body.
pub(super) async fn bound(
    State(streaming): State<Streaming>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    if streaming.contains(&request) {
        return next.run(request.map(in_pieces)).await;
    }
    if declared(request.headers()).is_some_and(|length| length > SWALLOWED) {
        return Problem::too_large().into_response();
    }
    let (parts, body) = request.into_parts();
    match timeout(WHOLE, whole(body)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, bytes.into())).await,
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => too_slow().into_response(),
    }
}

async fn whole(body: Body) -> Result<Vec<u8>, Problem> {
    let (mut pieces, mut bytes) = (body.into_data_stream(), Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Problem::bad_request("Die Anfrage ist abgebrochen.", "The request was cut off.")
        })?;
        if bytes.len() + piece.len() > MOST {
            swallow(pieces).await;
            return Err(Problem::too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Reads a little of what nobody wants: a browser that still sends then reads the refusal instead of a broken connection.
async fn swallow(mut pieces: BodyDataStream) {
    let mut read = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len() as u64;
        if read > SWALLOWED {
            return;
        }
    }
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        "Die Anfrage kam nicht vollständig an. Bitte versuchen Sie es noch einmal.",
        "The request did not arrive whole. Please try again.",
    )
}

/// The same body, which ends with an error when its next piece does not come in time.
fn in_pieces(body: Body) -> Body {
    Body::from_stream(in_time(body.into_data_stream(), PIECE))
}

fn in_time<S, E>(pieces: S, within: Duration) -> impl Stream<Item = Result<Bytes, axum::Error>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<axum::BoxError>,
{
    stream::unfold(Some(pieces), move |pieces| async move {
        let mut pieces = pieces?;
        match timeout(within, pieces.next()).await {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(pieces))),
            Ok(Some(Err(error))) => Some((Err(axum::Error::new(error)), None)),
            Ok(None) => None,
            Err(elapsed) => Some((Err(axum::Error::new(elapsed)), None)),
        }
    })
    // A handler may read on after the end, to throw away what is left.
    .fuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_goes_on_coming_may_take_long_and_one_that_stops_is_cut_off() {
        let within = Duration::from_secs(2);
        let slow = stream::iter(0..5).then(|_| async move {
            tokio::time::sleep(within / 4).await;
            Ok::<_, axum::Error>(Bytes::from_static(b"x"))
        });
        let mut slow = Box::pin(in_time(Box::pin(slow), within));
        for _ in 0..5 {
            assert!(slow.next().await.is_some_and(|piece| piece.is_ok()));
        }
        assert!(slow.next().await.is_none() && slow.next().await.is_none());
        let begun = stream::iter([Ok::<_, axum::Error>(Bytes::from_static(b"x"))]);
        let silent = Box::pin(begun.chain(stream::pending()));
        let cut: Vec<_> = in_time(silent, within / 4).collect().await;
        assert!(cut.len() == 2 && cut[1].is_err());
    }
}
