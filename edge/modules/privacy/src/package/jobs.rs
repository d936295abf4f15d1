//! Packages in the making and packages to fetch: one for each person, one made at a time, each kept for an hour.

use super::archive::{length, read_at};
use crate::Privacy;
use crate::error::PrivacyError;
use bytes::Bytes;
use edge_kernel::Actor;
use events::ids::PersonId;
use futures::Stream;
use futures::stream;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::Seek;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a package can be fetched.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// Bytes read at once when a package is handed out.
const PIECE: u64 = 1 << 18;

/// How far a package has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Status {
    /// Nothing was asked for, or it was kept for its hour.
    None,
    /// It is being made: so many steps of so many.
    Running { done: u64, of: u64 },
    /// It can be fetched.
    Ready { bytes: u64 },
    /// It could not be made; the machine's log says why.
    Failed,
}

/// How far the making of a package has come; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<(AtomicU64, AtomicU64)>);

impl Progress {
    pub(crate) fn set(&self, done: u64, of: u64) {
        self.0.0.store(done, Ordering::Relaxed);
        self.0.1.store(of, Ordering::Relaxed);
    }

    fn get(&self) -> (u64, u64) {
        let at = |number: &AtomicU64| number.load(Ordering::Relaxed);
        (at(&self.0.0), at(&self.0.1))
    }
}

/// A finished package.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    file: Arc<File>,
    bytes: u64,
}

impl Ready {
    pub(crate) fn new(file: File) -> std::io::Result<Self> {
        let bytes = length(&file)?;
        let file = Arc::new(file);
        Ok(Self { file, bytes })
    }

    /// Its length in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file itself, when nobody else holds it.
    pub(crate) fn into_file(self) -> std::io::Result<File> {
        let mut file = match Arc::try_unwrap(self.file) {
            Ok(file) => file,
            Err(shared) => shared.try_clone()?,
        };
        file.rewind()?;
        Ok(file)
    }

    /// Its bytes from the beginning.
    pub(crate) fn stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        stream::try_unfold((self, 0), |(ready, at)| async move {
            let now = PIECE.min(ready.bytes - at);
            if now == 0 {
                return Ok(None);
            }
            let file = Arc::clone(&ready.file);
            let size = usize::try_from(now).unwrap_or_default();
            let piece = tokio::task::spawn_blocking(move || read_at(&file, at, size));
            let piece = piece.await.map_err(std::io::Error::other)??;
            Ok(Some((piece, (ready, at + now))))
        })
    }
}

#[derive(Debug, Default)]
struct Job {
    progress: Progress,
    made: OnceLock<Option<Ready>>,
}

/// All packages.
#[derive(Debug)]
pub(crate) struct Jobs {
    of: Mutex<HashMap<PersonId, Arc<Job>>>,
    turn: Semaphore,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            of: Mutex::default(),
            turn: Semaphore::new(1),
        }
    }
}

impl Jobs {
    fn find(&self, person: PersonId) -> Option<Arc<Job>> {
        let jobs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get(&person).map(Arc::clone)
    }

    /// A new job in place of one that is over; none while one is running.
    fn begin(&self, person: PersonId) -> Option<Arc<Job>> {
        let mut jobs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let is_running = jobs
            .get(&person)
            .is_some_and(|job| job.made.get().is_none());
        if is_running {
            return None;
        }
        let job = Arc::new(Job::default());
        jobs.insert(person, Arc::clone(&job));
        Some(job)
    }

    /// Discards every package, also those that are being made: an erasure must not live on in one.
    pub(crate) fn discard(&self) {
        let mut jobs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.clear();
    }

    fn end(&self, person: PersonId, job: &Arc<Job>) {
        let mut jobs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.get(&person).is_some_and(|held| Arc::ptr_eq(held, job)) {
            jobs.remove(&person);
        }
    }
}

impl Privacy {
    /// How far somebody's own package has come.
    pub(crate) fn package_status(&self, person: PersonId) -> Status {
        let Some(job) = self.packages.find(person) else {
            return Status::None;
        };
        match job.made.get() {
            None => {
                let (done, of) = job.progress.get();
                Status::Running { done, of }
            }
            Some(None) => Status::Failed,
            Some(Some(ready)) => Status::Ready {
                bytes: ready.bytes(),
            },
        }
    }

    /// Somebody's own package, when it is made.
    pub(crate) fn ready_package(&self, person: PersonId) -> Option<Ready> {
        let job = self.packages.find(person)?;
        job.made.get()?.clone()
    }

    /// Begins to make somebody's package for themselves; while one is being made, that one goes on.
    pub(crate) fn begin_package(&self, person: PersonId) -> Status {
        if let Some(job) = self.packages.begin(person) {
            tokio::spawn(self.clone().make(person, job));
        }
        self.package_status(person)
    }

    async fn recorded_package(
        &self,
        person: PersonId,
        progress: &Progress,
    ) -> Result<Ready, PrivacyError> {
        self.record_export(Actor::Person(person), person).await?;
        self.gather(person, &|done, of| progress.set(done, of))
            .await
    }

    async fn make(self, person: PersonId, job: Arc<Job>) {
        let made = {
            let _turn = self.packages.turn.acquire().await;
            self.recorded_package(person, &job.progress).await
        };
        if let Err(error) = &made {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "a person's package was not made"
            );
        }
        // Set once: a job has one maker.
        let _ = job.made.set(made.ok());
        // Only the list holds it from now on: what a newer one replaces, or an erasure discards, is closed at once.
        let kept = Arc::downgrade(&job);
        drop(job);
        tokio::time::sleep(KEPT).await;
        if let Some(job) = kept.upgrade() {
            self.packages.end(person, &job);
        }
    }
}
