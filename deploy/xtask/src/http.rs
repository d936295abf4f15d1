//! The smallest HTTP client that can ask a server on this machine whether it is ready.

use anyhow::{Context as _, Result};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A status code and a body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// `GET path`, over plain HTTP.
///
/// # Errors
/// When nobody listens, the answer takes too long, or it is not HTTP.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    read(&String::from_utf8_lossy(&bytes)).context("the answer is not HTTP")
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head
        .strip_prefix("HTTP/1.")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    Some(Answer {
        status,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn status_and_body_are_told_apart() {
        let answer =
            read("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nlater").expect("it is HTTP");
        assert_eq!((answer.status, answer.body.as_str()), (503, "later"));
        assert!(read("SSH-2.0-OpenSSH").is_none());
    }
}
