//! The laws of access: the past stays as it was, and whoever loses sight of something is told of exactly that.

use crate::stories::{FEW, access_after, group, person, room, space, stories};
use events::access::{Access, Lost, NOW};
use events::accounts::AccountsEvent;
use events::ids::{GroupId, PersonId};
use events::{AnyEvent, Position, Recorded, Scope};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn people() -> impl Iterator<Item = PersonId> {
    (0..FEW).map(person)
}

/// Everything there is to see in a story.
fn scopes() -> Vec<Scope> {
    let mut scopes = vec![
        Scope::School,
        Scope::Administration,
        Scope::Auditors,
        Scope::Oversight,
        Scope::Machine,
    ];
    for n in 0..FEW {
        let (person, group) = (Scope::Person(person(n)), Scope::Roll(group(n)));
        scopes.extend([person, group, Scope::Space(space(n)), Scope::Room(room(n))]);
    }
    scopes
}

/// What everybody may see at a position.
fn seen(access: &Access, at: Position) -> BTreeSet<(PersonId, Scope)> {
    let pairs = people().flat_map(|person| scopes().into_iter().map(move |scope| (person, scope)));
    pairs
        .filter(|(person, scope)| access.may_see(*person, *scope, at))
        .collect()
}

fn groups_added_by(story: &[Recorded], position: Position) -> BTreeSet<GroupId> {
    let past = story.iter().filter(|event| event.position <= position);
    past.filter_map(|event| match &event.event {
        AnyEvent::Accounts(
            AccountsEvent::GroupAdded { group, .. } | AccountsEvent::GroupReopened { group },
        ) => Some(*group),
        _ => None,
    })
    .collect()
}

/// What the person of an event may see no longer because of it, as far as it exists.
fn vanished(access: &Access, story: &[Recorded], event: &Recorded) -> BTreeSet<(PersonId, Scope)> {
    let before = seen(access, event.position - 1);
    let after = seen(access, event.position);
    let groups = groups_added_by(story, event.position);
    let is_membership = matches!(
        event.event,
        AnyEvent::Accounts(AccountsEvent::MemberRemoved { .. })
    );
    let exists = |scope: &Scope| match scope {
        Scope::Roll(group) => is_membership || groups.contains(group),
        _ => true,
    };
    let vanished = before.difference(&after);
    vanished
        .filter(|(_, scope)| exists(scope))
        .copied()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_could_be_seen_at_a_position_is_never_changed_by_what_follows(
        story in stories(),
        split in 0usize..80,
    ) {
        let split = split.min(story.len());
        let then = access_after(&story[..split]);
        let later = access_after(&story);
        for at in 0..=then.position() {
            prop_assert_eq!(seen(&then, at), seen(&later, at));
        }
    }

    #[test]
    fn what_could_be_seen_once_counts_however_long_it_is_gone(story in stories()) {
        let access = access_after(&story);
        let mut so_far = BTreeSet::new();
        for at in 0..=access.position() {
            so_far.extend(seen(&access, at));
            for person in people() {
                for scope in scopes() {
                    let could = access.could_see_by(person, scope, at);
                    let was_seen = so_far.contains(&(person, scope));
                    prop_assert_eq!(could, was_seen, "{} by {}", scope, at);
                }
            }
        }
    }

    #[test]
    fn now_is_the_last_position_folded(story in stories()) {
        let access = access_after(&story);
        prop_assert_eq!(seen(&access, NOW), seen(&access, access.position()));
    }

    #[test]
    fn a_passed_position_changes_nothing(story in stories(), from in 0usize..80) {
        let mut access = access_after(&story);
        let before = format!("{access:?}");
        for event in story.iter().skip(from) {
            access.apply(event);
        }
        prop_assert_eq!(format!("{access:?}"), before);
    }

    #[test]
    fn whoever_loses_sight_of_something_is_told_of_exactly_that(story in stories()) {
        let mut access = Access::default();
        for event in &story {
            access.apply(event);
            let told: BTreeSet<(PersonId, Scope)> = access
                .lost(event)
                .into_iter()
                .map(|Lost { person, scope }| (person, scope))
                .collect();
            let mut vanished = vanished(&access, &story, event);
            if let AnyEvent::Accounts(AccountsEvent::AccountClosed { person, .. }) = &event.event {
                // The school stands for everything that a closed account no longer sees.
                vanished.retain(|(who, scope)| who != person || *scope == Scope::School);
            }
            prop_assert_eq!(told, vanished, "at {}", event.position);
        }
    }

    #[test]
    fn a_loss_is_told_the_same_however_late(story in stories()) {
        let mut access = Access::default();
        let last = access_after(&story);
        for event in &story {
            access.apply(event);
            prop_assert_eq!(access.lost(event), last.lost(event));
        }
    }

    #[test]
    fn lists_and_single_answers_agree(story in stories()) {
        let access = access_after(&story);
        for person in people() {
            for group in (0..FEW).map(group) {
                let listed = access.members_of(group).contains(&person);
                prop_assert_eq!(listed, access.is_member(person, group, NOW));
                prop_assert_eq!(listed, access.groups_of(person).contains(&group));
                prop_assert!(listed || !access.leads(person, group));
            }
            for role in access.roles(person) {
                prop_assert!(access.has_role(person, role, NOW));
                let holds = access.holders(role).contains(&person);
                prop_assert_eq!(holds, access.is_open(person, NOW));
            }
            if access.is_open(person, NOW) {
                let spaces = access.spaces_of(person).into_iter().map(Scope::Space);
                for scope in spaces.chain(access.rooms_of(person).into_iter().map(Scope::Room)) {
                    prop_assert!(access.may_see(person, scope, NOW), "{scope} is listed");
                }
            }
        }
    }
}
