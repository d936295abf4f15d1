//! A command's way: who asks and whether they may, then the room decides, then the log keeps it.

use crate::decide::{AskedMarks, AskedRoom, By, Marks, Room};
use crate::error::MessengerError;
use crate::policy::{self, Rights};
use crate::{Messenger, direct_room, marks_stream};
use edge_kernel::Order;
use edge_kernel::ledger::AppendError;
use events::ids::{PersonId, RoomId, StreamId};
use events::messenger::{MarksCommand, RoomCommand};
use events::{Audience, Position};
use schemars::JsonSchema;
use serde::Serialize;

/// What a command to a room led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Said {
    /// Pass it as `at_least` to see it in a listing.
    pub position: Position,
    /// The number of the message that was sent or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// The room of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Opened {
    /// Which.
    pub room: RoomId,
    /// Pass it as `at_least` to see the room in a listing.
    pub position: Position,
}

fn stream(room: RoomId) -> StreamId {
    StreamId(room.0)
}

impl Messenger {
    /// Opens rooms, all at once; those that are open already stay as they are.
    pub async fn open_rooms(
        &self,
        rooms: &[(RoomId, Audience)],
        order: Order,
    ) -> Result<Position, MessengerError> {
        let mut unit = self.kernel.unit(order.clone());
        for (room, audience) in rooms {
            unit.command::<Room>(stream(*room), opening(*room, *audience))
                .await?;
        }
        match unit.commit().await {
            Ok(appended) => Ok(appended.last),
            // Somebody opened one of them meanwhile: one by one, whoever comes second changes nothing.
            Err(AppendError::Conflict { .. }) => self.open_each(rooms, order).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn open_each(
        &self,
        rooms: &[(RoomId, Audience)],
        order: Order,
    ) -> Result<Position, MessengerError> {
        let order = order.once(None);
        let mut position = self.kernel.ledger.size();
        for (room, audience) in rooms {
            let command = opening(*room, *audience);
            let done = self
                .kernel
                .execute::<Room>(stream(*room), command, order.clone())
                .await?;
            position = position.max(done.position);
        }
        Ok(position)
    }

    /// The room of two people; it is opened when they may begin a conversation, and found again when they have.
    pub async fn direct(
        &self,
        person: PersonId,
        with: PersonId,
        order: Order,
    ) -> Result<Opened, MessengerError> {
        let room = direct_room(person, with);
        let (is_there, may_begin) = {
            let access = self.kernel.ledger.access();
            let between = policy::acquaintance(&access, person, with);
            (access.room(room).is_some(), policy::may_begin(between))
        };
        if is_there {
            let position = self.kernel.ledger.size();
            return Ok(Opened { room, position });
        }
        if !may_begin {
            return Err(MessengerError::NotAcquainted);
        }
        let audience = Audience::Pair(person.min(with), person.max(with));
        let command = opening(room, audience);
        let done = self
            .kernel
            .execute::<Room>(stream(room), command, order)
            .await?;
        Ok(Opened {
            room,
            position: done.position,
        })
    }

    /// What a person may do in a room now; whoever may not even read it is told that there is none.
    pub fn rights_in(&self, person: PersonId, room: RoomId) -> Result<Rights, MessengerError> {
        let access = self.kernel.ledger.access();
        let audience = access.room(room).ok_or(MessengerError::NotFound)?;
        let standing = policy::standing(&access, person, audience);
        let rights = policy::rights(standing, policy::is_running(&access, audience));
        match rights.read {
            true => Ok(rights),
            false => Err(MessengerError::NotFound),
        }
    }

    /// Carries out a person's command. Rooms are opened by the machine, or by [`Messenger::direct`].
    pub async fn command(
        &self,
        person: PersonId,
        room: RoomId,
        command: RoomCommand,
        order: Order,
    ) -> Result<Said, MessengerError> {
        let rights = self.rights_in(person, room)?;
        let reach = rights.remove.ok_or(MessengerError::NotAllowed)?;
        let (message, number) = match &command {
            RoomCommand::SendMessage {
                message, author, ..
            } if *author == person => (Some(*message), None),
            RoomCommand::RemoveMessage { number, by } if *by == person => (None, Some(*number)),
            RoomCommand::OpenRoom { .. }
            | RoomCommand::SendMessage { .. }
            | RoomCommand::RemoveMessage { .. } => return Err(MessengerError::NotAllowed),
        };
        if message.is_some() && !rights.send {
            return Err(MessengerError::Over);
        }
        let asked = AskedRoom {
            room,
            by: By::Person(person, reach),
            command,
        };
        let done = self
            .kernel
            .execute::<Room>(stream(room), asked, order)
            .await?;
        let number = match message {
            Some(message) => self
                .kernel
                .load::<Room>(stream(room))
                .await?
                .0
                .number_of(message),
            None => number,
        };
        Ok(Said {
            position: done.position,
            number,
        })
    }

    /// Moves a person's reading mark forward, up to the room's last message at the most.
    pub async fn mark_read(
        &self,
        person: PersonId,
        room: RoomId,
        up_to: u64,
        order: Order,
    ) -> Result<Position, MessengerError> {
        self.rights_in(person, room)?;
        let last = self.kernel.load::<Room>(stream(room)).await?.0.last();
        let command = MarksCommand::MarkRead {
            room,
            person,
            up_to,
        };
        let asked = AskedMarks { command, last };
        let done = self
            .kernel
            .execute::<Marks>(marks_stream(person, room), asked, order)
            .await?;
        Ok(done.position)
    }
}

fn opening(room: RoomId, audience: Audience) -> AskedRoom {
    AskedRoom {
        room,
        by: By::Machine,
        command: RoomCommand::OpenRoom { audience },
    }
}
