//! Importing a roster: a preview that writes nothing, one append that applies it, one that takes it back.

mod apply;
mod past;
mod previews;
mod school_now;
mod staging;
mod undo;

pub use apply::Applied;
pub use past::PastImport;
pub(crate) use previews::Previews;
pub use undo::{KeptReason, NotUndone, Undone};

use crate::Accounts;
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use crate::roster::change_set::Occasion;
use crate::roster::{ChangeSet, Source, change_set, read_roster};
use edge_kernel::Actor;
use events::ids::ImportId;
use previews::Preview;
use uuid::Uuid;

impl Accounts {
    /// Reads a roster and says what it would change. Writes nothing; the preview is remembered for an hour.
    pub async fn preview_import(
        &self,
        actor: Actor,
        bytes: Vec<u8>,
        source: Source,
    ) -> Result<ChangeSet, AccountsError> {
        self.allow(actor, PersonVerb::Import, None).await?;
        let read = tokio::task::spawn_blocking(move || read_roster(&bytes, source));
        let roster = read.await??;
        let school = self.school_now().await?;
        let occasion = Occasion {
            id: ImportId(Uuid::new_v4()),
            today: self.today(),
            year: self.kernel.clock.school_year(),
        };
        let set = change_set(&roster, &school, &occasion);
        let preview = Preview {
            roster,
            occasion,
            set: set.clone(),
            at: self.kernel.clock.now(),
        };
        self.previews.remember(preview);
        Ok(set)
    }
}
