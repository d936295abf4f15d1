//! Goes through the lines, then through the people whom no line named.

use events::accounts::Date;

use super::super::note::{Note, NoteCode, Notes};
use super::super::people::{Roster, RosterPerson, RosterRole};
use super::entries::{
    Candidate, Changed, Confirmation, Doubt, Doubtful, FieldChange, FieldName, GroupMove, Leaving,
    LeavingReason, Moved, New, Renamed,
};
use super::groups::Groups;
use super::guardians::Guardians;
use super::matching::{Index, Match, Named, of_kind};
use super::names::is_lossy;
use super::school::{PersonNow, SchoolNow};
use super::{ChangeSet, Occasion};

/// Of a hundred people, so many may be missing before a second confirmation is asked for.
const MISSING_PERCENT: usize = 5;
/// Candidates that a doubtful entry lists; nobody reads more.
const MAX_CANDIDATES: usize = 20;

/// A comparison in progress.
pub(super) struct Comparison<'a> {
    roster: &'a Roster,
    school: &'a SchoolNow,
    occasion: &'a Occasion,
    index: Index<'a>,
    named: Named,
    guardians: Guardians<'a>,
    groups: Groups<'a>,
    warnings: Notes,
    set: ChangeSet,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(roster: &'a Roster, school: &'a SchoolNow, occasion: &'a Occasion) -> Self {
        let mut warnings = Notes::default();
        warnings.extend(roster.warnings.iter().cloned());
        Self {
            roster,
            school,
            occasion,
            index: Index::new(roster, school),
            named: Named::default(),
            guardians: Guardians::new(roster, school),
            groups: Groups::new(school, occasion.year),
            warnings,
            set: empty(roster, occasion),
        }
    }

    pub(super) fn finish(mut self) -> ChangeSet {
        for line in &self.roster.people {
            self.line(line);
        }
        self.missing();
        self.set.guardians = self.guardians.finish();
        self.set.groups = self.groups.finish();
        self.set.warnings = self.warnings.into_vec();
        self.set
    }

    fn line(&mut self, line: &'a RosterPerson) {
        match self.index.find(line) {
            Match::Known(person) if !self.named.first(person.person, line.line) => {
                self.doubt(line, Doubt::NamedAlready, &[person])
            }
            Match::Known(person) => self.known(line, person),
            Match::Nobody => self.nobody(line),
            Match::Doubtful(reason, candidates) => {
                candidates
                    .iter()
                    .for_each(|candidate| self.named.perhaps(candidate.person));
                self.doubt(line, reason, &candidates);
            }
        }
    }

    fn nobody(&mut self, line: &'a RosterPerson) {
        if self.has_passed(line.leaves.as_ref()) {
            self.warnings
                .push(Note::at(line.line, NoteCode::LeftAlready));
            return;
        }
        if let Some(class) = &line.class {
            self.groups.joins(class);
        }
        self.guardians_of(line, None);
        self.set.new.push(New {
            line: line.line,
            source_id: line.source_id.clone(),
            given: line.given.clone(),
            family: line.family.clone(),
            birth_date: line.birth_date.clone(),
            class: line.class.clone(),
            abbreviation: line.abbreviation.clone(),
            role: line.role,
        });
    }

    fn known(&mut self, line: &'a RosterPerson, person: &'a PersonNow) {
        if let Some(on) = line.leaves.as_ref().filter(|on| **on < self.occasion.today) {
            if person.left.is_none() {
                self.leaves(Some(line.line), person, LeavingReason::LeavingDate, on);
            } else {
                self.set.unchanged += 1;
            }
            return;
        }
        let differs = [
            self.rename(line, person),
            self.change(line, person),
            self.moves(line, person),
        ];
        self.guardians_of(line, Some(person));
        self.set.unchanged += usize::from(!differs.contains(&true));
    }

    /// A guardian whose name lost letters would begin as a stranger, and the known one end.
    fn guardians_of(&mut self, line: &'a RosterPerson, child: Option<&'a PersonNow>) {
        let mut names = line
            .guardians
            .iter()
            .flat_map(|guardian| [&guardian.given, &guardian.family]);
        if names.any(|name| is_lossy(name)) {
            self.warnings
                .push(Note::at(line.line, NoteCode::GuardianLettersLost));
        } else {
            self.guardians.of_child(line, child);
        }
    }

    fn rename(&mut self, line: &RosterPerson, person: &PersonNow) -> bool {
        let mut differs = (&line.given, &line.family) != (&person.given, &person.family);
        if differs && (is_lossy(&line.given) || is_lossy(&line.family)) {
            // Whoever was found by such a name is called so but for the lost letters: matching sees to it.
            self.warnings
                .push(Note::at(line.line, NoteCode::LettersLost));
            differs = false;
        }
        if differs {
            self.set.renamed.push(Renamed {
                line: line.line,
                person: person.person,
                from: (person.given.clone(), person.family.clone()),
                to: (line.given.clone(), line.family.clone()),
            });
        }
        differs
    }

    fn change(&mut self, line: &RosterPerson, person: &PersonNow) -> bool {
        let fields = changed_fields(line, person);
        let differs = !fields.is_empty();
        if differs {
            self.set.changed.push(Changed {
                line: line.line,
                person: person.person,
                given: line.given.clone(),
                family: line.family.clone(),
                fields,
            });
        }
        differs
    }

    /// A class of the same name in another school year is another class.
    fn moves(&mut self, line: &'a RosterPerson, person: &'a PersonNow) -> bool {
        let Some(name) = line.class.as_deref() else {
            return false;
        };
        let now = self.index.class_of(person);
        if now.is_some_and(|now| now.name == name && now.year == self.occasion.year) {
            return false;
        }
        let group = self.groups.joins(name);
        if let Some(now) = now {
            self.groups.leaves(now.group);
        }
        self.set.moved.push(Moved {
            line: line.line,
            person: person.person,
            given: line.given.clone(),
            family: line.family.clone(),
            from: now.map(|now| GroupMove {
                group: Some(now.group),
                name: now.name.clone(),
                year: now.year,
            }),
            to: GroupMove {
                group,
                name: name.to_owned(),
                year: self.occasion.year,
            },
        });
        true
    }

    fn doubt(&mut self, line: &RosterPerson, reason: Doubt, candidates: &[&PersonNow]) {
        let mut candidates: Vec<Candidate> = candidates
            .iter()
            .map(|person| self.candidate(person))
            .collect();
        candidates.sort_by_key(|candidate| candidate.person);
        candidates.truncate(MAX_CANDIDATES);
        self.set.doubtful.push(Doubtful {
            line: line.line,
            source_id: line.source_id.clone(),
            given: line.given.clone(),
            family: line.family.clone(),
            birth_date: line.birth_date.clone(),
            class: line.class.clone(),
            reason,
            candidates,
        });
    }

    fn candidate(&self, person: &PersonNow) -> Candidate {
        Candidate {
            person: person.person,
            source_id: person.source_id.clone(),
            given: person.given.clone(),
            family: person.family.clone(),
            birth_date: person.birth_date.clone(),
            class: self.index.class_of(person).map(|class| class.name.clone()),
        }
    }

    fn leaves(
        &mut self,
        line: Option<usize>,
        person: &PersonNow,
        reason: LeavingReason,
        on: &Date,
    ) {
        let class = self.index.class_of(person);
        if let Some(class) = class {
            self.groups.leaves(class.group);
        }
        self.set.leaving.push(Leaving {
            line,
            person: person.person,
            source_id: person.source_id.clone(),
            given: person.given.clone(),
            family: person.family.clone(),
            class: class.map(|class| class.name.clone()),
            reason,
            on: on.clone(),
        });
    }

    /// Only a list with stable numbers claims to be complete, and only for people whom such a list brought.
    fn missing(&mut self) {
        if !self.roster.columns.source_id {
            return;
        }
        let numbered = |person: &&PersonNow| person.left.is_none() && person.source_id.is_some();
        let mut of = 0;
        let mut missing = Vec::new();
        for person in of_kind(self.school, self.roster.kind).filter(numbered) {
            of += 1;
            let refused = person
                .source_id
                .as_ref()
                .is_some_and(|number| self.roster.refused_ids.contains(number));
            if !refused && !self.named.contains(person.person) {
                missing.push(person);
            }
        }
        missing.sort_by_cached_key(|person| {
            (
                self.index.class_of(person).map(|class| &class.name),
                &person.family,
                &person.given,
                person.person,
            )
        });
        self.confirm(missing.len(), of);
        let today = self.occasion.today.clone();
        for person in missing {
            self.leaves(None, person, LeavingReason::Missing, &today);
        }
    }

    fn confirm(&mut self, missing: usize, of: usize) {
        let many = missing * 100 > of * MISSING_PERCENT;
        let unsure = missing > 0 && self.roster.refused_unknown > 0;
        self.set.confirm_leavers = Confirmation {
            needed: many || unsure,
            missing,
            of,
        };
        if many {
            self.warnings.push(Note::with(
                None,
                NoteCode::ManyMissing,
                &format!("{missing} / {of}"),
            ));
        }
        if unsure {
            self.warnings.push(Note::with(
                None,
                NoteCode::MissingAndRefused,
                &self.roster.refused_unknown.to_string(),
            ));
        }
    }

    fn has_passed(&self, leaves: Option<&Date>) -> bool {
        leaves.is_some_and(|on| *on < self.occasion.today)
    }
}

