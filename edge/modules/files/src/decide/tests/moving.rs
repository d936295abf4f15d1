//! Moving: places, depths, clashes.

use super::*;

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
