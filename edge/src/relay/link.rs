//! One control link to one relay: made, greeted, watched, and made again when it breaks. Its pool lives and dies with it.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use relay_wire::frame::{self, Frame, Refusal};
use relay_wire::{LinkKeys, RELAY_NAME};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::backoff::Backoff;
use super::identity::IdentityError;
use super::links::Shared;
use super::pool::{Ended, Pool};
use super::{PoolBounds, Visitor, socket};

const GREETING: Duration = Duration::from_secs(5);
const SEND: Duration = Duration::from_secs(5);
const PING: Duration = Duration::from_secs(5);
/// Ticks without a frame after which the relay is taken for dead: two missed pings.
const SILENT: u32 = 3;
/// A link that stood so long was a good one; the next failure begins with a short pause again.
const PROVEN: Duration = Duration::from_secs(5);
/// How long a link to a relay that is not home is kept without visitors.
const GUEST: Duration = Duration::from_secs(600);
/// How often a relay that is not home is tried in a row.
const GUEST_TRIES: u32 = 5;

#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error("speaking with the relay")]
    Network(#[from] io::Error),
    #[error("speaking TLS with the relay")]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("the relay does not want this link: {0:?}")]
    Refused(Refusal),
    #[error("the relay fell silent")]
    Silent,
    #[error("nobody came through this relay for a while")]
    Unused,
    #[error("the edge takes no more visitors")]
    Closed,
}

/// Keeps a link for ever.
pub(super) async fn keep(shared: &Shared, address: &str) {
    let mut backoff = Backoff::default();
    loop {
        let error = once(shared, address, None, &mut backoff).await;
        report(shared, &error, backoff.failures());
        pause(&error, &mut backoff).await;
    }
}

/// Keeps a link while it is of use.
pub(super) async fn visit(shared: &Shared, address: &str) {
    let mut backoff = Backoff::default();
    while backoff.failures() < GUEST_TRIES {
        let error = once(shared, address, Some(GUEST), &mut backoff).await;
        report(shared, &error, backoff.failures());
        if matches!(error, LinkError::Unused | LinkError::Refused(_)) {
            return;
        }
        pause(&error, &mut backoff).await;
    }
}

/// One line when a link breaks, none for each vain try after it.
fn report(shared: &Shared, error: &LinkError, failures: u32) {
    if failures == 0 {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "no link to the relay; trying again"
        );
    }
    shared
        .status
        .send_modify(|status| status.problem = Some(error.to_string()));
}

async fn pause(error: &LinkError, backoff: &mut Backoff) {
    let reason = match error {
        LinkError::Refused(reason) => *reason,
        _ => return backoff.wait().await,
    };
    match reason {
        // Only the relay's operator or a new token changes that.
        Refusal::UnknownKey | Refusal::Revoked => sleep(Duration::from_secs(10)).await,
        Refusal::Superseded | Refusal::Rate | Refusal::Hello => sleep(Duration::from_secs(3)).await,
    }
    backoff.wait().await;
}

async fn once(
    shared: &Shared,
    address: &str,
    guest: Option<Duration>,
    backoff: &mut Backoff,
) -> LinkError {
    let began = Instant::now();
    let (mut link, name) = match timeout(GREETING, greet(shared, address)).await {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(error)) => return error,
        Err(_) => return io::Error::from(io::ErrorKind::TimedOut).into(),
    };
    tracing::info!(relay = name, "link to the relay stands");
    let standing = Standing::new(shared, name);
    let ended = link.run(shared, guest).await;
    drop(standing);
    shared
        .status
        .send_modify(|status| status.parked = status.parked.saturating_sub(link.counted));
    if began.elapsed() > PROVEN {
        backoff.reset();
    }
    match ended {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

struct Link {
    stream: TlsStream<TcpStream>,
    received: Vec<u8>,
    pool: Pool,
    /// What of the pool is counted in the status.
    counted: usize,
}

/// The link's place in the status, taken back when dropped: also when the whole task is.
struct Standing<'a> {
    shared: &'a Shared,
    relay: String,
}

impl<'a> Standing<'a> {
    fn new(shared: &'a Shared, relay: String) -> Self {
        shared.status.send_modify(|status| {
            status.relays.push(relay.clone());
            status.relays.sort();
            status.problem = None;
        });
        Self { shared, relay }
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.shared.status.send_modify(|status| {
            if let Some(place) = status.relays.iter().position(|relay| *relay == self.relay) {
                status.relays.remove(place);
            }
        });
    }
}

