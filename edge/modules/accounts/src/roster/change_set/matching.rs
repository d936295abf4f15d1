//! Who is meant by a line: by stable number, else by name and birth date, else doubtful.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::ids::{GroupId, PersonId};

use super::super::people::{Roster, RosterKind, RosterPerson, RosterRole};
use super::entries::Doubt;
use super::names::{agree, is_lossy, is_lossy_spelling};
use super::school::{ClassNow, PersonNow, SchoolNow};

/// Whom a line means.
pub(super) enum Match<'a> {
    Known(&'a PersonNow),
    Nobody,
    Doubtful(Doubt, Vec<&'a PersonNow>),
}

/// The people a roster can mean, by number and by name. A file of pupils never means a teacher.
pub(super) struct Index<'a> {
    by_number: HashMap<&'a str, &'a PersonNow>,
    by_name: BTreeMap<(String, String), Vec<&'a PersonNow>>,
    classes: HashMap<GroupId, &'a ClassNow>,
}

impl<'a> Index<'a> {
    pub(super) fn new(roster: &Roster, school: &'a SchoolNow) -> Self {
        let mut index = Self {
            by_number: HashMap::new(),
            by_name: BTreeMap::new(),
            classes: HashMap::new(),
        };
        for person in of_kind(school, roster.kind) {
            if let Some(number) = &person.source_id {
                index.by_number.insert(number, person);
            }
            index
                .by_name
                .entry(name_key(&person.given, &person.family))
                .or_default()
                .push(person);
        }
        index.classes = school
            .classes
            .iter()
            .map(|class| (class.group, class))
            .collect();
        index
    }

    /// The class of a person.
    pub(super) fn class_of(&self, person: &PersonNow) -> Option<&'a ClassNow> {
        person
            .class
            .and_then(|group| self.classes.get(&group).copied())
    }

    /// A name with lost letters is taken for a known one or for nobody's: it must not become anybody's name.
    pub(super) fn find(&self, line: &RosterPerson) -> Match<'a> {
        let lossy = is_lossy(&line.given) || is_lossy(&line.family);
        match self.find_as_said(line) {
            Match::Known(person) if lossy && !is_called(person, line) => {
                Match::Doubtful(Doubt::LettersLost, vec![person])
            }
            Match::Nobody if lossy => Match::Doubtful(Doubt::LettersLost, Vec::new()),
            found => found,
        }
    }

    fn find_as_said(&self, line: &RosterPerson) -> Match<'a> {
        match &line.source_id {
            Some(number) => match self.by_number.get(number.as_str()).copied() {
                Some(person) if is_somebody_else(person, line) => {
                    Match::Doubtful(Doubt::NumberReused, vec![person])
                }
                Some(person) => Match::Known(person),
                None => self.find_for_new_number(line),
            },
            None => self.find_by_name(line),
        }
    }

    /// The number is new: usually the person is, but they may have been entered by hand, or come back under another number.
    fn find_for_new_number(&self, line: &RosterPerson) -> Match<'a> {
        let (agreeing, open) = self.namesakes(line);
        if let [person] = agreeing.as_slice() {
            if person.source_id.is_none() {
                Match::Known(person)
            } else {
                Match::Doubtful(Doubt::OtherNumber, agreeing)
            }
        } else if !agreeing.is_empty() {
            Match::Doubtful(Doubt::SeveralFit, agreeing)
        } else {
            // Two numbers and one name are two people; without a number on the other side nobody can tell.
            let open: Vec<_> = open
                .into_iter()
                .filter(|person| person.source_id.is_none())
                .collect();
            if open.is_empty() {
                Match::Nobody
            } else {
                Match::Doubtful(Doubt::OnlyTheNameAgrees, open)
            }
        }
    }

    fn find_by_name(&self, line: &RosterPerson) -> Match<'a> {
        let (agreeing, open) = self.namesakes(line);
        match (agreeing.as_slice(), open.as_slice()) {
            ([person], _) => Match::Known(person),
            ([], []) => Match::Nobody,
            ([], [person]) if self.is_corroborated(person, line) => Match::Known(person),
            ([], [_]) => Match::Doubtful(Doubt::OnlyTheNameAgrees, open),
            ([], _) => {
                let fitting: Vec<_> = open
                    .iter()
                    .copied()
                    .filter(|person| self.is_corroborated(person, line))
                    .collect();
                if let [person] = fitting.as_slice() {
                    Match::Known(person)
                } else {
                    Match::Doubtful(Doubt::SeveralFit, open)
                }
            }
            _ => Match::Doubtful(Doubt::SeveralFit, agreeing),
        }
    }

    /// People of the same name: those whose birth date agrees, and those where a birth date is missing on one side.
    fn namesakes(&self, line: &RosterPerson) -> (Vec<&'a PersonNow>, Vec<&'a PersonNow>) {
        let same: Vec<&'a PersonNow> = if is_lossy(&line.given) || is_lossy(&line.family) {
            let everybody = self.by_name.values().flatten().copied();
            everybody.filter(|person| is_called(person, line)).collect()
        } else {
            let same = self.by_name.get(&name_key(&line.given, &line.family));
            same.into_iter().flatten().copied().collect()
        };
        let possible = same.into_iter().filter(|person| {
            person.birth_date.is_none()
                || line.birth_date.is_none()
                || person.birth_date == line.birth_date
        });
        possible.partition(|person| person.birth_date.is_some() && line.birth_date.is_some())
    }

    /// Whether class or abbreviation agree where the birth date says nothing.
    fn is_corroborated(&self, person: &PersonNow, line: &RosterPerson) -> bool {
        let class = self.class_of(person).map(|class| class.name.as_str());
        (class.is_some() && class == line.class.as_deref())
            || (line.abbreviation.is_some() && line.abbreviation == person.abbreviation)
    }
}

