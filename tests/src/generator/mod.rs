//! An invented comprehensive school in northern Germany: people, classes, courses, clubs, and some weeks of what such a school
//! says and stores. Pure: the same plan gives the same school, whoever asks and whenever.
//!
//! It knows nothing of ledgers or HTTP. The demo puts the school into a data folder, tests import it from the rosters
//! that [`roster`] writes, benches sign its people in.

mod calendar;
mod chance;
mod documents;
mod groups;
mod names;
mod passwords;
mod people;
pub mod roster;
mod shelf;
mod subjects;
mod talk;
mod weeks;

pub use chance::Chance;
pub use documents::{Document, Kind as DocumentKind};
pub use groups::{Group, GroupKind};
pub use people::{Guardian, Office, Person};
pub use subjects::Subject;
pub use weeks::{Happening, Place, What};

use jiff::civil::Date;

/// Fewer people make no school: a class, its teachers, and somebody for every office.
pub const SMALLEST: u32 = 24;

/// Which school to invent.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The same number gives the same people with the same passwords.
    pub seed: u64,
    /// How many people have an account; at least [`SMALLEST`] are invented.
    pub people: u32,
    /// The day on which the school's history ends. The people do not depend on it, but their ages and the dates of
    /// what happened do.
    pub today: Date,
    /// How many weeks of talk and files lie before that day.
    pub weeks: u32,
}

/// A whole school. People and groups are named elsewhere by their place in these lists.
#[derive(Clone, Debug)]
pub struct School {
    /// What the school calls itself.
    pub name: String,
    /// The calendar year in which the school year began.
    pub year: i16,
    /// Everybody with an account: first the offices and the staff, then the pupils class by class.
    pub people: Vec<Person>,
    /// Classes, courses, clubs and staff groups.
    pub groups: Vec<Group>,
    /// What happened, in order of time.
    pub happenings: Vec<Happening>,
}

impl School {
    /// Invents the school of a plan.
    #[must_use]
    pub fn invent(plan: &Plan) -> Self {
        let year = calendar::school_year(plan.today);
        let chance = Chance::new(plan.seed);
        let mut people = people::invent(&chance, plan.people.max(SMALLEST), year);
        let groups = groups::invent(&chance, &mut people);
        let happenings = weeks::invent(&chance, &people, &groups, plan);
        Self {
            name: "KGS Am Schulhof".into(),
            year,
            people,
            groups,
            happenings,
        }
    }

    /// The first person with an office.
    #[must_use]
    pub fn first(&self, office: Office) -> Option<&Person> {
        self.people.iter().find(|person| person.office == office)
    }
}

#[cfg(test)]
mod tests {
    use super::{GroupKind, Office, Plan, School};
    use jiff::civil::date;
    use std::collections::{BTreeMap, BTreeSet};

    fn plan(seed: u64, people: u32) -> Plan {
        Plan {
            seed,
            people,
            today: date(2026, 11, 23),
            weeks: 6,
        }
    }

    #[test]
    fn the_same_plan_gives_the_same_school() {
        let (one, other) = (
            School::invent(&plan(1, 1750)),
            School::invent(&plan(1, 1750)),
        );
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        let third = School::invent(&plan(2, 1750));
        assert_ne!(
            one.people[200].password, third.people[200].password,
            "another seed gives other passwords"
        );
    }

    #[test]
    fn people_and_passwords_do_not_depend_on_the_day() {
        let later = School::invent(&Plan {
            today: date(2027, 3, 1),
            ..plan(1, 300)
        });
        for (one, other) in School::invent(&plan(1, 300))
            .people
            .iter()
            .zip(&later.people)
        {
            assert_eq!(
                (&one.given, &one.family, &one.password),
                (&other.given, &other.family, &other.password)
            );
        }
    }

    #[test]
    fn the_reference_size_gives_the_reference_school() {
        let school = School::invent(&plan(1, 1750));
        let count = |office| {
            school
                .people
                .iter()
                .filter(|person| person.office == office)
                .count()
        };
        assert_eq!((school.people.len(), count(Office::Pupil)), (1750, 1550));
        assert_eq!(
            (
                count(Office::Head),
                count(Office::Administrator),
                count(Office::Auditor)
            ),
            (1, 1, 1)
        );
        assert_eq!(
            school
                .groups
                .iter()
                .filter(|group| group.kind == GroupKind::Class)
                .count(),
            46
        );
    }

    #[test]
    fn a_small_school_has_every_office_and_a_class() {
        let school = School::invent(&plan(3, 1));
        for office in [
            Office::Head,
            Office::Administrator,
            Office::Auditor,
            Office::Teacher,
            Office::Staff,
            Office::Pupil,
        ] {
            assert!(school.first(office).is_some(), "nobody is {office:?}");
        }
        assert!(
            school
                .groups
                .iter()
                .any(|group| group.kind == GroupKind::Class && !group.leaders.is_empty())
        );
    }

    #[test]
    fn every_pupil_is_in_one_class_and_every_class_has_a_teacher() {
        let school = School::invent(&plan(1, 1750));
        let mut classes: BTreeMap<usize, usize> = BTreeMap::new();
        for class in school
            .groups
            .iter()
            .filter(|group| group.kind == GroupKind::Class)
        {
            assert!(!class.leaders.is_empty(), "{} has no teacher", class.name);
            class
                .members
                .iter()
                .for_each(|pupil| *classes.entry(*pupil).or_default() += 1);
        }
        let pupils = school
            .people
            .iter()
            .enumerate()
            .filter(|(_, person)| person.office == Office::Pupil);
        assert!(
            pupils
                .clone()
                .all(|(number, _)| classes.get(&number) == Some(&1))
        );
        assert_eq!(classes.len(), pupils.count());
    }

    #[test]
    fn two_pairs_of_pupils_share_a_name_and_no_abbreviation_is_shared() {
        let school = School::invent(&plan(1, 1750));
        let mut names: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        school
            .people
            .iter()
            .for_each(|person| *names.entry((&person.given, &person.family)).or_default() += 1);
        assert_eq!(
            names.values().filter(|count| **count == 2).count(),
            2,
            "exactly the two wanted pairs"
        );
        assert!(names.values().all(|count| *count <= 2));
        let abbreviations: Vec<&String> = school
            .people
            .iter()
            .filter_map(|person| person.abbreviation.as_ref())
            .collect();
        assert_eq!(
            abbreviations.iter().collect::<BTreeSet<_>>().len(),
            abbreviations.len()
        );
    }

    #[test]
    fn history_is_in_order_and_ends_before_today() {
        let school = School::invent(&plan(1, 1750));
        assert!(
            school.happenings.len() > 2000,
            "only {} happenings",
            school.happenings.len()
        );
        assert!(
            school
                .happenings
                .windows(2)
                .all(|two| two[0].at <= two[1].at)
        );
        assert!(
            school
                .happenings
                .last()
                .is_some_and(|last| last.at.date() <= date(2026, 11, 23))
        );
    }

    #[test]
    fn only_members_speak_in_a_group() {
        let school = School::invent(&plan(1, 400));
        for happening in &school.happenings {
            if let super::Place::Group(group) = happening.place {
                let group = &school.groups[group];
                let belongs =
                    group.members.contains(&happening.by) || group.leaders.contains(&happening.by);
                assert!(
                    belongs,
                    "{} is not in {}",
                    school.people[happening.by].family, group.name
                );
            }
        }
    }
}
