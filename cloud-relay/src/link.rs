//! One control link as the rest of the relay sees it: its keys, the work connections parked on it, and the orders it passes on.
//! The conversation itself is in `links`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use relay_wire::frame::Refusal;
use relay_wire::{HostName, LinkKeys};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::limits::{Bucket, Rate};
use crate::replay::Window;
use crate::socket;

/// A standing link.
pub(crate) struct Link {
    pub(crate) keys: LinkKeys,
    pub(crate) epoch: u64,
    /// Names the school consents to serve here.
    pub(crate) names: HashSet<HostName>,
    /// Cancelled when the link is no more.
    pub(crate) gone: CancellationToken,
    bounds: Bounds,
    orders: mpsc::Sender<Order>,
    parked: Mutex<Vec<Parked>>,
    arrived: Notify,
    window: Mutex<Window>,
    dials: Mutex<Bucket>,
    wants: Mutex<Bucket>,
}

/// What a link's conversation has to say to its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Bring one more work connection.
    Want,
    /// The relay is going down.
    Drain,
    /// Say why, and close.
    Close(Refusal),
}

/// Limits of one link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) parked: usize,
    pub(crate) dials: Rate,
    pub(crate) wants: Rate,
}

/// A work connection that waits for a visitor.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) stream: TcpStream,
    pub(crate) counter: u64,
}

/// Why a work connection was not parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwanted {
    /// Its number was used before.
    Replay,
    /// The link brings too many.
    Limit,
    /// The link has ended.
    Gone,
}

impl Link {
    pub(crate) fn new(
        keys: LinkKeys,
        epoch: u64,
        names: HashSet<HostName>,
        bounds: Bounds,
    ) -> (Self, mpsc::Receiver<Order>) {
        let (orders, inbox) = mpsc::channel(bounds.parked.max(16));
        let now = Instant::now();
        let link = Self {
            keys,
            epoch,
            names,
            gone: CancellationToken::new(),
            bounds,
            orders,
            parked: Mutex::default(),
            arrived: Notify::new(),
            window: Mutex::default(),
            dials: Mutex::new(Bucket::full(bounds.dials, now)),
            wants: Mutex::new(Bucket::full(bounds.wants, now)),
        };
        (link, inbox)
    }

    /// Parks a work connection whose proof is right.
    pub(crate) fn park(&self, work: Parked) -> Result<(), Unwanted> {
        if !self
            .window
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .admit(work.counter)
        {
            // Somebody repeats what they overheard. Nobody can tell the copy from the original, so neither is used.
            self.parked()
                .retain(|parked| parked.counter != work.counter);
            return Err(Unwanted::Replay);
        }
        if !self
            .dials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(self.bounds.dials, Instant::now())
        {
            return Err(Unwanted::Limit);
        }
        {
            let mut parked = self.parked();
            if self.gone.is_cancelled() {
                return Err(Unwanted::Gone);
            }
            if parked.len() >= self.bounds.parked {
                return Err(Unwanted::Limit);
            }
            parked.push(work);
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// A living work connection, the youngest first; asks the edge for one and waits when none is parked.
    /// `cold` is told about it.
    pub(crate) async fn take(&self, cold: impl FnOnce()) -> Parked {
        if let Some(parked) = self.pop() {
            return parked;
        }
        cold();
        loop {
            let arrived = self.arrived.notified();
            if let Some(parked) = self.pop() {
                return parked;
            }
            // A flood of visitors must not become a flood of dials out of the school's router; the warm pool refills by itself.
            if self
                .wants
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(self.bounds.wants, Instant::now())
            {
                self.order(Order::Want);
            }
            arrived.await;
        }
    }

    fn pop(&self) -> Option<Parked> {
        let mut parked = self.parked();
        std::iter::from_fn(|| parked.pop()).find(|parked| socket::is_silent(&parked.stream))
    }

    /// Drops parked connections that died; how many.
    pub(crate) fn sweep(&self) -> usize {
        let mut parked = self.parked();
        let before = parked.len();
        parked.retain(|parked| socket::is_silent(&parked.stream));
        before - parked.len()
    }

    pub(crate) fn parked_now(&self) -> usize {
        self.parked().len()
    }

    /// Passes an order on; one too many is lost, which every order bears.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.try_send(order);
    }

    /// Ends the link for a reason that the edge hears.
    pub(crate) fn close(&self, reason: Refusal) {
        self.order(Order::Close(reason));
        self.end();
    }

    /// Ends the link: nothing is parked on it any more, and visitors who wait look for another.
    pub(crate) fn end(&self) {
        let mut parked = self.parked();
        self.gone.cancel();
        parked.clear();
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, Vec<Parked>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
