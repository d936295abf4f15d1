//! What can be asked of people and groups. Plain data; who may ask is the module's policy.

use super::values::{Date, EndReason, GroupKind, MemberRole, PersonName, Role, Way};
use crate::ids::{GroupId, PersonId, SessionId};
use serde::{Deserialize, Serialize};

/// A command to accounts, as HTTP carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountsCommand {
    /// To one person's account.
    Person(PersonId, PersonCommand),
    /// To one group.
    Group(GroupId, GroupCommand),
}

/// A command to one person's account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PersonCommand {
    /// Take a person into the school.
    AddPerson {
        name: PersonName,
        roles: Vec<Role>,
        login: String,
    },
    /// Call a person otherwise.
    RenamePerson { name: PersonName },
    /// Record what the office knows.
    DescribePerson {
        source_id: Option<String>,
        birth_date: Option<Date>,
        abbreviation: Option<String>,
    },
    /// Name a guardian.
    NameGuardian {
        guardian: PersonId,
        name: PersonName,
        custody: bool,
    },
    /// Remove a guardian.
    RemoveGuardian { guardian: PersonId },
    /// Give a role.
    GiveRole { role: Role },
    /// Take a role.
    TakeRole { role: Role },
    /// Sign in under another name.
    GiveLoginName { login: String },
    /// Make a one-time code.
    MintCode,
    /// Record that a password was chosen.
    ChoosePassword,
    /// Record a sign-in.
    SignIn {
        session: SessionId,
        device: String,
        way: Way,
    },
    /// End a session.
    EndSession {
        session: SessionId,
        reason: EndReason,
    },
    /// Close the account.
    CloseAccount { on: Date },
    /// Open it again.
    ReopenAccount,
}

/// A command to one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum GroupCommand {
    /// Found a group.
    AddGroup {
        name: String,
        kind: GroupKind,
        year: u16,
    },
    /// Call it otherwise.
    RenameGroup { name: String },
    /// Close it.
    CloseGroup,
    /// Let it go on.
    ReopenGroup,
    /// Add a member, change their role, or correct their first day. It acts at once: a first day may lie in the past only.
    AddMember {
        person: PersonId,
        role: MemberRole,
        from: Date,
    },
    /// Remove a member. It acts at once: a last day may lie in the past only, and not before the first.
    RemoveMember { person: PersonId, until: Date },
}
