//! Circles of people who may all see the same events. Every event names its scopes; every view has one.

use crate::ids::{GroupId, PersonId, RoomId, SpaceId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who may see an event or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody with an open account.
    School,
    /// Those who keep the accounts: administrators and heads.
    Administration,
    /// Auditors, and whoever watches over the protection of data.
    Auditors,
    /// Those who answer for what is read by special right and what is forgotten: who keeps the accounts, and who watches over the
    /// protection of data.
    Oversight,
    /// One person alone.
    Person(PersonId),
    /// A group's members, and all teaching and other staff: who belongs to which class.
    Roll(GroupId),
    /// The audience of a space.
    Space(SpaceId),
    /// The audience of a room.
    Room(RoomId),
    /// Nobody: only the machine reads it.
    Machine,
}

/// Whom a space or a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Audience {
    /// One person.
    Person(PersonId),
    /// Two people.
    Pair(PersonId, PersonId),
    /// A group's members, as they are at each position.
    Group(GroupId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::School => f.write_str("school"),
            Self::Administration => f.write_str("administration"),
            Self::Auditors => f.write_str("auditors"),
            Self::Oversight => f.write_str("oversight"),
            Self::Machine => f.write_str("machine"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Roll(id) => write!(f, "roll:{id}"),
            Self::Space(id) => write!(f, "space:{id}"),
            Self::Room(id) => write!(f, "room:{id}"),
        }
    }
}

/// The text is not a scope.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAScope;

impl fmt::Display for NotAScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a scope; write school, administration, auditors, oversight, person:ID, roll:ID, space:ID or room:ID")
    }
}

impl std::error::Error for NotAScope {}

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn id<T: FromStr>(text: &str) -> Result<T, NotAScope> {
            text.parse().map_err(|_| NotAScope)
        }
        match text.split_once(':') {
            None => match text {
                "school" => Ok(Self::School),
                "administration" => Ok(Self::Administration),
                "auditors" => Ok(Self::Auditors),
                "oversight" => Ok(Self::Oversight),
                "machine" => Ok(Self::Machine),
                _ => Err(NotAScope),
            },
            Some(("person", rest)) => id(rest).map(Self::Person),
            Some(("roll", rest)) => id(rest).map(Self::Roll),
            Some(("space", rest)) => id(rest).map(Self::Space),
            Some(("room", rest)) => id(rest).map(Self::Room),
            Some(_) => Err(NotAScope),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
