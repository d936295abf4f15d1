//! A field of a replayed row as an auditor reads it: names for ids where the reader may see them, times as times, words for
//! what the log calls by codes.

use crate::areas::accounts::{group_kind, role_named};
use crate::areas::inspections::purpose_named;
use crate::store::Directory;
use crate::when;
use crate::words::Words;
use events::any::COARSE_KINDS;
use events::ids::{GroupId, PersonId};
use serde_json::{Map, Value};

/// From here on a number is a moment, in milliseconds: some day of 2001.
const MOMENTS: u64 = 1_000_000_000_000;

/// What is needed to say a field in words.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) directory: Directory,
    pub(super) words: &'static Words,
}

impl Reader {
    /// The field of a row. Tracks the names it shows.
    pub(super) fn field(self, row: &Map<String, Value>, name: &str, is_withheld: bool) -> String {
        let value = row.get(name).unwrap_or(&Value::Null);
        let is_coarse = || {
            let kind = row.get("kind").and_then(Value::as_str);
            kind.is_some_and(|kind| COARSE_KINDS.contains(&kind))
        };
        match value {
            Value::Null if is_withheld => self.words.audit.hidden.to_owned(),
            // A person without a name is one whose name was erased; other fields may just be empty.
            Value::Null if matches!(name, "name" | "text" | "device") => {
                self.words.common.forgotten.to_owned()
            }
            Value::Number(number) if name == "at" => {
                let at = number.as_u64().unwrap_or_default();
                when::logged(at, is_coarse(), self.words)
            }
            value => self.value(name, value),
        }
    }

    fn value(self, name: &str, value: &Value) -> String {
        let words = self.words;
        match value {
            Value::Null => "–".to_owned(),
            Value::Bool(true) => words.audit.yes.to_owned(),
            Value::Bool(false) => words.audit.no.to_owned(),
            // Nothing that a view counts grows so large; the sizes of files are said elsewhere.
            Value::Number(number) => match number.as_u64() {
                Some(at) if at >= MOMENTS => when::exact(at),
                _ => number.to_string(),
            },
            Value::String(text) => self.text(name, text),
            Value::Array(values) => {
                let texts: Vec<String> =
                    values.iter().map(|value| self.value(name, value)).collect();
                texts.join(", ")
            }
            Value::Object(fields) => self.object(fields),
        }
    }

    fn text(self, name: &str, text: &str) -> String {
        let words = self.words;
        let person = || text.parse::<PersonId>().ok();
        let group = || text.parse::<GroupId>().ok();
        match name {
            "person" | "author" | "removed_by" | "Person" | "Pair" | "by" | "decided_by"
            | "agreed_by" | "planned_by" | "people" => {
                person().map_or_else(|| text.to_owned(), |person| self.person(person))
            }
            "group" | "Group" => group().map_or_else(|| text.to_owned(), |group| self.group(group)),
            "role" | "roles" => role_named(text, words).unwrap_or(text).to_owned(),
            "kind" if text == "Folder" => words.columns.named("parent").to_owned(),
            "kind" => {
                let named = group_kind(text, words).unwrap_or_else(|| words.kinds.named(text));
                named.to_owned()
            }
            "purpose" => purpose_named(text, words).unwrap_or(text).to_owned(),
            "stage" | "depth" => stage_named(text, words).to_owned(),
            "way" => match text {
                "relay" => words.settings.relay.to_owned(),
                _ => words.settings.lan.to_owned(),
            },
            // The beginning tells two ids apart.
            _ if is_id(text) => text.chars().take(8).collect(),
            _ => text.to_owned(),
        }
    }

    fn object(self, fields: &Map<String, Value>) -> String {
        if let (Some(Value::String(given)), Some(Value::String(family))) =
            (fields.get("given"), fields.get("family"))
        {
            return format!("{given} {family}");
        }
        if let Some(Value::Object(file)) = fields.get("File") {
            let size = file.get("size").and_then(Value::as_u64).unwrap_or_default();
            return when::size(size, self.words);
        }
        let texts: Vec<String> = fields
            .iter()
            .map(|(name, value)| match (value, self.value(name, value)) {
                // A number says nothing without what it counts.
                (Value::Number(_), said) => format!("{} {said}", self.words.columns.named(name)),
                (_, said) => said,
            })
            .collect();
        texts.join(", ")
    }

    fn person(self, person: PersonId) -> String {
        use leptos::prelude::Get as _;
        self.directory.name(person).get()
    }

    fn group(self, group: GroupId) -> String {
        use leptos::prelude::Get as _;
        self.directory.group(group).get()
    }
}

/// What became of a request or an erasure, and how deep that goes.
fn stage_named<'a>(name: &'a str, words: &'a Words) -> &'a str {
    match name {
        "waiting" => words.inspection.waits,
        "refused" => words.inspection.refused,
        "agreed" => words.columns.named("agreed_by"),
        "ended" => words.inspection.ended,
        "planned" => words.privacy.waits,
        "withdrawn" => words.privacy.withdrawn,
        "executed" => words.privacy.running,
        "completed" => words.privacy.gone,
        "key" => words.privacy.keys,
        "ciphertext" => words.privacy.ciphertexts,
        "header" => words.privacy.headers,
        other => other,
    }
}

/// A person's id would be told by the name that stands beside it.
pub(super) fn without_ids(mut fields: Vec<String>) -> Vec<String> {
    if fields.iter().any(|name| name == "roles") {
        fields.retain(|name| name != "person");
    }
    fields
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}
