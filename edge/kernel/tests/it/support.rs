//! A kernel in a directory of its own, and a small aggregate to write with.

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::access::NOW;
use events::accounts::view::People;
use events::accounts::{AccountsEvent, PersonName, Role};
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::messenger::view::{Messages, Rooms};
use events::{AnyEvent, Audience, Personal};
use serde::{Deserialize, Serialize};
use std::path::Path;
use uuid::Uuid;

/// The first moment of every test: 2026-11-23T08:00Z.
pub(crate) const MONDAY: u64 = 1_795_420_800_000;

pub(crate) async fn open(directory: &Path) -> Kernel {
    open_at(directory, Clock::manual(MONDAY)).await
}

pub(crate) async fn open_at(directory: &Path, clock: Clock) -> Kernel {
    try_open(directory, clock).await.expect("the kernel opens")
}

pub(crate) async fn try_open(
    directory: &Path,
    clock: Clock,
) -> Result<Kernel, edge_kernel::StartError> {
    let registry = Registry::default()
        .with::<People>()
        .with::<Rooms>()
        .with::<Messages>();
    Kernel::open(directory, clock, registry, &|_, _, _| {}).await
}

/// Closes a kernel and waits until its writer is gone, so that the directory can be opened again.
pub(crate) async fn close(kernel: Kernel) {
    let Kernel { ledger, views, .. } = kernel;
    views.close().await;
    drop(views);
    ledger.close().await;
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

pub(crate) fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number << 32))
}

pub(crate) async fn add_person(kernel: &Kernel, who: PersonId, given: &str) {
    let name = PersonName {
        given: given.into(),
        family: "Beispiel".into(),
    };
    let added = AccountsEvent::PersonAdded {
        person: who,
        name: Personal::new(name),
        roles: vec![Role::Pupil],
    };
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    unit.event(StreamId(who.0), AnyEvent::Accounts(added));
    unit.commit().await.expect("a person is added");
    assert!(kernel.ledger.access().is_open(who, NOW));
}

/// The word after which a room takes no other.
pub(crate) const LAST_WORD: &str = "Schluss";

/// A room that numbers what is said, refusing the empty and whatever follows the last word.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Talk {
    last: u64,
    open: bool,
    over: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Say(pub(crate) RoomId, pub(crate) PersonId, pub(crate) String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("nothing was said")]
pub(crate) struct NothingSaid;

impl Aggregate for Talk {
    const TYPE: &'static str = "talk";
    type Command = Say;
    type Event = MessengerEvent;
    type Error = NothingSaid;
    type Services = ();

    async fn handle(
        &mut self,
        Say(room, author, text): Say,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), NothingSaid> {
        if text.is_empty() || self.over {
            return Err(NothingSaid);
        }
        if !self.open {
            let opened = MessengerEvent::RoomOpened {
                room,
                audience: Audience::Pair(author, author),
            };
            sink.write(opened, self).await;
        }
        let (number, message) = (self.last + 1, MessageId(Uuid::new_v4()));
        let sent = MessengerEvent::MessageSent {
            room,
            number,
            message,
            author,
            text: Personal::new(text),
        };
        sink.write(sent, self).await;
        Ok(())
    }

    fn apply(&mut self, event: MessengerEvent) {
        match event {
            MessengerEvent::RoomOpened { .. } => self.open = true,
            MessengerEvent::MessageSent { number, text, .. } => {
                self.last = number;
                self.over = text.get().is_some_and(|text| text == LAST_WORD);
            }
            MessengerEvent::MessageRemoved { .. } | MessengerEvent::RoomRead { .. } => {}
        }
    }
}

pub(crate) async fn say(kernel: &Kernel, room: RoomId, who: PersonId, text: &str) -> u64 {
    let command = Say(room, who, text.to_owned());
    let done = kernel
        .execute::<Talk>(StreamId(room.0), command, Order::by(Actor::Person(who)))
        .await;
    done.expect("it is said").position
}
