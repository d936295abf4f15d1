//! The way of reading other people's content: asked for, agreed to by a second person, recorded page by page, ended.

use crate::Audit;
use crate::decide::Inspection;
use crate::error::{AuditError, InspectionRefusal};
use crate::policy::{asking, may_consent};
use edge_kernel::{Order, SignedIn};
use events::access::Access;
use events::accounts::Role;
use events::accounts::view::People;
use events::audit::{About, InspectionCommand, Purpose};
use events::ids::{GroupId, InspectionId, PersonId, RoomId, SpaceId, StreamId};
use events::{AnyEvent, Millis, Owner, Personal, Position, Scope};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// How long a consent holds: a working day and the morning after it, so that nobody waits for a signature and nobody forgets one.
const HOLDS: Millis = 24 * 60 * 60 * 1000;

/// What somebody asks to read, as the page names it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AboutAsked {
    /// What one person wrote, stored, and what the office knows of them.
    Person(PersonId),
    /// A room.
    Room(RoomId),
    /// A space.
    Space(SpaceId),
    /// The room of a group.
    GroupRoom(GroupId),
    /// The space of a group.
    GroupSpace(GroupId),
    /// The room of two people.
    Pair(PersonId, PersonId),
}

/// A request.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) purpose: Purpose,
    pub(crate) reason: String,
    pub(crate) about: AboutAsked,
    pub(crate) from: Option<Millis>,
    pub(crate) until: Option<Millis>,
}

/// A page that is about to be read.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) view: &'a str,
    pub(crate) until: Position,
    pub(crate) after: Option<String>,
}

pub(super) fn stream(inspection: InspectionId) -> StreamId {
    StreamId(inspection.0)
}

impl Audit {
    /// Asks to read other people's content.
    pub(crate) async fn ask_to_inspect(
        &self,
        asker: SignedIn,
        asked: Asking,
    ) -> Result<(InspectionId, Position), AuditError> {
        let roles = self.kernel.ledger.access().roles(asker.person);
        let role = asking(&roles).ok_or(AuditError::NotAllowed)?;
        let about = self.resolve(asked.about).await?;
        if !self.could_be_agreed_to(asker.person, &about) {
            return Err(InspectionRefusal::NobodyElse.into());
        }
        let inspection = InspectionId(Uuid::new_v4());
        let command = InspectionCommand::RequestInspection {
            inspection,
            by: asker.person,
            role,
            purpose: asked.purpose,
            reason: Personal::new(asked.reason.trim().to_owned()),
            about,
            from: asked.from,
            until: asked.until,
        };
        let order = Order::by(asker.actor());
        let position = self.inspect(inspection, command, order).await?;
        Ok((inspection, position))
    }

    /// Whether there is anybody who may agree: neither who asks nor whose data alone it is about.
    fn could_be_agreed_to(&self, asker: PersonId, about: &About) -> bool {
        let access = self.kernel.ledger.access();
        let concerned = about.concerned();
        let roles = [Role::Head, Role::Administrator, Role::DataProtection];
        roles
            .into_iter()
            .filter(|role| may_consent(*role))
            .flat_map(|role| access.holders(role))
            .any(|person| person != asker && !concerned.contains(&person))
    }

    async fn resolve(&self, asked: AboutAsked) -> Result<About, AuditError> {
        if let AboutAsked::Person(person) = asked {
            let row = self.kernel.views.row::<People>(&person.to_string()).await?;
            row.ok_or(InspectionRefusal::NoSuchSubject)?;
            return Ok(About::Person(person));
        }
        let access = self.kernel.ledger.access();
        let about = match asked {
            AboutAsked::Person(person) => Some(About::Person(person)),
            AboutAsked::Room(room) => room_of(room, &access),
            AboutAsked::Space(space) => space_of(space, &access),
            AboutAsked::GroupRoom(group) => {
                let room = access.group_room(group);
                room.and_then(|room| room_of(room, &access))
            }
            AboutAsked::GroupSpace(group) => {
                let space = access.group_space(group);
                space.and_then(|space| space_of(space, &access))
            }
            AboutAsked::Pair(one, other) => {
                let room = access.pair_room(one, other);
                room.and_then(|room| room_of(room, &access))
            }
        };
        Ok(about.ok_or(InspectionRefusal::NoSuchSubject)?)
    }

