//! A look's way: may they look, then record it, and only then show.

mod file;
mod inspection;

use crate::Audit;
use crate::decide::decide;
use crate::error::AuditError;
use crate::policy::may_look;
use edge_kernel::{Actor, Order, SignedIn};
use events::access::NOW;
use events::accounts::Role;
use events::audit::{AuditCommand, AuditEvent, Looked};
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Position, Recorded};
pub(crate) use file::FileAsked;
pub(crate) use inspection::{AboutAsked, Asking, Reading};
use uuid::Uuid;

/// The tag of a person's auditing stream beside their account.
const STREAM: u8 = b'a';
/// The stream of looks at the machine's own console.
const CONSOLE: StreamId = StreamId(Uuid::from_u128(2));

impl Audit {
    /// Refuses whoever may not look.
    pub(crate) fn admit(&self, asker: SignedIn) -> Result<(), AuditError> {
        self.holds(asker, may_look)
            .then_some(())
            .ok_or(AuditError::NotAnAuditor)
    }

    /// Refuses whoever has no role that a table allows.
    pub(crate) fn admit_by(
        &self,
        asker: SignedIn,
        allows: fn(Role) -> bool,
    ) -> Result<(), AuditError> {
        self.holds(asker, allows)
            .then_some(())
            .ok_or(AuditError::NotAllowed)
    }

    /// Whether somebody has a role now that a table allows.
    pub(crate) fn holds(&self, asker: SignedIn, allows: fn(Role) -> bool) -> bool {
        let access = self.kernel.ledger.access();
        access.is_open(asker.person, NOW) && access.roles(asker.person).into_iter().any(allows)
    }

    /// Records what an auditor is about to see.
    pub(crate) async fn record(
        &self,
        auditor: PersonId,
        looked: Looked,
    ) -> Result<Position, AuditError> {
        let event = decide(AuditCommand::RecordLook { auditor, looked });
        self.append(
            Actor::Person(auditor),
            StreamId::beside(auditor.0, STREAM),
            event,
        )
        .await
    }

    /// Records what the operator at the console is about to see.
    pub async fn record_at_console(&self, looked: Looked) -> Result<Position, AuditError> {
        self.append(
            Actor::Machine,
            CONSOLE,
            AuditEvent::ConsoleViewed { looked },
        )
        .await
    }

    /// Records that the operator at the console is about to see an event's content: whose it is follows from the event.
    pub async fn record_event_at_console(
        &self,
        recorded: &Recorded,
    ) -> Result<Position, AuditError> {
        let position = recorded.position;
        let about = inspection::about_of(&recorded.event, &self.kernel.ledger.access());
        match about {
            Some(about) => {
                let event = AuditEvent::ConsoleRead { position, about };
                self.append(Actor::Machine, CONSOLE, event).await
            }
            None => self.record_at_console(Looked::AtEntry { position }).await,
        }
    }

    async fn append(
        &self,
        actor: Actor,
        stream: StreamId,
        event: AuditEvent,
    ) -> Result<Position, AuditError> {
        let mut unit = self.kernel.unit(Order::by(actor));
        unit.event(stream, AnyEvent::Audit(event));
        Ok(unit.commit().await?.last)
    }
}
