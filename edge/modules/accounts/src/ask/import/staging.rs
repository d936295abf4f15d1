//! Turns a change set into commands to people and groups.

use super::apply::Applied;
use crate::Accounts;
use crate::decide::{Group, Person, ToGroup, ToPerson};
use crate::error::AccountsError;
use crate::roster::change_set::{
    ChangeSet, Changed, ChildRelation, FieldName, GuardianChange, Leaving, Moved, New, SchoolNow,
};
use crate::roster::login_name::LoginNames;
use crate::roster::people::RosterRole;
use crate::store;
use edge_kernel::Unit;
use edge_kernel::unit::Order;
use events::accounts::{
    AccountsEvent, Date, GroupCommand, GroupKind, MemberRole, PersonCommand, PersonName, Role,
};
use events::ids::{GroupId, PersonId, StreamId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// An import on its way into one unit of work.
pub(super) struct Staging<'a> {
    accounts: &'a Accounts,
    unit: Unit<'a>,
    today: Date,
    /// The classes of this school year, those that this import begins included.
    classes: BTreeMap<String, GroupId>,
    /// The people whom this import adds, by their line.
    by_line: BTreeMap<usize, PersonId>,
    names: LoginNames,
    taken: HashSet<Vec<u8>>,
}

impl<'a> Staging<'a> {
    pub(super) async fn begin(
        accounts: &'a Accounts,
        order: Order,
        school: &SchoolNow,
        year: u16,
    ) -> Result<Self, AccountsError> {
        let of_the_year = school.classes.iter().filter(|class| class.year == year);
        Ok(Self {
            accounts,
            unit: accounts.kernel.unit(order),
            today: accounts.today(),
            classes: of_the_year
                .map(|class| (class.name.clone(), class.group))
                .collect(),
            by_line: BTreeMap::new(),
            names: LoginNames::default(),
            taken: accounts.taken_logins().await?,
        })
    }

    /// Stages everything, in an order in which nothing refers to what is not there yet.
    pub(super) async fn everything(&mut self, set: &ChangeSet) -> Result<(), AccountsError> {
        self.new_classes(set).await?;
        self.new_people(set).await?;
        for renamed in &set.renamed {
            let (given, family) = renamed.to.clone();
            self.person(
                renamed.person,
                PersonCommand::RenamePerson {
                    name: PersonName { given, family },
                },
            )
            .await?;
        }
        for changed in &set.changed {
            self.change(changed).await?;
        }
        for moved in &set.moved {
            self.moves(moved).await?;
        }
        for guardian in &set.guardians {
            self.guardian(guardian).await?;
        }
        for leaving in &set.leaving {
            self.leave(leaving).await?;
        }
        for emptied in set.groups.iter().filter_map(|group| group.group) {
            self.group(emptied, GroupCommand::CloseGroup).await?;
        }
        Ok(())
    }

    async fn person(
        &mut self,
        person: PersonId,
        command: PersonCommand,
    ) -> Result<(), AccountsError> {
        self.unit
            .command::<Person>(StreamId(person.0), ToPerson { person, command })
            .await?;
        Ok(())
    }

    async fn group(&mut self, group: GroupId, command: GroupCommand) -> Result<(), AccountsError> {
        self.unit
            .command::<Group>(StreamId(group.0), ToGroup { group, command })
            .await?;
        Ok(())
    }

    async fn new_classes(&mut self, set: &ChangeSet) -> Result<(), AccountsError> {
        for class in set.groups.iter().filter(|group| group.group.is_none()) {
            let group = GroupId(Uuid::new_v4());
            let (name, year) = (class.name.clone(), class.year);
            self.classes.insert(name.clone(), group);
            self.group(
                group,
                GroupCommand::AddGroup {
                    name,
                    kind: GroupKind::Class,
                    year,
                },
            )
            .await?;
        }
        Ok(())
    }

    /// In the order of their numbers, so that the same list gives the same login names however it is sorted.
    async fn new_people(&mut self, set: &ChangeSet) -> Result<(), AccountsError> {
        let mut new: Vec<&New> = set.new.iter().collect();
        new.sort_by_key(|new| (new.source_id.is_none(), &new.source_id, new.line));
        for new in new {
            let person = PersonId(Uuid::new_v4());
            self.by_line.insert(new.line, person);
            let (accounts, taken) = (self.accounts, &self.taken);
            let is_taken = |login: &str| taken.contains(&accounts.login_key(login));
            let login = self.names.give_unless(&new.given, &new.family, is_taken);
            let name = PersonName {
                given: new.given.clone(),
                family: new.family.clone(),
            };
            accounts
                .stage_person(&mut self.unit, person, name, vec![role(new.role)], login)
                .await?;
            let described = PersonCommand::DescribePerson {
                source_id: new.source_id.clone(),
                birth_date: new.birth_date.clone(),
                abbreviation: new.abbreviation.clone(),
            };
            self.person(person, described).await?;
            if let Some(class) = &new.class {
                self.join(None, class, person).await?;
            }
        }
        Ok(())
    }

    async fn join(
        &mut self,
        group: Option<GroupId>,
        class: &str,
        person: PersonId,
    ) -> Result<(), AccountsError> {
        let group = group.or_else(|| self.classes.get(class).copied());
        let group = group.ok_or(AccountsError::NotFound)?;
        let from = self.today.clone();
        self.group(
            group,
            GroupCommand::AddMember {
                person,
                role: MemberRole::Member,
                from,
            },
        )
        .await
    }

