//! Commands to one space, with what the reader is told afterwards.

use crate::ask::{Ask, Trouble};
use crate::parts::{Toasts, toasts};
use crate::words::{Words, fill, words};
use events::files::FilesCommand;
use events::files::view::FileRow;
use events::ids::{NodeId, SpaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What commands to a space need; copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Orders {
    space: SpaceId,
    ask: Ask,
    toasts: Toasts,
    words: &'static Words,
}

impl Orders {
    /// For a component that is being drawn.
    pub(super) fn new(space: SpaceId) -> Self {
        Self {
            space,
            ask: expect_context(),
            toasts: toasts(),
            words: words(),
        }
    }

    /// Gives a command; the caller says what follows.
    pub(super) async fn give(self, command: &FilesCommand) -> Result<(), Trouble> {
        let path = format!("/api/files/spaces/{}/command", self.space);
        self.ask.command(&path, command).await.map(drop)
    }

    /// Deletes a node and offers to take it back.
    pub(super) fn delete(self, row: &FileRow) {
        let (node, name) = (row.node, self.name(row));
        spawn_local(async move {
            match self.give(&FilesCommand::DeleteNode { node }).await {
                Ok(()) => {
                    let text = fill(self.words.files.was_deleted, &[("name", &name)]);
                    let undo = Callback::new(move |()| self.take_back(node));
                    self.toasts.say_undoable(text, undo);
                }
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    fn take_back(self, node: NodeId) {
        spawn_local(async move {
            match self.give(&FilesCommand::RestoreNode { node }).await {
                Ok(()) => self.toasts.say(self.words.common.undone),
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    /// Restores a deleted node.
    pub(super) fn restore(self, row: &FileRow) {
        let (node, name) = (row.node, self.name(row));
        spawn_local(async move {
            match self.give(&FilesCommand::RestoreNode { node }).await {
                Ok(()) => {
                    let text = fill(self.words.files.was_restored, &[("name", &name)]);
                    self.toasts.say(text);
                }
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    /// Moves a node, and offers to take it back.
    pub(super) fn move_to(self, row: &FileRow, parent: Option<NodeId>) {
        let (node, before, name) = (row.node, row.parent, self.name(row));
        spawn_local(async move {
            match self.give(&FilesCommand::MoveNode { node, parent }).await {
                Ok(()) => {
                    let text = fill(self.words.files.was_moved, &[("name", &name)]);
                    let undo = Callback::new(move |()| self.move_back(node, before));
                    self.toasts.say_undoable(text, undo);
                }
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    fn move_back(self, node: NodeId, parent: Option<NodeId>) {
        spawn_local(async move {
            match self.give(&FilesCommand::MoveNode { node, parent }).await {
                Ok(()) => self.toasts.say(self.words.common.undone),
                Err(trouble) => self.toasts.complain(&trouble, self.words),
            }
        });
    }

    /// A node's name for a sentence.
    pub(super) fn name(self, row: &FileRow) -> String {
        let name = row.name.get().cloned();
        name.unwrap_or_else(|| self.words.common.forgotten.to_owned())
    }
}
