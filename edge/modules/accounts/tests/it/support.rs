//! The reference school's files, and a school in memory that a change set can be applied to.

use std::path::PathBuf;

use edge_accounts::roster::change_set::{
    ChildRelation, ClassNow, FieldName, GroupMove, GuardianNow, Occasion, PersonNow, SchoolNow,
};
use edge_accounts::roster::people::{Roster, RosterKind, RosterRole};
use edge_accounts::roster::{ChangeSet, Source, change_set, read_roster};
use events::accounts::Date;
use events::ids::{GroupId, ImportId, PersonId};
use uuid::Uuid;

/// The school year of every test.
pub(crate) const YEAR: u16 = 2026;

/// A file of the reference school, or `None` (said aloud) where the data are not at hand.
pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../../shared/data/roster/kgs")
        .join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("SKIPPED: {} cannot be read ({error})", path.display());
            None
        }
    }
}

/// The number that EXPECT.json gives for a right import.
pub(crate) fn expected(pointer: &str) -> Option<usize> {
    let expect: serde_json::Value =
        serde_json::from_slice(&file("EXPECT.json")?).expect("EXPECT.json is JSON");
    let number = expect.pointer(pointer).and_then(serde_json::Value::as_u64);
    Some(usize::try_from(number.expect("EXPECT.json has the number")).expect("small"))
}

pub(crate) fn roster(name: &str) -> Option<Roster> {
    Some(read_roster(&file(name)?, Source::Auto).expect("the file is readable"))
}

pub(crate) fn compare(roster: &Roster, school: &SchoolNow) -> ChangeSet {
    let today: Date = "2026-11-23".parse().expect("a date");
    change_set(
        roster,
        school,
        &Occasion {
            id: ImportId(Uuid::from_u128(1)),
            today,
            year: YEAR,
        },
    )
}

/// Ids in the order in which they are needed, so that a failure can be repeated.
#[derive(Default)]
pub(crate) struct School {
    pub(crate) now: SchoolNow,
    ids: u128,
}

impl School {
    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// Applies a change set as the module would.
    pub(crate) fn apply(&mut self, roster: &Roster, set: &ChangeSet) {
        for group in set.groups.iter().filter(|group| group.group.is_none()) {
            let group = ClassNow {
                group: GroupId(self.id()),
                name: group.name.clone(),
                year: group.year,
            };
            self.now.classes.push(group);
        }
        self.take_in(roster, set);
        self.change(set);
        self.guardians(roster, set);
    }

    fn class(&self, name: &str) -> Option<GroupId> {
        self.now
            .classes
            .iter()
            .find(|class| class.name == name && class.year == YEAR)
            .map(|class| class.group)
    }

    fn take_in(&mut self, roster: &Roster, set: &ChangeSet) {
        for new in &set.new {
            let person = PersonNow {
                person: PersonId(self.id()),
                role: new.role,
                source_id: new.source_id.clone(),
                given: new.given.clone(),
                family: new.family.clone(),
                birth_date: new.birth_date.clone(),
                class: new.class.as_deref().and_then(|class| self.class(class)),
                abbreviation: new.abbreviation.clone(),
                left: None,
                guardians: Vec::new(),
            };
            assert_eq!(
                person.role == RosterRole::Pupil,
                roster.kind == RosterKind::Pupils
            );
            self.now.people.push(person);
        }
    }

    fn person(&mut self, person: PersonId) -> &mut PersonNow {
        self.now
            .people
            .iter_mut()
            .find(|known| known.person == person)
            .expect("the change set names people of the school")
    }

    fn change(&mut self, set: &ChangeSet) {
        for renamed in &set.renamed {
            let person = self.person(renamed.person);
            (person.given, person.family) = renamed.to.clone();
        }
        for moved in &set.moved {
            let GroupMove { name, .. } = &moved.to;
            let class = self.class(name);
            self.person(moved.person).class = class;
        }
        for leaving in &set.leaving {
            self.person(leaving.person).left = Some(leaving.on.clone());
        }
        for changed in &set.changed {
            for field in &changed.fields {
                assert_ne!(
                    field.field,
                    FieldName::BirthDate,
                    "the reference school corrects no birth date"
                );
            }
        }
    }

    fn guardians(&mut self, roster: &Roster, set: &ChangeSet) {
        for entry in &set.guardians {
            let guardian = entry.guardian.unwrap_or_else(|| PersonId(self.id()));
            for change in &entry.children {
                let child = change
                    .child
                    .unwrap_or_else(|| self.child_of(roster, change.line));
                let guardians = &mut self.person(child).guardians;
                guardians.retain(|known| known.guardian != guardian);
                if change.change != ChildRelation::Ends {
                    guardians.push(GuardianNow {
                        guardian,
                        given: entry.given.clone(),
                        family: entry.family.clone(),
                        custody: change.custody,
                    });
                }
            }
        }
    }

    fn child_of(&self, roster: &Roster, line: usize) -> PersonId {
        let number = roster
            .people
            .iter()
            .find(|person| person.line == line)
            .and_then(|person| person.source_id.clone());
        self.now
            .people
            .iter()
            .find(|person| person.source_id == number)
            .expect("the child was taken in")
            .person
    }
}
