//! Given what happened, when somebody asks, then this happens or is refused.

mod adding;
mod deleting;
mod laws;
mod moving;

use super::*;
use Reach::{Everything, Own};
use SpaceRefusal as R;
use events::Withheld;
use events::ids::{BlobId, GroupId};
use uuid::Uuid;

const SPACE: SpaceId = SpaceId(Uuid::from_u128(1));
const ANNA: PersonId = PersonId(Uuid::from_u128(10));
const BEN: PersonId = PersonId(Uuid::from_u128(11));
const AUDIENCE: Audience = Audience::Group(GroupId(Uuid::from_u128(2)));

type Decided = Result<Vec<FilesEvent>, SpaceRefusal>;

fn node(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(n))
}

fn blob(n: u128) -> BlobRef {
    BlobRef {
        blob: BlobId(Uuid::from_u128(n)),
        size: 3,
        media_type: "text/plain".into(),
        sha256: String::new(),
        key: Withheld::new("00".into()),
    }
}

fn folder_added(n: u128, parent: Option<u128>, name: &str, author: PersonId) -> FilesEvent {
    FilesEvent::FolderAdded {
        space: SPACE,
        node: node(n),
        parent: parent.map(node),
        name: Personal::new(name.into()),
        author,
    }
}

fn file_added(n: u128, parent: Option<u128>, name: &str, author: PersonId) -> FilesEvent {
    FilesEvent::FileAdded {
        space: SPACE,
        node: node(n),
        parent: parent.map(node),
        name: Personal::new(name.into()),
        author,
        blob: blob(n),
    }
}

fn deleted(n: u128, by: PersonId) -> FilesEvent {
    FilesEvent::NodeDeleted {
        space: SPACE,
        node: node(n),
        by,
    }
}

fn restored(n: u128, name: &str, author: PersonId) -> FilesEvent {
    FilesEvent::NodeRestored {
        space: SPACE,
        node: node(n),
        name: Personal::new(name.into()),
        author,
    }
}

fn moved(n: u128, parent: Option<u128>, name: &str, author: PersonId) -> FilesEvent {
    FilesEvent::NodeMoved {
        space: SPACE,
        node: node(n),
        parent: parent.map(node),
        name: Personal::new(name.into()),
        author,
    }
}

fn given(events: impl IntoIterator<Item = FilesEvent>) -> Space {
    let mut space = Space::default();
    space.apply(FilesEvent::SpaceOpened {
        space: SPACE,
        audience: AUDIENCE,
    });
    events.into_iter().for_each(|event| space.apply(event));
    space
}

fn when(space: &Space, person: PersonId, reach: Reach, command: FilesCommand) -> Decided {
    space.decide(Asked {
        space: SPACE,
        by: By::Person(person, reach),
        command,
    })
}

fn add_folder(n: u128, parent: Option<u128>, name: &str, author: PersonId) -> FilesCommand {
    FilesCommand::AddFolder {
        node: node(n),
        parent: parent.map(node),
        name: name.into(),
        author,
    }
}

fn add_file(n: u128, parent: Option<u128>, name: &str, author: PersonId) -> FilesCommand {
    FilesCommand::AddFile {
        node: node(n),
        parent: parent.map(node),
        name: name.into(),
        author,
        blob: blob(n),
    }
}

fn rename(n: u128, name: &str) -> FilesCommand {
    FilesCommand::RenameNode {
        node: node(n),
        name: name.into(),
    }
}

fn put_into(n: u128, parent: Option<u128>) -> FilesCommand {
    FilesCommand::MoveNode {
        node: node(n),
        parent: parent.map(node),
    }
}

fn delete(n: u128) -> FilesCommand {
    FilesCommand::DeleteNode { node: node(n) }
}

fn restore(n: u128) -> FilesCommand {
    FilesCommand::RestoreNode { node: node(n) }
}
