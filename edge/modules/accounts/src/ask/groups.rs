//! Groups and who belongs to them.

use crate::Accounts;
use crate::decide::{Days, Group, ToGroup};
use crate::error::{AccountsError, GroupRefusal};
use crate::policy::{self, Disposal};
use edge_kernel::ledger::AppendError;
use edge_kernel::unit::{Done, Order};
use edge_kernel::{Actor, Clock};
use events::access::NOW;
use events::accounts::view::Groups;
use events::accounts::{AccountsEvent, Date, GroupCommand, GroupKind, MemberRole};
use events::ids::{GroupId, StreamId};
use events::{AnyEvent, Millis, Position, Scope};
use uuid::Uuid;

/// Years before the school's founding on this machine in which memberships may have begun: teachers stay long.
const GENERATION: u16 = 20;
/// How far German summer time is ahead of UTC.
const GERMAN_SUMMER: Millis = 2 * 60 * 60 * 1000;

impl Accounts {
    /// Founds a group. Whoever may only dispose over groups that they lead, leads it.
    pub async fn add_group(
        &self,
        order: Order,
        name: String,
        kind: GroupKind,
        year: u16,
    ) -> Result<(GroupId, Position), AccountsError> {
        let found = GroupCommand::AddGroup {
            name: name.clone(),
            kind,
            year,
        };
        self.allow_group(order.actor, &found, kind, None)?;
        let _alone = self.naming.lock().await;
        // Asked for again, the group itself is the one that has the name; the log gives the first answer.
        let again = match &order.once {
            Some(key) => self.kernel.ledger.done_before(key).await?.is_some(),
            None => false,
        };
        if !again {
            self.no_namesake(None, kind, year, &name).await?;
        }
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
        self.days().await?.allow(&command)?;
        let naming = match &command {
            GroupCommand::RenameGroup { name } => Some(name.as_str()),
            GroupCommand::ReopenGroup if known.closed => Some(known.name.as_str()),
            _ => None,
        };
        let _alone = match naming {
            Some(name) => {
                let alone = self.naming.lock().await;
                self.no_namesake(Some(group), kind, known.year, name)
                    .await?;
                Some(alone)
            }
            None => None,
        };
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

    /// Refuses a name that another open group of the kind and school year has. Hold `naming` from here to the append.
    async fn no_namesake(
        &self,
        but: Option<GroupId>,
        kind: GroupKind,
        year: u16,
        name: &str,
    ) -> Result<(), AccountsError> {
        self.views_catch_up().await?;
        let groups = self.kernel.views.all::<Groups>(vec![Scope::School]).await?;
        let plain = |name: &str| {
            let words: Vec<&str> = name.split_whitespace().collect();
            words.join(" ").to_lowercase()
        };
        let wanted = plain(name);
        let taken = groups.iter().any(|group| {
            let same = (group.kind, group.year) == (kind, year) && plain(&group.name) == wanted;
            same && group.open && Some(group.group) != but
        });
        if taken {
            return Err(GroupRefusal::Namesake.into());
        }
        Ok(())
    }

    /// The days on which memberships may begin and end: from a generation before the school used this machine until today,
    /// which begins two hours before it does in UTC where there is German summer time.
    async fn days(&self) -> Result<Days, AccountsError> {
        let now = self.kernel.clock.now();
        let first = self.kernel.ledger.read(0, 1).await?;
        let founded = first.first().map_or(now, |recorded| recorded.at);
        let year = u16::try_from(Clock::manual(founded).today().year()).unwrap_or(1970);
        Ok(Days {
            first: Date::try_new(year.saturating_sub(GENERATION).max(1), 1, 1)
                .expect("every year has a first of January"),
            last: calendar_day(now + GERMAN_SUMMER),
        })
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
        calendar_day(self.kernel.clock.now())
    }
}

/// The day of a moment in UTC.
fn calendar_day(at: Millis) -> Date {
    let day = Clock::manual(at).today();
    let number = |part: i8| u8::try_from(part).unwrap_or(1);
    let year = u16::try_from(day.year()).unwrap_or(1970);
    Date::try_new(year, number(day.month()), number(day.day()))
        .expect("a clock's day is a day of the calendar")
}
