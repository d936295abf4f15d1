//! What all parts of one relay share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use relay_wire::{LinkId, LinkKey, SchoolId};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::config::Config;
use crate::directory::Directory;
use crate::limits::{AddressKey, Buckets, Census, Rate, Waiting};
use crate::link::Link;
use crate::metrics::{Gauges, Metrics};
use crate::pipes::Pipes;
use crate::store::{Store, StoreError};
use crate::witness::Witness;

/// A school not heard of on NATS for so long is not present.
const PRESENT: Duration = Duration::from_secs(60);

pub(crate) struct State {
    pub(crate) config: Config,
    /// `host:port` that edges dial for links.
    pub(crate) link_address: String,
    /// Port that visitors use.
    pub(crate) visitor_port: u16,
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) witness: Witness,
    pub(crate) directory: Directory,
    pub(crate) links: RwLock<HashMap<LinkId, Arc<Link>>>,
    pub(crate) metrics: Metrics,
    pub(crate) pipes: Pipes,
    pub(crate) nats: OnceLock<async_nats::Client>,
    pub(crate) presence: Mutex<HashMap<SchoolId, Instant>>,
    /// Cancelled when no new connections are wanted.
    pub(crate) stopping: CancellationToken,
    pub(crate) draining: AtomicBool,
    pub(crate) bounds: Gates,
}

/// Everything that keeps floods out.
pub(crate) struct Gates {
    pub(crate) visitors: Arc<Semaphore>,
    pub(crate) by_address: Arc<Census<AddressKey>>,
    /// Addresses that links come from; a whole school may browse from one of them.
    pub(crate) own_addresses: Arc<Census<AddressKey>>,
    pub(crate) connects: Buckets<AddressKey>,
    pub(crate) unknown_names: Buckets<AddressKey>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) unproven: Arc<Waiting>,
    pub(crate) unproven_by_address: Arc<Census<AddressKey>>,
    pub(crate) enrolling_by_address: Arc<Census<AddressKey>>,
    pub(crate) links: Buckets<LinkKey>,
    pub(crate) enrolments: Buckets<AddressKey>,
    pub(crate) dial_requests: Buckets<SchoolId>,
}

impl Gates {
    pub(crate) fn new(config: &Config, visitors: usize) -> Self {
        let limits = &config.limits;
        let connects = Rate {
            per_second: limits.connects_per_second.into(),
            burst: limits.connects_burst.into(),
        };
        Self {
            visitors: Arc::new(Semaphore::new(visitors.min(Semaphore::MAX_PERMITS))),
            by_address: Arc::default(),
            own_addresses: Arc::default(),
            connects: Buckets::new(connects),
            unknown_names: Buckets::new(Rate::per_minute(limits.unknown_names_per_minute)),
            waiting: Waiting::new(limits.waiting),
            unproven: Waiting::new(limits.unproven),
            unproven_by_address: Arc::default(),
            enrolling_by_address: Arc::default(),
            // An edge that reconnects in a circle is a bug; it must not cost the relay its processor.
            links: Buckets::new(Rate {
                per_second: 1.0,
                burst: 60.0,
            }),
            enrolments: Buckets::new(Rate::per_minute(limits.enrolments_per_minute)),
            dial_requests: Buckets::new(Rate {
                per_second: 0.5,
                burst: 2.0,
            }),
        }
    }
}

impl State {
    pub(crate) fn is_own(&self, address: IpAddr) -> bool {
        self.bounds.own_addresses.contains(AddressKey::of(address))
    }

    pub(crate) fn link(&self, id: &LinkId) -> Option<Arc<Link>> {
        self.links
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }

    pub(crate) fn has_no_links(&self) -> bool {
        self.links
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Takes over the directory as it is in the store.
    pub(crate) async fn reload(&self) -> Result<(), StoreError> {
        self.directory.load(self.store.entries().await?);
        Ok(())
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Relaxed);
        self.stopping.cancel();
    }

    pub(crate) fn nats_connected(&self) -> Option<&async_nats::Client> {
        let connected = |client: &&async_nats::Client| {
            client.connection_state() == async_nats::connection::State::Connected
        };
        self.nats.get().filter(connected)
    }

    pub(crate) fn gauges(&self) -> Gauges {
        let links = self.directory.links();
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        presence.retain(|_, heard| heard.elapsed() < PRESENT);
        Gauges {
            schools: self.directory.len(),
            schools_linked: links.len(),
            parked_now: links.iter().map(|link| link.parked_now()).sum(),
            waiting: self.bounds.waiting.len(),
            unproven: self.bounds.unproven.len(),
            pipes: self.pipes.borrowed(),
            nats: self.nats_connected().is_some(),
            present: presence.len(),
        }
    }
}

/// Seconds since 1970, UTC.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
