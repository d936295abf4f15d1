//! The laws of every fold. A view that is added to the language and not to the list below fails the first test.

use crate::stories::{BIRTH_YEAR, MARK, forgotten, stories};
use events::accounts::view::{Groups, Members, People, Records, Sessions};
use events::audit::view::{Entries, Inspections, Looks};
use events::files::view::{Files, Spaces};
use events::messenger::view::{Messages, Reads, Rooms};
use events::privacy::view::Erasures;
use events::{Folded, Recorded, Scope, Touched, View, views};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The rows as a host writes them down, with the place of each.
fn written<V: View>(folded: &Folded<V>) -> String {
    let rows = folded.rows().iter().map(|(key, row)| {
        let row = serde_json::to_string(row).expect("a row can be written");
        format!("{key} {row}\n")
    });
    rows.collect()
}

fn folded<V: View>(story: &[Recorded]) -> Folded<V> {
    let mut folded = Folded::default();
    for event in story {
        folded.fold(event);
    }
    folded
}

/// What a host that keeps its rows as text has after it was restarted.
fn reloaded<V: View>(folded: &Folded<V>) -> Folded<V> {
    let reload = |row: &V::Row| {
        let text = serde_json::to_string(row).expect("a row can be written");
        serde_json::from_str(&text).expect("and read again")
    };
    let rows: BTreeMap<_, _> = folded
        .rows()
        .iter()
        .map(|(key, row)| (key.clone(), reload(row)))
        .collect();
    Folded::new(folded.position(), rows)
}

fn is_total_and_deterministic<V: View>(story: &[Recorded]) {
    let (once, twice) = (folded::<V>(story), folded::<V>(story));
    assert_eq!(written(&once), written(&twice));
    for row in once.rows().values() {
        assert_eq!(V::place(row), V::place(row));
    }
    let mut by_name = views::named(V::NAME).expect("the view has a name");
    for event in story {
        by_name.fold(event);
    }
    assert_eq!(by_name.len(), once.rows().len());
    assert_eq!(by_name.position(), once.position());
}

fn touches_only_what_it_names<V: View>(story: &[Recorded]) {
    let mut folded = Folded::<V>::default();
    for event in story {
        let keys = V::keys(event);
        let held = keys
            .iter()
            .filter_map(|key| Some((key.clone(), folded.rows().get(key)?.clone())));
        let mut touched = Touched::new(held);
        V::apply(event, &mut touched);
        for (key, _) in &touched.into_rows() {
            assert!(keys.contains(key), "{key} was changed but not named");
        }
        folded.fold(event);
    }
}

fn is_splittable<V: View>(story: &[Recorded], split: usize) {
    let (before, after) = story.split_at(split.min(story.len()));
    let mut stopped = reloaded(&folded::<V>(before));
    for event in after {
        stopped.fold(event);
    }
    let whole = folded::<V>(story);
    assert_eq!(written(&stopped), written(&whole));
    assert_eq!(stopped.position(), whole.position());
    for (key, row) in stopped.rows() {
        assert_eq!(V::place(row), V::place(&whole.rows()[key]));
    }
}

fn is_repeat_safe<V: View>(story: &[Recorded], from: usize) {
    let mut again = folded::<V>(story);
    let whole = written(&again);
    for event in story.iter().skip(from) {
        assert!(
            again.fold(event).is_empty(),
            "a passed position changes nothing"
        );
    }
    assert_eq!(written(&again), whole);
}

fn is_forgetful<V: View>(story: &[Recorded]) {
    let story: Vec<Recorded> = story.iter().map(forgotten).collect();
    let folded = folded::<V>(&story);
    let places = folded.rows().values().map(|row| {
        let place = V::place(row);
        format!("{} {}", place.sort, place.text)
    });
    let all = places.fold(written(&folded), |all, place| all + &place);
    assert!(!all.to_lowercase().contains(MARK), "{all}");
    assert!(!all.contains(&format!("{BIRTH_YEAR}-")), "{all}");
}

