//! The kernel of the school's machine: the ledger, the keyring, blobs, projections, reactions, who asks and who may see.
//! It knows no module; modules know it.

pub mod actor;
pub mod blobs;
mod cache;
pub mod clock;
pub mod database;
pub mod http;
pub mod keyring;
pub mod ledger;
pub mod react;
pub mod store;
pub mod unit;
pub mod views;

pub use actor::{Actor, SignedIn};
use blobs::{BlobError, Blobs};
use cache::{Cache, Turns};
pub use clock::Clock;
pub use events::Recorded;
use ledger::{Ledger, LedgerError, Opening};
use std::path::Path;
use std::sync::Arc;
pub use unit::{Decides, Done, ExecuteError, Order, Unit};
use views::{Registry, ViewError, Views};

/// Everything that modules stand on; cheap to clone.
#[derive(Clone)]
pub struct Kernel {
    /// The log.
    pub ledger: Ledger,
    /// The views folded from it.
    pub views: Views,
    /// The bytes of files.
    pub blobs: Blobs,
    /// What dates events.
    pub clock: Clock,
    cache: Arc<Cache>,
    turns: Arc<Turns>,
}

/// The kernel cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log.
    #[error("cannot open the log")]
    Ledger(#[from] LedgerError),
    /// The views.
    #[error("cannot open the views")]
    Views(#[from] ViewError),
    /// The blob store.
    #[error("cannot open the store of files")]
    Blobs(#[from] BlobError),
}

impl Kernel {
    /// Opens, or founds, everything in a data directory. The log is verified and the views have caught up when this
    /// returns. `progress` is told what is being done, how far it has come, and of how much.
    pub async fn open(
        directory: &Path,
        clock: Clock,
        views: Registry,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self, StartError> {
        let opening = Opening {
            directory,
            clock,
            progress,
            server: None,
            durable: true,
        };
        Self::open_as(opening, views).await
    }

    /// The same, for whoever opens the log in another way: on a database server, or to measure.
    pub async fn open_as(opening: Opening<'_>, views: Registry) -> Result<Self, StartError> {
        let Opening {
            directory,
            progress,
            ..
        } = opening;
        let clock = opening.clock.clone();
        let ledger = opening.open().await?;
        Self::on(ledger, directory, clock, views, progress).await
    }

    /// The same for a log that may belong to another machine, which then takes no appends.
    pub async fn open_still(opening: Opening<'_>, views: Registry) -> Result<Self, StartError> {
        let Opening {
            directory,
            progress,
            ..
        } = opening;
        let clock = opening.clock.clone();
        let ledger = opening.open_still().await?;
        Self::on(ledger, directory, clock, views, progress).await
    }

    async fn on(
        ledger: Ledger,
        directory: &Path,
        clock: Clock,
        views: Registry,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self, StartError> {
        let views = Views::open(directory, ledger.clone(), views, progress).await?;
        let blobs = Blobs::open(&directory.join("blobs"))?;
        let cache: Arc<Cache> = Arc::default();
        let held = Arc::clone(&cache);
        views.rebuild_when(ledger.forgotten(), move || held.clear());
        Ok(Self {
            ledger,
            views,
            blobs,
            clock,
            cache,
            turns: Arc::default(),
        })
    }

    /// The hash under which a unique value is stored: nobody can try names against a stolen database.
    fn claim_hash(&self, scope: &str, value: &str) -> Vec<u8> {
        self.keyed_hash(&format!("claim/{scope}"), value.as_bytes())
    }

    /// The hash under which an idempotency key is stored: the key holds whose it is.
    fn once_hash(&self, key: &[u8]) -> Vec<u8> {
        self.keyed_hash("once", key)
    }

    /// HMAC-SHA-256 under the keyring's pepper, for values that must be recognised but not read.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        let mut context = ring::hmac::Context::with_key(self.ledger.keyring().pepper());
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value);
        context.sign().as_ref().to_vec()
    }
}
