//! One group: its name, whether it goes on, who belongs to it.

use crate::error::GroupRefusal;
use crate::roster::limits::{GROUP, fits};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::accounts::{AccountsEvent, Date, GroupCommand, GroupKind, MemberRole};
use events::ids::{GroupId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A command with the group it is for.
#[derive(Clone, Debug)]
pub(crate) struct ToGroup {
    /// To which.
    pub(crate) group: GroupId,
    /// What.
    pub(crate) command: GroupCommand,
}

/// A group as decisions need it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    /// What it is; nothing before it exists.
    pub(crate) kind: Option<GroupKind>,
    pub(crate) name: String,
    /// The calendar year in which its school year began.
    pub(crate) year: u16,
    pub(crate) closed: bool,
    pub(crate) members: BTreeMap<PersonId, Member>,
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) role: MemberRole,
    pub(crate) from: Date,
}

impl Aggregate for Group {
    const TYPE: &'static str = "group";
    type Command = ToGroup;
    type Event = AccountsEvent;
    type Error = GroupRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ToGroup,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), GroupRefusal> {
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountsEvent) {
        use AccountsEvent as E;
        match event {
            E::GroupAdded {
                name, kind, year, ..
            } => {
                self.kind = Some(kind);
                (self.name, self.year) = (name, year);
            }
            E::GroupRenamed { name, .. } => self.name = name,
            E::GroupClosed { .. } => self.closed = true,
            E::GroupReopened { .. } => self.closed = false,
            E::MemberAdded {
                person, role, from, ..
            } => {
                self.members.insert(person, Member { role, from });
            }
            E::MemberRemoved { person, .. } => drop(self.members.remove(&person)),
            _ => {}
        }
    }
}

impl Group {
    fn decide(
        &self,
        ToGroup { group, command }: ToGroup,
    ) -> Result<Option<AccountsEvent>, GroupRefusal> {
        use AccountsEvent as E;
        use GroupCommand as C;
        if let C::AddGroup { name, kind, year } = command {
            let name = valid(&name)?;
            return match self.kind {
                Some(_) => Err(GroupRefusal::AlreadyThere),
                None => Ok(Some(E::GroupAdded {
                    group,
                    name,
                    kind,
                    year,
                })),
            };
        }
        if self.kind.is_none() {
            return Err(GroupRefusal::Unknown);
        }
        let when = |changes: bool, event: E| Ok(changes.then_some(event));
        match command {
            C::AddGroup { .. } => Err(GroupRefusal::AlreadyThere),
            C::RenameGroup { name } => {
                let name = valid(&name)?;
                when(name != self.name, E::GroupRenamed { group, name })
            }
            C::CloseGroup => when(!self.closed, E::GroupClosed { group }),
            C::ReopenGroup => when(self.closed, E::GroupReopened { group }),
            C::AddMember { .. } if self.closed => Err(GroupRefusal::Closed),
            C::AddMember { person, role, from } => {
                let known = self.members.get(&person);
                when(
                    known.is_none_or(|known| known.role != role || known.from != from),
                    E::MemberAdded {
                        group,
                        person,
                        role,
                        from,
                    },
                )
            }
            C::RemoveMember { person, until } => match self.members.get(&person) {
                Some(known) if until < known.from => Err(GroupRefusal::EndsBeforeBeginning),
                known => when(
                    known.is_some(),
                    E::MemberRemoved {
                        group,
                        person,
                        until,
                    },
                ),
            },
        }
    }
}

