//! Given what happened, when somebody asks, then this happens or is refused.

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

#[test]
fn only_the_machine_opens_a_space_and_only_once() {
    let open = |space: &Space, audience| {
        space.decide(Asked {
            space: SPACE,
            by: By::Machine,
            command: FilesCommand::OpenSpace { audience },
        })
    };
    let opened = FilesEvent::SpaceOpened {
        space: SPACE,
        audience: AUDIENCE,
    };
    assert_eq!(open(&Space::default(), AUDIENCE), Ok(vec![opened]));
    assert_eq!(open(&given([]), AUDIENCE), Ok(vec![]));
    assert_eq!(
        open(&given([]), Audience::Person(ANNA)),
        Err(R::IdTaken),
        "a space never changes hands"
    );
    let by_hand = FilesCommand::OpenSpace { audience: AUDIENCE };
    assert_eq!(
        when(&Space::default(), ANNA, Everything, by_hand),
        Err(R::NotYours)
    );
    assert_eq!(
        when(&Space::default(), ANNA, Own, add_folder(1, None, "a", ANNA)),
        Err(R::NotOpen)
    );
}

#[test]
fn the_same_node_asked_for_twice_is_added_once() {
    let space = given([
        folder_added(1, None, "Bilder", ANNA),
        file_added(2, None, "a.txt", ANNA),
    ]);
    for command in [
        add_folder(1, None, "Bilder", ANNA),
        add_folder(1, None, "Anders", ANNA),
        add_file(2, Some(1), "a.txt", ANNA),
    ] {
        assert_eq!(when(&space, ANNA, Own, command), Ok(vec![]));
    }
    assert_eq!(
        when(&space, BEN, Own, add_folder(1, None, "Bilder", BEN)),
        Err(R::IdTaken)
    );
    assert_eq!(
        when(&space, ANNA, Own, add_file(1, None, "Bilder", ANNA)),
        Err(R::IdTaken)
    );
    assert_eq!(
        when(&space, BEN, Everything, add_folder(3, None, "x", ANNA)),
        Err(R::NotYours),
        "nobody adds in somebody else's name"
    );
}

#[test]
fn a_second_of_the_same_name_gets_a_number() {
    let space = given([
        file_added(1, None, "Bericht.pdf", ANNA),
        folder_added(2, None, "Fotos", ANNA),
        file_added(3, None, "weg.pdf", ANNA),
        deleted(3, ANNA),
    ]);
    assert_eq!(
        when(&space, BEN, Own, add_file(4, None, "bericht.PDF", BEN)),
        Ok(vec![file_added(4, None, "bericht (2).PDF", BEN)])
    );
    assert_eq!(
        when(&space, BEN, Own, add_folder(4, None, " FOTOS ", BEN)),
        Ok(vec![folder_added(4, None, "FOTOS (2)", BEN)])
    );
    assert_eq!(
        when(&space, BEN, Own, add_file(4, None, "weg.pdf", BEN)),
        Ok(vec![file_added(4, None, "weg.pdf", BEN)]),
        "a deleted node holds no name"
    );
    assert_eq!(
        when(&space, BEN, Own, add_file(4, Some(2), "Bericht.pdf", BEN)),
        Ok(vec![file_added(4, Some(2), "Bericht.pdf", BEN)]),
        "names are unique within a folder alone"
    );
}

#[test]
fn nodes_are_only_put_into_folders_that_are_there() {
    let space = given([
        folder_added(1, None, "weg", ANNA),
        folder_added(2, Some(1), "darin", ANNA),
        file_added(3, None, "a.txt", ANNA),
        deleted(1, ANNA),
    ]);
    for parent in [1, 2, 3, 99] {
        assert_eq!(
            when(&space, ANNA, Own, add_folder(9, Some(parent), "x", ANNA)),
            Err(R::NoSuchFolder),
            "{parent}"
        );
        let expected = if parent == 3 {
            R::IntoItself
        } else {
            R::NoSuchFolder
        };
        assert_eq!(
            when(&space, ANNA, Own, put_into(3, Some(parent))),
            Err(expected)
        );
    }
}

