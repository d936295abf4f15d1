//! What the verifier promises: a sound export verifies, an erasure that is told is none's fault, everything else is named.

use crate::writer::{Event, erasure, events, export, export_of_version, leaf, verifier_key};
use schulhof_verify::{Options, Report, verify};
use std::path::Path;

const NOTHING_ERASED: &str = r#"{"erasures":[]}"#;

fn check(directory: &Path) -> Report {
    let options = Options {
        key: Some(verifier_key()),
        ..Options::default()
    };
    verify(directory, &options, &|_, _| {})
}

fn verified(events: &[Event], older: &[usize], erasures: &str) -> Report {
    let directory = tempfile::tempdir().expect("a directory");
    export(directory.path(), events, older, erasures);
    check(directory.path())
}

/// The positions named, each with what was said.
fn said(report: &Report) -> Vec<(u64, &str)> {
    let problems = report.problems.iter();
    problems
        .map(|problem| (problem.position, problem.what.as_str()))
        .collect()
}

#[test]
fn a_sound_export_of_any_size_verifies_with_all_its_checkpoints() {
    for (size, older) in [
        (0, &[][..]),
        (1, &[]),
        (1024, &[1, 1023]),
        (1025, &[7, 1024]),
        (3000, &[1, 2, 1024, 2048, 2999]),
    ] {
        let events: Vec<Event> = events(size, 9).collect();
        let report = verified(&events, older, NOTHING_ERASED);
        assert!(report.ok, "{size} events: {:?}", report.problems);
        assert_eq!(report.size, size);
    }
}

#[test]
fn segments_of_version_1_verify_and_what_is_changed_in_them_is_named() {
    let mut made: Vec<Event> = events(1500, 9).collect();
    let check = |events: &[Event]| {
        let directory = tempfile::tempdir().expect("a directory");
        export_of_version(1, directory.path(), events, &[1024], NOTHING_ERASED);
        check(directory.path())
    };
    assert!(check(&made).ok);
    made[9].body.iter_mut().for_each(|body| body[3] ^= 8);
    made[1400].entry.iter_mut().for_each(|entry| entry[4] ^= 1);
    made[70].body = None;
    let report = check(&made);
    let what: Vec<_> = said(&report).into_iter().take(3).collect();
    assert_eq!(
        what,
        [
            (10, "part 0 of the body is not what was written"),
            (71, "the body is gone without an erasure"),
            (1401, "the entry says that it is at position 1400"),
        ]
    );
}

#[test]
fn several_segments_are_verified_in_turn_by_any_number_of_threads() {
    let directory = tempfile::tempdir().expect("a directory");
    let events: Vec<Event> = events(66_000, 1000).collect();
    export(
        directory.path(),
        &events,
        &[65_535, 65_536, 65_537, 65_900],
        NOTHING_ERASED,
    );
    for threads in [1, 3] {
        let options = Options {
            threads,
            ..Options::default()
        };
        let report = verify(directory.path(), &options, &|_, _| {});
        assert!(
            report.ok && report.trusts_its_own_key,
            "{:?}",
            report.problems
        );
    }
    let segments = std::fs::read_dir(directory.path().join("segments")).expect("reads");
    let mut paths = segments.flatten().map(|entry| entry.path());
    let first = paths.find(|path| path.to_string_lossy().contains("01-65536-"));
    std::fs::remove_file(first.expect("is there")).expect("removes");
    let report = check(directory.path());
    let missing = said(&report)
        .iter()
        .any(|(position, what)| *position == 1 && what.contains("65536"));
    assert!(missing, "{:?}", report.problems);
    assert_eq!(report.root, None);
}

#[test]
fn what_was_erased_with_an_erasure_verifies_and_without_one_is_named() {
    let mut events: Vec<Event> = events(1500, 7).collect();
    events[99].body = None;
    // Its second part is gone.
    events[149]
        .body
        .iter_mut()
        .for_each(|body| body.truncate(96));
    events[1199] = Event {
        entry: Err(leaf(&events[1199])),
        body: None,
    };
    let unsaid = "no event here says the erasure that erasures.json tells";
    let told = r#"{"erasures":[{"position":1500,"bodies":[[100,150]],"entries":[[1200,1200]]}]}"#;
    assert_eq!(said(&verified(&events, &[], told)), [(1500, unsaid)]);
    events[1499] = erasure(&events[1499], "100-150\n\n1200-1200\n");
    let report = verified(&events, &[1300], told);
    assert!(report.ok, "{:?}", report.problems);
    let more = r#"{"erasures":[{"position":1500,"bodies":[[100,151]],"entries":[[1200,1200]]}]}"#;
    assert_eq!(said(&verified(&events, &[], more)), [(1500, unsaid)]);
    let body = "the body is gone without an erasure";
    assert_eq!(
        said(&verified(&events, &[1300], NOTHING_ERASED)),
        [
            (100, body),
            (150, body),
            (1200, "the entry is gone without an erasure")
        ]
    );
}

