//! Rows become people; a row that cannot is refused with its reason.

use std::collections::{BTreeMap, BTreeSet};

use events::accounts::Date;

use super::super::limits::fits;
use super::super::note::{Note, NoteCode, Notes};
use super::super::people::{RosterGuardian, RosterPerson, RosterRole};
use super::super::read::Row;
use super::cells::{StaffRole, date, staff_role, tidy, yes};
use super::headings::{Field, Layout};

/// The state of going through the rows.
pub(super) struct Reading<'a> {
    layout: &'a Layout,
    pub(super) warnings: Notes,
    pub(super) refused: Notes,
    pub(super) refused_ids: BTreeSet<String>,
    pub(super) refused_unknown: usize,
    pub(super) people: People,
}

impl<'a> Reading<'a> {
    pub(super) fn new(layout: &'a Layout, warnings: Notes) -> Self {
        Self {
            layout,
            warnings,
            refused: Notes::default(),
            refused_ids: BTreeSet::new(),
            refused_unknown: 0,
            people: People::default(),
        }
    }

    /// Remembers whom a refused row is about, where its number can still be read.
    pub(super) fn refuse(&mut self, note: Note, row: Option<&Row>) {
        self.refused.push(note);
        match row.map(|row| self.layout.cell(row, Field::SourceId)) {
            Some(number) if !number.is_empty() => drop(self.refused_ids.insert(number.to_owned())),
            _ => self.refused_unknown += 1,
        }
    }

    pub(super) fn row(&mut self, row: &Row) {
        match self.person(row) {
            Ok(person) => self.people.push(person),
            Err(note) => self.refuse(note, Some(row)),
        }
    }

    fn person(&mut self, row: &Row) -> Result<RosterPerson, Note> {
        let given = self.needed(row, Field::Given)?;
        let family = self.needed(row, Field::Family)?;
        let role = self.role(row)?;
        let class = self
            .text(row, Field::Class)?
            .filter(|_| role == RosterRole::Pupil);
        if class.is_none() && self.layout.has(Field::Class) && role == RosterRole::Pupil {
            self.warnings.push(Note::cell(
                row.line,
                self.layout.heading(Field::Class),
                NoteCode::NoClass,
            ));
        }
        Ok(RosterPerson {
            line: row.line,
            source_id: self.source_id(row)?,
            given,
            family,
            birth_date: self.date(row, Field::BirthDate),
            class,
            leaves: self.date(row, Field::Leaves),
            abbreviation: self.text(row, Field::Abbreviation)?,
            role,
            guardians: self.guardians(row)?,
        })
    }

    fn needed(&mut self, row: &Row, field: Field) -> Result<String, Note> {
        self.text(row, field)?
            .ok_or_else(|| Note::cell(row.line, self.layout.heading(field), NoteCode::Missing))
    }

    /// Where the file has numbers everybody needs one: without it the same person would come again next year.
    fn source_id(&mut self, row: &Row) -> Result<Option<String>, Note> {
        if self.layout.has(Field::SourceId) {
            self.needed(row, Field::SourceId).map(Some)
        } else {
            Ok(None)
        }
    }

    fn text(&mut self, row: &Row, field: Field) -> Result<Option<String>, Note> {
        let cell = self.layout.cell(row, field);
        let heading = self.layout.heading(field);
        if cell.contains('\n') {
            return Err(Note::cell(row.line, heading, NoteCode::LineBreakInField));
        }
        let tidy = tidy(cell);
        if let Some(most) = field.most().filter(|most| !fits(&tidy.text, *most)) {
            let detail = format!("> {most}");
            return Err(Note::long_cell(row.line, heading, &detail));
        }
        let noticed = [
            (tidy.invisible, NoteCode::InvisibleCharacters),
            (tidy.formula, NoteCode::FormulaLike),
            (tidy.doubly_encoded, NoteCode::DoublyEncoded),
        ];
        for (_, code) in noticed.into_iter().filter(|(noticed, _)| *noticed) {
            self.warnings.push(Note::cell(row.line, heading, code));
        }
        Ok(Some(tidy.text).filter(|text| !text.is_empty()))
    }

    fn date(&mut self, row: &Row, field: Field) -> Option<Date> {
        let cell = self.layout.cell(row, field);
        let read = date(cell);
        if read.is_none() && !cell.is_empty() {
            self.warnings.push(Note::cell(
                row.line,
                self.layout.heading(field),
                NoteCode::DateUnreadable,
            ));
        }
        read
    }

    fn role(&mut self, row: &Row) -> Result<RosterRole, Note> {
        if !self.layout.is_staff() {
            return Ok(RosterRole::Pupil);
        }
        if !self.layout.has(Field::Role) {
            return Ok(RosterRole::Teacher);
        }
        let heading = self.layout.heading(Field::Role);
        match staff_role(self.layout.cell(row, Field::Role)) {
            StaffRole::Known(role) => Ok(role),
            StaffRole::ByHand => {
                self.warnings
                    .push(Note::cell(row.line, heading, NoteCode::RoleByHand));
                Ok(RosterRole::Teacher)
            }
            StaffRole::Unknown => Err(Note::cell(row.line, heading, NoteCode::UnknownRole)),
        }
    }

