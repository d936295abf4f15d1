//! What a look leads to. A look is a fact that no earlier fact can refuse, so there is no aggregate for it: deciding is naming.
//! Reading other people's content has one, in `inspection`.

mod inspection;

use events::audit::{AuditCommand, AuditEvent};
pub(crate) use inspection::{Asked, Inspection, LONGEST_REASON};

/// The event that records a command.
pub(crate) fn decide(command: AuditCommand) -> AuditEvent {
    match command {
        AuditCommand::RecordLook { auditor, looked } => AuditEvent::Viewed { auditor, looked },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::audit::Looked;
    use events::ids::PersonId;

    #[test]
    fn a_look_is_recorded_with_who_looked_at_what() {
        let auditor = PersonId(uuid::Uuid::from_u128(1));
        let looked = Looked::AtEntry { position: 7 };
        let command = AuditCommand::RecordLook {
            auditor,
            looked: looked.clone(),
        };
        assert_eq!(decide(command), AuditEvent::Viewed { auditor, looked });
    }
}
