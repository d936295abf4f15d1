//! The smallest HTTP client that can ask a server on this machine whether it is ready.

use anyhow::{Context as _, Result};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The status code of `GET path`, over plain HTTP.
///
/// # Errors
/// When nobody listens or the answer is not HTTP.
pub(crate) fn status(address: SocketAddr, path: &str) -> Result<u16> {
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head)?;
    let head = std::str::from_utf8(&head).context("the answer is not HTTP")?;
    head.rsplit(' ')
        .next()
        .and_then(|code| code.parse().ok())
        .context("the answer has no status code")
}
