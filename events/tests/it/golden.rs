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
use events::{AnyEvent, Codec, Kind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A sample of codec 1 as it is committed; none is written any more. Both parts are kept as text, not as values: the personal
/// part is a list in the order in which its places stand in the structure, so sorting the structure's fields would give one
/// field the value of another.
#[derive(Deserialize)]
struct JsonSample {
    kind: Kind,
    schema: u16,
    structure: Box<RawValue>,
    personal: Option<Box<RawValue>>,
}

impl JsonSample {
    fn decoded(&self) -> AnyEvent {
        let personal = self
            .personal
            .as_ref()
            .map(|personal| personal.get().as_bytes());
        let structure = self.structure.get().as_bytes();
        AnyEvent::decode(Codec::Json, self.kind, self.schema, structure, personal)
            .expect("a committed sample is readable for ever")
    }
}

/// A sample of codec 2 as it is committed: both parts in hexadecimal, as they are sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sample {
    kind: Kind,
    schema: u16,
    pub(crate) structure: String,
    pub(crate) personal: Option<String>,
}

impl Sample {
    pub(crate) fn of(event: &AnyEvent) -> Self {
        let (structure, personal) = event.encode().expect("an event can be written");
        Self {
            kind: event.kind().0,
            schema: event.schema(),
            structure: to_hex(&structure),
            personal: personal.as_deref().map(to_hex),
        }
    }

    fn decoded(&self) -> AnyEvent {
        let structure = from_hex(&self.structure);
        let personal = self.personal.as_deref().map(from_hex);
        let personal = personal.as_deref();
        AnyEvent::decode(Codec::Cbor, self.kind, self.schema, &structure, personal)
            .expect("a committed sample is readable for ever")
    }

    fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a sample is JSON") + "\n"
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a sample's hexadecimal text.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("a sample is ASCII");
            u8::from_str_radix(pair, 16).expect("a sample is in hexadecimal")
        })
        .collect()
}

/// As many kinds of event as there were when codec 1 was written.
const JSON_SAMPLES: usize = 36;

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
    let name = format!("{}.v{}.cbor.json", event.kind().1, event.schema());
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
    let (mut json, mut cbor) = (0, 0);
    for module in fs::read_dir(folder()).expect("there are samples") {
        let module = module.expect("the folder can be read").path();
        if !module.is_dir() {
            continue;
        }
        for file in fs::read_dir(&module).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            let text = fs::read_to_string(&path).expect("a sample can be read");
            let file = path.file_name().and_then(|name| name.to_str());
            let file = file.expect("a sample has a name");
            let (event, schema, ending) = if file.ends_with(".cbor.json") {
                let sample: Sample = serde_json::from_str(&text).expect("a sample has this shape");
                cbor += 1;
                (sample.decoded(), sample.schema, "cbor.json")
            } else {
                let sample: JsonSample =
                    serde_json::from_str(&text).expect("a sample has this shape");
                json += 1;
                (sample.decoded(), sample.schema, "json")
            };
            let name = event.kind().1;
            assert_eq!(file, format!("{name}.v{schema}.{ending}"));
            if schema == event.schema() {
                assert!(known.contains(&event), "{name} is read as another event");
            }
        }
    }
    assert_eq!(json, JSON_SAMPLES, "a sample of codec 1 is missing");
    assert!(cbor >= known.len(), "{cbor} for {} kinds", known.len());
}
