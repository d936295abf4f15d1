//! Letting go of people: what an erasure asks of accounts, in the append that says it.

use super::hashing::Compared;
use super::people::LOGIN;
use super::sign_in::typed;
use crate::Accounts;
use crate::decide::{Group, Person, ToGroup, ToPerson};
use crate::error::AccountsError;
use crate::store::{self, Store};
use edge_kernel::Unit;
use edge_kernel::keyring::BucketName;
use events::access::NOW;
use events::accounts::{AccountsEvent, GroupCommand, PersonCommand};
use events::any::Described;
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Owner, Term};
use std::collections::BTreeSet;

/// How much of people is kept beside the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Login names that are claimed.
    pub claims: u64,
    /// Password hashes, codes, sessions, devices, login names.
    pub rows: u64,
}

impl Accounts {
    /// How much of people is kept beside the log.
    pub async fn kept_of(&self, people: &[PersonId]) -> Result<Kept, AccountsError> {
        let mut kept = Kept::default();
        for person in people {
            kept.claims += self.logins_of(*person).await?.len() as u64;
            kept.rows += Store(self.kernel.ledger.kept()).rows_of(*person).await?;
        }
        Ok(kept)
    }

    /// Stages that people are gone: accounts are closed, groups left, login names free again, and nothing of them kept.
    pub async fn let_go(
        &self,
        unit: &mut Unit<'_>,
        people: &[PersonId],
    ) -> Result<Kept, AccountsError> {
        let kept = self.kept_of(people).await?;
        // A preview of a roster holds names.
        self.previews.forget_all();
        for person in people {
            self.leave(unit, *person).await?;
            for login in self.logins_of(*person).await? {
                unit.release(LOGIN, &login);
            }
            store::drop_everything(unit, *person);
        }
        Ok(kept)
    }

    async fn leave(&self, unit: &mut Unit<'_>, person: PersonId) -> Result<(), AccountsError> {
        let (groups, open) = {
            let access = self.kernel.ledger.access();
            (access.groups_of(person), access.is_open(person, NOW))
        };
        for group in groups {
            let command = GroupCommand::RemoveMember {
                person,
                until: self.today(),
            };
            unit.command::<Group>(StreamId(group.0), ToGroup { group, command })
                .await?;
        }
        if open {
            let command = PersonCommand::CloseAccount { on: self.today() };
            unit.command::<Person>(StreamId(person.0), ToPerson { person, command })
                .await?;
        }
        Ok(())
    }

    /// Every login name that somebody has or had.
    async fn logins_of(&self, person: PersonId) -> Result<BTreeSet<String>, AccountsError> {
        let events = self.kernel.ledger.stream(StreamId(person.0)).await?;
        let names = events
            .into_iter()
            .filter_map(|recorded| match recorded.event {
                AnyEvent::Accounts(AccountsEvent::LoginNameGiven { login, .. }) => {
                    login.get().cloned()
                }
                _ => None,
            });
        Ok(names.collect())
    }

    /// People of whom something is kept although their keys are gone: the log was restored from before they were forgotten.
    pub async fn without_keys(&self) -> Result<Vec<PersonId>, AccountsError> {
        let keyring = self.kernel.ledger.keyring();
        let mut people = Store(self.kernel.ledger.kept()).people().await?;
        people.retain(|person| {
            let owner = Owner::Person(*person);
            let standing = BucketName::of(owner, Term::Standing, AccountsEvent::MODULE, 0);
            keyring.get(&standing).is_none()
        });
        Ok(people)
    }

    /// Whom a login name belongs to.
    pub async fn person_of_login(&self, login: &str) -> Result<Option<PersonId>, AccountsError> {
        let key = self.login_key(&typed(login));
        let owner = Store(self.kernel.ledger.kept())
            .owner_of_login(&key)
            .await?;
        Ok(owner)
    }

    /// Whether somebody's password is right, for whoever confirms something at the console; attempts count as everywhere.
    pub async fn vouch(&self, login: &str, password: &str) -> Result<PersonId, AccountsError> {
        let key = self.login_key(&typed(login));
        let _turn = self.guesses.turn(&key).await;
        let found = Store(self.kernel.ledger.kept()).login(&key, None).await?;
        let is_account = found.is_some();
        let attempt = self.guesses.attempt(&key, None, is_account, false, None);
        self.guesses.admit(&attempt).await?;
        let stored = found.as_ref().and_then(|found| found.password.clone());
        let compared = self.hashing.compare(password, stored).await?;
        let is_open = |person| self.kernel.ledger.access().is_open(person, NOW);
        match found.filter(|found| is_open(found.person)) {
            Some(found) if compared != Compared::Wrong => Ok(found.person),
            Some(_) | None => {
                self.guesses.failed(&attempt);
                Err(AccountsError::WrongLogin)
            }
        }
    }
}
