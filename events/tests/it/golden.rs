//! Golden samples: what an event looks like in the log, per kind and version. A school's log is read for decades, so a
//! committed sample is never edited: another shape is another version, with a sample of its own and a step that reads the old.
//!
//! `UPDATE_GOLDEN=1 cargo test -p events` writes what is missing or has changed; the difference is for people to judge.

use crate::samples::every_event;
use events::accounts::AccountsEvent;
use events::audit::AuditEvent;
use events::files::FilesEvent;
use events::messenger::MessengerEvent;
use events::privacy::PrivacyEvent;
use events::{AnyEvent, Kind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A sample as it is committed. Both parts are kept as text, not as values: the personal part is a list in the order in which
/// its places stand in the structure, so sorting the structure's fields would give one field the value of another.
#[derive(Serialize, Deserialize)]
struct Sample {
    kind: Kind,
    schema: u16,
    structure: Box<RawValue>,
    personal: Option<Box<RawValue>>,
}

impl Sample {
    fn of(event: &AnyEvent) -> Self {
        let (structure, personal) = event.encode().expect("an event can be written");
        let text = |bytes: &[u8]| serde_json::from_slice(bytes).expect("what is written is JSON");
        Self {
            kind: event.kind().0,
            schema: event.schema(),
            structure: text(&structure),
            personal: personal.as_deref().map(text),
        }
    }

    fn decoded(&self) -> AnyEvent {
        let personal = self
            .personal
            .as_ref()
            .map(|personal| personal.get().as_bytes());
        AnyEvent::decode(
            self.kind,
            self.schema,
            self.structure.get().as_bytes(),
            personal,
        )
        .expect("a committed sample is readable for ever")
    }

    fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a sample is JSON") + "\n"
    }
}

/// The folder of everything that is compared with what is committed.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Whether this run writes instead of comparing.
pub(crate) fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares a text with the committed one, or commits it.
pub(crate) fn settle(path: &Path, text: &str) {
    if is_updating() {
        let folder = path.parent().expect("a golden file is in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(path, text).expect("the golden file can be written");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is missing or is not what is written today. A new event: run UPDATE_GOLDEN=1 cargo test -p events. \
         A changed one: give it a new schema version and read the old one in AnyEvent::decode.",
        path.display()
    );
}

fn path_of(event: &AnyEvent) -> PathBuf {
    let name = format!("{}.v{}.json", event.kind().1, event.schema());
    folder().join(event.module()).join(name)
}

/// The names of an enum's variants, which serde lists when it meets one that is not among them.
fn variants<E: DeserializeOwned>() -> Vec<String> {
    let Err(error) = serde_json::from_str::<E>("{\"-\":{}}") else {
        return Vec::new();
    };
    let listed = error.to_string();
    let quoted = listed.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| *name != "-")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_event_is_written_as_its_sample_says() {
    for event in every_event() {
        settle(&path_of(&event), &Sample::of(&event).text());
    }
}

#[test]
fn every_kind_of_event_has_a_sample() {
    let mut sampled: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for event in every_event() {
        let names = sampled.entry(event.module()).or_default();
        names.push(event.kind().1.to_owned());
    }
    let kinds = [
        ("accounts", variants::<AccountsEvent>()),
        ("files", variants::<FilesEvent>()),
        ("messenger", variants::<MessengerEvent>()),
        ("audit", variants::<AuditEvent>()),
        ("privacy", variants::<PrivacyEvent>()),
    ];
    for (module, mut kinds) in kinds {
        let mut names = sampled.remove(module).unwrap_or_default();
        kinds.sort();
        names.sort();
        assert_eq!(names, kinds, "add the missing events to samples.rs");
    }
    assert!(sampled.is_empty(), "a module is missing in this test");
}

#[test]
fn no_number_is_given_twice() {
    let mut names = BTreeMap::new();
    for event in every_event() {
        let (kind, name) = event.kind();
        let other = names.insert(kind, name);
        assert_eq!(other, None, "{name} has a number that is taken");
    }
}

#[test]
fn every_sample_ever_committed_is_still_read() {
    let known = every_event();
    let mut read = 0;
    for module in fs::read_dir(folder()).expect("there are samples") {
        let module = module.expect("the folder can be read").path();
        if !module.is_dir() {
            continue;
        }
        for file in fs::read_dir(&module).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            let text = fs::read_to_string(&path).expect("a sample can be read");
            let sample: Sample = serde_json::from_str(&text).expect("a sample has this shape");
            let event = sample.decoded();
            let name = event.kind().1;
            let file = path.file_name().and_then(|name| name.to_str());
            assert_eq!(file, Some(&*format!("{name}.v{}.json", sample.schema)));
            if sample.schema == event.schema() {
                assert_eq!(
                    Sample::of(&event).text(),
                    text,
                    "{name} is written differently"
                );
                assert!(known.contains(&event), "{name} is read as another event");
            }
            read += 1;
        }
    }
    assert!(
        read >= known.len(),
        "{read} samples for {} kinds",
        known.len()
    );
}
