//! `/metrics` and `/healthz` for the operator, on loopback only. A few lines of HTTP/1.0 are enough for two fixed pages.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::state::State;

const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_REQUEST: u64 = 4096;

/// Accepts until the relay stops.
pub(crate) async fn serve(state: Arc<State>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = state.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Err(_) => sleep(Duration::from_millis(50)).await,
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move { timeout(PATIENCE, answer(&state, stream)).await });
            }
        }
    }
}

async fn answer(state: &State, mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut limited = (&mut stream).take(LONGEST_REQUEST);
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if limited.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let line = request
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let (status, body) = match line {
        line if line.starts_with(b"GET /metrics ") => {
            ("200 OK", state.metrics.text(state.gauges()))
        }
        line if line.starts_with(b"GET /healthz ") => ("200 OK", "ok\n".to_owned()),
        _ => (
            "404 Not Found",
            "There are /metrics and /healthz.\n".to_owned(),
        ),
    };
    let head = format!(
        "HTTP/1.0 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
