//! Work connections of one link: dialled before anybody needs them, each good for one visitor. How many are kept follows the arrivals.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use relay_wire::header::{LENGTH_FIELD, LONGEST_SEALED};
use relay_wire::{LinkKeys, Prologue, SealedHeaderError, Visitor as Header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{PoolBounds, Visitor, VisitorStream, socket};

/// Arrivals within this time are what the pool must have ready: a round trip and a dial, with room for a slow line.
const WINDOW: Duration = Duration::from_millis(500);
/// How long the pool stays large after a burst; then it shrinks by one at a time.
const CALM: Duration = Duration::from_secs(10);
/// A header that has begun must be whole soon.
const HEADER: Duration = Duration::from_secs(5);
/// Pause after a work connection that could not be made, or was closed at once.
const PAUSE: Duration = Duration::from_millis(250);
/// Room for the header and a usual ClientHello, so that both are read at once.
const FIRST_READ: usize = 4096;

/// The pool of one link. Dropping it closes what is parked, not what was handed in.
pub(super) struct Pool {
    address: Arc<str>,
    keys: Arc<LinkKeys>,
    demand: Demand,
    next: u64,
    work: JoinSet<Ended>,
}

/// How a work connection ended its time in the pool.
pub(super) enum Ended {
    /// With a visitor.
    Visitor(Box<Visitor>),
    /// The relay or the line closed it.
    Closed,
    /// It could not be made.
    Failed,
}

#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error("using a work connection")]
    Network(#[from] io::Error),
    #[error(transparent)]
    Header(#[from] SealedHeaderError),
}

impl Pool {
    pub(super) fn new(address: &str, keys: LinkKeys, bounds: PoolBounds) -> Self {
        let demand = Demand {
            bounds,
            target: bounds.floor,
            arrivals: VecDeque::new(),
            peak: Instant::now(),
        };
        let mut pool = Self {
            address: address.into(),
            keys: Arc::new(keys),
            demand,
            next: 0,
            work: JoinSet::new(),
        };
        pool.fill();
        pool
    }

    /// Parked or on their way.
    pub(super) fn len(&self) -> usize {
        self.work.len()
    }

    /// Brings `count` beyond the target, because visitors wait.
    pub(super) fn want(&mut self, count: u16) {
        let room = self.demand.bounds.ceiling.saturating_sub(self.work.len());
        for _ in 0..usize::from(count).min(room) {
            self.dial();
        }
    }

    /// The next work connection that leaves the pool; its replacement is on its way when this returns. Cancel-safe.
    pub(super) async fn next(&mut self) -> Ended {
        let ended = match self.work.join_next().await {
            Some(Ok(ended)) => ended,
            _ => Ended::Failed,
        };
        match ended {
            Ended::Visitor(_) => {
                self.demand.arrived(Instant::now());
                self.fill();
            }
            // Whatever failed at once has paused before it ended, so this hammers no relay that takes no connections.
            Ended::Closed | Ended::Failed => self.fill(),
        }
        ended
    }

    /// Dials up to the target, and lets the target sink after a calm time.
    pub(super) fn fill(&mut self) {
        self.demand.calm(Instant::now());
        while self.work.len() < self.demand.target {
            self.dial();
        }
    }

    fn dial(&mut self) {
        let (address, keys, counter) =
            (Arc::clone(&self.address), Arc::clone(&self.keys), self.next);
        self.next += 1;
        self.work.spawn(async move {
            let Ok(stream) = park(&address, &keys, counter).await else {
                sleep(PAUSE).await;
                return Ended::Failed;
            };
            let parked = Instant::now();
            let error = match wait(stream, &keys, counter).await {
                Ok(visitor) => return Ended::Visitor(Box::new(visitor)),
                Err(error) => error,
            };
            if let WorkError::Header(error) = error {
                tracing::warn!(%error, "a work connection was used by somebody else");
            }
            if parked.elapsed() < PAUSE {
                sleep(PAUSE).await;
            }
            Ended::Closed
        });
    }
}

async fn park(address: &str, keys: &LinkKeys, counter: u64) -> io::Result<tokio::net::TcpStream> {
    let mut stream = socket::connect(address).await?;
    stream.write_all(&Prologue::encode(keys, counter)).await?;
    Ok(stream)
}

/// Waits, for hours if need be, until the relay sends a visitor.
async fn wait(
    mut stream: tokio::net::TcpStream,
    keys: &LinkKeys,
    counter: u64,
) -> Result<Visitor, WorkError> {
    stream.readable().await?;
    let mut first = Vec::with_capacity(FIRST_READ);
    let reading = async {
        loop {
            if let Some(length) = sealed_length(&first)
                && (length > LONGEST_SEALED || first.len() >= LENGTH_FIELD + length)
            {
                return Ok(length);
            }
            if stream.read_buf(&mut first).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
    };
    let length = timeout(HEADER, reading)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let sealed = first
        .get(LENGTH_FIELD..LENGTH_FIELD + length)
        .ok_or(SealedHeaderError)?;
    let header = Header::open(keys, counter, sealed)?;
    first.drain(..LENGTH_FIELD + length);
    Ok(Visitor {
        stream: VisitorStream::new(first, stream),
        address: header.address,
        listener: header.listener,
        authority: header.authority,
    })
}

fn sealed_length(bytes: &[u8]) -> Option<usize> {
    let (length, _) = bytes.split_first_chunk::<LENGTH_FIELD>()?;
    Some(usize::from(u16::from_be_bytes(*length)))
}

/// How many work connections to keep; knows no sockets, times are inputs.
#[derive(Debug)]
struct Demand {
    bounds: PoolBounds,
    target: usize,
    arrivals: VecDeque<Instant>,
    /// When the target was last needed.
    peak: Instant,
}

impl Demand {
    fn arrived(&mut self, now: Instant) {
        self.arrivals.push_back(now);
        while self
            .arrivals
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) > WINDOW)
        {
            self.arrivals.pop_front();
        }
        if self.arrivals.len() >= self.target {
            // One more than came at once: the next burst is rarely smaller.
            self.target = (self.arrivals.len() + 1).clamp(self.bounds.floor, self.bounds.ceiling);
            self.peak = now;
        }
    }

    fn calm(&mut self, now: Instant) {
        if self.target > self.bounds.floor && now.saturating_duration_since(self.peak) > CALM {
            self.target -= 1;
            self.peak = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_grows_with_a_burst_and_shrinks_when_it_is_calm() {
        let start = Instant::now();
        let bounds = PoolBounds {
            floor: 2,
            ceiling: 8,
        };
        let mut demand = Demand {
            bounds,
            target: 2,
            arrivals: VecDeque::new(),
            peak: start,
        };
        for _ in 0..5 {
            demand.arrived(start);
        }
        assert_eq!(demand.target, 6);
        for _ in 0..100 {
            demand.arrived(start);
        }
        assert_eq!(demand.target, 8, "never beyond the ceiling");
        let mut now = start;
        for _ in 0..20 {
            now += CALM + Duration::from_millis(1);
            demand.calm(now);
        }
        assert_eq!(demand.target, 2, "never below the floor");
    }
}