async fn greet(shared: &Shared, address: &str) -> Result<(Link, String), LinkError> {
    let stream = socket::connect(address).await?;
    let name = ServerName::try_from(RELAY_NAME).map_err(io::Error::other)?;
    let mut stream = TlsConnector::from(shared.identity.tls()?)
        .connect(name, stream)
        .await?;
    let hello = Frame::Hello {
        version: 1,
        build: shared.config.build.clone(),
        epoch: shared.identity.next_epoch()?,
        names: shared.identity.grant.names.clone(),
    };
    send(&mut stream, &hello).await?;
    let mut received = Vec::new();
    match receive(&mut stream, &mut received).await? {
        Frame::Welcome {
            link,
            relay,
            ceiling,
            ..
        } => {
            let connection = stream.get_ref().1;
            let exported =
                connection.export_keying_material([0; 32], LinkKeys::EXPORTER, Some(&link.0))?;
            let own = shared.config.pool;
            let ceiling = own.ceiling.min(usize::from(ceiling)).max(1);
            let bounds = PoolBounds {
                floor: own.floor.clamp(1, ceiling),
                ceiling,
            };
            let pool = Pool::new(address, LinkKeys::new(link, &exported), bounds);
            Ok((
                Link {
                    stream,
                    received,
                    pool,
                    counted: 0,
                },
                relay,
            ))
        }
        Frame::Refused { reason } => Err(LinkError::Refused(reason)),
        _ => Err(io::Error::from(io::ErrorKind::InvalidData).into()),
    }
}

impl Link {
    /// Runs until the link ends, which is always for a reason.
    async fn run(
        &mut self,
        shared: &Shared,
        guest: Option<Duration>,
    ) -> Result<std::convert::Infallible, LinkError> {
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent_for = 0;
        let mut used = Instant::now();
        loop {
            self.count(shared);
            tokio::select! {
                frame = receive(&mut self.stream, &mut self.received) => {
                    silent_for = 0;
                    self.obey(frame?).await?;
                }
                ended = self.pool.next() => {
                    if let Ended::Visitor(visitor) = ended {
                        used = Instant::now();
                        hand_in(shared, *visitor)?;
                    }
                }
                _ = ticks.tick() => {
                    silent_for += 1;
                    if silent_for > SILENT {
                        return Err(LinkError::Silent);
                    }
                    if guest.is_some_and(|longest| used.elapsed() > longest) {
                        return Err(LinkError::Unused);
                    }
                    self.pool.fill();
                    send(&mut self.stream, &Frame::Ping { sent: milliseconds() }).await?;
                }
            }
        }
    }

    async fn obey(&mut self, frame: Frame) -> Result<(), LinkError> {
        match frame {
            Frame::Ping { sent } => send(&mut self.stream, &Frame::Pong { sent }).await?,
            Frame::Want { count } => self.pool.want(count),
            Frame::Drain {} => {
                tracing::info!("the relay is going down; running streams go on for a while")
            }
            Frame::Refused { reason } => return Err(LinkError::Refused(reason)),
            Frame::Pong { .. } | Frame::Hello { .. } | Frame::Welcome { .. } => {}
        }
        Ok(())
    }

    fn count(&mut self, shared: &Shared) {
        let now = self.pool.len();
        if now != self.counted {
            let counted = std::mem::replace(&mut self.counted, now);
            shared.status.send_modify(|status| {
                status.parked = (status.parked + now).saturating_sub(counted)
            });
        }
    }
}

/// Gives a visitor to the root. Names the school did not get at enrolment are not served, whatever the relay says.
fn hand_in(shared: &Shared, visitor: Visitor) -> Result<(), LinkError> {
    if !shared.identity.grant.names.contains(&visitor.authority) {
        return Ok(());
    }
    shared.status.send_modify(|status| status.visitors += 1);
    match shared.visitors.try_send(visitor) {
        Ok(()) => Ok(()),
        Err(TrySendError::Closed(_)) => Err(LinkError::Closed),
        Err(TrySendError::Full(visitor)) => {
            // The root is busy; the visitor waits without holding up the link's pings.
            let visitors = shared.visitors.clone();
            tokio::spawn(async move { visitors.send(visitor).await.is_ok() });
            Ok(())
        }
    }
}

async fn send(stream: &mut TlsStream<TcpStream>, frame: &Frame) -> io::Result<()> {
    let bytes = frame::encode(frame).map_err(io::Error::other)?;
    let sending = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    timeout(SEND, sending)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// The next frame. Cancel-safe: what was received stays in `received`.
async fn receive(stream: &mut TlsStream<TcpStream>, received: &mut Vec<u8>) -> io::Result<Frame> {
    loop {
        if let Some(frame) = frame::decode(received).map_err(io::Error::other)? {
            return Ok(frame);
        }
        if stream.read_buf(received).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
    }
}

fn milliseconds() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}
