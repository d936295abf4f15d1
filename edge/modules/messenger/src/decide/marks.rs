//! A person's reading mark in one room: it only moves forward. How far it may move, the room says; whoever asks has looked.

use crate::error::RoomRefusal;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use events::messenger::{MarksCommand, MessengerEvent};
use serde::{Deserialize, Serialize};

/// A command to a mark, with the number of the room's last message.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedMarks {
    /// What.
    pub command: MarksCommand,
    /// The number of the room's last message.
    pub last: u64,
}

/// A reading mark.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Marks {
    up_to: u64,
}

impl Marks {
    fn decide(&self, asked: &AskedMarks) -> Result<Option<MessengerEvent>, RoomRefusal> {
        let MarksCommand::MarkRead {
            room,
            person,
            up_to,
        } = asked.command;
        if up_to > asked.last {
            return Err(RoomRefusal::NotSaidYet);
        }
        let read = MessengerEvent::RoomRead {
            room,
            person,
            up_to,
        };
        Ok((up_to > self.up_to).then_some(read))
    }
}

impl Aggregate for Marks {
    const TYPE: &'static str = "messenger/marks";
    type Command = AskedMarks;
    type Event = MessengerEvent;
    type Error = RoomRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        asked: AskedMarks,
        _: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), RoomRefusal> {
        if let Some(event) = self.decide(&asked)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: MessengerEvent) {
        if let MessengerEvent::RoomRead { up_to, .. } = event {
            self.up_to = self.up_to.max(up_to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::ids::{PersonId, RoomId};
    use uuid::Uuid;

    #[test]
    fn a_mark_only_moves_forward_and_never_past_the_last_message() {
        let (room, person) = (RoomId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let mut marks = Marks::default();
        let read = |up_to| MessengerEvent::RoomRead {
            room,
            person,
            up_to,
        };
        let mut mark = |up_to| {
            let command = MarksCommand::MarkRead {
                room,
                person,
                up_to,
            };
            let decided = marks.decide(&AskedMarks { command, last: 9 });
            if let Ok(Some(event)) = &decided {
                marks.apply(event.clone());
            }
            decided
        };
        assert_eq!(mark(0), Ok(None));
        assert_eq!(mark(5), Ok(Some(read(5))));
        assert_eq!(mark(5), Ok(None));
        assert_eq!(mark(3), Ok(None));
        assert_eq!(mark(9), Ok(Some(read(9))));
        assert_eq!(mark(10), Err(RoomRefusal::NotSaidYet));
    }
}
