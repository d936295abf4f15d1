//! `POST /add-checkpoint` on a listener of its own. One fixed path and short bodies: a few lines of HTTP/1.1 are enough, one request a
//! connection. TLS, where it is wanted, is the business of a proxy in front; what is said here is public, and signed.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::{LONGEST_BODY, Reply, answer};
use crate::limits::AddressKey;
use crate::state::State;

/// A request must be whole, and its answer taken, within this time.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_HEAD: usize = 4096;
/// Requests at once; more wait in the listener's queue.
const AT_ONCE: usize = 64;

/// Accepts until the relay stops.
pub(crate) async fn serve(state: Arc<State>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = state.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Err(_) => sleep(Duration::from_millis(50)).await,
            Ok((stream, peer)) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    let _place = place;
                    let _ = timeout(PATIENCE, converse(&state, stream, peer.ip())).await;
                });
            }
        }
    }
}

async fn converse(state: &State, mut stream: TcpStream, peer: IpAddr) -> io::Result<()> {
    let mut reply = match read(&mut stream).await? {
        Ok(body) => answer(state, &body).await,
        Err(reply) => reply,
    };
    // What no known log has signed counts for whoever sent it, and never for a school at the same address.
    let rubbish = &state.witness.rubbish;
    if reply.is_of_nobody() && !rubbish.take(AddressKey::of(peer), Instant::now()) {
        reply = Reply::too_many();
    }
    let head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        reply.status,
        reason(reply.status),
        reply.media_type,
        reply.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(reply.body.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing on unread bytes would reset the connection, and the peer could lose the answer.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

/// The body of a request, or what to answer when it is none of ours.
async fn read(stream: &mut TcpStream) -> io::Result<Result<Vec<u8>, Reply>> {
    let mut bytes = Vec::with_capacity(LONGEST_HEAD);
    let mut limited = stream.take((LONGEST_HEAD + LONGEST_BODY) as u64);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > LONGEST_HEAD || limited.read_buf(&mut bytes).await? == 0 {
            return Ok(Err(Reply::text(400, "not an HTTP request\n")));
        }
    };
    let length = match length(bytes.get(..end).unwrap_or_default()) {
        Ok(length) => length,
        Err(reply) => return Ok(Err(reply)),
    };
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if limited.read_buf(&mut body).await? == 0 {
            return Ok(Err(Reply::text(400, "the body is cut off\n")));
        }
    }
    body.truncate(length);
    Ok(Ok(body))
}

/// The length of the body that a head announces.
fn length(head: &[u8]) -> Result<usize, Reply> {
    let head = std::str::from_utf8(head).map_err(|_| Reply::text(400, "not an HTTP request\n"))?;
    let mut lines = head.split("\r\n");
    let mut request = lines.next().unwrap_or_default().split(' ');
    match (request.next(), request.next()) {
        (Some("POST"), Some("/add-checkpoint")) => {}
        (Some(_), Some("/add-checkpoint")) => {
            return Err(Reply::text(405, "checkpoints are brought with POST\n"));
        }
        _ => return Err(Reply::text(404, "there is POST /add-checkpoint\n")),
    }
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())
    });
    match length.flatten() {
        None => Err(Reply::text(411, "say how long the body is\n")),
        Some(length) if length > LONGEST_BODY => Err(Reply::text(413, "the body is too long\n")),
        Some(length) => Ok(length),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        _ => "Service Unavailable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_request_is_taken() {
        let status = |head: &str| length(head.as_bytes()).map_err(|reply| reply.status);
        assert_eq!(
            status("POST /add-checkpoint HTTP/1.1\r\nHost: r\r\ncontent-LENGTH: 12"),
            Ok(12)
        );
        assert_eq!(status("GET /add-checkpoint HTTP/1.1"), Err(405));
        assert_eq!(status("POST / HTTP/1.1"), Err(404));
        assert_eq!(status("POST /add-checkpoint HTTP/1.1"), Err(411));
        assert_eq!(
            status("POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9000"),
            Err(413)
        );
        assert_eq!(status(""), Err(404));
    }
}
