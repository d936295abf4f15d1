//! Two people decide, and what they agreed to is read as long as it holds.

use super::*;
use events::any::Described;
use events::ids::{GroupId, NodeId, RoomId, SpaceId};
use events::scope::Audience;
use events::{Personal, Scope};
use uuid::Uuid;

const INSPECTION: InspectionId = InspectionId(Uuid::from_u128(1));
const PUPIL: PersonId = PersonId(Uuid::from_u128(2));
const HEAD: PersonId = PersonId(Uuid::from_u128(3));
const AUDITOR: PersonId = PersonId(Uuid::from_u128(4));
const CLASS_ROOM: About = About::Room {
    room: RoomId(Uuid::from_u128(5)),
    audience: Audience::Group(GroupId(Uuid::from_u128(6))),
};
const DAY: Millis = 24 * 3600 * 1000;

fn ask(about: About, reason: &str) -> InspectionCommand {
    InspectionCommand::RequestInspection {
        inspection: INSPECTION,
        by: AUDITOR,
        role: Role::Auditor,
        purpose: Purpose::Conflict,
        reason: Personal::new(reason.to_owned()),
        about,
        from: None,
        until: None,
    }
}

fn agree(by: PersonId) -> InspectionCommand {
    InspectionCommand::AgreeToInspection { by, expires: DAY }
}

fn read(reader: PersonId, view: &str, now: Millis) -> InspectionCommand {
    InspectionCommand::RecordReading {
        reader,
        view: view.to_owned(),
        until: 9,
        after: None,
        now,
    }
}

fn given(commands: Vec<InspectionCommand>) -> Inspection {
    let mut inspection = Inspection::default();
    for command in commands {
        let events = inspection.decide(command).expect("is not refused");
        assert!(!events.is_empty(), "something happens");
        events.into_iter().for_each(|event| inspection.apply(event));
    }
    inspection
}

#[test]
fn four_eyes_are_two_people_and_neither_is_the_one_it_is_about() {
    let pupil = given(vec![ask(About::Person(PUPIL), "Streit")]);
    assert_eq!(
        pupil.decide(agree(AUDITOR)),
        Err(InspectionRefusal::SamePerson)
    );
    assert_eq!(
        pupil.decide(agree(PUPIL)),
        Err(InspectionRefusal::Concerned)
    );
    let pair = About::Room {
        room: RoomId(Uuid::from_u128(5)),
        audience: Audience::Pair(PUPIL, HEAD),
    };
    let pair = given(vec![ask(pair, "Streit")]);
    assert_eq!(pair.decide(agree(HEAD)), Err(InspectionRefusal::Concerned));
    assert!(matches!(
        pupil.decide(agree(HEAD)).as_deref(),
        Ok([AuditEvent::InspectionAgreed {
            asker: AUDITOR,
            by: HEAD,
            expires: DAY,
            ..
        }])
    ));
}

#[test]
fn content_is_read_by_whoever_asked_while_the_consent_holds_and_by_nobody_else() {
    let waiting = given(vec![ask(CLASS_ROOM, "Streit")]);
    let agreed = given(vec![ask(CLASS_ROOM, "Streit"), agree(HEAD)]);
    assert_eq!(
        waiting.decide(read(AUDITOR, "messages", 1)),
        Err(InspectionRefusal::StillWaiting)
    );
    let event = agreed.decide(read(AUDITOR, "messages", DAY - 1));
    assert!(matches!(
        event.as_deref(),
        Ok([AuditEvent::ContentRead {
            by: AUDITOR,
            agreed_by: HEAD,
            about: CLASS_ROOM,
            until: 9,
            ..
        }])
    ));
    for (reader, view, now, refusal) in [
        (AUDITOR, "messages", DAY, InspectionRefusal::Expired),
        (AUDITOR, "people", 1, InspectionRefusal::NoContent),
        (HEAD, "messages", 1, InspectionRefusal::Unknown),
        (PUPIL, "messages", 1, InspectionRefusal::Unknown),
    ] {
        assert_eq!(agreed.decide(read(reader, view, now)), Err(refusal));
    }
}

#[test]
fn a_file_that_is_read_is_told_to_the_circle_without_its_name_and_to_its_owner_with_it() {
    let agreed = given(vec![ask(CLASS_ROOM, "Streit"), agree(HEAD)]);
    let read = |now| {
        agreed.decide(InspectionCommand::RecordFile {
            reader: AUDITOR,
            space: SpaceId(Uuid::from_u128(7)),
            node: NodeId(Uuid::from_u128(8)),
            author: PUPIL,
            name: Personal::new("Brief.pdf".to_owned()),
            until: 9,
            now,
        })
    };
    let events = read(1).expect("the consent holds");
    let [circle, owner] = &events[..] else {
        panic!("one for the circle, one for the owner: {events:?}");
    };
    assert!(!format!("{circle:?}").contains("Brief.pdf"));
    assert_eq!(owner.scopes(), [Scope::Person(PUPIL)]);
    assert!(format!("{owner:?}").contains("Brief.pdf"));
    assert_eq!(read(DAY), Err(InspectionRefusal::Expired));
}

#[test]
fn what_was_refused_or_ended_stays_so() {
    let end = || InspectionCommand::EndInspection { by: HEAD };
    let refuse = || InspectionCommand::RefuseInspection { by: HEAD };
    let refused = given(vec![ask(CLASS_ROOM, "Streit"), refuse()]);
    let ended = given(vec![ask(CLASS_ROOM, "Streit"), agree(HEAD), end()]);
    for over in [&refused, &ended] {
        assert_eq!(over.decide(agree(HEAD)), Err(InspectionRefusal::NotWaiting));
        assert_eq!(over.decide(refuse()), Err(InspectionRefusal::NotWaiting));
        assert_eq!(
            over.decide(end()),
            Ok(vec![]),
            "ending twice is ending once"
        );
        assert_eq!(
            over.decide(read(AUDITOR, "messages", 1)),
            Err(InspectionRefusal::Over)
        );
    }
}

#[test]
fn a_request_is_taken_back_by_whoever_asked_alone() {
    let waiting = given(vec![ask(CLASS_ROOM, "Streit")]);
    let end = |by| waiting.decide(InspectionCommand::EndInspection { by });
    assert_eq!(end(HEAD), Err(InspectionRefusal::NotYours));
    assert!(matches!(
        end(AUDITOR).as_deref(),
        Ok([AuditEvent::InspectionEnded { by: AUDITOR, .. }])
    ));
}

#[test]
fn a_request_says_why_and_is_about_somebody_else() {
    let empty = Inspection::default();
    let long = "a".repeat(LONGEST_REASON + 1);
    for reason in ["", "  \n", &long] {
        assert_eq!(
            empty.decide(ask(CLASS_ROOM, reason)),
            Err(InspectionRefusal::Reason)
        );
    }
    assert_eq!(
        empty.decide(ask(About::Person(AUDITOR), "Neugier")),
        Err(InspectionRefusal::Own)
    );
    let backwards = InspectionCommand::RequestInspection {
        inspection: INSPECTION,
        by: AUDITOR,
        role: Role::Auditor,
        purpose: Purpose::Control,
        reason: Personal::new("Stichprobe".to_owned()),
        about: CLASS_ROOM,
        from: Some(2),
        until: Some(1),
    };
    assert_eq!(empty.decide(backwards), Err(InspectionRefusal::Span));
}