    fn guardians(&mut self, row: &Row) -> Result<Vec<RosterGuardian>, Note> {
        let mut guardians: Vec<RosterGuardian> = Vec::new();
        for number in [1, 2] {
            let Some(guardian) = self.guardian(row, number)? else {
                continue;
            };
            match guardians
                .iter_mut()
                .find(|other| other.given == guardian.given && other.family == guardian.family)
            {
                Some(other) => {
                    other.custody |= guardian.custody;
                    self.warnings
                        .push(Note::at(row.line, NoteCode::GuardianTwice));
                }
                None => guardians.push(guardian),
            }
        }
        Ok(guardians)
    }

    fn guardian(&mut self, row: &Row, number: u8) -> Result<Option<RosterGuardian>, Note> {
        let given = self
            .text(row, Field::GuardianGiven(number))?
            .unwrap_or_default();
        let family = self
            .text(row, Field::GuardianFamily(number))?
            .unwrap_or_default();
        if given.is_empty() && family.is_empty() {
            return Ok(None);
        }
        let custody = Field::GuardianCustody(number);
        let granted = yes(self.layout.cell(row, custody));
        if granted.is_none() {
            self.warnings.push(Note::cell(
                row.line,
                self.layout.heading(custody),
                NoteCode::CustodyUnreadable,
            ));
        }
        Ok(Some(RosterGuardian {
            given,
            family,
            custody: granted.unwrap_or(false),
        }))
    }
}

/// The people read so far, with an eye on doubled lines.
#[derive(Default)]
pub(super) struct People {
    read: Vec<RosterPerson>,
}

/// What is left when doubled lines are gone.
pub(super) struct Kept {
    pub(super) kept: Vec<RosterPerson>,
    pub(super) refused_ids: BTreeSet<String>,
}

impl People {
    fn push(&mut self, person: RosterPerson) {
        self.read.push(person);
    }

    /// A line that says the same again is counted once; one number with two contents is refused in both lines, for either may be wrong.
    pub(super) fn finish(self, warnings: &mut Notes, refused: &mut Notes) -> Kept {
        let mut kept: Vec<RosterPerson> = Vec::with_capacity(self.read.len());
        let mut places: BTreeMap<Identity, usize> = BTreeMap::new();
        let mut contradicted = BTreeSet::new();
        for person in self.read {
            let identity = Identity::of(&person);
            match places.get(&identity).and_then(|place| kept.get(*place)) {
                None => {
                    places.insert(identity, kept.len());
                    kept.push(person);
                }
                Some(first) if says_the_same(first, &person) => {
                    warnings.push(Note::with(
                        Some(person.line),
                        NoteCode::DoubledLine,
                        &first.line.to_string(),
                    ));
                }
                Some(first) => {
                    refused.push(Note::with(
                        Some(person.line),
                        NoteCode::NumberTwice,
                        &first.line.to_string(),
                    ));
                    if contradicted.insert(first.line) {
                        refused.push(Note::with(
                            Some(first.line),
                            NoteCode::NumberTwice,
                            &person.line.to_string(),
                        ));
                    }
                }
            }
        }
        let (gone, kept): (Vec<_>, Vec<_>) = kept
            .into_iter()
            .partition(|person| contradicted.contains(&person.line));
        warn_of_equal_people(&kept, warnings);
        Kept {
            kept,
            refused_ids: gone
                .into_iter()
                .filter_map(|person| person.source_id)
                .collect(),
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Number(String),
    Named {
        given: String,
        family: String,
        birth_date: Option<Date>,
        class: Option<String>,
        abbreviation: Option<String>,
    },
}

impl Identity {
    fn of(person: &RosterPerson) -> Self {
        match person.source_id.clone() {
            Some(number) => Self::Number(number),
            None => Self::Named {
                given: person.given.clone(),
                family: person.family.clone(),
                birth_date: person.birth_date.clone(),
                class: person.class.clone(),
                abbreviation: person.abbreviation.clone(),
            },
        }
    }
}

fn says_the_same(first: &RosterPerson, again: &RosterPerson) -> bool {
    first
        == &RosterPerson {
            line: first.line,
            ..again.clone()
        }
}

/// Twins share a birth date and a family name, hardly a given name: worth a look, no more.
fn warn_of_equal_people(people: &[RosterPerson], warnings: &mut Notes) {
    let mut first_lines = BTreeMap::new();
    for person in people {
        let Some(birth_date) = &person.birth_date else {
            continue;
        };
        let first = *first_lines
            .entry((&person.given, &person.family, birth_date))
            .or_insert(person.line);
        if first != person.line {
            warnings.push(Note::with(
                Some(person.line),
                NoteCode::SameNameAndBirth,
                &first.to_string(),
            ));
        }
    }
}
