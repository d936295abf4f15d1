//! Headings and the fields they stand for, with the misspellings that real programs write.

use std::collections::BTreeMap;

use super::super::limits;
use super::super::note::{FileRefused, Note, NoteCode};
use super::super::read::Row;
use super::Source;

/// Characters of an unknown heading that are repeated in a note.
const SHOWN_CHARACTERS: usize = 40;
/// Unknown headings that are repeated in a note.
const SHOWN_HEADINGS: usize = 30;

/// A field that the importer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    SourceId,
    Given,
    Family,
    BirthDate,
    Class,
    Leaves,
    Abbreviation,
    Role,
    GuardianGiven(u8),
    GuardianFamily(u8),
    GuardianCustody(u8),
}

impl Field {
    /// Characters that its text may have: what the account takes.
    pub(super) const fn most(self) -> Option<usize> {
        match self {
            Self::SourceId => Some(limits::SOURCE_ID),
            Self::Given | Self::Family | Self::GuardianGiven(_) | Self::GuardianFamily(_) => {
                Some(limits::NAME)
            }
            Self::Class => Some(limits::GROUP),
            Self::Abbreviation => Some(limits::ABBREVIATION),
            Self::BirthDate | Self::Leaves | Self::Role | Self::GuardianCustody(_) => None,
        }
    }
}

/// DaNiS. `GruppeBezeichung` is the program's own spelling; the right one is accepted as well.
const DANIS: &[(&str, Field)] = &[
    ("schueleridentnummer", Field::SourceId),
    ("schuelerrufname", Field::Given),
    ("schuelernachname", Field::Family),
    ("schuelergeburtsdatum", Field::BirthDate),
    ("gruppebezeichung", Field::Class),
    ("gruppebezeichnung", Field::Class),
    ("schuelerabgangsdatum", Field::Leaves),
    ("verantw1vorname", Field::GuardianGiven(1)),
    ("verantw1nachname", Field::GuardianFamily(1)),
    ("verantw1erziehungsberechtigt", Field::GuardianCustody(1)),
    ("verantw2vorname", Field::GuardianGiven(2)),
    ("verantw2nachname", Field::GuardianFamily(2)),
    ("verantw2erziehungsberechtigt", Field::GuardianCustody(2)),
];

/// Plain lists, of pupils or (with an abbreviation or a role) of staff.
const PLAIN: &[(&str, Field)] = &[
    ("import-id", Field::SourceId),
    ("importid", Field::SourceId),
    ("interne id-nummer", Field::SourceId),
    ("schüler-id", Field::SourceId),
    ("personalnummer", Field::SourceId),
    ("vorname", Field::Given),
    ("rufname", Field::Given),
    ("nachname", Field::Family),
    ("familienname", Field::Family),
    ("geburtsdatum", Field::BirthDate),
    ("klasse", Field::Class),
    ("klasse/information", Field::Class),
    ("klasse/zusätzliche informationen", Field::Class),
    ("abgangsdatum", Field::Leaves),
    ("entlassdatum", Field::Leaves),
    ("kürzel", Field::Abbreviation),
    ("kuerzel", Field::Abbreviation),
    ("lehrerkürzel", Field::Abbreviation),
    ("rolle", Field::Role),
];

/// Which column holds which field.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) dialect: &'static str,
    columns: BTreeMap<Field, usize>,
    headings: Vec<String>,
    ignored: Vec<usize>,
}

impl Layout {
    pub(super) fn find(header: &Row, source: Source) -> Result<Self, FileRefused> {
        let candidates = match source {
            Source::Danis => vec![Self::by(header, "danis", DANIS)],
            Source::Csv => vec![Self::by(header, "csv", PLAIN)],
            Source::Auto => vec![
                Self::by(header, "danis", DANIS),
                Self::by(header, "csv", PLAIN),
            ],
        };
        let known = candidates.iter().any(|layout| !layout.columns.is_empty());
        candidates
            .into_iter()
            .find(Self::is_complete)
            .ok_or_else(|| unknown(header, source, known))
    }

    fn by(header: &Row, dialect: &'static str, names: &[(&str, Field)]) -> Self {
        let mut layout = Self {
            dialect,
            columns: BTreeMap::new(),
            headings: Vec::new(),
            ignored: Vec::new(),
        };
        for (index, heading) in header.cells().enumerate() {
            let folded = fold(heading);
            match names
                .iter()
                .find(|(name, field)| *name == folded && !layout.columns.contains_key(field))
            {
                Some((_, field)) => {
                    layout.columns.insert(*field, index);
                }
                None if heading.is_empty() => {}
                None => layout.ignored.push(index),
            }
            layout
                .headings
                .push(heading.chars().take(SHOWN_CHARACTERS).collect());
        }
        if layout.is_staff() {
            layout.dialect = "staff";
        }
        layout
    }

    fn is_complete(&self) -> bool {
        let numbered = self.dialect != "danis" || self.has(Field::SourceId);
        numbered && self.has(Field::Given) && self.has(Field::Family)
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.contains_key(&field)
    }

    pub(super) fn is_staff(&self) -> bool {
        self.has(Field::Abbreviation) || self.has(Field::Role)
    }

    pub(super) fn has_guardians(&self) -> bool {
        self.has(Field::GuardianFamily(1)) || self.has(Field::GuardianFamily(2))
    }

    /// The cell of a field; empty when the file has no such column.
    pub(super) fn cell<'a>(&self, row: &'a Row, field: Field) -> &'a str {
        self.columns
            .get(&field)
            .map(|column| row.cell(*column))
            .unwrap_or_default()
    }

    /// The heading over a field as the file spells it.
    pub(super) fn heading(&self, field: Field) -> &str {
        self.columns
            .get(&field)
            .and_then(|column| self.headings.get(*column))
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Names the columns that are dropped, so that nobody believes they were imported.
    pub(super) fn ignored_note(&self, line: usize) -> Option<Note> {
        let names: Vec<&str> = self
            .ignored
            .iter()
            .filter_map(|column| self.headings.get(*column))
            .map(String::as_str)
            .collect();
        (!names.is_empty())
            .then(|| Note::with(Some(line), NoteCode::ColumnsIgnored, &listed(&names)))
    }
}

fn fold(heading: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    heading
        .trim_start_matches('\u{feff}')
        .trim()
        .nfc()
        .collect::<String>()
        .to_lowercase()
}

fn listed(names: &[&str]) -> String {
    let shown = names
        .get(..names.len().min(SHOWN_HEADINGS))
        .unwrap_or_default()
        .join(", ");
    if names.len() > SHOWN_HEADINGS {
        format!("{shown} …")
    } else {
        shown
    }
}

/// A heading of which we know no word may be no heading but a person's line: then its words are not repeated.
fn unknown(header: &Row, source: Source, known: bool) -> FileRefused {
    let cells: Vec<String> = header
        .cells()
        .map(|cell| cell.chars().take(SHOWN_CHARACTERS).collect())
        .collect();
    let seen = if known {
        listed(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    } else {
        format!(
            "{} Spalten ohne bekannte Überschrift / columns without a known heading",
            cells.len()
        )
    };
    let danis = "SchuelerIdentNummer; SchuelerRufname; SchuelerNachname; GruppeBezeichung …";
    let plain = "Vorname; Nachname; Klasse …";
    let expected = match source {
        Source::Danis => danis.to_owned(),
        Source::Csv => plain.to_owned(),
        Source::Auto => format!("{danis} | {plain}"),
    };
    FileRefused::at(
        header.line,
        NoteCode::UnknownHeader,
        &format!("Gesehen / seen: {seen}. Erwartet / expected: {expected}."),
    )
}