/// Everybody of the kind that the roster lists.
pub(super) fn of_kind(school: &SchoolNow, kind: RosterKind) -> impl Iterator<Item = &PersonNow> {
    school
        .people
        .iter()
        .filter(move |person| (person.role == RosterRole::Pupil) == (kind == RosterKind::Pupils))
}

/// Whether the line's names are the person's but for lost letters.
pub(super) fn is_called(person: &PersonNow, line: &RosterPerson) -> bool {
    is_lossy_spelling(&line.given, &person.given) && is_lossy_spelling(&line.family, &person.family)
}

/// A number that was given to another person. One of the names must agree, for a child who is renamed keeps one; siblings
/// share a name, so another birth date asks for both.
fn is_somebody_else(person: &PersonNow, line: &RosterPerson) -> bool {
    let fits = |known: &str, said: &str| agree(known, said) || is_lossy_spelling(said, known);
    let given = fits(&person.given, &line.given);
    let family = fits(&person.family, &line.family);
    match (&person.birth_date, &line.birth_date) {
        (Some(known), Some(said)) if known != said => !(given && family),
        _ => !(given || family),
    }
}

/// A name as it is compared: an ID card, a class list and a birth certificate disagree on capitals.
pub(super) fn name_key(given: &str, family: &str) -> (String, String) {
    (given.to_lowercase(), family.to_lowercase())
}

/// The people that lines have named or may have meant.
#[derive(Default)]
pub(super) struct Named {
    by_line: BTreeMap<PersonId, usize>,
    perhaps: BTreeSet<PersonId>,
}

impl Named {
    /// Remembers that `line` names the person; whether it is the first to do so.
    pub(super) fn first(&mut self, person: PersonId, line: usize) -> bool {
        *self.by_line.entry(person).or_insert(line) == line
    }

    /// Remembers that a doubtful line may mean the person: whoever it is, they are not missing.
    pub(super) fn perhaps(&mut self, person: PersonId) {
        self.perhaps.insert(person);
    }

    pub(super) fn contains(&self, person: PersonId) -> bool {
        self.by_line.contains_key(&person) || self.perhaps.contains(&person)
    }
}
