//! Applies a change set as one unit of work: all of it is in the log, or nothing.

use super::previews::Preview;
use super::staging::Staging;
use crate::Accounts;
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use crate::roster::ChangeSet;
use crate::roster::change_set::{SchoolNow, change_set};
use edge_kernel::unit::Order;
use events::Position;
use events::accounts::Role;
use events::ids::{ImportId, PersonId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// An import that was applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Applied {
    /// The change set.
    pub id: ImportId,
    /// Where its last event stands.
    pub position: Position,
    /// People it added.
    pub added: u32,
    /// People it changed, moved or renamed.
    pub changed: u32,
    /// Accounts it closed.
    pub closed: u32,
}

impl Accounts {
    /// Applies a previewed change set. Applying it again changes nothing and gives the same answer.
    pub async fn apply_import(
        &self,
        order: Order,
        import: ImportId,
        confirm_leavers: bool,
    ) -> Result<Applied, AccountsError> {
        self.allow(order.actor, PersonVerb::Import, None).await?;
        let _alone = self.importing.lock().await;
        let _naming = self.naming.lock().await;
        if let Some(past) = self.past_import(import).await? {
            let (added, changed, closed) = (past.added, past.changed, past.closed);
            return Ok(Applied {
                id: import,
                position: past.last,
                added,
                changed,
                closed,
            });
        }
        let preview = self
            .previews
            .get(import, self.kernel.clock.now())
            .ok_or(AccountsError::NotFound)?;
        let confirmation = &preview.set.confirm_leavers;
        if confirmation.needed && !confirm_leavers {
            let (missing, of) = (confirmation.missing, confirmation.of);
            return Err(AccountsError::ConfirmLeavers { missing, of });
        }
        let (preview, school) = self.still_true(preview).await?;
        let _administrators = self.administrators.lock().await;
        self.administrator_remains(&preview.set)?;
        let mut staging = Staging::begin(self, order, &school, preview.occasion.year).await?;
        staging.everything(&preview.set).await?;
        let applied = staging.commit(&preview.set).await?;
        self.previews.forget(import);
        Ok(applied)
    }

    /// Compares again: what was reviewed is applied, or nothing.
    async fn still_true(&self, preview: Preview) -> Result<(Preview, SchoolNow), AccountsError> {
        let school = self.school_now().await?;
        let now = change_set(&preview.roster, &school, &preview.occasion);
        if now == preview.set {
            return Ok((preview, school));
        }
        self.previews.remember(Preview {
            set: now.clone(),
            ..preview
        });
        Err(AccountsError::Outdated(Box::new(now)))
    }

    fn administrator_remains(&self, set: &ChangeSet) -> Result<(), AccountsError> {
        let administrators = self.kernel.ledger.access().holders(Role::Administrator);
        let leaving: BTreeSet<PersonId> =
            set.leaving.iter().map(|leaving| leaving.person).collect();
        if !administrators.is_empty()
            && administrators.iter().all(|person| leaving.contains(person))
        {
            return Err(AccountsError::LastAdministrator);
        }
        Ok(())
    }
}
