//! The two dialogs that ask for a name: for a new folder, and for a node that is called otherwise.

use super::command::Orders;
use crate::ask::Trouble;
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field, open_while};
use crate::session::me;
use crate::words::words;
use events::files::FilesCommand;
use events::files::view::FileRow;
use events::ids::{NodeId, SpaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// Asks for the name of a new folder and adds it.
#[component]
pub(super) fn NewFolder(
    space: SpaceId,
    folder: Memo<Option<NodeId>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let words = words();
    let author = me().person;
    let command = Callback::new(move |name| FilesCommand::AddFolder {
        node: NodeId(Uuid::new_v4()),
        parent: folder.get_untracked(),
        name,
        author,
    });
    let first = Signal::derive(String::new);
    view! {
        <Dialog open title=words.files.new_folder>
            <NameForm
                space
                open
                label=words.files.folder_name
                yes=words.files.create
                first
                command
            />
        </Dialog>
    }
}

/// Asks for another name of a node; open while there is one.
#[component]
pub(super) fn RenameDialog(space: SpaceId, row: RwSignal<Option<FileRow>>) -> impl IntoView {
    let words = words();
    let open = open_while(row);
    let first = erased::derive(move || {
        row.with(|row| {
            row.as_ref()
                .and_then(|row| row.name.get().cloned())
                .unwrap_or_default()
        })
    });
    let command = Callback::new(move |name| FilesCommand::RenameNode {
        node: row.with_untracked(|row| row.as_ref().map_or(NodeId(Uuid::nil()), |row| row.node)),
        name,
    });
    view! {
        <Dialog open title=words.files.rename>
            <NameForm
                space
                open
                label=words.files.new_name
                yes=words.files.rename
                first
                command
            />
        </Dialog>
    }
}

#[component]
fn NameForm(
    space: SpaceId,
    open: RwSignal<bool>,
    label: &'static str,
    yes: &'static str,
    first: Signal<String>,
    command: Callback<String, FilesCommand>,
) -> impl IntoView {
    let words = words();
    let orders = Orders::new(space);
    let name = RwSignal::new(first.get_untracked());
    let trouble = RwSignal::new(None::<Trouble>);
    let busy = RwSignal::new(false);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    let ready = erased::derive(move || name.with(|name| !name.trim().is_empty()));
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let command = command.run(name.with_untracked(|name| name.trim().to_owned()));
        spawn_local(async move {
            let given = orders.give(&command).await;
            busy.try_set(false);
            match given {
                Ok(()) => open.set(false),
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    view! {
        <DialogForm open yes ready busy on_submit>
            <Field id="node-name" label=label value=name complaint autofocus=true />
        </DialogForm>
    }
}