    /// Agrees to somebody else's request, from now on and for a day.
    pub(crate) async fn agree_to_inspection(
        &self,
        asker: SignedIn,
        inspection: InspectionId,
    ) -> Result<Position, AuditError> {
        self.admit_by(asker, may_consent)?;
        let command = InspectionCommand::AgreeToInspection {
            by: asker.person,
            expires: self.kernel.clock.now() + HOLDS,
        };
        self.inspect(inspection, command, Order::by(asker.actor()))
            .await
    }

    /// Refuses somebody else's request.
    pub(crate) async fn refuse_inspection(
        &self,
        asker: SignedIn,
        inspection: InspectionId,
    ) -> Result<Position, AuditError> {
        self.admit_by(asker, may_consent)?;
        let command = InspectionCommand::RefuseInspection { by: asker.person };
        self.inspect(inspection, command, Order::by(asker.actor()))
            .await
    }

    /// Takes one's own request back, or ends a consent: whoever asked may, and whoever may agree.
    pub(crate) async fn end_inspection(
        &self,
        asker: SignedIn,
        inspection: InspectionId,
    ) -> Result<Position, AuditError> {
        let (known, _) = self.kernel.load::<Inspection>(stream(inspection)).await?;
        if !known.is_by(asker.person) {
            self.admit_by(asker, may_consent)?;
        }
        let command = InspectionCommand::EndInspection { by: asker.person };
        self.inspect(inspection, command, Order::by(asker.actor()))
            .await
    }

    /// Records a page before it is given out, if the consent still holds.
    pub(crate) async fn record_reading(
        &self,
        asker: SignedIn,
        inspection: InspectionId,
        reading: Reading<'_>,
    ) -> Result<Position, AuditError> {
        let command = InspectionCommand::RecordReading {
            reader: asker.person,
            view: reading.view.to_owned(),
            until: reading.until,
            after: reading.after,
            now: self.kernel.clock.now(),
        };
        self.inspect(inspection, command, Order::by(asker.actor()))
            .await
    }

    /// A consent that holds now, before anything is folded for it.
    pub(crate) async fn consent(
        &self,
        asker: SignedIn,
        inspection: InspectionId,
        view: &str,
    ) -> Result<crate::decide::Asked, AuditError> {
        self.admit_by(asker, crate::policy::may_ask)?;
        let (known, _) = self.kernel.load::<Inspection>(stream(inspection)).await?;
        let (asked, _) = known.may_read(asker.person, view, self.kernel.clock.now())?;
        Ok(asked)
    }

    async fn inspect(
        &self,
        inspection: InspectionId,
        command: InspectionCommand,
        order: Order,
    ) -> Result<Position, AuditError> {
        let stream = stream(inspection);
        let done = self.kernel.execute::<Inspection>(stream, command, order);
        Ok(done.await?.position)
    }
}

fn room_of(room: RoomId, access: &Access) -> Option<About> {
    let audience = access.room(room)?;
    Some(About::Room { room, audience })
}

fn space_of(space: SpaceId, access: &Access) -> Option<About> {
    let audience = access.space(space)?;
    Some(About::Space { space, audience })
}

/// Whose content an event has: a room's or a space's, or the person's under whose key it is sealed. None for what everybody at the
/// school may see, and for what is about nobody.
pub(super) fn about_of(event: &AnyEvent, access: &Access) -> Option<About> {
    let scopes = event.scopes();
    let shared = scopes.iter().find_map(|scope| match scope {
        Scope::Room(room) => room_of(*room, access),
        Scope::Space(space) => space_of(*space, access),
        _ => None,
    });
    let alone = match event.owner().0 {
        Owner::Person(person) if !scopes.contains(&Scope::School) => Some(About::Person(person)),
        Owner::Person(_) | Owner::School | Owner::Group(_) => None,
    };
    shared.or(alone)
}
