//! Facts that follow the log: folded once from its beginning, and from then on by what was added. Kept in memory only; a start
//! folds them anew.

use super::facts::Facts;
use edge_kernel::keyring::BucketName;
use edge_kernel::ledger::{Ledger, LedgerError};
use events::{Owner, Position, Term};

/// Facts, and up to where in the log they go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followed {
    facts: Facts,
    at: Position,
}

impl Followed {
    /// The facts of the log as it is, without those who are forgotten.
    pub(crate) async fn up_to_date(&mut self, ledger: &Ledger) -> Result<&Facts, LedgerError> {
        let size = ledger.size();
        let Self { facts, at } = self;
        // Taken in event by event: were this dropped half-way, nothing would be counted twice.
        ledger
            .fold_all(*at, size, |event| {
                facts.apply(event);
                *at = event.position;
            })
            .await?;
        let keyring = ledger.keyring();
        facts.people.retain(|person, _| {
            let owner = Owner::Person(*person);
            let standing = BucketName::of(owner, Term::Standing, "accounts", 0);
            keyring.get(&standing).is_some()
        });
        Ok(facts)
    }

    /// The facts as they were last asked for.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }
}
