//! Takes an import back, as one unit of work, as far as nothing was built on it. The log keeps both: what was imported, and
//! that it was taken back. Records of people whom the import added stay with their closed accounts, so that importing the
//! right list afterwards finds them again.

use crate::Accounts;
use crate::decide::{Group, Person, ToGroup, ToPerson};
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use crate::store::{self, Store};
use cqrs_es::Aggregate;
use edge_kernel::unit::Order;
use edge_kernel::{ExecuteError, Unit};
use events::accounts::{AccountsEvent, Date, GroupCommand, PersonCommand, PersonName, Role};
use events::ids::{GroupId, ImportId, PersonId, StreamId};
use events::{Position, Recorded};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An import that was taken back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Undone {
    /// Where that is written.
    pub position: Position,
    /// What could not be taken back, because something was built on it.
    pub kept: Vec<NotUndone>,
}

/// Something that stays as the import left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NotUndone {
    /// A person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// A group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Why.
    pub reason: KeptReason,
}

/// Why something stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeptReason {
    /// The account is in use: a code was made, a password chosen, a right given.
    InUse,
    /// Somebody has changed it since.
    ChangedSince,
    /// The class has members who did not come with the import.
    HasMembers,
}

impl Accounts {
    /// Takes an import back.
    pub async fn undo_import(
        &self,
        order: Order,
        import: ImportId,
    ) -> Result<Undone, AccountsError> {
        self.allow(order.actor, PersonVerb::Import, None).await?;
        let _alone = self.importing.lock().await;
        let _naming = self.naming.lock().await;
        let past = self
            .past_import(import)
            .await?
            .ok_or(AccountsError::NotFound)?;
        if past.undone {
            return Err(AccountsError::UndoneAlready);
        }
        let count = Store(self.kernel.ledger.kept())
            .import(import)
            .await?
            .ok_or(AccountsError::NotFound)?;
        let before = past.last.saturating_sub(count);
        let limit = u32::try_from(count).unwrap_or(u32::MAX);
        let events = self.kernel.ledger.read(before, limit).await?;
        let _administrators = self.administrators.lock().await;
        let administrators = self.kernel.ledger.access().holders(Role::Administrator);
        let mut undoing = Undoing {
            accounts: self,
            unit: self.kernel.unit(order.because_of(past.last)),
            today: self.today(),
            span: (before, past.last),
            people: BTreeMap::new(),
            administrators: administrators.into_iter().collect(),
            moved_on: BTreeSet::new(),
            kept: BTreeSet::new(),
        };
        undoing.look_at_people(&events).await?;
        for recorded in events.into_iter().rev() {
            undoing.take_back(recorded).await?;
        }
        let Undoing { mut unit, kept, .. } = undoing;
        unit.event(
            StreamId::SCHOOL,
            AccountsEvent::RosterImportUndone { import }.into(),
        );
        let appended = unit.commit().await?;
        Ok(Undone {
            position: appended.last,
            kept: kept.into_iter().collect(),
        })
    }
}

/// A person before the import, and whether their account was used after it.
struct Known {
    before: Person,
    used: bool,
}

struct Undoing<'a> {
    accounts: &'a Accounts,
    unit: Unit<'a>,
    today: Date,
    /// After the one and up to the other position the log is the import's.
    span: (Position, Position),
    people: BTreeMap<PersonId, Known>,
    administrators: BTreeSet<PersonId>,
    /// People who have left the class that the import put them in: they do not go back to the one before it.
    moved_on: BTreeSet<PersonId>,
    kept: BTreeSet<NotUndone>,
}

