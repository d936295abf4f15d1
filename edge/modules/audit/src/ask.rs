//! A look's way: is it an auditor, then record it, and only then show.

use crate::Audit;
use crate::decide::decide;
use crate::error::AuditError;
use crate::policy::may_look;
use edge_kernel::{Actor, Order, SignedIn};
use events::access::NOW;
use events::accounts::Role;
use events::audit::{AuditCommand, AuditEvent, Looked};
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Position};
use uuid::Uuid;

/// The tag of a person's auditing stream beside their account.
const STREAM: u8 = b'a';
/// The stream of looks at the machine's own console.
const CONSOLE: StreamId = StreamId(Uuid::from_u128(2));

impl Audit {
    /// Refuses whoever may not look.
    pub(crate) fn admit(&self, asker: SignedIn) -> Result<(), AuditError> {
        self.admit_by(asker, may_look)
    }

    /// Refuses whoever has no role that a table allows.
    pub(crate) fn admit_by(
        &self,
        asker: SignedIn,
        allows: fn(Role) -> bool,
    ) -> Result<(), AuditError> {
        let access = self.kernel.ledger.access();
        let admitted =
            access.is_open(asker.person, NOW) && access.roles(asker.person).into_iter().any(allows);
        if admitted {
            Ok(())
        } else {
            Err(AuditError::NotAnAuditor)
        }
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

    /// Whether a role looks at the log, for pages that offer it.
    #[must_use]
    pub fn is_for(role: Role) -> bool {
        may_look(role)
    }
}
