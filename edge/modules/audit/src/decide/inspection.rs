//! One request to read other people's content: asked once, then agreed to by a second person or refused, read while the consent
//! holds, and ended. Pure.

use crate::error::InspectionRefusal;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::Millis;
use events::accounts::Role;
use events::audit::view::InspectionStage as Stage;
use events::audit::{About, AuditEvent, CONTENT_VIEWS, InspectionCommand, Purpose};
use events::ids::{InspectionId, PersonId};
use serde::{Deserialize, Serialize};

/// Characters of a reason: a few sentences, for a second person to read.
pub(crate) const LONGEST_REASON: usize = 500;

/// A request as decisions need it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Inspection {
    stage: Option<Stage>,
    asked: Option<Asked>,
    agreed_by: Option<PersonId>,
    expires: Millis,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) inspection: InspectionId,
    pub(crate) by: PersonId,
    pub(crate) role: Role,
    pub(crate) purpose: Purpose,
    pub(crate) about: About,
    pub(crate) from: Option<Millis>,
    pub(crate) until: Option<Millis>,
}

impl Aggregate for Inspection {
    const TYPE: &'static str = "inspection";
    type Command = InspectionCommand;
    type Event = AuditEvent;
    type Error = InspectionRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: InspectionCommand,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), InspectionRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: AuditEvent) {
        match event {
            AuditEvent::InspectionRequested {
                inspection,
                by,
                role,
                purpose,
                about,
                from,
                until,
                ..
            } => {
                self.stage = Some(Stage::Waiting);
                self.asked = Some(Asked {
                    inspection,
                    by,
                    role,
                    purpose,
                    about,
                    from,
                    until,
                });
            }
            AuditEvent::InspectionAgreed { by, expires, .. } => {
                self.stage = Some(Stage::Agreed);
                self.agreed_by = Some(by);
                self.expires = expires;
            }
            AuditEvent::InspectionRefused { .. } => self.stage = Some(Stage::Refused),
            AuditEvent::InspectionEnded { .. } => self.stage = Some(Stage::Ended),
            // A reading changes nothing, and streams of looks are no inspections.
            AuditEvent::ContentRead { .. }
            | AuditEvent::Viewed { .. }
            | AuditEvent::ConsoleViewed { .. }
            | AuditEvent::LogSealed { .. }
            | AuditEvent::LogResumed { .. }
            | AuditEvent::ConsoleRead { .. }
            | AuditEvent::FileRead { .. }
            | AuditEvent::FileNamed { .. } => {}
        }
    }
}

impl Inspection {
    fn decide(&self, command: InspectionCommand) -> Result<Vec<AuditEvent>, InspectionRefusal> {
        use InspectionCommand as C;
        match command {
            C::RequestInspection { .. } if self.stage.is_some() => Ok(Vec::new()),
            C::RequestInspection {
                inspection,
                by,
                role,
                purpose,
                reason,
                about,
                from,
                until,
            } => {
                let length = reason.get().map_or(0, |text| text.trim().chars().count());
                if length == 0 || length > LONGEST_REASON {
                    return Err(InspectionRefusal::Reason);
                }
                if matches!((from, until), (Some(from), Some(until)) if until < from) {
                    return Err(InspectionRefusal::Span);
                }
                if about.concerned() == [by] {
                    return Err(InspectionRefusal::Own);
                }
                Ok(vec![AuditEvent::InspectionRequested {
                    inspection,
                    by,
                    role,
                    purpose,
                    reason,
                    about,
                    from,
                    until,
                }])
            }
            C::AgreeToInspection { by, expires } => {
                let asked = self.waiting_for(by)?;
                Ok(vec![AuditEvent::InspectionAgreed {
                    inspection: asked.inspection,
                    asker: asked.by,
                    by,
                    expires,
                }])
            }
            C::RefuseInspection { by } => {
                let asked = self.waiting_for(by)?;
                Ok(vec![AuditEvent::InspectionRefused {
                    inspection: asked.inspection,
                    asker: asked.by,
                    by,
                }])
            }
            C::EndInspection { by } => {
                let asked = self.asked.ok_or(InspectionRefusal::Unknown)?;
                match self.stage {
                    Some(Stage::Waiting) if asked.by != by => Err(InspectionRefusal::NotYours),
                    Some(Stage::Waiting | Stage::Agreed) => Ok(vec![AuditEvent::InspectionEnded {
                        inspection: asked.inspection,
                        asker: asked.by,
                        by,
                    }]),
                    Some(Stage::Refused | Stage::Ended) | None => Ok(Vec::new()),
                }
            }
            C::RecordReading {
                reader,
                view,
                until,
                after,
                now,
            } => {
                let (asked, agreed_by) = self.may_read(reader, &view, now)?;
                Ok(vec![AuditEvent::ContentRead {
                    inspection: asked.inspection,
                    by: asked.by,
                    role: asked.role,
                    purpose: asked.purpose,
                    agreed_by,
                    about: asked.about,
                    view,
                    until,
                    after,
                }])
            }
            C::RecordFile {
                reader,
                space,
                node,
                author,
                name,
                until,
                now,
            } => {
                let (asked, agreed_by) = self.may_read(reader, "files", now)?;
                let read = AuditEvent::FileRead {
                    inspection: asked.inspection,
                    by: asked.by,
                    role: asked.role,
                    purpose: asked.purpose,
                    agreed_by,
                    about: asked.about,
                    space,
                    node,
                    author,
                    until,
                };
                let named = AuditEvent::FileNamed {
                    inspection: asked.inspection,
                    by: asked.by,
                    role: asked.role,
                    purpose: asked.purpose,
                    agreed_by,
                    author,
                    node,
                    name,
                };
                Ok(vec![read, named])
            }
        }
    }

    /// What waits for this person's word: neither who asked may give it nor whose data alone it is about.
    fn waiting_for(&self, person: PersonId) -> Result<Asked, InspectionRefusal> {
        let asked = self.asked.ok_or(InspectionRefusal::Unknown)?;
        match self.stage {
            Some(Stage::Waiting) if asked.by == person => Err(InspectionRefusal::SamePerson),
            Some(Stage::Waiting) if asked.about.concerned().contains(&person) => {
                Err(InspectionRefusal::Concerned)
            }
            Some(Stage::Waiting) => Ok(asked),
            Some(Stage::Refused | Stage::Agreed | Stage::Ended) => {
                Err(InspectionRefusal::NotWaiting)
            }
            None => Err(InspectionRefusal::Unknown),
        }
    }

    /// Whether this person asked.
    pub(crate) fn is_by(&self, person: PersonId) -> bool {
        self.asked.is_some_and(|asked| asked.by == person)
    }

    /// What may be read of a view now by whoever asked, and who agreed to it.
    pub(crate) fn may_read(
        &self,
        reader: PersonId,
        view: &str,
        now: Millis,
    ) -> Result<(Asked, PersonId), InspectionRefusal> {
        // Somebody else's consent opens nothing, and is not told from none.
        let asked = self.asked.filter(|asked| asked.by == reader);
        let asked = asked.ok_or(InspectionRefusal::Unknown)?;
        match (self.stage, self.agreed_by) {
            (Some(Stage::Agreed), Some(_)) if now >= self.expires => {
                Err(InspectionRefusal::Expired)
            }
            (Some(Stage::Agreed), Some(agreed_by)) => match CONTENT_VIEWS.contains(&view) {
                true => Ok((asked, agreed_by)),
                false => Err(InspectionRefusal::NoContent),
            },
            (Some(Stage::Waiting), _) => Err(InspectionRefusal::StillWaiting),
            _ => Err(InspectionRefusal::Over),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
