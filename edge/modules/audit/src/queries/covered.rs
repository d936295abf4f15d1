//! What a consent covers: which rows of a view it opens. Pure.

use crate::decide::Asked;
use events::Millis;
use events::audit::About;
use serde_json::Value;

/// Whether a consent opens a row of a view's state at a moment. Messages and files count by when they were written or last changed,
/// the office's record by the moment at which it is looked at.
pub(crate) fn covers(asked: &Asked, view: &str, row: &Value, at: Millis) -> bool {
    let is = |field: &str, id: String| row.get(field).and_then(Value::as_str) == Some(&id);
    let when = |field: &str| row.get(field).and_then(Value::as_u64);
    let (is_theirs, written) = match (view, asked.about) {
        ("messages", About::Person(person)) => (is("author", person.to_string()), when("at")),
        ("messages", About::Room { room, .. }) => (is("room", room.to_string()), when("at")),
        ("files", About::Person(person)) => (is("author", person.to_string()), when("changed")),
        ("files", About::Space { space, .. }) => (is("space", space.to_string()), when("changed")),
        ("records", About::Person(person)) => (is("person", person.to_string()), Some(at)),
        _ => return false,
    };
    let in_span = written.is_some_and(|written| {
        asked.from.is_none_or(|from| from <= written)
            && asked.until.is_none_or(|until| written <= until)
    });
    is_theirs && in_span
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::accounts::Role;
    use events::audit::Purpose;
    use events::ids::{GroupId, InspectionId, PersonId, RoomId, SpaceId};
    use events::scope::Audience;
    use serde_json::json;
    use uuid::Uuid;

    const PAUL: PersonId = PersonId(Uuid::from_u128(1));
    const PIA: PersonId = PersonId(Uuid::from_u128(2));
    const ROOM: RoomId = RoomId(Uuid::from_u128(3));
    const OTHER: RoomId = RoomId(Uuid::from_u128(4));
    const SPACE: SpaceId = SpaceId(Uuid::from_u128(5));
    const AUDIENCE: Audience = Audience::Group(GroupId(Uuid::from_u128(6)));

    fn asked(about: About) -> Asked {
        Asked {
            inspection: InspectionId(Uuid::from_u128(7)),
            by: PIA,
            role: Role::Auditor,
            purpose: Purpose::Conflict,
            about,
            from: Some(10),
            until: Some(20),
        }
    }

    #[test]
    fn a_consent_opens_what_it_names_within_its_span_and_nothing_beside_it() {
        let (room, audience) = (ROOM, AUDIENCE);
        let room = asked(About::Room { room, audience });
        let space = asked(About::Space {
            space: SPACE,
            audience,
        });
        let person = asked(About::Person(PAUL));
        let said = |room: RoomId, author: PersonId, at: u64| {
            (
                "messages",
                json!({ "room": room, "author": author, "at": at }),
            )
        };
        let stored = |space: SpaceId, author: PersonId, changed: u64| {
            (
                "files",
                json!({ "space": space, "author": author, "changed": changed }),
            )
        };
        let record = |person: PersonId| ("records", json!({ "person": person }));
        for (consent, (view, row), at, is_open) in [
            (&room, said(ROOM, PIA, 10), 0, true),
            (&room, said(ROOM, PIA, 9), 15, false),
            (&room, said(ROOM, PIA, 21), 15, false),
            (&room, said(OTHER, PIA, 15), 15, false),
            (&room, stored(SPACE, PIA, 15), 15, false),
            (&room, record(PAUL), 15, false),
            (&space, stored(SPACE, PIA, 15), 0, true),
            (&space, said(ROOM, PIA, 15), 15, false),
            (&person, said(OTHER, PAUL, 15), 0, true),
            (&person, said(OTHER, PIA, 15), 15, false),
            (&person, stored(SPACE, PAUL, 15), 0, true),
            (&person, record(PAUL), 15, true),
            (&person, record(PAUL), 21, false),
            (&person, record(PIA), 15, false),
            (&person, ("people", json!({ "person": PAUL })), 15, false),
            (&room, ("messages", json!({})), 15, false),
        ] {
            assert_eq!(
                covers(consent, view, &row, at),
                is_open,
                "{view} {row} {at}"
            );
        }
    }
}
