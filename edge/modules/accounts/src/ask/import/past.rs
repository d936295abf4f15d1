//! The imports so far, as the school's own history tells them.

use crate::Accounts;
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use edge_kernel::Actor;
use events::accounts::AccountsEvent;
use events::ids::{ImportId, PersonId, StreamId};
use events::{Millis, Position};
use schemars::JsonSchema;
use serde::Serialize;

/// An import that was applied, as a list shows it. Holds counts, no names.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PastImport {
    /// The change set.
    pub id: ImportId,
    /// The import's last event, which names it.
    #[serde(skip)]
    pub(super) last: Position,
    /// When it was applied, in UTC.
    pub at: Millis,
    /// Who applied it; nobody for the machine's own console, and when that is no longer known.
    pub by: Option<PersonId>,
    /// The dialect it came in.
    pub source: String,
    /// People it added.
    pub added: u32,
    /// People it changed, moved or renamed.
    pub changed: u32,
    /// Accounts it closed.
    pub closed: u32,
    /// Whether it was taken back.
    pub undone: bool,
}

impl Accounts {
    /// All imports, the newest first; for whoever may import.
    pub async fn past_imports(&self, actor: Actor) -> Result<Vec<PastImport>, AccountsError> {
        self.allow(actor, PersonVerb::Import, None).await?;
        let mut imports = self.imports().await?;
        imports.reverse();
        Ok(imports)
    }

    /// What has become of an import.
    pub(super) async fn past_import(
        &self,
        import: ImportId,
    ) -> Result<Option<PastImport>, AccountsError> {
        let imports = self.imports().await?;
        Ok(imports.into_iter().find(|past| past.id == import))
    }

    async fn imports(&self) -> Result<Vec<PastImport>, AccountsError> {
        let mut imports: Vec<PastImport> = Vec::new();
        for recorded in self.kernel.ledger.stream(StreamId::SCHOOL).await? {
            match AccountsEvent::try_from(recorded.event) {
                Ok(AccountsEvent::RosterImported {
                    import,
                    source,
                    added,
                    changed,
                    closed,
                }) => imports.push(PastImport {
                    id: import,
                    last: recorded.position,
                    at: recorded.at,
                    by: self.kernel.ledger.keyring().person(recorded.actor),
                    source,
                    added,
                    changed,
                    closed,
                    undone: false,
                }),
                Ok(AccountsEvent::RosterImportUndone { import }) => {
                    let taken_back = imports.iter_mut().filter(|past| past.id == import);
                    taken_back.for_each(|past| past.undone = true);
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(imports)
    }
}
