//! A change set as `/api/accounts/import` answers it: of each entry, what the preview shows.

use crate::words::{Language, Words, fill};
use events::ids::ImportId;
use serde::Deserialize;

/// What an import would change. Lists hold one entry per person that the source names.
#[derive(Clone, Deserialize)]
pub(super) struct ChangeSet {
    pub(super) id: ImportId,
    pub(super) new: Vec<Entry>,
    pub(super) changed: Vec<Entry>,
    pub(super) moved: Vec<Moved>,
    pub(super) renamed: Vec<Renamed>,
    pub(super) leaving: Vec<Entry>,
    pub(super) doubtful: Vec<Entry>,
    pub(super) guardians: Vec<Entry>,
    pub(super) groups: Vec<Group>,
    /// Known people of whom the source says nothing new.
    pub(super) unchanged: usize,
    pub(super) confirm_leavers: Confirmation,
    pub(super) warnings: Vec<Note>,
    pub(super) refused: Vec<Note>,
}

/// A person or a guardian. Personal.
#[derive(Clone, Deserialize)]
pub(super) struct Entry {
    pub(super) line: Option<usize>,
    pub(super) given: String,
    pub(super) family: String,
    #[serde(default)]
    pub(super) class: Option<String>,
}

/// A pupil in another class. Personal.
#[derive(Clone, Deserialize)]
pub(super) struct Moved {
    line: usize,
    given: String,
    family: String,
    from: Option<Group>,
    to: Group,
}

/// A person called otherwise: given and family name before and after. Personal.
#[derive(Clone, Deserialize)]
pub(super) struct Renamed {
    line: usize,
    from: (String, String),
    to: (String, String),
}

/// A class.
#[derive(Clone, Deserialize)]
pub(super) struct Group {
    name: String,
}

/// Whether so many leave that it takes a second yes.
#[derive(Clone, Deserialize)]
pub(super) struct Confirmation {
    pub(super) needed: bool,
}

/// A remark on a line; its text names the line and holds nothing personal.
#[derive(Clone, Deserialize)]
pub(super) struct Note {
    text: Text,
}

#[derive(Clone, Deserialize)]
struct Text {
    de: String,
    en: String,
}

impl ChangeSet {
    /// Whether nothing of the file could be used: none of its lines names anybody.
    pub(super) fn is_refused_whole(&self) -> bool {
        !self.changes_something() && self.unchanged == 0 && !self.refused.is_empty()
    }

    /// Whether there is anything to apply.
    pub(super) fn changes_something(&self) -> bool {
        let many = [
            self.new.len(),
            self.changed.len(),
            self.moved.len(),
            self.renamed.len(),
            self.leaving.len(),
            self.guardians.len(),
            self.groups.len(),
        ];
        many.iter().any(|count| *count > 0)
    }
}

/// A line of a list: the text, and behind it which line of the file it comes from.
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) line: Option<usize>,
}

impl Shown {
    pub(super) fn note(&self, words: &Words) -> Option<String> {
        let line = self.line?.to_string();
        Some(fill(words.import.line, &[("n", &line)]))
    }
}

impl Entry {
    pub(super) fn shown(&self) -> Shown {
        let class = self.class.as_ref().map(|class| format!(" · {class}"));
        Shown {
            text: format!(
                "{} {}{}",
                self.given,
                self.family,
                class.unwrap_or_default()
            ),
            line: self.line,
        }
    }
}

impl Moved {
    pub(super) fn shown(&self) -> Shown {
        let from = self.from.as_ref().map_or("–", |from| from.name.as_str());
        Shown {
            text: format!("{} {}: {from} → {}", self.given, self.family, self.to.name),
            line: Some(self.line),
        }
    }
}

impl Renamed {
    pub(super) fn shown(&self) -> Shown {
        let (from, to) = (&self.from, &self.to);
        Shown {
            text: format!("{} {} → {} {}", from.0, from.1, to.0, to.1),
            line: Some(self.line),
        }
    }
}

impl Group {
    pub(super) fn shown(&self) -> Shown {
        Shown {
            text: self.name.clone(),
            line: None,
        }
    }
}

impl Note {
    /// The text names its line itself.
    pub(super) fn shown(&self, words: &Words) -> Shown {
        let text = match words.language {
            Language::German => &self.text.de,
            Language::English => &self.text.en,
        };
        Shown {
            text: text.clone(),
            line: None,
        }
    }
}
