//! The directory in memory: which name belongs to which school, which key is whose, and which link each school has right now.
//! A name leads to exactly one school or to none; there is no default and no wildcard.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use relay_wire::frame::Refusal;
use relay_wire::{HostName, LinkKey, SchoolId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::link::{Link, Parked};
use crate::store::Entry;

/// How often a waiting visitor's relay asks for a link.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// All schools this relay knows.
#[derive(Default)]
pub(crate) struct Directory {
    per_school: usize,
    table: RwLock<Table>,
}

#[derive(Default)]
struct Table {
    names: HashMap<HostName, Arc<School>>,
    keys: HashMap<LinkKey, Arc<School>>,
    schools: HashMap<SchoolId, Known>,
}

struct Known {
    school: Arc<School>,
    key: Option<LinkKey>,
}

/// One school.
pub(crate) struct School {
    pub(crate) id: SchoolId,
    places: Arc<Semaphore>,
    live: watch::Sender<Option<Arc<Link>>>,
    /// Cancelled, and replaced, when the school's key is revoked: running streams end with it.
    cut: Mutex<CancellationToken>,
}

impl Directory {
    pub(crate) fn new(per_school: usize) -> Self {
        Self {
            per_school,
            table: RwLock::default(),
        }
    }

    /// Takes over what the store says. Schools keep their links unless their key changed.
    pub(crate) fn load(&self, entries: Vec<Entry>) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let mut old = std::mem::take(&mut *table);
        for entry in entries {
            let known = old.schools.remove(&entry.school);
            let school = match known {
                Some(known) => {
                    if known.key.is_some() && known.key != entry.key {
                        known.school.revoke();
                    }
                    known.school
                }
                None => Arc::new(School::new(entry.school.clone(), self.per_school)),
            };
            for name in entry.names {
                table.names.insert(name, Arc::clone(&school));
            }
            if let Some(key) = entry.key {
                table.keys.insert(key, Arc::clone(&school));
            }
            table.schools.insert(
                entry.school,
                Known {
                    school,
                    key: entry.key,
                },
            );
        }
        old.schools
            .into_values()
            .for_each(|known| known.school.revoke());
    }

    pub(crate) fn by_name(&self, name: &HostName) -> Option<Arc<School>> {
        self.read().names.get(name).cloned()
    }

    pub(crate) fn by_key(&self, key: &LinkKey) -> Option<Arc<School>> {
        self.read().keys.get(key).cloned()
    }

    /// Every link that stands now.
    pub(crate) fn links(&self) -> Vec<Arc<Link>> {
        self.read()
            .schools
            .values()
            .filter_map(|known| known.school.live.borrow().clone())
            .collect()
    }

    /// Ends every stream and link.
    pub(crate) fn end(&self) {
        for known in self.read().schools.values() {
            known.school.end_streams();
            if let Some(link) = known.school.live.send_replace(None) {
                link.end();
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.read().schools.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl School {
    fn new(id: SchoolId, places: usize) -> Self {
        let (live, _) = watch::channel(None);
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self {
            id,
            places,
            live,
            cut: Mutex::default(),
        }
    }

    /// A place for one more stream, unless the school is full.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Makes this the school's link. A standing one gives way only to a newer one: an old key out of a backup cannot push it off.
    /// True when it took another's place.
    pub(crate) fn attach(&self, link: &Arc<Link>) -> Result<bool, Refusal> {
        let mut outcome = Ok(false);
        self.live.send_if_modified(|live| {
            if let Some(old) = live {
                if old.epoch >= link.epoch && !old.gone.is_cancelled() {
                    outcome = Err(Refusal::Superseded);
                    return false;
                }
                old.close(Refusal::Superseded);
                outcome = Ok(true);
            }
            *live = Some(Arc::clone(link));
            true
        });
        outcome
    }

    /// Forgets this link, unless a newer one has taken its place.
    pub(crate) fn detach(&self, link: &Arc<Link>) {
        self.live
            .send_if_modified(|live| live.take_if(|live| Arc::ptr_eq(live, link)).is_some());
    }

    /// Cancelled when streams of this school must end.
    pub(crate) fn cut(&self) -> CancellationToken {
        self.cut
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn end_streams(&self) {
        std::mem::take(&mut *self.cut.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
    }

    fn revoke(&self) {
        self.end_streams();
        if let Some(link) = self.live.send_replace(None) {
            link.close(Refusal::Revoked);
        }
    }

    /// A work connection for a visitor of `name`, as soon as there is one. `missing` is called while there is no link, `cold` when
    /// there is one but nothing is parked on it.
    pub(crate) async fn work_connection(
        &self,
        name: &HostName,
        missing: impl Fn(),
        cold: impl Fn(),
    ) -> (Arc<Link>, Parked) {
        let mut live = self.live.subscribe();
        loop {
            let link = live.borrow_and_update().clone();
            match link.filter(|link| link.names.contains(name) && !link.gone.is_cancelled()) {
                Some(link) => {
                    let parked = tokio::select! {
                        parked = link.take(&cold) => Some(parked),
                        () = link.gone.cancelled() => None,
                    };
                    if let Some(parked) = parked {
                        return (link, parked);
                    }
                }
                None => missing(),
            }
            // The sender lives in `self`, so `changed` cannot fail while we are here. A request that nobody heard is made again.
            let _ = timeout(ASK_AGAIN, live.changed()).await;
        }
    }
}
