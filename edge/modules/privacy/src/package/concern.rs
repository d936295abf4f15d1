//! Which events concern a person: those that name them, and those that they caused.

use events::audit::AuditEvent;
use events::ids::{PersonId, Pseudonym};
use events::{AnyEvent, Recorded};
use serde::Serialize;
use std::collections::HashSet;

/// Tells a person's events from others'.
pub(crate) struct Concern {
    id: String,
    pseudonyms: HashSet<Pseudonym>,
}

/// One event as the package has it.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    at: String,
    kind: &'static str,
    caused_by_you: bool,
    event: &'a events::AnyEvent,
}

impl Concern {
    /// About a person who acts under these pseudonyms.
    pub(crate) fn of(person: PersonId, pseudonyms: impl IntoIterator<Item = Pseudonym>) -> Self {
        Self {
            id: person.to_string(),
            pseudonyms: pseudonyms.into_iter().collect(),
        }
    }

    /// The event as a line of JSON, when it concerns the person: also as a look at what they had a part in, which names nobody of
    /// those it concerns. What the machine withholds from every browser it withholds here too.
    pub(crate) fn line(&self, recorded: &Recorded, is_look: bool, at: String) -> Option<String> {
        // What somebody else's file is called is content, also for whoever read it under a consent.
        if let AnyEvent::Audit(AuditEvent::FileNamed { author, .. }) = &recorded.event
            && author.to_string() != self.id
        {
            return None;
        }
        let caused_by_you = self.pseudonyms.contains(&recorded.actor);
        let line = Line {
            position: recorded.position,
            at,
            kind: recorded.event.kind().1,
            caused_by_you,
            event: &recorded.event,
        };
        let line = serde_json::to_string(&line).ok()?;
        (caused_by_you || is_look || line.contains(&self.id)).then(|| line + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Personal;
    use events::accounts::AccountsEvent;
    use events::accounts::Role;
    use events::audit::Purpose;
    use events::ids::{GroupId, InspectionId, MessageId, NodeId, RoomId, StreamId};
    use events::messenger::MessengerEvent;
    use uuid::Uuid;

    const PAUL: PersonId = PersonId(Uuid::from_u128(1));
    const PIA: PersonId = PersonId(Uuid::from_u128(2));
    const PAULS: Pseudonym = Pseudonym(Uuid::from_u128(3));

    fn recorded(actor: Pseudonym, event: impl Into<events::AnyEvent>) -> Recorded {
        Recorded {
            position: 7,
            at: 0,
            stream: StreamId::SCHOOL,
            version: 1,
            actor,
            event: event.into(),
        }
    }

    fn said(author: PersonId) -> MessengerEvent {
        MessengerEvent::MessageSent {
            room: RoomId(Uuid::from_u128(9)),
            number: 1,
            message: MessageId(Uuid::from_u128(8)),
            author,
            text: Personal::new("Moin".to_owned()),
        }
    }

    #[test]
    fn the_name_of_a_file_that_was_read_is_in_the_package_of_its_owner_alone() {
        let named = || AuditEvent::FileNamed {
            inspection: InspectionId(Uuid::from_u128(6)),
            by: PAUL,
            role: Role::Auditor,
            purpose: Purpose::Control,
            agreed_by: PAUL,
            author: PIA,
            node: NodeId(Uuid::from_u128(7)),
            name: Personal::new("Brief.pdf".to_owned()),
        };
        let line = |person| {
            Concern::of(person, [PAULS]).line(&recorded(PAULS, named()), true, String::new())
        };
        assert_eq!(line(PAUL), None);
        assert!(line(PIA).is_some_and(|line| line.contains("Brief.pdf")));
    }

    #[test]
    fn what_names_somebody_or_was_done_by_them_concerns_them_and_nothing_else_does() {
        let concern = Concern::of(PAUL, [PAULS]);
        let line = |recorded| concern.line(&recorded, false, String::new());
        assert!(line(recorded(Pseudonym::MACHINE, said(PAUL))).is_some());
        assert_eq!(line(recorded(Pseudonym::MACHINE, said(PIA))), None);
        let group = GroupId(Uuid::from_u128(5));
        let closed = || AccountsEvent::GroupClosed { group };
        assert_eq!(line(recorded(Pseudonym::MACHINE, closed())), None);
        let by_paul = line(recorded(PAULS, closed())).expect("he did it");
        assert!(by_paul.contains(r#""caused_by_you":true"#), "{by_paul}");
        assert!(by_paul.ends_with('\n'));
    }
}
