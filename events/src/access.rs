//! Who may see what, at every position of the log: a fold of its own, held in memory by the edge.
//!
//! It never forgets when something held, only that it holds no longer: an event at position p is shown to those who had
//! access at p, however much later it is delivered.

mod spans;

use crate::accounts::{AccountsEvent, MemberRole, Role};
use crate::any::AnyEvent;
use crate::files::FilesEvent;
use crate::ids::{GroupId, PersonId, RoomId, SessionId, SpaceId};
use crate::messenger::MessengerEvent;
use crate::recorded::{Position, Recorded};
use crate::scope::{Audience, Scope};
use spans::Spans;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
struct PersonAccess {
    open: Spans,
    roles: BTreeMap<Role, Spans>,
    groups: BTreeMap<GroupId, Spans>,
    leads: BTreeMap<GroupId, Spans>,
    pairs: BTreeSet<Scope>,
}

/// A space or a room: whom it is for, and since when there is one.
#[derive(Clone, Copy, Debug)]
struct Opened {
    audience: Audience,
    from: Position,
}

/// Access as it is and as it was.
#[derive(Clone, Debug, Default)]
pub struct Access {
    position: Position,
    people: BTreeMap<PersonId, PersonAccess>,
    open_groups: BTreeMap<GroupId, Spans>,
    members: BTreeMap<GroupId, BTreeSet<PersonId>>,
    spaces: BTreeMap<SpaceId, Opened>,
    rooms: BTreeMap<RoomId, Opened>,
    group_spaces: BTreeMap<GroupId, Vec<SpaceId>>,
    group_rooms: BTreeMap<GroupId, Vec<RoomId>>,
    own_spaces: BTreeMap<PersonId, SpaceId>,
    pair_rooms: BTreeMap<(PersonId, PersonId), RoomId>,
    ended_sessions: BTreeSet<SessionId>,
}

/// A person lost sight of a scope at this event: what their browser holds of it must go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Who.
    pub person: PersonId,
    /// Of what.
    pub scope: Scope,
}

/// A position that stands for "as things are now".
pub const NOW: Position = Position::MAX - 1;

impl Access {
    /// Folds one event. A position already passed changes nothing.
    pub fn apply(&mut self, event: &Recorded) {
        if event.position <= self.position {
            return;
        }
        self.position = event.position;
        match &event.event {
            AnyEvent::Accounts(accounts) => self.apply_accounts(accounts, event.position),
            AnyEvent::Files(FilesEvent::SpaceOpened { space, audience }) => {
                self.open_space(*space, *audience, event.position)
            }
            AnyEvent::Messenger(MessengerEvent::RoomOpened { room, audience }) => {
                self.open_room(*room, *audience, event.position)
            }
            _ => {}
        }
    }

    fn apply_accounts(&mut self, event: &AccountsEvent, at: Position) {
        use AccountsEvent as E;
        match event {
            E::PersonAdded { person, roles, .. } => {
                let access = self.people.entry(*person).or_default();
                access.open.begin(at);
                for role in roles {
                    access.roles.entry(*role).or_default().begin(at);
                }
            }
            E::RoleGiven { person, role } => {
                self.people
                    .entry(*person)
                    .or_default()
                    .roles
                    .entry(*role)
                    .or_default()
                    .begin(at);
            }
            E::RoleTaken { person, role } => {
                self.people
                    .entry(*person)
                    .or_default()
                    .roles
                    .entry(*role)
                    .or_default()
                    .end(at);
            }
            E::AccountClosed { person, .. } => self.people.entry(*person).or_default().open.end(at),
            E::AccountReopened { person } => self.people.entry(*person).or_default().open.begin(at),
            E::GroupAdded { group, .. } | E::GroupReopened { group } => {
                self.open_groups.entry(*group).or_default().begin(at)
            }
            E::GroupClosed { group } => self.open_groups.entry(*group).or_default().end(at),
            E::MemberAdded {
                group,
                person,
                role,
                ..
            } => {
                let access = self.people.entry(*person).or_default();
                access.groups.entry(*group).or_default().begin(at);
                let leads = access.leads.entry(*group).or_default();
                match role {
                    MemberRole::Leader => leads.begin(at),
                    MemberRole::Member => leads.end(at),
                }
                self.members.entry(*group).or_default().insert(*person);
            }
            E::MemberRemoved { group, person, .. } => {
                let access = self.people.entry(*person).or_default();
                access.groups.entry(*group).or_default().end(at);
                access.leads.entry(*group).or_default().end(at);
                self.members.entry(*group).or_default().remove(person);
            }
            E::SessionEnded { session, .. } => {
                self.ended_sessions.insert(*session);
            }
            _ => {}
        }
    }

