//! Opening, adding and naming.

use super::*;

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
fn a_space_holds_a_hundred_thousand_nodes() {
    let events = (1..=MOST as u128).map(|n| file_added(n, None, &n.to_string(), ANNA));
    let space = given(events);
    assert_eq!(
        when(&space, ANNA, Own, add_file(0, None, "x", ANNA)),
        Err(R::TooMany)
    );
}