impl Undoing<'_> {
    async fn look_at_people(&mut self, events: &[Recorded]) -> Result<(), AccountsError> {
        let accounts = events
            .iter()
            .filter(|recorded| recorded.stream != StreamId::SCHOOL);
        let people: BTreeSet<PersonId> = accounts
            .filter_map(|recorded| match &recorded.event {
                events::AnyEvent::Accounts(event) => event.person(),
                _ => None,
            })
            .collect();
        let (before, last) = self.span;
        for person in people {
            let mut known = Known {
                before: Person::default(),
                used: false,
            };
            for recorded in self
                .accounts
                .kernel
                .ledger
                .stream(StreamId(person.0))
                .await?
            {
                known.used |= recorded.position > last;
                if recorded.position <= before
                    && let Ok(event) = AccountsEvent::try_from(recorded.event)
                {
                    known.before.apply(event);
                }
            }
            self.people.insert(person, known);
        }
        Ok(())
    }

    async fn take_back(&mut self, recorded: Recorded) -> Result<(), AccountsError> {
        use AccountsEvent as E;
        let Ok(event) = E::try_from(recorded.event) else {
            return Ok(());
        };
        if let Some(person) = event.person().filter(|person| self.stays(*person)) {
            self.keep(Some(person), None, KeptReason::InUse);
            return Ok(());
        }
        match event {
            E::PersonAdded { person, .. } | E::AccountReopened { person } => {
                self.close(person).await
            }
            E::PersonRenamed { person, name } => self.call_as_before(person, name.get()).await,
            E::PersonDescribed { person, .. } => self.describe_as_before(person).await,
            E::GuardianNamed {
                pupil, guardian, ..
            }
            | E::GuardianRemoved { pupil, guardian } => {
                self.guardian_as_before(pupil, guardian).await
            }
            E::RoleGiven { person, role } => {
                self.person(person, PersonCommand::TakeRole { role }).await
            }
            E::RoleTaken { person, role } => {
                self.person(person, PersonCommand::GiveRole { role }).await
            }
            E::AccountClosed { person, .. } => {
                self.person(person, PersonCommand::ReopenAccount).await
            }
            E::GroupAdded { group, .. } => self.close_group(group).await,
            E::GroupClosed { group } => self.group(group, GroupCommand::ReopenGroup).await,
            E::MemberAdded { group, person, .. } => self.leave(group, person).await,
            E::MemberRemoved { group, person, .. } => self.member_as_before(group, person).await,
            _ => Ok(()),
        }
    }

    /// Whether the import let somebody in who has since used the account: taking that back would lock them out.
    fn stays(&self, person: PersonId) -> bool {
        let only_one = self.administrators.len() == 1 && self.administrators.contains(&person);
        self.people.get(&person).is_some_and(|known| {
            let let_in = !known.before.known || known.before.left.is_some();
            let_in && (known.used || only_one)
        })
    }

    fn keep(&mut self, person: Option<PersonId>, group: Option<GroupId>, reason: KeptReason) {
        self.kept.insert(NotUndone {
            person,
            group,
            reason,
        });
    }

    fn before(&self, person: PersonId) -> Person {
        self.people
            .get(&person)
            .map(|known| known.before.clone())
            .unwrap_or_default()
    }

    /// What an account refuses now stays as it is, and is said.
    async fn person(
        &mut self,
        person: PersonId,
        command: PersonCommand,
    ) -> Result<(), AccountsError> {
        let to = ToPerson { person, command };
        match self.unit.command::<Person>(StreamId(person.0), to).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Refused(_)) => {
                self.keep(Some(person), None, KeptReason::ChangedSince);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a group refuses now stays as it is, and is said.
    async fn group(&mut self, group: GroupId, command: GroupCommand) -> Result<(), AccountsError> {
        match self
            .unit
            .command::<Group>(StreamId(group.0), ToGroup { group, command })
            .await
        {
            Ok(_) => Ok(()),
            Err(ExecuteError::Refused(_)) => {
                self.keep(None, Some(group), KeptReason::ChangedSince);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn close(&mut self, person: PersonId) -> Result<(), AccountsError> {
        let on = self
            .before(person)
            .left
            .unwrap_or_else(|| self.today.clone());
        self.person(person, PersonCommand::CloseAccount { on })
            .await?;
        self.administrators.remove(&person);
        store::drop_ways_in(&mut self.unit, person);
        Ok(())
    }

    async fn call_as_before(
        &mut self,
        person: PersonId,
        imported: Option<&PersonName>,
    ) -> Result<(), AccountsError> {
        let (now, _) = self.unit.aggregate::<Person>(StreamId(person.0)).await?;
        match self.before(person).name {
            Some(name) if now.name.as_ref() == imported => {
                self.person(person, PersonCommand::RenamePerson { name })
                    .await
            }
            Some(_) => {
                self.keep(Some(person), None, KeptReason::ChangedSince);
                Ok(())
            }
            None => Ok(()),
        }
    }

    async fn describe_as_before(&mut self, person: PersonId) -> Result<(), AccountsError> {
        let before = self.before(person);
        if !before.known {
            return Ok(());
        }
        let described = before.described;
        let command = PersonCommand::DescribePerson {
            source_id: described.source_id,
            birth_date: described.birth_date,
            abbreviation: described.abbreviation,
        };
        self.person(person, command).await
    }

    async fn guardian_as_before(
        &mut self,
        pupil: PersonId,
        guardian: PersonId,
    ) -> Result<(), AccountsError> {
        let command = match self.before(pupil).guardians.remove(&guardian) {
            None => PersonCommand::RemoveGuardian { guardian },
            Some(known) => match known.name {
                Some(name) => PersonCommand::NameGuardian {
                    guardian,
                    name,
                    custody: known.custody,
                },
                None => return Ok(()),
            },
        };
        self.person(pupil, command).await
    }

    async fn leave(&mut self, group: GroupId, person: PersonId) -> Result<(), AccountsError> {
        let (now, _) = self.unit.aggregate::<Group>(StreamId(group.0)).await?;
        if !now.members.contains_key(&person) {
            self.moved_on.insert(person);
            self.keep(Some(person), Some(group), KeptReason::ChangedSince);
        }
        let from = now.members.get(&person).map(|member| member.from.clone());
        let today = self.today.clone();
        let until = from.filter(|from| *from > today).unwrap_or(today);
        self.group(group, GroupCommand::RemoveMember { person, until })
            .await
    }

    async fn member_as_before(
        &mut self,
        group: GroupId,
        person: PersonId,
    ) -> Result<(), AccountsError> {
        if self.moved_on.contains(&person) {
            return Ok(());
        }
        let mut known = Group::default();
        for recorded in self
            .accounts
            .kernel
            .ledger
            .stream(StreamId(group.0))
            .await?
        {
            if recorded.position <= self.span.0
                && let Ok(event) = AccountsEvent::try_from(recorded.event)
            {
                known.apply(event);
            }
        }
        let Some(member) = known.members.remove(&person) else {
            return Ok(());
        };
        let (role, from) = (member.role, member.from);
        self.group(group, GroupCommand::AddMember { person, role, from })
            .await
    }

    async fn close_group(&mut self, group: GroupId) -> Result<(), AccountsError> {
        let (now, _) = self.unit.aggregate::<Group>(StreamId(group.0)).await?;
        if now.members.is_empty() {
            return self.group(group, GroupCommand::CloseGroup).await;
        }
        self.keep(None, Some(group), KeptReason::HasMembers);
        Ok(())
    }
}