    /// Who lost sight of what by an event that is already folded; the same answer however long ago it was. A closed account
    /// loses everything, which [`Scope::School`] stands for.
    #[must_use]
    pub fn lost(&self, event: &Recorded) -> Vec<Lost> {
        let AnyEvent::Accounts(accounts) = &event.event else {
            return Vec::new();
        };
        let (person, scopes) = match accounts {
            AccountsEvent::RoleTaken { person, .. } => {
                let groups = self.open_groups.iter();
                let known = groups.filter(|(_, spans)| spans.began_by(event.position));
                let rolls = known.map(|(group, _)| Scope::Roll(*group));
                let offices = [Scope::Administration, Scope::Auditors, Scope::Oversight];
                (*person, offices.into_iter().chain(rolls).collect())
            }
            AccountsEvent::AccountClosed { person, .. } => (*person, vec![Scope::School]),
            AccountsEvent::MemberRemoved { group, person, .. } => {
                let spaces = self.group_spaces.get(group).into_iter().flatten();
                let rooms = self.group_rooms.get(group).into_iter().flatten();
                let places = spaces.copied().map(Scope::Space);
                let places = places.chain(rooms.copied().map(Scope::Room));
                (*person, places.chain([Scope::Roll(*group)]).collect())
            }
            _ => return Vec::new(),
        };
        let before = event.position.saturating_sub(1);
        let lost = |scope: &Scope| {
            self.may_see(person, *scope, before) && !self.may_see(person, *scope, event.position)
        };
        scopes
            .into_iter()
            .filter(lost)
            .map(|scope| Lost { person, scope })
            .collect()
    }

    /// The first opening counts: what people could see must not change afterwards.
    fn open_space(&mut self, space: SpaceId, audience: Audience, from: Position) {
        if self.spaces.contains_key(&space) {
            return;
        }
        self.spaces.insert(space, Opened { audience, from });
        match audience {
            Audience::Group(group) => self.group_spaces.entry(group).or_default().push(space),
            Audience::Person(person) => {
                self.own_spaces.entry(person).or_insert(space);
            }
            Audience::Pair(..) => {}
        }
    }

    fn open_room(&mut self, room: RoomId, audience: Audience, from: Position) {
        if self.rooms.contains_key(&room) {
            return;
        }
        self.rooms.insert(room, Opened { audience, from });
        match audience {
            Audience::Group(group) => self.group_rooms.entry(group).or_default().push(room),
            Audience::Pair(one, other) => {
                let pair = (one.min(other), one.max(other));
                self.pair_rooms.entry(pair).or_insert(room);
                for person in [one, other] {
                    self.people
                        .entry(person)
                        .or_default()
                        .pairs
                        .insert(Scope::Room(room));
                }
            }
            Audience::Person(_) => {}
        }
    }

    /// Up to where events are folded.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether a person had an open account at a position.
    #[must_use]
    pub fn is_open(&self, person: PersonId, at: Position) -> bool {
        self.people
            .get(&person)
            .is_some_and(|access| access.open.holds(at))
    }

