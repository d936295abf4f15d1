//! What has happened to people and groups.

use super::values::{Date, EndReason, GroupKind, MemberRole, PersonName, Role, Way};
use crate::any::{Described, Kind, Owner, Term};
use crate::ids::{GroupId, ImportId, PersonId, SessionId};
use crate::personal::Personal;
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// An event about accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountsEvent {
    /// The log's first event: the school exists.
    SchoolFounded {
        /// The school's name; not personal.
        name: String,
    },
    /// A person belongs to the school from now on.
    PersonAdded {
        /// Who.
        person: PersonId,
        /// Their name.
        name: Personal<PersonName>,
        /// What they are at the school.
        roles: Vec<Role>,
    },
    /// A person is called otherwise from now on.
    PersonRenamed {
        /// Who.
        person: PersonId,
        /// The new name.
        name: Personal<PersonName>,
    },
    /// What the school office knows about a person; replaces what it knew before.
    PersonDescribed {
        /// Who.
        person: PersonId,
        /// The stable id in the school's administration program.
        source_id: Personal<Option<String>>,
        /// Birth date.
        birth_date: Personal<Option<Date>>,
        /// The abbreviation in the timetable, of teachers.
        abbreviation: Personal<Option<String>>,
    },
    /// A guardian of a pupil is known by name; they have no account by that.
    GuardianNamed {
        /// The child.
        pupil: PersonId,
        /// The guardian.
        guardian: PersonId,
        /// The guardian's name.
        name: Personal<PersonName>,
        /// Whether they have custody.
        custody: bool,
    },
    /// A guardian is no longer recorded for a pupil.
    GuardianRemoved {
        /// The child.
        pupil: PersonId,
        /// The guardian.
        guardian: PersonId,
    },
    /// A person has one more role.
    RoleGiven {
        /// Who.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// A person has one role fewer.
    RoleTaken {
        /// Who.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// A person signs in under this name from now on.
    LoginNameGiven {
        /// Who.
        person: PersonId,
        /// The login name.
        login: Personal<String>,
    },
    /// A one-time code for a first password was made; an earlier one is void.
    CodeMinted {
        /// For whom.
        person: PersonId,
    },
    /// A person chose a password.
    PasswordChosen {
        /// Who.
        person: PersonId,
    },
    /// A person signed in.
    SignedIn {
        /// Who.
        person: PersonId,
        /// The session that began.
        session: SessionId,
        /// What the browser says it is, shortened to "Firefox, Linux".
        device: Personal<String>,
        /// From where.
        way: Way,
    },
    /// A session ended.
    SessionEnded {
        /// Whose.
        person: PersonId,
        /// Which.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A person may no longer sign in.
    AccountClosed {
        /// Who.
        person: PersonId,
        /// The last day at the school.
        on: Date,
    },
    /// A person may sign in again.
    AccountReopened {
        /// Who.
        person: PersonId,
    },
    /// A group exists from now on.
    GroupAdded {
        /// Which.
        group: GroupId,
        /// Its name; groups are not people.
        name: String,
        /// What it is.
        kind: GroupKind,
        /// The calendar year in which its school year began.
        year: u16,
    },
    /// A group is called otherwise.
    GroupRenamed {
        /// Which.
        group: GroupId,
        /// The new name.
        name: String,
    },
    /// A group is over; its history stays.
    GroupClosed {
        /// Which.
        group: GroupId,
    },
    /// A group that was over goes on.
    GroupReopened {
        /// Which.
        group: GroupId,
    },
    /// A person joined a group, or has another role in it.
    MemberAdded {
        /// Which group.
        group: GroupId,
        /// Who.
        person: PersonId,
        /// As what.
        role: MemberRole,
        /// First day.
        from: Date,
    },
    /// A person left a group.
    MemberRemoved {
        /// Which group.
        group: GroupId,
        /// Who.
        person: PersonId,
        /// Last day.
        until: Date,
    },
    /// A roster's change set was committed as one unit.
    RosterImported {
        /// The change set.
        import: ImportId,
        /// The dialect it came in.
        source: String,
        /// People it added.
        added: u32,
        /// People it changed, moved or renamed.
        changed: u32,
        /// Accounts it closed.
        closed: u32,
    },
    /// A committed change set was taken back.
    RosterImportUndone {
        /// The change set.
        import: ImportId,
    },
    /// Somebody who keeps the accounts read what the office knows, of one person, or of everybody in a list: for keeping the
    /// accounts. Written before it is given out, and once a day for the same reader and the same person.
    RecordRead {
        /// Who read.
        by: PersonId,
        /// As what.
        role: Role,
        /// Whose record; none is everybody's.
        person: Option<PersonId>,
    },
}

impl AccountsEvent {
    /// The person this event is about, when it is about one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::PersonAdded { person, .. }
            | Self::PersonRenamed { person, .. }
            | Self::PersonDescribed { person, .. }
            | Self::RoleGiven { person, .. }
            | Self::RoleTaken { person, .. }
            | Self::LoginNameGiven { person, .. }
            | Self::CodeMinted { person }
            | Self::PasswordChosen { person }
            | Self::SignedIn { person, .. }
            | Self::SessionEnded { person, .. }
            | Self::AccountClosed { person, .. }
            | Self::AccountReopened { person }
            | Self::MemberAdded { person, .. }
            | Self::MemberRemoved { person, .. }
            | Self::GuardianNamed { pupil: person, .. }
            | Self::GuardianRemoved { pupil: person, .. } => Some(*person),
            Self::SchoolFounded { .. }
            | Self::GroupAdded { .. }
            | Self::GroupRenamed { .. }
            | Self::GroupClosed { .. }
            | Self::GroupReopened { .. }
            | Self::RosterImported { .. }
            | Self::RosterImportUndone { .. }
            | Self::RecordRead { .. } => None,
        }
    }
}

