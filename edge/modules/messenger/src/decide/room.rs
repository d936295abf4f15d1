//! A room: messages get numbers without gaps, each is said once, and a removed one keeps its number.

use super::said::{Message, Said};
use crate::error::RoomRefusal;
use crate::policy::Reach;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::ids::{MessageId, PersonId, RoomId};
use events::messenger::{LONGEST_TEXT, MessengerEvent, RoomCommand};
use events::{Audience, Personal};
use serde::{Deserialize, Serialize};

/// On whose behalf a room is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The machine: opens rooms.
    Machine,
    /// A person, who may remove so much of what was said.
    Person(PersonId, Reach),
}

/// A command to a room, with what the room cannot know by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedRoom {
    /// Which room.
    pub room: RoomId,
    /// On whose behalf.
    pub by: By,
    /// What.
    pub command: RoomCommand,
}

/// A room. It is never stored as a snapshot, so nothing of it is serialised.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    #[serde(skip)]
    audience: Option<Audience>,
    #[serde(skip)]
    said: Said,
}

type Decided = Result<Vec<MessengerEvent>, RoomRefusal>;

impl Room {
    /// The number of the last message; 0 while nothing was said.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.said.last()
    }

    /// The number of a message that was said here.
    #[must_use]
    pub fn number_of(&self, message: MessageId) -> Option<u64> {
        self.said.number_of(message)
    }

    fn decide(&self, asked: AskedRoom) -> Decided {
        use RoomCommand as C;
        let room = asked.room;
        match (asked.by, asked.command) {
            (By::Machine, C::OpenRoom { audience }) => self.open(room, audience),
            (By::Machine, _) | (By::Person(..), C::OpenRoom { .. }) => Err(RoomRefusal::NotYours),
            (By::Person(..), _) if self.audience.is_none() => Err(RoomRefusal::NotOpen),
            (
                By::Person(person, _),
                C::SendMessage {
                    message,
                    author,
                    text,
                },
            ) => match author == person {
                true => self.send(room, message, author, text),
                false => Err(RoomRefusal::NotYours),
            },
            (By::Person(person, reach), C::RemoveMessage { number, by }) => match by == person {
                true => self.remove(room, number, by, reach),
                false => Err(RoomRefusal::NotYours),
            },
        }
    }

    fn open(&self, room: RoomId, audience: Audience) -> Decided {
        match self.audience {
            None => Ok(vec![MessengerEvent::RoomOpened { room, audience }]),
            Some(before) if before == audience => Ok(Vec::new()),
            Some(_) => Err(RoomRefusal::IdTaken),
        }
    }

    fn send(&self, room: RoomId, message: MessageId, author: PersonId, text: String) -> Decided {
        let before = self
            .number_of(message)
            .and_then(|number| self.said.get(number));
        if let Some(before) = before {
            return match before.author == author {
                true => Ok(Vec::new()),
                false => Err(RoomRefusal::IdTaken),
            };
        }
        Ok(vec![MessengerEvent::MessageSent {
            room,
            number: self.last() + 1,
            message,
            author,
            text: Personal::new(readable(text)?),
        }])
    }

    fn remove(&self, room: RoomId, number: u64, by: PersonId, reach: Reach) -> Decided {
        let message = self.said.get(number).ok_or(RoomRefusal::NoSuchMessage)?;
        if reach == Reach::Own && message.author != by {
            return Err(RoomRefusal::NotYours);
        }
        match message.is_removed {
            true => Ok(Vec::new()),
            false => Ok(vec![MessengerEvent::MessageRemoved { room, number, by }]),
        }
    }
}

/// The text as it is kept: lines end with a line feed, and nothing but blanks is no message.
fn readable(text: String) -> Result<String, RoomRefusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end();
    if text.trim().is_empty() {
        return Err(RoomRefusal::TextEmpty);
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(RoomRefusal::TextTooLong);
    }
    let breaks = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    match text.chars().any(breaks) {
        true => Err(RoomRefusal::TextNotAllowed),
        false => Ok(text.to_owned()),
    }
}

