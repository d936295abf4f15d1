//! Importing a roster: a preview that writes nothing, one append that applies it, one that takes it back.

mod apply;
mod previews;
mod school_now;
mod staging;
mod undo;

pub use apply::Applied;
pub(crate) use previews::Previews;
pub use undo::{KeptReason, NotUndone, Undone};

use crate::Accounts;
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use crate::roster::change_set::Occasion;
use crate::roster::{ChangeSet, Source, change_set, read_roster};
use edge_kernel::Actor;
use events::Position;
use events::accounts::AccountsEvent;
use events::ids::{ImportId, StreamId};
use previews::Preview;
use uuid::Uuid;

/// What the school's own history says about an import.
pub(super) struct Past {
    /// The import's last event, which names it.
    last: Position,
    added: u32,
    changed: u32,
    closed: u32,
    undone: bool,
}

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

    /// What has become of an import.
    async fn past_import(&self, import: ImportId) -> Result<Option<Past>, AccountsError> {
        let mut past = None;
        for recorded in self.kernel.ledger.stream(StreamId::SCHOOL).await? {
            match AccountsEvent::try_from(recorded.event) {
                Ok(AccountsEvent::RosterImported {
                    import: id,
                    added,
                    changed,
                    closed,
                    ..
                }) if id == import => {
                    past = Some(Past {
                        last: recorded.position,
                        added,
                        changed,
                        closed,
                        undone: false,
                    });
                }
                Ok(AccountsEvent::RosterImportUndone { import: id }) if id == import => {
                    past = past.map(|past| Past {
                        undone: true,
                        ..past
                    });
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(past)
    }
}
