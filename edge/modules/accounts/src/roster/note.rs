//! What the importer has to say about a file: where, what, and in both languages.
//!
//! A note names line and column, never a value: notes are shown, logged and mailed around.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Notes of one kind that are kept singly; the rest is counted, so that a broken file cannot flood memory or the page.
const KEPT_PER_CODE: usize = 200;

/// A sentence in both languages of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

/// One remark about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Line in the file, counted from 1 as an editor counts; `None` when the remark is about the whole file.
    pub line: Option<usize>,
    /// Heading of the column, where one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What it is about, for machines.
    pub code: NoteCode,
    /// What it is about, for people. Holds no personal value.
    pub text: Text,
}

impl Note {
    /// A note on `line`, with its standard words.
    #[must_use]
    pub fn at(line: usize, code: NoteCode) -> Self {
        Self::build(Some(line), None, code, "")
    }

    /// A note on a cell: line and heading.
    #[must_use]
    pub fn cell(line: usize, column: &str, code: NoteCode) -> Self {
        Self::build(Some(line), Some(column), code, "")
    }

    /// A note on a cell that is longer than its limit, which `detail` says.
    #[must_use]
    pub fn long_cell(line: usize, column: &str, detail: &str) -> Self {
        Self::build(Some(line), Some(column), NoteCode::FieldTooLong, detail)
    }

    /// A note on `line` whose words need a number, a line or headings filled in; never a personal value.
    #[must_use]
    pub fn with(line: Option<usize>, code: NoteCode, detail: &str) -> Self {
        Self::build(line, None, code, detail)
    }

    fn build(line: Option<usize>, column: Option<&str>, code: NoteCode, detail: &str) -> Self {
        let (de, en) = code.words();
        Self {
            line,
            column: column.map(str::to_owned),
            code,
            text: Text {
                de: sentence(&place(line, column, "Zeile", "Spalte"), de, detail),
                en: sentence(&place(line, column, "line", "column"), en, detail),
            },
        }
    }
}

fn place(line: Option<usize>, column: Option<&str>, line_word: &str, column_word: &str) -> String {
    let line = line.map(|line| format!("{line_word} {line}"));
    let column = column.map(|column| format!("{column_word} {column}"));
    line.into_iter()
        .chain(column)
        .collect::<Vec<_>>()
        .join(", ")
}

fn sentence(place: &str, words: &str, detail: &str) -> String {
    let words = words.replace("{}", detail);
    if place.is_empty() {
        words
    } else {
        format!("{place}: {words}")
    }
}

/// The whole file is refused; nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file is refused: {}", note.text.en)]
pub struct FileRefused {
    /// Where and why.
    pub note: Note,
}

impl FileRefused {
    pub(crate) fn at(line: usize, code: NoteCode, detail: &str) -> Self {
        Self {
            note: Note::with(Some(line), code, detail),
        }
    }
}

/// Collects notes and keeps only the first of each kind singly.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    kept: Vec<Note>,
    seen: BTreeMap<NoteCode, usize>,
}

impl Notes {
    pub(crate) fn push(&mut self, note: Note) {
        let seen = self.seen.entry(note.code).or_default();
        *seen += 1;
        if *seen <= KEPT_PER_CODE {
            self.kept.push(note);
        }
    }

    /// The notes in the order of their lines; what was only counted is named in a last note per kind.
    pub(crate) fn into_vec(self) -> Vec<Note> {
        let mut notes = self.kept;
        notes.sort_by_key(|note| (note.line.is_some(), note.line, note.code));
        for (code, seen) in self.seen {
            if let Some(more) = seen.checked_sub(KEPT_PER_CODE).filter(|more| *more > 0) {
                notes.push(Note::with(
                    None,
                    NoteCode::AndMore,
                    &format!("{more} ({})", code.name()),
                ));
            }
        }
        notes
    }

    pub(crate) fn extend(&mut self, notes: impl IntoIterator<Item = Note>) {
        notes.into_iter().for_each(|note| self.push(note));
    }
}

macro_rules! note_codes {
    ($($(#[doc = $doc:literal])+ $code:ident $name:literal: $de:literal, $en:literal;)+) => {
        /// What a note is about; the name in JSON never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum NoteCode {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $code,)+
        }

        impl NoteCode {
            /// The name it has in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            const fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$code => ($de, $en),)+ }
            }
        }
    };
}

