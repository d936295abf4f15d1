//! Whatever is asked in whatever order: no cycles, no two living nodes of one name in a folder, and the view that people
//! see says the same as the aggregate that decides.

use super::*;
use events::Folded;
use events::Recorded;
use events::files::view;
use events::ids::{Pseudonym, StreamId};
use proptest::prelude::*;
use std::collections::HashSet;

const NODES: u128 = 12;

fn any_command() -> impl Strategy<Value = (PersonId, Reach, FilesCommand)> {
    let any_node = 1..=NODES;
    let place = proptest::option::of(1..=NODES);
    let any_name = prop_oneof!["[abAB]", Just("a.txt".to_owned()), Just("a/b".to_owned())];
    let who = prop_oneof![Just(ANNA), Just(BEN)];
    let reach = prop_oneof![Just(Own), Just(Everything)];
    (who, reach, 0..6, any_node, place, any_name).prop_map(|(who, reach, what, n, place, name)| {
        let command = match what {
            0 => add_folder(n, place, &name, who),
            1 => add_file(n, place, &name, who),
            2 => rename(n, &name),
            3 => put_into(n, place),
            4 => delete(n),
            _ => restore(n),
        };
        (who, reach, command)
    })
}

fn recorded(position: u64, event: FilesEvent) -> Recorded {
    Recorded {
        position,
        at: position,
        stream: StreamId(SPACE.0),
        version: u32::try_from(position).unwrap_or(u32::MAX),
        actor: Pseudonym::MACHINE,
        event: event.into(),
    }
}

fn check(space: &Space, seen: &Folded<view::Files>) {
    let mut names = HashSet::new();
    for row in seen.rows().values() {
        let node = space.tree.node(row.node).expect("the aggregate knows it");
        assert_eq!(node.parent, row.parent);
        assert_eq!(node.name.as_ref(), row.name.get());
        assert_eq!(node.deleted.is_some(), row.deleted.is_some());
        assert!(!space.tree.is_within(node.parent, row.node), "a cycle");
        assert!(space.tree.depth(node.parent) < DEEPEST);
        if let (None, Some(name)) = (node.deleted, &node.name) {
            let key = name::key(name);
            assert_eq!(space.tree.named(node.parent, &key), Some(row.node));
            assert!(names.insert((node.parent, key)), "two of one name");
        }
    }
    assert_eq!(seen.rows().len(), space.tree.len());
}

proptest! {
    #[test]
    fn the_tree_stays_a_tree_and_the_view_agrees(commands in proptest::collection::vec(any_command(), 1..120)) {
        let mut space = given([]);
        let mut seen = Folded::<view::Files>::default();
        let mut position = 0;
        for (who, reach, command) in commands {
            let Ok(events) = when(&space, who, reach, command.clone()) else {
                continue;
            };
            for event in events {
                position += 1;
                space.apply(event.clone());
                seen.fold(&recorded(position, event));
            }
            check(&space, &seen);
        }
    }
}