#[test]
fn a_typed_name_is_meant_as_typed() {
    let space = given([
        file_added(1, None, "a.txt", ANNA),
        file_added(2, None, "b.txt", ANNA),
    ]);
    let renamed = |name: &str| FilesEvent::NodeRenamed {
        space: SPACE,
        node: node(1),
        name: Personal::new(name.into()),
        author: ANNA,
    };
    assert_eq!(
        when(&space, ANNA, Own, rename(1, "c.txt")),
        Ok(vec![renamed("c.txt")])
    );
    assert_eq!(
        when(&space, ANNA, Own, rename(1, "A.txt")),
        Ok(vec![renamed("A.txt")]),
        "its own name in another case is free"
    );
    assert_eq!(when(&space, ANNA, Own, rename(1, "a.txt")), Ok(vec![]));
    assert_eq!(
        when(&space, ANNA, Own, rename(1, "B.TXT")),
        Err(R::NameTaken)
    );
    assert_eq!(
        when(&space, ANNA, Own, rename(1, "x/y")),
        Err(R::NameNotAllowed)
    );
    assert_eq!(when(&space, ANNA, Own, rename(99, "x")), Err(R::NoSuchNode));
}

#[test]
fn a_folder_cannot_be_put_into_itself() {
    let space = given([
        folder_added(1, None, "a", ANNA),
        folder_added(2, Some(1), "b", ANNA),
        folder_added(3, Some(2), "c", ANNA),
    ]);
    for parent in [1, 2, 3] {
        assert_eq!(
            when(&space, ANNA, Own, put_into(1, Some(parent))),
            Err(R::IntoItself)
        );
    }
    assert_eq!(
        when(&space, ANNA, Own, put_into(3, None)),
        Ok(vec![moved(3, None, "c", ANNA)])
    );
    assert_eq!(when(&space, ANNA, Own, put_into(3, Some(2))), Ok(vec![]));
}

#[test]
fn what_is_moved_gets_a_number_where_its_name_is_taken() {
    let space = given([
        folder_added(1, None, "a", ANNA),
        file_added(2, Some(1), "x.txt", BEN),
        file_added(3, None, "X.txt", ANNA),
    ]);
    assert_eq!(
        when(&space, ANNA, Own, put_into(3, Some(1))),
        Ok(vec![moved(3, Some(1), "X (2).txt", ANNA)])
    );
}

#[test]
fn a_deleted_folder_hides_what_lies_in_it_and_gives_it_back() {
    let history = [
        folder_added(1, None, "a", ANNA),
        folder_added(2, Some(1), "b", ANNA),
        file_added(3, Some(2), "x.txt", ANNA),
    ];
    let mut space = given(history);
    assert!(space.file(node(3)).is_some());
    assert_eq!(
        when(&space, ANNA, Own, delete(1)),
        Ok(vec![deleted(1, ANNA)])
    );
    space.apply(deleted(1, ANNA));
    assert!(space.file(node(3)).is_none() && !space.is_visible(node(2)));
    assert_eq!(when(&space, ANNA, Own, delete(1)), Ok(vec![]));
    for command in [rename(3, "y.txt"), put_into(3, None), delete(3), restore(3)] {
        assert_eq!(
            when(&space, ANNA, Everything, command),
            Err(R::NoSuchNode),
            "what is hidden is not there"
        );
    }
    assert_eq!(
        when(&space, ANNA, Own, restore(1)),
        Ok(vec![restored(1, "a", ANNA)])
    );
    space.apply(restored(1, "a", ANNA));
    assert!(space.file(node(3)).is_some());
    assert_eq!(when(&space, ANNA, Own, restore(1)), Ok(vec![]));
}

#[test]
fn what_comes_back_gets_a_number_where_its_name_is_taken_and_the_top_where_its_folder_is_gone() {
    let mut space = given([
        folder_added(1, None, "a", ANNA),
        file_added(2, Some(1), "x.txt", ANNA),
        deleted(2, ANNA),
        file_added(3, Some(1), "x.txt", ANNA),
        file_added(4, None, "X.txt", ANNA),
    ]);
    assert_eq!(
        when(&space, ANNA, Own, restore(2)),
        Ok(vec![restored(2, "x (2).txt", ANNA)])
    );
    space.apply(deleted(1, ANNA));
    assert_eq!(
        when(&space, ANNA, Own, restore(2)),
        Ok(vec![
            moved(2, None, "x (2).txt", ANNA),
            restored(2, "x (2).txt", ANNA)
        ])
    );
}

