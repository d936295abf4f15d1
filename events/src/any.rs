//! Every module's events under one roof, and what the log needs to know about each: its number, whose key seals it,
//! who may see it. How an event is written as bytes and read back is here too, so that old shapes have one door.

use crate::accounts::AccountsEvent;
use crate::audit::AuditEvent;
use crate::codec::{self, Codec};
use crate::files::FilesEvent;
use crate::ids::{GroupId, PersonId};
use crate::messenger::MessengerEvent;
use crate::privacy::PrivacyEvent;
use crate::scope::Scope;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The number of an event type in the log's header. Numbers are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(pub u16);

/// Whose retention an event's personal part follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// The school as an institution.
    School,
    /// A group as an institution: what a class owns together.
    Group(GroupId),
    /// One person.
    Person(PersonId),
}

/// How long the key of a personal part lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Term {
    /// As long as the owner is known: names, birth dates.
    Standing,
    /// One school year's facts.
    Yearly,
}

/// Any event of any module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyEvent {
    /// People, groups, signing in.
    Accounts(AccountsEvent),
    /// Files and folders.
    Files(FilesEvent),
    /// Rooms and messages.
    Messenger(MessengerEvent),
    /// What auditors did.
    Audit(AuditEvent),
    /// Forgetting people.
    Privacy(PrivacyEvent),
}

/// What the log asks of each module's events.
pub trait Described {
    /// The module's name, as in keys and tables.
    const MODULE: &'static str;

    /// Number and name of this event's type.
    fn kind(&self) -> (Kind, &'static str);

    /// The version of the shape that is written today.
    fn schema(&self) -> u16 {
        1
    }

    /// Whose key seals the personal part, and for how long.
    fn owner(&self) -> (Owner, Term);

    /// The circles that may see this event.
    fn scopes(&self) -> Vec<Scope>;

    /// Whether the header's time is rounded down to a quarter of an hour, because its exact value would tell habits.
    fn is_coarse(&self) -> bool {
        false
    }

    /// Whether it is written unsealed, because whoever has no key must be able to read it. It then says nothing about anybody.
    fn is_public(&self) -> bool {
        false
    }
}

/// The kinds whose times are coarse, by the names that views give them.
pub const COARSE_KINDS: [&str; 3] = ["SignedIn", "SessionEnded", "RoomRead"];

/// A quarter of an hour, in milliseconds: the grain of coarse times.
pub const COARSE_MILLIS: u64 = 15 * 60 * 1000;

/// An event in the log is in a shape that this program does not know.
#[derive(Debug)]
pub enum Unreadable {
    /// No module has such numbers, or the schema is newer than this program.
    Unknown {
        /// The number in the header.
        kind: Kind,
        /// The schema version in the header.
        schema: u16,
    },
    /// The bytes do not follow the schema.
    Malformed(Box<dyn std::error::Error + Send + Sync>),
    /// The header, which auditors see, names another kind than the sealed event is of.
    Mislabelled {
        /// The number in the header.
        kind: Kind,
        /// The event's own number.
        found: Kind,
    },
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { kind, schema } => write!(
                f,
                "event kind {} in schema {schema} is newer than this program; install the version that wrote it",
                kind.0
            ),
            Self::Malformed(_) => f.write_str("the event's bytes do not follow its schema"),
            Self::Mislabelled { kind, found } => write!(
                f,
                "the header names event kind {}, but the event is of kind {}",
                kind.0, found.0
            ),
        }
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(source) => Some(&**source),
            Self::Unknown { .. } | Self::Mislabelled { .. } => None,
        }
    }
}

impl AnyEvent {
    /// Structure and personal part as they are sealed, in [`Codec::TODAY`].
    pub fn encode(&self) -> Result<(Vec<u8>, Option<Vec<u8>>), codec::Error> {
        match self {
            Self::Accounts(event) => codec::split(event),
            Self::Files(event) => codec::split(event),
            Self::Messenger(event) => codec::split(event),
            Self::Audit(event) => codec::split(event),
            Self::Privacy(event) => codec::split(event),
        }
    }