impl Aggregate for Room {
    const TYPE: &'static str = "messenger/room";
    type Command = AskedRoom;
    type Event = MessengerEvent;
    type Error = RoomRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        asked: AskedRoom,
        _: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), RoomRefusal> {
        for event in self.decide(asked)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: MessengerEvent) {
        use MessengerEvent as E;
        match event {
            E::RoomOpened { audience, .. } => self.audience = Some(audience),
            E::MessageSent {
                message, author, ..
            } => self.said.push(Message {
                id: message,
                author,
                is_removed: false,
            }),
            E::MessageRemoved { number, .. } => self.said.remove(number),
            // Marks have streams of their own.
            E::RoomRead { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(1));
    const ANNA: PersonId = PersonId(Uuid::from_u128(10));
    const BEN: PersonId = PersonId(Uuid::from_u128(11));

    fn given(events: impl IntoIterator<Item = MessengerEvent>) -> Room {
        let mut room = Room::default();
        events.into_iter().for_each(|event| room.apply(event));
        room
    }

    fn opened() -> MessengerEvent {
        MessengerEvent::RoomOpened {
            room: ROOM,
            audience: Audience::Pair(ANNA, BEN),
        }
    }

    fn sent(number: u64, author: PersonId, text: &str) -> MessengerEvent {
        MessengerEvent::MessageSent {
            room: ROOM,
            number,
            message: MessageId(Uuid::from_u128(number.into())),
            author,
            text: Personal::new(text.to_owned()),
        }
    }

    fn say(id: u128, author: PersonId, text: &str) -> RoomCommand {
        RoomCommand::SendMessage {
            message: MessageId(Uuid::from_u128(id)),
            author,
            text: text.to_owned(),
        }
    }

    fn when(room: &Room, person: PersonId, reach: Reach, command: RoomCommand) -> Decided {
        let by = By::Person(person, reach);
        room.decide(AskedRoom {
            room: ROOM,
            by,
            command,
        })
    }

    #[test]
    fn messages_are_numbered_without_gaps() {
        let room = given([opened(), sent(1, ANNA, "Hallo")]);
        assert_eq!(
            when(&room, BEN, Reach::Own, say(2, BEN, "Hallo Anna")),
            Ok(vec![sent(2, BEN, "Hallo Anna")])
        );
    }

    #[test]
    fn the_same_message_is_said_once_and_nobody_can_say_it_for_another() {
        let room = given([opened(), sent(1, ANNA, "Hallo")]);
        assert_eq!(
            when(&room, ANNA, Reach::Own, say(1, ANNA, "Hallo")),
            Ok(vec![])
        );
        assert_eq!(
            when(&room, BEN, Reach::Own, say(1, BEN, "Hallo")),
            Err(RoomRefusal::IdTaken)
        );
        assert_eq!(
            when(&room, BEN, Reach::Everything, say(2, ANNA, "Ich war's")),
            Err(RoomRefusal::NotYours)
        );
    }

    #[test]
    fn a_text_has_between_one_and_eight_thousand_readable_characters() {
        let room = given([opened()]);
        let say = |text: &str| when(&room, ANNA, Reach::Own, say(1, ANNA, text));
        assert_eq!(say(" \n\t "), Err(RoomRefusal::TextEmpty));
        assert_eq!(
            say(&"ä".repeat(LONGEST_TEXT + 1)),
            Err(RoomRefusal::TextTooLong)
        );
        assert!(say(&"ä".repeat(LONGEST_TEXT)).is_ok());
        assert_eq!(say("a\u{7}b"), Err(RoomRefusal::TextNotAllowed));
        assert_eq!(
            say("eins\r\n\tzwei \n"),
            Ok(vec![sent(1, ANNA, "eins\n\tzwei")])
        );
    }

    #[test]
    fn a_message_is_removed_once_by_its_author_or_by_whoever_leads() {
        let room = given([opened(), sent(1, ANNA, "Hallo")]);
        let remove = |by| RoomCommand::RemoveMessage { number: 1, by };
        let removed = |by| MessengerEvent::MessageRemoved {
            room: ROOM,
            number: 1,
            by,
        };
        assert_eq!(
            when(&room, ANNA, Reach::Own, remove(ANNA)),
            Ok(vec![removed(ANNA)])
        );
        assert_eq!(
            when(&room, BEN, Reach::Own, remove(BEN)),
            Err(RoomRefusal::NotYours)
        );
        assert_eq!(
            when(&room, BEN, Reach::Everything, remove(BEN)),
            Ok(vec![removed(BEN)])
        );
        assert_eq!(
            when(&room, BEN, Reach::Everything, remove(ANNA)),
            Err(RoomRefusal::NotYours)
        );
        let room = given([opened(), sent(1, ANNA, "Hallo"), removed(BEN)]);
        assert_eq!(when(&room, ANNA, Reach::Own, remove(ANNA)), Ok(vec![]));
        for number in [0, 2, u64::MAX] {
            let command = RoomCommand::RemoveMessage { number, by: ANNA };
            assert_eq!(
                when(&room, ANNA, Reach::Own, command),
                Err(RoomRefusal::NoSuchMessage)
            );
        }
    }

    #[test]
    fn only_the_machine_opens_a_room_and_only_once() {
        let open = |room: &Room, audience| {
            room.decide(AskedRoom {
                room: ROOM,
                by: By::Machine,
                command: RoomCommand::OpenRoom { audience },
            })
        };
        let pair = Audience::Pair(ANNA, BEN);
        assert_eq!(open(&Room::default(), pair), Ok(vec![opened()]));
        assert_eq!(open(&given([opened()]), pair), Ok(vec![]));
        assert_eq!(
            open(&given([opened()]), Audience::Person(ANNA)),
            Err(RoomRefusal::IdTaken)
        );
        let command = RoomCommand::OpenRoom { audience: pair };
        assert_eq!(
            when(&Room::default(), ANNA, Reach::Everything, command),
            Err(RoomRefusal::NotYours)
        );
        assert_eq!(
            when(&Room::default(), ANNA, Reach::Own, say(1, ANNA, "Hallo")),
            Err(RoomRefusal::NotOpen)
        );
    }
}
