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
mod tests;