    /// Reads what [`AnyEvent::encode`] wrote, now or in a time of another codec; every older schema is brought to today's
    /// shape here.
    pub fn decode(
        codec: Codec,
        kind: Kind,
        schema: u16,
        structure: &[u8],
        personal: Option<&[u8]>,
    ) -> Result<Self, Unreadable> {
        let unknown = Unreadable::Unknown { kind, schema };
        if schema != 1 {
            return Err(unknown);
        }
        let event = match kind.0 / 100 {
            1 => join(codec, structure, personal).map(Self::Accounts),
            2 => join(codec, structure, personal).map(Self::Files),
            3 => join(codec, structure, personal).map(Self::Messenger),
            4 => join(codec, structure, personal).map(Self::Audit),
            5 => join(codec, structure, personal).map(Self::Privacy),
            _ => Err(unknown),
        }?;
        match event.kind().0 {
            found if found == kind => Ok(event),
            found => Err(Unreadable::Mislabelled { kind, found }),
        }
    }

    /// The module this event belongs to.
    #[must_use]
    pub fn module(&self) -> &'static str {
        match self {
            Self::Accounts(_) => AccountsEvent::MODULE,
            Self::Files(_) => FilesEvent::MODULE,
            Self::Messenger(_) => MessengerEvent::MODULE,
            Self::Audit(_) => AuditEvent::MODULE,
            Self::Privacy(_) => PrivacyEvent::MODULE,
        }
    }

    fn described(&self) -> &dyn DescribedObject {
        match self {
            Self::Accounts(event) => event,
            Self::Files(event) => event,
            Self::Messenger(event) => event,
            Self::Audit(event) => event,
            Self::Privacy(event) => event,
        }
    }

    /// Number and name of the event's type.
    #[must_use]
    pub fn kind(&self) -> (Kind, &'static str) {
        self.described().kind()
    }

    /// The version of the shape written today.
    #[must_use]
    pub fn schema(&self) -> u16 {
        self.described().schema()
    }

    /// Whose key seals the personal part, and for how long.
    #[must_use]
    pub fn owner(&self) -> (Owner, Term) {
        self.described().owner()
    }

    /// The circles that may see this event.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        self.described().scopes()
    }

    /// Whether the header's time is rounded.
    #[must_use]
    pub fn is_coarse(&self) -> bool {
        self.described().is_coarse()
    }

    /// Whether it is written unsealed.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.described().is_public()
    }
}

fn join<T: DeserializeOwned>(
    codec: Codec,
    structure: &[u8],
    personal: Option<&[u8]>,
) -> Result<T, Unreadable> {
    match codec {
        Codec::Json => codec::json::join(structure, personal)
            .map_err(|error| Unreadable::Malformed(error.into())),
        Codec::Cbor => {
            codec::join(structure, personal).map_err(|error| Unreadable::Malformed(error.into()))
        }
    }
}

macro_rules! conversions {
    ($($variant:ident: $event:ident,)*) => {
        $(impl From<$event> for AnyEvent {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        }

        impl TryFrom<AnyEvent> for $event {
            type Error = AnyEvent;

            fn try_from(event: AnyEvent) -> Result<Self, AnyEvent> {
                match event {
                    AnyEvent::$variant(event) => Ok(event),
                    other => Err(other),
                }
            }
        })*
    };
}

conversions! {
    Accounts: AccountsEvent,
    Files: FilesEvent,
    Messenger: MessengerEvent,
    Audit: AuditEvent,
    Privacy: PrivacyEvent,
}

/// [`Described`] without its constant, so that it can stand behind a reference.
trait DescribedObject {
    fn kind(&self) -> (Kind, &'static str);
    fn schema(&self) -> u16;
    fn owner(&self) -> (Owner, Term);
    fn scopes(&self) -> Vec<Scope>;
    fn is_coarse(&self) -> bool;
    fn is_public(&self) -> bool;
}

impl<T: Described> DescribedObject for T {
    fn kind(&self) -> (Kind, &'static str) {
        Described::kind(self)
    }
    fn schema(&self) -> u16 {
        Described::schema(self)
    }
    fn owner(&self) -> (Owner, Term) {
        Described::owner(self)
    }
    fn scopes(&self) -> Vec<Scope> {
        Described::scopes(self)
    }
    fn is_coarse(&self) -> bool {
        Described::is_coarse(self)
    }
    fn is_public(&self) -> bool {
        Described::is_public(self)
    }
}
