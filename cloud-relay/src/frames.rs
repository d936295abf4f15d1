//! Frames over a TLS stream, for the control link and for enrolment.

use std::io;
use std::time::Duration;

use relay_wire::frame;
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// A peer that does not take a small frame within this time is gone.
const SEND: Duration = Duration::from_secs(5);
/// More than this is never buffered: a frame of the greatest length and the beginning of the next.
const BUFFERED: usize = 2 * (frame::LONGEST_FRAME + 2);

/// The next message; nothing at the end of the stream. Cancel-safe: what was received stays in `buffer`.
pub(crate) async fn receive<M: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> io::Result<Option<M>> {
    loop {
        let message = frame::decode(buffer)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if message.is_some() {
            return Ok(message);
        }
        if buffer.len() >= BUFFERED || stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Sends one message.
pub(crate) async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let bytes = frame::encode(message)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let sending = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    timeout(SEND, sending)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
