//! Deleting, bringing back, and whose is whose.

use super::*;

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