    /// Whether a person had a role at a position.
    #[must_use]
    pub fn has_role(&self, person: PersonId, role: Role, at: Position) -> bool {
        self.people
            .get(&person)
            .and_then(|access| access.roles.get(&role))
            .is_some_and(|spans| spans.holds(at))
    }

    /// The roles a person has now.
    #[must_use]
    pub fn roles(&self, person: PersonId) -> Vec<Role> {
        let Some(access) = self.people.get(&person) else {
            return Vec::new();
        };
        access
            .roles
            .iter()
            .filter(|(_, spans)| spans.holds(NOW))
            .map(|(role, _)| *role)
            .collect()
    }

    /// The people with an open account who have a role now.
    #[must_use]
    pub fn holders(&self, role: Role) -> Vec<PersonId> {
        let holds = |access: &PersonAccess| {
            access.open.holds(NOW)
                && access
                    .roles
                    .get(&role)
                    .is_some_and(|spans| spans.holds(NOW))
        };
        self.people
            .iter()
            .filter(|(_, access)| holds(access))
            .map(|(person, _)| *person)
            .collect()
    }

    /// Whether a person belonged to a group at a position.
    #[must_use]
    pub fn is_member(&self, person: PersonId, group: GroupId, at: Position) -> bool {
        self.people
            .get(&person)
            .and_then(|access| access.groups.get(&group))
            .is_some_and(|spans| spans.holds(at))
    }

    /// Whether a person leads a group now.
    #[must_use]
    pub fn leads(&self, person: PersonId, group: GroupId) -> bool {
        self.people
            .get(&person)
            .and_then(|access| access.leads.get(&group))
            .is_some_and(|spans| spans.holds(NOW))
    }

    /// The groups a person belongs to now.
    #[must_use]
    pub fn groups_of(&self, person: PersonId) -> Vec<GroupId> {
        let Some(access) = self.people.get(&person) else {
            return Vec::new();
        };
        access
            .groups
            .iter()
            .filter(|(_, spans)| spans.holds(NOW))
            .map(|(group, _)| *group)
            .collect()
    }

    /// The people who belong to a group now.
    #[must_use]
    pub fn members_of(&self, group: GroupId) -> Vec<PersonId> {
        self.members
            .get(&group)
            .map(|members| members.iter().copied().collect())
            .unwrap_or_default()
    }

    /// Whether a group exists and is not closed.
    #[must_use]
    pub fn is_open_group(&self, group: GroupId) -> bool {
        self.open_groups
            .get(&group)
            .is_some_and(|spans| spans.holds(NOW))
    }

    /// Whether a session was ended.
    #[must_use]
    pub fn is_ended(&self, session: SessionId) -> bool {
        self.ended_sessions.contains(&session)
    }

    /// Whether a person could see a scope at a position; use [`NOW`] for the present.
    #[must_use]
    pub fn may_see(&self, person: PersonId, scope: Scope, at: Position) -> bool {
        if !self.is_open(person, at) {
            return false;
        }
        let has = |role| self.has_role(person, role, at);
        match scope {
            Scope::School => true,
            Scope::Administration => has(Role::Administrator) || has(Role::Head),
            Scope::Auditors => has(Role::Auditor) || has(Role::DataProtection),
            Scope::Oversight => {
                has(Role::Administrator) || has(Role::Head) || has(Role::DataProtection)
            }
            Scope::Person(who) => who == person,
            Scope::Roll(group) => {
                self.is_member(person, group, at)
                    || [Role::Teacher, Role::Staff, Role::Head, Role::Administrator]
                        .into_iter()
                        .any(has)
            }
            Scope::Space(space) => self
                .spaces
                .get(&space)
                .is_some_and(|opened| self.is_in(person, opened, at)),
            Scope::Room(room) => self
                .rooms
                .get(&room)
                .is_some_and(|opened| self.is_in(person, opened, at)),
            Scope::Machine => false,
        }
    }