/// The days that a membership may begin or end on: a command acts at once, so tomorrow is entered tomorrow.
#[derive(Clone, Debug)]
pub(crate) struct Days {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Days {
    /// Refuses a command whose day lies outside.
    pub(crate) fn allow(&self, command: &GroupCommand) -> Result<(), GroupRefusal> {
        let (GroupCommand::AddMember { from: day, .. }
        | GroupCommand::RemoveMember { until: day, .. }) = command
        else {
            return Ok(());
        };
        if *day > self.last {
            Err(GroupRefusal::NotYet)
        } else if *day < self.first {
            Err(GroupRefusal::LongAgo)
        } else {
            Ok(())
        }
    }
}

fn valid(name: &str) -> Result<String, GroupRefusal> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || !fits(&name, GROUP) {
        return Err(GroupRefusal::NotAName);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cqrs_es::test::{AggregateTestExecutor, TestFramework};
    use uuid::Uuid;

    const CLASS: GroupId = GroupId(Uuid::from_u128(5));
    const ANNA: PersonId = PersonId(Uuid::from_u128(7));

    fn added() -> AccountsEvent {
        AccountsEvent::GroupAdded {
            group: CLASS,
            name: "5a".to_owned(),
            kind: GroupKind::Class,
            year: 2026,
        }
    }

    fn date() -> Date {
        "2026-08-01".parse().expect("a date")
    }

    fn joined(role: MemberRole) -> AccountsEvent {
        AccountsEvent::MemberAdded {
            group: CLASS,
            person: ANNA,
            role,
            from: date(),
        }
    }

    fn join(role: MemberRole) -> ToGroup {
        to(GroupCommand::AddMember {
            person: ANNA,
            role,
            from: date(),
        })
    }

    fn to(command: GroupCommand) -> ToGroup {
        ToGroup {
            group: CLASS,
            command,
        }
    }

    fn given(events: Vec<AccountsEvent>) -> AggregateTestExecutor<Group> {
        TestFramework::<Group>::with(()).given(events)
    }

    #[test]
    fn a_group_begins_once_and_with_a_name() {
        let add = |name: &str| {
            to(GroupCommand::AddGroup {
                name: name.to_owned(),
                kind: GroupKind::Class,
                year: 2026,
            })
        };
        given(Vec::new())
            .when(add(" 5a "))
            .then_expect_events(vec![added()]);
        given(Vec::new())
            .when(add("  "))
            .then_expect_error(GroupRefusal::NotAName);
        given(vec![added()])
            .when(add("5a"))
            .then_expect_error(GroupRefusal::AlreadyThere);
        given(Vec::new())
            .when(join(MemberRole::Member))
            .then_expect_error(GroupRefusal::Unknown);
    }

    #[test]
    fn joining_twice_changes_nothing_and_another_role_does() {
        let before = || vec![added(), joined(MemberRole::Member)];
        given(before())
            .when(join(MemberRole::Member))
            .then_expect_events(Vec::new());
        given(before())
            .when(join(MemberRole::Leader))
            .then_expect_events(vec![joined(MemberRole::Leader)]);
    }

    fn on(day: &str) -> Date {
        day.parse().expect("a date")
    }

    #[test]
    fn joining_again_with_another_first_day_corrects_it() {
        let corrected = AccountsEvent::MemberAdded {
            group: CLASS,
            person: ANNA,
            role: MemberRole::Member,
            from: on("2026-09-01"),
        };
        let join = GroupCommand::AddMember {
            person: ANNA,
            role: MemberRole::Member,
            from: on("2026-09-01"),
        };
        given(vec![added(), joined(MemberRole::Member)])
            .when(to(join))
            .then_expect_events(vec![corrected]);
    }

    #[test]
    fn a_membership_does_not_end_before_it_began() {
        let leave = |day: &str| {
            to(GroupCommand::RemoveMember {
                person: ANNA,
                until: on(day),
            })
        };
        let before = || vec![added(), joined(MemberRole::Member)];
        given(before())
            .when(leave("2026-07-31"))
            .then_expect_error(GroupRefusal::EndsBeforeBeginning);
        given(before())
            .when(leave("2026-08-01"))
            .then_expect_events(vec![AccountsEvent::MemberRemoved {
                group: CLASS,
                person: ANNA,
                until: date(),
            }]);
    }

    #[test]
    fn memberships_begin_and_end_on_days_that_have_come() {
        let days = Days {
            first: on("2000-01-01"),
            last: on("2026-11-24"),
        };
        let join = |day: &str| GroupCommand::AddMember {
            person: ANNA,
            role: MemberRole::Member,
            from: on(day),
        };
        let leave = |day: &str| GroupCommand::RemoveMember {
            person: ANNA,
            until: on(day),
        };
        for (day, allowed) in [
            ("2026-11-24", Ok(())),
            ("2000-01-01", Ok(())),
            ("2026-11-25", Err(GroupRefusal::NotYet)),
            ("2035-01-01", Err(GroupRefusal::NotYet)),
            ("1999-12-31", Err(GroupRefusal::LongAgo)),
        ] {
            assert_eq!(days.allow(&join(day)), allowed, "{day}");
            assert_eq!(days.allow(&leave(day)), allowed, "{day}");
        }
        assert_eq!(days.allow(&GroupCommand::CloseGroup), Ok(()));
    }

    #[test]
    fn nobody_joins_a_group_that_is_over_until_it_goes_on() {
        let closed = || vec![added(), AccountsEvent::GroupClosed { group: CLASS }];
        given(closed())
            .when(join(MemberRole::Member))
            .then_expect_error(GroupRefusal::Closed);
        given(closed())
            .when(to(GroupCommand::ReopenGroup))
            .then_expect_events(vec![AccountsEvent::GroupReopened { group: CLASS }]);
    }

    #[test]
    fn whoever_is_no_member_does_not_leave() {
        let leave = to(GroupCommand::RemoveMember {
            person: ANNA,
            until: date(),
        });
        given(vec![added()])
            .when(leave)
            .then_expect_events(Vec::new());
    }
}
