//! Guardians: one person for all their children, and never one person for two households.
//!
//! Files name guardians by name only. The same name is the same person where the child's record already has them, or
//! where two lines name the same household: the same two people, or one person for children of one family name.
//! A mistaken union would show one family the other's child, so a bare equal name is never enough.

use std::collections::{BTreeMap, BTreeSet};

use events::ids::PersonId;

use super::super::people::{Roster, RosterGuardian, RosterKind, RosterPerson, RosterRole};
use super::entries::{ChildChange, ChildRelation, GuardianChange};
use super::matching::name_key;
use super::school::{GuardianNow, PersonNow, SchoolNow};

type Name = (String, String);

/// A guardian's place: their name, the household's names, and the child's family name where the household is one person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    name: Name,
    household: BTreeSet<Name>,
    family: Option<String>,
}

/// A guardian's identity within the comparison.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Known(PersonId),
    New(Place),
}

/// Collects what changes, one entry per guardian, in the order of the lines.
pub(super) struct Guardians<'a> {
    read: bool,
    lines: Vec<(&'a RosterPerson, Option<&'a PersonNow>)>,
    places: BTreeMap<Place, PersonId>,
    entries: Vec<GuardianChange>,
    entry_of: BTreeMap<Who, usize>,
}

impl<'a> Guardians<'a> {
    pub(super) fn new(roster: &Roster, school: &'a SchoolNow) -> Self {
        let mut places = BTreeMap::new();
        for child in school
            .people
            .iter()
            .filter(|person| person.role == RosterRole::Pupil)
        {
            for guardian in &child.guardians {
                let household = child
                    .guardians
                    .iter()
                    .map(|other| name_key(&other.given, &other.family))
                    .collect();
                let place = place(
                    name_key(&guardian.given, &guardian.family),
                    household,
                    &child.family,
                );
                remember(&mut places, place, guardian.guardian);
            }
        }
        Self {
            read: roster.columns.guardians && roster.kind == RosterKind::Pupils,
            lines: Vec::new(),
            places,
            entries: Vec::new(),
            entry_of: BTreeMap::new(),
        }
    }

    /// A line's child, when its guardians are to be compared.
    pub(super) fn of_child(&mut self, line: &'a RosterPerson, child: Option<&'a PersonNow>) {
        if self.read {
            self.lines.push((line, child));
        }
    }

    pub(super) fn finish(mut self) -> Vec<GuardianChange> {
        let lines = std::mem::take(&mut self.lines);
        // Known children first: a household that changed this year is then known to a younger sibling's line as well.
        for (line, child) in &lines {
            for guardian in &line.guardians {
                if let Some(known) = child.and_then(|child| recorded(child, guardian)) {
                    remember(&mut self.places, place_in(line, guardian), known.guardian);
                }
            }
        }
        for (line, child) in lines {
            for guardian in &line.guardians {
                self.named(line, child, guardian);
            }
            self.no_longer_named(line, child);
        }
        self.entries
    }

    fn named(&mut self, line: &RosterPerson, child: Option<&PersonNow>, guardian: &RosterGuardian) {
        let recorded = child.and_then(|child| recorded(child, guardian));
        let change = match recorded {
            Some(known) if known.custody == guardian.custody => return,
            Some(_) => ChildRelation::Custody,
            None => ChildRelation::Begins,
        };
        let place = place_in(line, guardian);
        let who = match recorded
            .map(|known| known.guardian)
            .or_else(|| self.places.get(&place).copied())
        {
            Some(known) => Who::Known(known),
            None => Who::New(place),
        };
        let child_change = ChildChange {
            child: child.map(|child| child.person),
            line: line.line,
            change,
            custody: guardian.custody,
        };
        self.entry(who, &guardian.given, &guardian.family)
            .children
            .push(child_change);
    }

    fn no_longer_named(&mut self, line: &RosterPerson, child: Option<&PersonNow>) {
        let Some(child) = child else { return };
        let named: BTreeSet<Name> = line
            .guardians
            .iter()
            .map(|guardian| name_key(&guardian.given, &guardian.family))
            .collect();
        let mut ended: Vec<&GuardianNow> = child
            .guardians
            .iter()
            .filter(|guardian| !named.contains(&name_key(&guardian.given, &guardian.family)))
            .collect();
        ended.sort_by_key(|guardian| guardian.guardian);
        for guardian in ended {
            let change = ChildChange {
                child: Some(child.person),
                line: line.line,
                change: ChildRelation::Ends,
                custody: false,
            };
            self.entry(
                Who::Known(guardian.guardian),
                &guardian.given,
                &guardian.family,
            )
            .children
            .push(change);
        }
    }

    fn entry(&mut self, who: Who, given: &str, family: &str) -> &mut GuardianChange {
        let guardian = match &who {
            Who::Known(person) => Some(*person),
            Who::New(_) => None,
        };
        let at = *self.entry_of.entry(who).or_insert_with(|| {
            self.entries.push(GuardianChange {
                guardian,
                given: given.to_owned(),
                family: family.to_owned(),
                children: Vec::new(),
            });
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }
}

fn recorded<'a>(child: &'a PersonNow, guardian: &RosterGuardian) -> Option<&'a GuardianNow> {
    let name = name_key(&guardian.given, &guardian.family);
    child
        .guardians
        .iter()
        .filter(|known| name_key(&known.given, &known.family) == name)
        .min_by_key(|known| known.guardian)
}

fn place_in(line: &RosterPerson, guardian: &RosterGuardian) -> Place {
    let household = line
        .guardians
        .iter()
        .map(|other| name_key(&other.given, &other.family))
        .collect();
    place(
        name_key(&guardian.given, &guardian.family),
        household,
        &line.family,
    )
}

fn place(name: Name, household: BTreeSet<Name>, child_family: &str) -> Place {
    let family = (household.len() < 2).then(|| child_family.to_lowercase());
    Place {
        name,
        household,
        family,
    }
}

/// Of several people in one place the least id is kept, so that the order of the input does not matter.
fn remember(places: &mut BTreeMap<Place, PersonId>, place: Place, guardian: PersonId) {
    let kept = places.entry(place).or_insert(guardian);
    *kept = (*kept).min(guardian);
}
