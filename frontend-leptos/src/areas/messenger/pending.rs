//! Messages on their way: shown at once below the others, beside the view and never in it; the feed settles them.

use crate::ask::{Ask, Trouble};
use events::ids::{MessageId, PersonId, RoomId};
use events::messenger::RoomCommand;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// A message that the view does not show yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    pub(super) message: MessageId,
    pub(super) text: String,
    /// Why it was not sent, when it was not.
    pub(super) trouble: Option<Trouble>,
}

/// The messages of one room that are on their way; copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    pub(super) list: RwSignal<Vec<Waiting>>,
    room: RoomId,
    author: PersonId,
    ask: Ask,
}

impl Pending {
    /// None yet.
    pub(super) fn new(room: RoomId, author: PersonId, ask: Ask) -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            room,
            author,
            ask,
        }
    }

    /// Sends a message.
    pub(super) fn send(self, text: String) {
        let message = MessageId(Uuid::new_v4());
        self.list.update(|list| {
            list.push(Waiting {
                message,
                text: text.clone(),
                trouble: None,
            });
        });
        self.post(message, text);
    }

    /// Sends it once more, under the same id, so that it is said once.
    pub(super) fn send_again(self, waiting: &Waiting) {
        self.set_trouble(waiting.message, None);
        self.post(waiting.message, waiting.text.clone());
    }

    /// Gives it up.
    pub(super) fn discard(self, message: MessageId) {
        self.list
            .update(|list| list.retain(|waiting| waiting.message != message));
    }

    /// Drops those that the view shows by now.
    pub(super) fn settle(self, shown: impl Fn(MessageId) -> bool) {
        let settled = self
            .list
            .with_untracked(|list| list.iter().any(|waiting| shown(waiting.message)));
        if settled {
            self.list
                .update(|list| list.retain(|waiting| !shown(waiting.message)));
        }
    }

    fn post(self, message: MessageId, text: String) {
        let command = RoomCommand::SendMessage {
            message,
            author: self.author,
            text,
        };
        spawn_local(async move {
            let path = format!("/api/messenger/rooms/{}/command", self.room);
            if let Err(trouble) = self.ask.command(&path, &command).await {
                self.set_trouble(message, Some(trouble));
            }
        });
    }

    fn set_trouble(self, message: MessageId, trouble: Option<Trouble>) {
        self.list.try_update(|list| {
            if let Some(waiting) = list.iter_mut().find(|waiting| waiting.message == message) {
                waiting.trouble = trouble;
            }
        });
    }
}
