//! Groups and who belongs to them.

use crate::Accounts;
use crate::decide::{Group, ToGroup};
use crate::error::{AccountsError, GroupRefusal};
use crate::policy::{self, Disposal};
use edge_kernel::Actor;
use edge_kernel::ledger::AppendError;
use edge_kernel::unit::{Done, Order};
use events::access::NOW;
use events::accounts::{AccountsEvent, Date, GroupCommand, GroupKind, MemberRole};
use events::ids::{GroupId, StreamId};
use events::{AnyEvent, Position};
use uuid::Uuid;

impl Accounts {
    /// Founds a group. Whoever may only dispose over groups that they lead, leads it.
    pub async fn add_group(
        &self,
        order: Order,
        name: String,
        kind: GroupKind,
        year: u16,
    ) -> Result<(GroupId, Position), AccountsError> {
        let found = GroupCommand::AddGroup { name, kind, year };
        self.allow_group(order.actor, &found, kind, None)?;
        let group = GroupId(Uuid::new_v4());
        let stream = StreamId(group.0);
        let leader = self.leader(order.actor)?;
        let mut unit = self.kernel.unit(order);
        unit.command::<Group>(
            stream,
            ToGroup {
                group,
                command: found,
            },
        )
        .await?;
        if let Some(command) = leader {
            unit.command::<Group>(stream, ToGroup { group, command })
                .await?;
        }
        let appended = unit.commit().await?;
        if !appended.repeated {
            return Ok((group, appended.last));
        }
        let events = self
            .kernel
            .ledger
            .read(appended.first.saturating_sub(1), 1)
            .await?;
        match events.into_iter().next().map(|recorded| recorded.event) {
            Some(AnyEvent::Accounts(AccountsEvent::GroupAdded { group, .. })) => {
                Ok((group, appended.last))
            }
            _ => Err(AccountsError::NotFound),
        }
    }

    fn leader(&self, actor: Actor) -> Result<Option<GroupCommand>, AccountsError> {
        let Actor::Person(person) = actor else {
            return Ok(None);
        };
        let roles = self.kernel.ledger.access().roles(person);
        if policy::farthest_disposal(&roles) == Disposal::All {
            return Ok(None);
        }
        let from = self.today();
        Ok(Some(GroupCommand::AddMember {
            person,
            role: MemberRole::Leader,
            from,
        }))
    }

    /// Carries out a command to a group.
    pub async fn group_command(
        &self,
        order: Order,
        group: GroupId,
        command: GroupCommand,
    ) -> Result<Done<AccountsEvent>, AccountsError> {
        if matches!(command, GroupCommand::AddGroup { .. }) {
            return Err(AccountsError::OtherDoor);
        }
        let (known, _) = self.kernel.load::<Group>(StreamId(group.0)).await?;
        let kind = known.kind.ok_or(GroupRefusal::Unknown)?;
        self.allow_group(order.actor, &command, kind, Some(group))?;
        if let GroupCommand::AddMember { person, .. } = &command
            && !self.kernel.ledger.access().is_open(*person, NOW)
        {
            return Err(AccountsError::NotFound);
        }
        let mut tries = 0;
        loop {
            let mut unit = self.kernel.unit(order.clone());
            let to = ToGroup {
                group,
                command: command.clone(),
            };
            let events = unit.command::<Group>(StreamId(group.0), to).await?;
            match unit.commit().await {
                Ok(appended) if appended.repeated => {
                    return Ok(Done {
                        position: appended.last,
                        events: Vec::new(),
                    });
                }
                Ok(appended) => {
                    return Ok(Done {
                        position: appended.last,
                        events,
                    });
                }
                Err(AppendError::Conflict { .. }) if tries < super::TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn allow_group(
        &self,
        actor: Actor,
        command: &GroupCommand,
        kind: GroupKind,
        group: Option<GroupId>,
    ) -> Result<(), AccountsError> {
        let Actor::Person(asker) = actor else {
            return Ok(());
        };
        let access = self.kernel.ledger.access();
        let leads = group.is_some_and(|group| access.leads(asker, group));
        if access.is_open(asker, NOW)
            && policy::may_group(&access.roles(asker), command, kind, leads)
        {
            Ok(())
        } else {
            Err(AccountsError::NotAllowed)
        }
    }

    /// Today as the calendar writes it.
    pub(super) fn today(&self) -> Date {
        let today = self.kernel.clock.today();
        let number = |part: i8| u8::try_from(part).unwrap_or(1);
        let year = u16::try_from(today.year()).unwrap_or(1970);
        Date::try_new(year, number(today.month()), number(today.day()))
            .expect("a clock's day is a day of the calendar")
    }
}