#[test]
fn events_that_are_dropped_swapped_repeated_or_changed_are_named() {
    let sound: Vec<Event> = events(2000, 5).collect();
    let change = |change: &dyn Fn(&mut Vec<Event>)| {
        let mut events = sound.clone();
        change(&mut events);
        verified(&events, &[], NOTHING_ERASED)
    };
    let flip = |at: usize, byte: usize| {
        move |events: &mut Vec<Event>| {
            if let Ok(entry) = &mut events[at].entry {
                entry[byte] ^= 1;
            }
        }
    };
    for (report, positions) in [
        (change(&|events| drop(events.remove(700))), vec![701]),
        (change(&|events| events.swap(3, 1500)), vec![4, 1501]),
        (
            change(&|events| events.insert(41, events[40].clone())),
            vec![42],
        ),
        (change(&flip(1100, 4)), vec![1101]),
        (change(&flip(1100, 40)), vec![1101]),
        (change(&flip(1100, 52)), vec![1101]),
        (change(&flip(1100, 120)), vec![1101]),
        (
            change(&|events| events[9].body.iter_mut().for_each(|body| body[3] ^= 8)),
            vec![10],
        ),
    ] {
        let named: Vec<u64> = said(&report)
            .iter()
            .map(|(position, _)| *position)
            .collect();
        assert!(!report.ok);
        for position in positions {
            assert!(
                named.contains(&position),
                "{position} is not named: {:?}",
                report.problems
            );
        }
    }
}

#[test]
fn another_key_a_foreign_file_and_an_empty_directory_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let events: Vec<Event> = events(10, 2).collect();
    export(directory.path(), &events, &[], NOTHING_ERASED);
    std::fs::write(directory.path().join("README.md"), "nobody signs this").expect("writes");
    assert!(check(directory.path()).ok);
    std::fs::write(
        directory.path().join("segments/README.md"),
        "here it counts",
    )
    .expect("writes");
    let report = check(directory.path());
    assert_eq!(report.problems[0].file, "segments/README.md");
    for key in ["another+00000000+key", "schulhof/test"] {
        let options = Options {
            key: Some(key.into()),
            ..Options::default()
        };
        assert!(!verify(directory.path(), &options, &|_, _| {}).ok);
    }
    let options = Options {
        witnesses: vec![verifier_key()],
        ..Options::default()
    };
    std::fs::remove_file(directory.path().join("segments/README.md")).expect("removes");
    assert!(
        verify(directory.path(), &options, &|_, _| {}).ok,
        "the log has signed its own checkpoint"
    );
    let nothing = tempfile::tempdir().expect("a directory");
    assert!(!check(nothing.path()).ok);
    assert!(!check(&nothing.path().join("nowhere")).ok);
}

/// Any bytes after a sound header: refused, and quickly.
#[test]
fn segments_of_noise_are_refused_without_panic_and_in_bounded_memory() {
    let mut noise = crate::writer::Noise(77);
    let directory = tempfile::tempdir().expect("a directory");
    let events: Vec<Event> = events(3, 2).collect();
    export(directory.path(), &events, &[], NOTHING_ERASED);
    let segments = std::fs::read_dir(directory.path().join("segments")).expect("reads");
    let path = segments.flatten().next().expect("there is one").path();
    let sound = std::fs::read(&path).expect("reads");
    for round in 0..200 {
        let keep = (noise.next() % sound.len() as u64) as usize;
        let mut bytes = sound[..keep.max(32)].to_vec();
        bytes.extend((0..round).map(|_| noise.next() as u8));
        std::fs::write(&path, bytes).expect("writes");
        assert!(!check(directory.path()).ok, "round {round}");
    }
}
