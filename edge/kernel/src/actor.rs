//! Who asks: the machine itself, somebody at its console, or a person.

use events::accounts::Way;
use events::ids::{PersonId, SessionId};

/// Whoever causes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The machine, by itself or at the console of its operator.
    Machine,
    /// A person.
    Person(PersonId),
}

/// A signed-in person, as a request carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: PersonId,
    /// By which sign-in.
    pub session: SessionId,
    /// From where this request came.
    pub way: Way,
}

impl SignedIn {
    /// The person as the cause of an event.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person)
    }
}
