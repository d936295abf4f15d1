//! The school's roll: the office's lists go in, and who became whom is read back from the log.

use crate::generator::{Office, School, roster};
use anyhow::{Context as _, Result};
use edge::House;
use edge_accounts::roster::Source;
use edge_kernel::{Actor, Order};
use events::AnyEvent;
use events::accounts::{AccountsEvent, PersonCommand, Role};
use events::ids::{GroupId, PersonId};
use std::collections::BTreeMap;

/// Events read at once.
const PAGE: u32 = 1000;

/// Who is who after the import.
#[derive(Default)]
pub(super) struct Roll {
    by_source: BTreeMap<String, PersonId>,
    logins: BTreeMap<PersonId, String>,
    classes: BTreeMap<String, GroupId>,
}

/// Imports both lists and gives the offices that no list knows.
pub(super) async fn import(house: &House, school: &School) -> Result<()> {
    for (list, bytes) in [
        ("staff", roster::staff(school)),
        ("pupils", roster::danis(school)),
    ] {
        let read = house
            .accounts
            .preview_import(Actor::Machine, bytes, Source::Auto);
        let set = read
            .await
            .with_context(|| format!("reading the list of {list}"))?;
        anyhow::ensure!(
            set.refused.is_empty() && set.doubtful.is_empty(),
            "the invented list of {list} is not clean"
        );
        let applied = house
            .accounts
            .apply_import(Order::by(Actor::Machine), set.id, false);
        applied
            .await
            .with_context(|| format!("importing the list of {list}"))?;
    }
    let roll = Roll::read(house).await?;
    for (office, role) in [
        (Office::Head, Role::Head),
        (Office::Administrator, Role::Administrator),
        (Office::Auditor, Role::Auditor),
        // Somebody of the staff beside their work, as in most schools.
        (Office::Staff, Role::DataProtection),
    ] {
        let person = school.first(office).context("every office is held")?;
        let person = roll.person(&person.source_id)?;
        let command = PersonCommand::GiveRole { role };
        house
            .accounts
            .person_command(Order::by(Actor::Machine), person, command)
            .await
            .context("giving an office")?;
    }
    Ok(())
}

impl Roll {
    /// Reads the log from its beginning.
    pub(super) async fn read(house: &House) -> Result<Self> {
        let (mut roll, mut at) = (Self::default(), 0);
        loop {
            let events = house
                .kernel
                .ledger
                .read(at, PAGE)
                .await
                .context("reading the log")?;
            let Some(last) = events.last() else {
                return Ok(roll);
            };
            at = last.position;
            for recorded in events {
                if let AnyEvent::Accounts(event) = recorded.event {
                    roll.take(event);
                }
            }
        }
    }

    fn take(&mut self, event: AccountsEvent) {
        match event {
            AccountsEvent::PersonDescribed {
                person, source_id, ..
            } => {
                if let Some(Some(source)) = source_id.get() {
                    self.by_source.insert(source.clone(), person);
                }
            }
            AccountsEvent::LoginNameGiven { person, login } => {
                self.logins
                    .insert(person, login.get().cloned().unwrap_or_default());
            }
            AccountsEvent::GroupAdded { group, name, .. } => {
                self.classes.insert(name, group);
            }
            _ => {}
        }
    }

    fn person(&self, source: &str) -> Result<PersonId> {
        self.by_source
            .get(source)
            .copied()
            .with_context(|| format!("nobody was imported under {source}"))
    }

    /// Everybody, in the order of the generator's list.
    pub(super) fn people(&self, school: &School) -> Result<Vec<PersonId>> {
        school
            .people
            .iter()
            .map(|person| self.person(&person.source_id))
            .collect()
    }

    /// A person's login name.
    pub(super) fn login(&self, person: PersonId) -> Result<&str> {
        self.logins
            .get(&person)
            .map(String::as_str)
            .context("everybody has a login name")
    }

    /// A class by its name.
    pub(super) fn class(&self, name: &str) -> Option<GroupId> {
        self.classes.get(name).copied()
    }
}