impl Described for AccountsEvent {
    const MODULE: &'static str = "accounts";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::SchoolFounded { .. } => (100, "SchoolFounded"),
            Self::PersonAdded { .. } => (101, "PersonAdded"),
            Self::PersonRenamed { .. } => (102, "PersonRenamed"),
            Self::PersonDescribed { .. } => (103, "PersonDescribed"),
            Self::GuardianNamed { .. } => (104, "GuardianNamed"),
            Self::GuardianRemoved { .. } => (105, "GuardianRemoved"),
            Self::RoleGiven { .. } => (106, "RoleGiven"),
            Self::RoleTaken { .. } => (107, "RoleTaken"),
            Self::LoginNameGiven { .. } => (108, "LoginNameGiven"),
            Self::CodeMinted { .. } => (109, "CodeMinted"),
            Self::PasswordChosen { .. } => (110, "PasswordChosen"),
            Self::SignedIn { .. } => (111, "SignedIn"),
            Self::SessionEnded { .. } => (112, "SessionEnded"),
            Self::AccountClosed { .. } => (113, "AccountClosed"),
            Self::AccountReopened { .. } => (114, "AccountReopened"),
            Self::GroupAdded { .. } => (115, "GroupAdded"),
            Self::GroupRenamed { .. } => (116, "GroupRenamed"),
            Self::GroupClosed { .. } => (117, "GroupClosed"),
            Self::MemberAdded { .. } => (118, "MemberAdded"),
            Self::MemberRemoved { .. } => (119, "MemberRemoved"),
            Self::RosterImported { .. } => (120, "RosterImported"),
            Self::RosterImportUndone { .. } => (121, "RosterImportUndone"),
            Self::GroupReopened { .. } => (122, "GroupReopened"),
            Self::RecordRead { .. } => (123, "RecordRead"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        let owner = self.person().map_or(Owner::School, Owner::Person);
        let term = match self {
            Self::SignedIn { .. } | Self::SessionEnded { .. } | Self::RecordRead { .. } => {
                Term::Yearly
            }
            _ => Term::Standing,
        };
        (owner, term)
    }

    fn scopes(&self) -> Vec<Scope> {
        match self {
            Self::SchoolFounded { .. }
            | Self::PersonAdded { .. }
            | Self::PersonRenamed { .. }
            | Self::RoleGiven { .. }
            | Self::RoleTaken { .. }
            | Self::AccountClosed { .. }
            | Self::AccountReopened { .. }
            | Self::GroupAdded { .. }
            | Self::GroupRenamed { .. }
            | Self::GroupClosed { .. }
            | Self::GroupReopened { .. } => vec![Scope::School],
            Self::PersonDescribed { .. }
            | Self::GuardianNamed { .. }
            | Self::GuardianRemoved { .. }
            | Self::CodeMinted { .. }
            | Self::RosterImported { .. }
            | Self::RosterImportUndone { .. } => vec![Scope::Administration],
            Self::RecordRead { person, .. } => {
                vec![Scope::Auditors, person.map_or(Scope::School, Scope::Person)]
            }
            Self::LoginNameGiven { person, .. } => {
                vec![Scope::Administration, Scope::Person(*person)]
            }
            Self::PasswordChosen { person }
            | Self::SignedIn { person, .. }
            | Self::SessionEnded { person, .. } => {
                vec![Scope::Person(*person)]
            }
            Self::MemberAdded { group, .. } | Self::MemberRemoved { group, .. } => {
                vec![Scope::Roll(*group)]
            }
        }
    }

    fn is_coarse(&self) -> bool {
        matches!(self, Self::SignedIn { .. } | Self::SessionEnded { .. })
    }
}

#[cfg(feature = "cqrs")]
impl cqrs_es::DomainEvent for AccountsEvent {
    fn event_type(&self) -> String {
        Described::kind(self).1.to_owned()
    }

    fn event_version(&self) -> String {
        Described::schema(self).to_string()
    }
}