note_codes! {
    /// The file has no content.
    Empty "empty": "Die Datei ist leer.", "The file is empty.";
    /// There is a heading but nobody below it.
    HeaderOnly "header_only": "Unter der Kopfzeile steht niemand.", "There is nobody below the heading.";
    /// The file is larger than the limit.
    FileTooLarge "file_too_large": "Die Datei ist zu groß; höchstens {} sind möglich.", "The file is too large; at most {} are possible.";
    /// A program's file or noise, not text.
    NotATable "not_a_table": "Das ist keine Texttabelle ({}). Bitte als CSV exportieren.", "This is not a text table ({}). Please export it as CSV.";
    /// Bytes that no text has.
    ControlCharacters "control_characters": "Die Datei enthält Steuerzeichen und ist deshalb keine Texttabelle. Bitte als CSV exportieren.", "The file has control characters and is therefore not a text table. Please export it as CSV.";
    /// The heading has more columns than the limit.
    TooManyColumns "too_many_columns": "Zu viele Spalten; höchstens {} sind möglich.", "Too many columns; at most {} are possible.";
    /// More rows or cells than the limit.
    TooManyRows "too_many_rows": "Zu viele Zeilen; höchstens {} sind möglich.", "Too many rows; at most {} are possible.";
    /// A quotation mark opens and never closes.
    UnclosedQuote "unclosed_quote": "Ein Anführungszeichen wird geöffnet und nicht mehr geschlossen; ab hier ist nichts sicher lesbar.", "A quotation mark opens and never closes; nothing after it can be read with certainty.";
    /// The heading is none that we know.
    UnknownHeader "unknown_header": "Die Kopfzeile ist unbekannt. {}", "The heading is unknown. {}";
    /// A source that this version cannot read.
    UnsupportedSource "unsupported_source": "Diese Quelle wird noch nicht gelesen: {}.", "This source is not read yet: {}.";
    /// The row ends before the last column.
    ShortRow "short_row": "Zu wenige Spalten ({}); die Zeile wird nicht übernommen.", "Too few columns ({}); the line is not taken over.";
    /// The row has filled cells behind the last column.
    LongRow "long_row": "Zu viele Spalten ({}); die Zeile wird nicht übernommen.", "Too many columns ({}); the line is not taken over.";
    /// A cell is longer than the limit.
    FieldTooLong "field_too_long": "Ein Feld ist länger als {} Bytes; die Zeile wird nicht übernommen.", "A field is longer than {} bytes; the line is not taken over.";
    /// Bytes that are no characters in any encoding we know.
    UnreadableCharacters "unreadable_characters": "Unlesbare Zeichen; die Zeile wird nicht übernommen.", "Unreadable characters; the line is not taken over.";
    /// A line break inside a name or class.
    LineBreakInField "line_break_in_field": "Ein Zeilenumbruch steht mitten im Feld; die Zeile wird nicht übernommen.", "A line break stands inside the field; the line is not taken over.";
    /// A needed cell is empty.
    Missing "missing": "Das Feld ist leer; die Zeile wird nicht übernommen.", "The field is empty; the line is not taken over.";
    /// Two lines with one number and different content.
    NumberTwice "number_twice": "Dieselbe Nummer steht mit anderem Inhalt in Zeile {}; beide Zeilen werden nicht übernommen.", "The same number stands in line {} with other content; neither line is taken over.";
    /// A role that the roster cannot give.
    UnknownRole "unknown_role": "Die Rolle ist unbekannt (erwartet: Lehrkraft oder Mitarbeit); die Zeile wird nicht übernommen.", "The role is unknown (expected: Lehrkraft or Mitarbeit); the line is not taken over.";
    /// The whole file is in an old encoding.
    OtherEncoding "other_encoding": "Die Datei ist nicht in UTF-8; gelesen als {}. Bitte die Umlaute prüfen.", "The file is not UTF-8; read as {}. Please check the umlauts.";
    /// One line is in another encoding than the rest.
    LineEncoding "line_encoding": "Diese Zeile hat eine andere Zeichenkodierung als der Rest; gelesen als {}. Bitte die Umlaute prüfen.", "This line has another encoding than the rest; read as {}. Please check the umlauts.";
    /// Umlauts that were encoded twice.
    DoublyEncoded "doubly_encoded": "Die Umlaute sehen doppelt kodiert aus; bitte den Namen prüfen.", "The umlauts look encoded twice; please check the name.";
    /// A name in which another program lost letters; the known one stays.
    LettersLost "letters_lost": "Im Namen stehen Ersatzzeichen (?), wo ein anderes Programm Buchstaben verloren hat; der bekannte Name bleibt. Bitte die Liste in UTF-8 exportieren.", "The name has marks (?) where another program lost letters; the known name stays. Please export the list in UTF-8.";
    /// A guardian's name in which another program lost letters.
    GuardianLettersLost "guardian_letters_lost": "Im Namen einer sorgeberechtigten Person stehen Ersatzzeichen (?), wo ein anderes Programm Buchstaben verloren hat; die Sorgeberechtigten dieser Zeile bleiben, wie sie sind.", "A guardian's name has marks (?) where another program lost letters; the guardians of this line stay as they are.";
    /// A cell that a spreadsheet would run.
    FormulaLike "formula_like": "Das Feld beginnt wie eine Tabellenformel; es wird als Text übernommen und beim Export entschärft.", "The field starts like a spreadsheet formula; it is taken over as text and made harmless in exports.";
    /// Characters nobody sees were removed.
    InvisibleCharacters "invisible_characters": "Unsichtbare Zeichen wurden entfernt.", "Invisible characters were removed.";
    /// A line that says the same as an earlier one.
    DoubledLine "doubled_line": "Die Zeile wiederholt Zeile {} und wird nur einmal gezählt.", "The line repeats line {} and is counted once.";
    /// A date that cannot be read.
    DateUnreadable "date_unreadable": "Das Datum ist unlesbar (erwartet: TT.MM.JJJJ) und bleibt unberücksichtigt.", "The date is unreadable (expected: DD.MM.YYYY) and is left out.";
    /// Custody given in an unknown way.
    CustodyUnreadable "custody_unreadable": "Das Sorgerecht ist unlesbar (erwartet: 1 oder 0) und gilt als nicht gegeben.", "Custody is unreadable (expected: 1 or 0) and counts as not given.";
    /// The same guardian twice for one child.
    GuardianTwice "guardian_twice": "Dieselbe sorgeberechtigte Person steht zweimal in der Zeile und wird einmal gezählt.", "The same guardian stands in the line twice and is counted once.";
    /// Columns that are not read.
    ColumnsIgnored "columns_ignored": "Diese Spalten werden nicht gelesen: {}.", "These columns are not read: {}.";
    /// A pupil without a class.
    NoClass "no_class": "Es ist keine Klasse angegeben.", "No class is given.";
    /// A right that a file cannot grant.
    RoleByHand "role_by_hand": "Leitungsrechte kommen nicht aus einer Datei; die Person wird als Lehrkraft übernommen.", "Rights of the head are not given by a file; the person is taken over as a teacher.";
    /// Two numbers, one name and birth date.
    SameNameAndBirth "same_name_and_birth": "Name und Geburtsdatum stehen unter anderer Nummer auch in Zeile {}; es werden zwei Personen.", "Name and birth date also stand in line {} under another number; they become two people.";
    /// Somebody unknown who has left already.
    LeftAlready "left_already": "Die Person hat die Schule laut Datei schon verlassen und wird nicht aufgenommen.", "The person has left the school already, says the file, and is not taken in.";
    /// Without numbers nobody can be missing.
    NoStableNumbers "no_stable_numbers": "Die Liste hat keine festen Nummern und gilt als Ergänzung: Niemand wird zum Abgang vorgeschlagen.", "The list has no stable numbers and counts as an addition: nobody is proposed as leaving.";
    /// Many are missing.
    ManyMissing "many_missing": "{} fehlen in der Liste. Der Abgang muss eigens bestätigt werden (--confirm-leavers).", "{} are missing from the list. Their leaving needs a confirmation of its own (--confirm-leavers).";
    /// Somebody may be missing only because a line was refused.
    MissingAndRefused "missing_and_refused": "Personen fehlen in der Liste, und {} Zeilen waren unlesbar. Der Abgang muss eigens bestätigt werden (--confirm-leavers).", "People are missing from the list, and {} lines could not be used. Their leaving needs a confirmation of its own (--confirm-leavers).";
    /// Notes that were counted only.
    AndMore "and_more": "Weitere Hinweise gleicher Art: {}.", "Further notes of the same kind: {}.";
}
