//! The composition root: the house is built here, in the order of its arrows, and nowhere else.

use crate::backup::Backup;
use crate::holds::{InAccounts, InFiles, InMessenger};
use crate::moving::Moving;
use crate::places::Places;
use crate::rules::USUAL;
use crate::shelf::FilesShelf;
use anyhow::{Context, Result};
use edge_accounts::Accounts;
use edge_audit::Audit;
use edge_files::Files;
use edge_kernel::ledger::Opening;
use edge_kernel::views::Registry;
use edge_kernel::{Clock, Kernel};
use edge_messenger::Messenger;
use edge_privacy::{Holds, Pack, Privacy};
use std::path::Path;
use std::sync::Arc;

/// The kernel and its modules; cheap to clone.
#[derive(Clone)]
pub struct House {
    /// What modules stand on.
    pub kernel: Kernel,
    /// People, groups, signing in.
    pub accounts: Accounts,
    /// Files and folders.
    pub files: Files,
    /// Rooms and messages.
    pub messenger: Messenger,
    /// The auditors' view of the log.
    pub audit: Audit,
    /// Forgetting people.
    pub privacy: Privacy,
    /// Bringing the log and the files elsewhere.
    pub backup: Backup,
    /// Moving to another machine.
    pub moving: Moving,
}

impl House {
    /// Opens the house in a data directory, or founds it there. The log is verified and the views have caught up when this
    /// returns; nothing listens yet. `progress` is told what is being done, how far it has come, and of how much.
    pub async fn open(
        data: &Path,
        clock: Clock,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self> {
        Self::open_at(data, &Places::default(), clock, progress).await
    }

    /// The same with what lies elsewhere.
    pub async fn open_at(
        data: &Path,
        places: &Places,
        clock: Clock,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self> {
        let opening = Opening {
            directory: data,
            clock,
            progress,
            server: places.server.clone(),
            durable: true,
        };
        let blobs = places.blobs(data)?;
        let mut kernel = Box::pin(Kernel::open_as(opening, Self::views()))
            .await
            .with_context(|| format!("opening the school in {}", data.display()))?;
        if let Some(blobs) = blobs {
            kernel.blobs = blobs;
        }
        // A machine that the school has moved to says so before anything else happens here.
        if kernel
            .ledger
            .resume_log()
            .await
            .context("taking the log up")?
        {
            tracing::info!("the school has moved here");
        }
        let mut house = Self::on(kernel, data)?;
        house.backup = house.backup.with_stores(places.backups.clone());
        // An erasure that a crash cut off is carried out before anybody can look.
        house
            .privacy
            .resume()
            .await
            .context("carrying on with an erasure")?;
        Ok(house)
    }

    /// The same for a school that was given to another machine, or is on its way here: nothing is written.
    pub(crate) async fn open_still(
        data: &Path,
        places: &Places,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Self> {
        let opening = Opening {
            directory: data,
            clock: Clock::System,
            progress,
            server: places.server.clone(),
            durable: true,
        };
        let kernel = Box::pin(Kernel::open_still(opening, Self::views())).await;
        let mut kernel =
            kernel.with_context(|| format!("opening the school in {}", data.display()))?;
        if let Some(blobs) = places.blobs(data)? {
            kernel.blobs = blobs;
        }
        Self::on(kernel, data)
    }

    fn views() -> Registry {
        let views = [
            Accounts::views,
            Files::views,
            Messenger::views,
            Audit::views,
            Privacy::views,
        ];
        views
            .into_iter()
            .fold(Registry::default(), |registry, add| add(registry))
    }

    fn on(kernel: Kernel, data: &Path) -> Result<Self> {
        let accounts = Accounts::new(kernel.clone());
        let files = Files::new(kernel.clone());
        let messenger = Messenger::new(kernel.clone());
        let audit = Audit::new(kernel.clone(), Arc::new(FilesShelf(files.clone())));
        let holds: Vec<Box<dyn Holds>> = vec![
            Box::new(InAccounts(accounts.clone())),
            Box::new(InFiles),
            Box::new(InMessenger),
        ];
        let rules = Pack::named(USUAL).context("the built-in retention rules do not read")?;
        let privacy = Privacy::new(kernel.clone(), holds, rules, data);
        Ok(Self {
            kernel,
            accounts,
            files,
            messenger,
            audit,
            privacy,
            backup: Backup::open(data),
            moving: Moving::default(),
        })
    }

    /// Closes the house and waits until the log's writer has ended. Whatever else holds a handle must have let go of it.
    pub async fn close(self) {
        let Self {
            kernel,
            accounts,
            files,
            messenger,
            audit,
            privacy,
            backup: _,
            moving: _,
        } = self;
        drop((accounts, files, messenger, audit, privacy));
        let Kernel { ledger, views, .. } = kernel;
        views.close().await;
        drop(views);
        ledger.close().await;
    }
}