    /// Ends a membership on a day, or on its first where the list tells of a leaving before we knew of the joining.
    async fn part(
        &mut self,
        group: GroupId,
        person: PersonId,
        on: Date,
    ) -> Result<(), AccountsError> {
        let (known, _) = self.unit.aggregate::<Group>(StreamId(group.0)).await?;
        let from = known.members.get(&person).map(|member| member.from.clone());
        let until = from.filter(|from| *from > on).unwrap_or(on);
        self.group(group, GroupCommand::RemoveMember { person, until })
            .await
    }

    async fn change(&mut self, changed: &Changed) -> Result<(), AccountsError> {
        let person = changed.person;
        let (account, _) = self.unit.aggregate::<Person>(StreamId(person.0)).await?;
        let mut described = account.described;
        for field in &changed.fields {
            match field.field {
                FieldName::SourceId => described.source_id.clone_from(&field.to),
                FieldName::Abbreviation => described.abbreviation.clone_from(&field.to),
                FieldName::BirthDate => {
                    described.birth_date = field.to.as_deref().and_then(|date| date.parse().ok())
                }
                FieldName::Role => self.change_role(person, field.to.as_deref()).await?,
                FieldName::Left => self.person(person, PersonCommand::ReopenAccount).await?,
            }
        }
        let (source_id, birth_date, abbreviation) = (
            described.source_id,
            described.birth_date,
            described.abbreviation,
        );
        self.person(
            person,
            PersonCommand::DescribePerson {
                source_id,
                birth_date,
                abbreviation,
            },
        )
        .await
    }

    /// A teacher becomes staff or the other way round; roles that no list gives are left alone.
    async fn change_role(
        &mut self,
        person: PersonId,
        to: Option<&str>,
    ) -> Result<(), AccountsError> {
        let (given, taken) = match to {
            Some("teacher") => (Role::Teacher, Role::Staff),
            Some("staff") => (Role::Staff, Role::Teacher),
            _ => return Ok(()),
        };
        self.person(person, PersonCommand::GiveRole { role: given })
            .await?;
        self.person(person, PersonCommand::TakeRole { role: taken })
            .await
    }

    async fn moves(&mut self, moved: &Moved) -> Result<(), AccountsError> {
        let person = moved.person;
        if let Some(from) = moved.from.as_ref().and_then(|from| from.group) {
            self.part(from, person, self.today.clone()).await?;
        }
        self.join(moved.to.group, &moved.to.name, person).await
    }

    async fn guardian(&mut self, change: &GuardianChange) -> Result<(), AccountsError> {
        let guardian = change.guardian.unwrap_or_else(|| PersonId(Uuid::new_v4()));
        for child in &change.children {
            let pupil = child
                .child
                .or_else(|| self.by_line.get(&child.line).copied());
            let pupil = pupil.ok_or(AccountsError::NotFound)?;
            let command = match child.change {
                ChildRelation::Ends => PersonCommand::RemoveGuardian { guardian },
                ChildRelation::Begins | ChildRelation::Custody => PersonCommand::NameGuardian {
                    guardian,
                    name: PersonName {
                        given: change.given.clone(),
                        family: change.family.clone(),
                    },
                    custody: child.custody,
                },
            };
            self.person(pupil, command).await?;
        }
        Ok(())
    }

    async fn leave(&mut self, leaving: &Leaving) -> Result<(), AccountsError> {
        let person = leaving.person;
        let groups = self.accounts.kernel.ledger.access().groups_of(person);
        for group in groups {
            self.part(group, person, leaving.on.clone()).await?;
        }
        self.person(
            person,
            PersonCommand::CloseAccount {
                on: leaving.on.clone(),
            },
        )
        .await?;
        store::drop_ways_in(&mut self.unit, person);
        Ok(())
    }

    /// Appends it, with the note that it was an import and how many events that made.
    pub(super) async fn commit(mut self, set: &ChangeSet) -> Result<Applied, AccountsError> {
        let renamed = set.renamed.iter().map(|entry| entry.person);
        let moved = set.moved.iter().map(|entry| entry.person);
        let changed = set.changed.iter().map(|entry| entry.person);
        let changed: BTreeSet<PersonId> = renamed.chain(moved).chain(changed).collect();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (added, changed, closed) = (
            number(set.new.len()),
            number(changed.len()),
            number(set.leaving.len()),
        );
        if set.is_empty() {
            let position = self.accounts.kernel.ledger.size();
            return Ok(Applied {
                id: set.id,
                position,
                added,
                changed,
                closed,
            });
        }
        let source = set.source.clone();
        let imported = AccountsEvent::RosterImported {
            import: set.id,
            source,
            added,
            changed,
            closed,
        };
        self.unit.event(StreamId::SCHOOL, imported.into());
        let events = u64::try_from(self.unit.len()).unwrap_or(u64::MAX);
        store::keep_import(&mut self.unit, set.id, events);
        let appended = self.unit.commit().await?;
        Ok(Applied {
            id: set.id,
            position: appended.last,
            added,
            changed,
            closed,
        })
    }
}

const fn role(role: RosterRole) -> Role {
    match role {
        RosterRole::Pupil => Role::Pupil,
        RosterRole::Teacher => Role::Teacher,
        RosterRole::Staff => Role::Staff,
    }
}