/// A browser holds the events of its person's scopes, and whoever sees a row's scope has at least that and the school's.
fn needs_only_what_its_audience_sees<V: View>(story: &[Recorded]) {
    for (key, row) in folded::<V>(story).rows() {
        let scope = V::place(row).scope;
        let is_seen = |event: &&Recorded| {
            let scopes = event.event.scopes();
            scopes.contains(&scope) || scopes.contains(&Scope::School)
        };
        let seen: Vec<Recorded> = story.iter().filter(is_seen).cloned().collect();
        let browser = folded::<V>(&seen);
        assert_eq!(browser.rows().get(key), Some(row));
    }
}

macro_rules! every_view {
    ($($name:ident: $view:ty),+ $(,)?) => {
        #[test]
        fn the_laws_are_tested_for_every_view() {
            let tested = [$(<$view>::NAME),+];
            assert_eq!(tested, views::NAMES);
        }

        $(mod $name {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(48))]

                #[test]
                fn folds_any_story_to_one_picture(story in stories()) {
                    is_total_and_deterministic::<$view>(&story);
                }

                #[test]
                fn changes_only_the_rows_it_names(story in stories()) {
                    touches_only_what_it_names::<$view>(&story);
                }

                #[test]
                fn goes_on_after_a_restart(story in stories(), split in 0usize..80) {
                    is_splittable::<$view>(&story, split);
                }

                #[test]
                fn ignores_what_it_has_seen(story in stories(), from in 0usize..80) {
                    is_repeat_safe::<$view>(&story, from);
                }

                #[test]
                fn holds_nothing_personal_once_keys_are_gone(story in stories()) {
                    is_forgetful::<$view>(&story);
                }
            }
        })+
    };
}

every_view! {
    people: People,
    groups: Groups,
    members: Members,
    sessions: Sessions,
    records: Records,
    spaces: Spaces,
    files: Files,
    rooms: Rooms,
    messages: Messages,
    reads: Reads,
    entries: Entries,
    erasures: Erasures,
    inspections: Inspections,
    looks: Looks,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Not for `entries`: their rows are envelopes of events whose content auditors do not see, so a page of them is asked
    /// for and not folded.
    #[test]
    fn a_browser_folds_the_same_row_as_the_school(story in stories()) {
        needs_only_what_its_audience_sees::<People>(&story);
        needs_only_what_its_audience_sees::<Groups>(&story);
        needs_only_what_its_audience_sees::<Members>(&story);
        needs_only_what_its_audience_sees::<Sessions>(&story);
        needs_only_what_its_audience_sees::<Records>(&story);
        needs_only_what_its_audience_sees::<Inspections>(&story);
        needs_only_what_its_audience_sees::<Looks>(&story);
        needs_only_what_its_audience_sees::<Spaces>(&story);
        needs_only_what_its_audience_sees::<Files>(&story);
        needs_only_what_its_audience_sees::<Rooms>(&story);
        needs_only_what_its_audience_sees::<Messages>(&story);
        needs_only_what_its_audience_sees::<Reads>(&story);
        needs_only_what_its_audience_sees::<Erasures>(&story);
    }

    #[test]
    fn a_file_key_is_in_no_row_even_while_it_is_known(story in stories()) {
        let files = folded::<Files>(&story);
        for row in files.rows().values() {
            let row = serde_json::to_value(row).expect("a row can be written");
            let key = row.pointer("/kind/File/key");
            prop_assert!(key.is_none_or(serde_json::Value::is_null), "{row}");
        }
    }
}

/// The law of forgetting would hold for empty views too: here it is seen to have something to forget.
#[test]
fn the_marks_are_in_the_rows_while_keys_are_there() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut marked = BTreeMap::new();
    for _ in 0..200 {
        let tree = stories().new_tree(&mut runner).expect("a story");
        let story = proptest::strategy::ValueTree::current(&tree);
        for name in views::NAMES {
            let mut view = views::named(name).expect("the view has a name");
            story.iter().for_each(|event| view.fold(event));
            let json = serde_json::to_string(&view.to_json()).expect("rows can be written");
            *marked.entry(name).or_insert(false) |= json.contains(MARK);
        }
    }
    let with: Vec<&str> = marked
        .iter()
        .filter(|(_, is)| **is)
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(
        with,
        [
            "files",
            "inspections",
            "looks",
            "messages",
            "people",
            "records",
            "sessions"
        ]
    );
}
