//! All links of this edge: those to its home relays, kept for ever, and those another relay asked for because a visitor stood there.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::identity::Identity;
use super::{RelayConfig, Status, Visitor, link};

/// Links beyond the home relays. A broken-into NATS must not make the school dial the world.
const GUESTS: usize = 8;

/// What all links share; clones are the same.
#[derive(Clone)]
pub(super) struct Links(Arc<Shared>);

pub(super) struct Shared {
    pub(super) config: RelayConfig,
    pub(super) identity: Identity,
    pub(super) visitors: mpsc::Sender<Visitor>,
    pub(super) status: Arc<watch::Sender<Status>>,
    pub(super) stop: CancellationToken,
    homes: Mutex<HashSet<String>>,
    guests: Mutex<HashSet<String>>,
}

impl Links {
    pub(super) fn new(
        config: RelayConfig,
        identity: Identity,
        visitors: mpsc::Sender<Visitor>,
        status: Arc<watch::Sender<Status>>,
        stop: CancellationToken,
    ) -> Self {
        let (homes, guests) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared {
            config,
            identity,
            visitors,
            status,
            stop,
            homes,
            guests,
        }))
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Keeps a link to a home relay until the end.
    pub(super) fn keep(&self, address: String) {
        if lock(&self.0.homes).insert(address.clone()) {
            let shared = Arc::clone(&self.0);
            tokio::spawn(async move {
                let stop = shared.stop.clone();
                tokio::select! {
                    () = link::keep(&shared, &address) => {}
                    () = stop.cancelled() => {}
                }
            });
        }
    }

    /// Brings a link to another relay for as long as visitors come through it. True when there is or will be one.
    pub(super) fn bring(&self, address: &str) -> bool {
        if lock(&self.0.homes).contains(address) {
            return true;
        }
        {
            let mut guests = lock(&self.0.guests);
            if guests.contains(address) {
                return true;
            }
            if guests.len() >= GUESTS {
                return false;
            }
            guests.insert(address.to_owned());
        }
        let (shared, address) = (Arc::clone(&self.0), address.to_owned());
        tokio::spawn(async move {
            let stop = shared.stop.clone();
            tokio::select! {
                () = link::visit(&shared, &address) => {}
                () = stop.cancelled() => {}
            }
            lock(&shared.guests).remove(&address);
        });
        true
    }

    pub(super) async fn stopped(&self) {
        self.0.stop.cancelled().await;
    }
}

fn lock(set: &Mutex<HashSet<String>>) -> std::sync::MutexGuard<'_, HashSet<String>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}