    /// Whether a person could see a scope at some position up to one: whoever could may have left something of their own there, and
    /// it stays when they go.
    #[must_use]
    pub fn could_see_by(&self, person: PersonId, scope: Scope, at: Position) -> bool {
        let Some(access) = self.people.get(&person) else {
            return false;
        };
        let opened = match scope {
            Scope::Space(space) => self.spaces.get(&space),
            Scope::Room(room) => self.rooms.get(&room),
            _ => None,
        };
        let facts = access.roles.values().chain(access.groups.values());
        let facts = facts.chain([&access.open]).flat_map(Spans::begins);
        // What is seen comes into sight where one of the facts that it takes begins.
        facts
            .chain(opened.map(|opened| opened.from))
            .any(|begin| begin <= at && self.may_see(person, scope, begin))
    }

    fn is_in(&self, person: PersonId, opened: &Opened, at: Position) -> bool {
        if at < opened.from {
            return false;
        }
        match opened.audience {
            Audience::Person(who) => who == person,
            Audience::Pair(one, other) => person == one || person == other,
            Audience::Group(group) => self.is_member(person, group, at),
        }
    }

    /// Whom a space is for.
    #[must_use]
    pub fn space(&self, space: SpaceId) -> Option<Audience> {
        self.spaces.get(&space).map(|opened| opened.audience)
    }

    /// Whom a room is for.
    #[must_use]
    pub fn room(&self, room: RoomId) -> Option<Audience> {
        self.rooms.get(&room).map(|opened| opened.audience)
    }

    /// A person's own space.
    #[must_use]
    pub fn own_space(&self, person: PersonId) -> Option<SpaceId> {
        self.own_spaces.get(&person).copied()
    }

    /// The room of two people, whoever comes first.
    #[must_use]
    pub fn pair_room(&self, one: PersonId, other: PersonId) -> Option<RoomId> {
        self.pair_rooms
            .get(&(one.min(other), one.max(other)))
            .copied()
    }

    /// A group's space.
    #[must_use]
    pub fn group_space(&self, group: GroupId) -> Option<SpaceId> {
        self.group_spaces.get(&group)?.first().copied()
    }

    /// A group's room.
    #[must_use]
    pub fn group_room(&self, group: GroupId) -> Option<RoomId> {
        self.group_rooms.get(&group)?.first().copied()
    }

    /// Every circle of one or several people that a person has ever belonged to: themselves, their own space, and rooms and spaces,
    /// also of groups that they have left. Whether they belonged by a position is for [`Access::could_see_by`].
    #[must_use]
    pub fn ever_in(&self, person: PersonId) -> Vec<Scope> {
        let mut scopes = vec![Scope::Person(person)];
        scopes.extend(self.own_space(person).map(Scope::Space));
        let Some(access) = self.people.get(&person) else {
            return scopes;
        };
        scopes.extend(&access.pairs);
        for group in access.groups.keys() {
            let spaces = self.group_spaces.get(group).into_iter().flatten();
            let rooms = self.group_rooms.get(group).into_iter().flatten();
            scopes.extend(spaces.copied().map(Scope::Space));
            scopes.extend(rooms.copied().map(Scope::Room));
        }
        scopes
    }

    /// The spaces a person can open now: their own first, then those of their groups.
    #[must_use]
    pub fn spaces_of(&self, person: PersonId) -> Vec<SpaceId> {
        let own = self.own_space(person);
        let groups = self.groups_of(person);
        own.into_iter()
            .chain(groups.iter().filter_map(|group| self.group_space(*group)))
            .collect()
    }

    /// The rooms a person can enter now.
    #[must_use]
    pub fn rooms_of(&self, person: PersonId) -> Vec<RoomId> {
        let Some(access) = self.people.get(&person) else {
            return Vec::new();
        };
        let pairs = access.pairs.iter().filter_map(|scope| match scope {
            Scope::Room(room) => Some(*room),
            _ => None,
        });
        self.groups_of(person)
            .iter()
            .filter_map(|group| self.group_room(*group))
            .chain(pairs)
            .collect()
    }
}
