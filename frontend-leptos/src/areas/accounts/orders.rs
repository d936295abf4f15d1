//! Commands to people's accounts and to groups, with a note about how they ended.

use crate::ask::{Ask, Trouble};
use crate::parts::{Toasts, toasts};
use crate::when;
use crate::words::{Words, words};
use events::accounts::{Date, GroupCommand, PersonCommand};
use events::ids::{GroupId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

#[derive(Clone, Copy)]
enum Target {
    Person(PersonId),
    Group(GroupId),
}

/// The way of commands to one person's account or one group. Holds plain values only: the way back of a note outlives the
/// row whose menu gave the command.
#[derive(Clone, Copy)]
pub(super) struct Orders {
    target: Target,
    ask: Ask,
    toasts: Toasts,
    words: &'static Words,
}

impl Orders {
    /// To a person's account.
    pub(super) fn to_person(person: PersonId) -> Self {
        Self::to(Target::Person(person))
    }

    /// To a group.
    pub(super) fn to_group(group: GroupId) -> Self {
        Self::to(Target::Group(group))
    }

    fn to(target: Target) -> Self {
        Self {
            target,
            ask: expect_context::<Ask>(),
            toasts: toasts(),
            words: words(),
        }
    }

    /// Sends a command.
    pub(super) async fn give(self, command: &impl Ordered) -> Result<(), Trouble> {
        let path = match self.target {
            Target::Person(person) => format!("/api/accounts/people/{person}/command"),
            Target::Group(group) => format!("/api/accounts/groups/{group}/command"),
        };
        self.ask.command(&path, command).await.map(drop)
    }

    /// Sends a command and says `done`, or what went wrong.
    pub(super) fn say(self, command: impl Ordered, done: impl Into<String>) {
        let done = done.into();
        self.then(command, move |toasts| toasts.say(done));
    }

    /// Sends a command and says `done`, with a way back.
    pub(super) fn say_undoable(
        self,
        command: impl Ordered,
        done: impl Into<String>,
        undo: impl Ordered + Clone + Send + Sync,
    ) {
        let (done, undone) = (done.into(), self.words.common.undone);
        self.then(command, move |toasts| {
            // Made only now: a callback made while a button is pressed ends with the button.
            let undo = Callback::new(move |()| self.say(undo.clone(), undone));
            toasts.say_undoable(done, undo);
        });
    }

    fn then(self, command: impl Ordered, done: impl FnOnce(Toasts) + 'static) {
        spawn_local(async move {
            match self.give(&command).await {
                Ok(()) => done(self.toasts),
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    /// Today, as commands carry days.
    pub(super) fn today(self) -> Option<Date> {
        let today = when::today().parse().ok();
        if today.is_none() {
            self.toasts.complain(&Trouble::Garbled, self.words);
        }
        today
    }
}

/// What can be sent that way.
pub(super) trait Ordered: Serialize + 'static {}

impl Ordered for PersonCommand {}
impl Ordered for GroupCommand {}