/// What the line says is new; an empty cell says nothing.
fn changed_fields(line: &RosterPerson, person: &PersonNow) -> Vec<FieldChange> {
    let text = |date: &Option<Date>| date.as_ref().map(Date::to_string);
    let said = [
        (
            FieldName::SourceId,
            person.source_id.clone(),
            line.source_id.clone(),
        ),
        (
            FieldName::BirthDate,
            text(&person.birth_date),
            text(&line.birth_date),
        ),
        (
            FieldName::Abbreviation,
            person.abbreviation.clone(),
            line.abbreviation.clone(),
        ),
        (
            FieldName::Role,
            Some(role_name(person.role).to_owned()),
            Some(role_name(line.role).to_owned()),
        ),
    ];
    let mut fields: Vec<FieldChange> = said
        .into_iter()
        .filter(|(_, from, to)| to.is_some() && from != to)
        .map(|(field, from, to)| FieldChange { field, from, to })
        .collect();
    if person.left.is_some() {
        fields.push(FieldChange {
            field: FieldName::Left,
            from: text(&person.left),
            to: None,
        });
    }
    fields
}

const fn role_name(role: RosterRole) -> &'static str {
    match role {
        RosterRole::Pupil => "pupil",
        RosterRole::Teacher => "teacher",
        RosterRole::Staff => "staff",
    }
}

fn empty(roster: &Roster, occasion: &Occasion) -> ChangeSet {
    ChangeSet {
        id: occasion.id,
        source: roster.dialect.to_owned(),
        new: Vec::new(),
        changed: Vec::new(),
        moved: Vec::new(),
        renamed: Vec::new(),
        leaving: Vec::new(),
        doubtful: Vec::new(),
        guardians: Vec::new(),
        groups: Vec::new(),
        unchanged: 0,
        confirm_leavers: Confirmation {
            needed: false,
            missing: 0,
            of: 0,
        },
        warnings: Vec::new(),
        refused: roster.refused.clone(),
    }
}