#[test]
fn a_member_changes_their_own_and_whoever_leads_changes_everything() {
    let space = given([
        file_added(1, None, "von Anna.txt", ANNA),
        folder_added(2, None, "von Ben", BEN),
        file_added(3, Some(2), "auch von Anna.txt", ANNA),
    ]);
    for command in [rename(1, "x"), put_into(1, Some(2)), delete(1)] {
        assert_eq!(when(&space, BEN, Own, command.clone()), Err(R::NotYours));
        assert!(when(&space, BEN, Everything, command.clone()).is_ok());
        assert!(when(&space, ANNA, Own, command).is_ok());
    }
    assert_eq!(when(&space, BEN, Own, delete(2)), Err(R::HoldsOfOthers));
    assert_eq!(
        when(&space, BEN, Everything, delete(2)),
        Ok(vec![deleted(2, BEN)])
    );
}

#[test]
fn what_somebody_else_took_away_only_whoever_leads_brings_back() {
    let space = given([
        file_added(1, None, "frech.txt", BEN),
        deleted(1, ANNA),
        file_added(2, None, "meins.txt", BEN),
        deleted(2, BEN),
    ]);
    assert_eq!(when(&space, BEN, Own, restore(1)), Err(R::NotYours));
    assert!(!space.may_restore(node(1), BEN, Own) && space.may_restore(node(1), ANNA, Everything));
    assert_eq!(
        when(&space, ANNA, Everything, restore(1)),
        Ok(vec![restored(1, "frech.txt", BEN)])
    );
    assert_eq!(
        when(&space, BEN, Own, restore(2)),
        Ok(vec![restored(2, "meins.txt", BEN)])
    );
}

/// Folders 1 to `deepest`, each in the one before.
fn chain(deepest: usize) -> Vec<FilesEvent> {
    let levels = 1..=deepest as u128;
    levels
        .map(|n| folder_added(n, (n > 1).then_some(n - 1), &format!("o{n}"), ANNA))
        .collect()
}

#[test]
fn folders_lie_fifty_deep_and_no_deeper() {
    let deepest = DEEPEST as u128;
    let add = |space: &Space, parent| when(space, ANNA, Own, add_file(999, parent, "x", ANNA));
    let space = given(chain(DEEPEST));
    assert_eq!(add(&space, Some(deepest)), Err(R::TooDeep));
    assert!(add(&space, Some(deepest - 1)).is_ok());
    let tall = [
        folder_added(100, None, "hoch", ANNA),
        folder_added(101, Some(100), "x", ANNA),
    ];
    let space = given(chain(DEEPEST).into_iter().chain(tall));
    assert_eq!(
        when(&space, ANNA, Own, put_into(100, Some(deepest - 1))),
        Err(R::TooDeep),
        "what is moved takes what is in it along"
    );
    assert!(when(&space, ANNA, Own, put_into(100, Some(deepest - 2))).is_ok());
}

#[test]
fn a_space_holds_a_hundred_thousand_nodes() {
    let events = (1..=MOST as u128).map(|n| file_added(n, None, &n.to_string(), ANNA));
    let space = given(events);
    assert_eq!(
        when(&space, ANNA, Own, add_file(0, None, "x", ANNA)),
        Err(R::TooMany)
    );
}

#[test]
fn a_forgotten_name_clashes_with_nothing() {
    let forgotten = FilesEvent::FileAdded {
        space: SPACE,
        node: node(1),
        parent: None,
        name: Personal::forgotten(),
        author: ANNA,
        blob: blob(1),
    };
    let mut space = given([forgotten.clone(), folder_added(2, None, "a", ANNA)]);
    assert_eq!(space.file(node(1)).map(|(name, _)| name), Some(None));
    let gone = when(&space, ANNA, Own, put_into(1, Some(2))).expect("moves");
    gone.into_iter().for_each(|event| space.apply(event));
    assert!(space.is_visible(node(1)));
    assert!(when(&space, ANNA, Own, delete(2)).is_ok());
}
