//! Who belongs together: classes, courses that mix classes, clubs, and the colleagues' groups.

use super::Chance;
use super::people::{Office, Person, grade};
use super::subjects::{ADVANCED, ALL, LANGUAGES, Subject};
use std::collections::BTreeMap;

/// What kind of group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// A class of the school year.
    Class,
    /// A course that mixes classes.
    Course,
    /// A voluntary club.
    Club,
    /// Colleagues.
    Staff,
}

/// A group of people, who are named by their place in the school's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: GroupKind,
    /// What it is taught, for courses.
    pub subject: Option<Subject>,
    /// Who belongs to it.
    pub members: Vec<usize>,
    /// Who leads it; not among the members.
    pub leaders: Vec<usize>,
}

/// A course grows to about so many, then there is a second one.
const COURSE_SIZE: usize = 26;
/// One pupil in so many hundred is in a club.
const CLUB_SHARE: usize = 30;

const CLUBS: [&str; 14] = [
    "Schach-AG",
    "Fußball-AG",
    "Schulgarten-AG",
    "Chor",
    "Orchester",
    "Robotik-AG",
    "Theater-AG",
    "Schülerzeitung",
    "Schulsanitäter",
    "Imker-AG",
    "Foto-AG",
    "Streitschlichter",
    "Kletter-AG",
    "Schülervertretung",
];

pub(super) fn invent(chance: &Chance, people: &mut [Person]) -> Vec<Group> {
    let mut chance = chance.for_purpose("groups");
    let mut groups = classes(&mut chance, people);
    groups.extend(language_courses(&mut chance, people));
    groups.extend(advanced_courses(&mut chance, people));
    groups.extend(clubs(&mut chance, people));
    groups.extend(staff(people));
    groups
}

fn numbers(people: &[Person], wanted: impl Fn(&Person) -> bool) -> Vec<usize> {
    people
        .iter()
        .enumerate()
        .filter(|(_, person)| wanted(person))
        .map(|(number, _)| number)
        .collect()
}

fn teachers(people: &[Person]) -> Vec<usize> {
    numbers(people, |person| person.office == Office::Teacher)
}

fn teachers_of(people: &[Person], subject: Subject) -> Vec<usize> {
    let teach = numbers(people, |person| {
        person.office == Office::Teacher && person.subjects.contains(&subject)
    });
    if teach.is_empty() {
        teachers(people)
    } else {
        teach
    }
}

/// Each class has two class teachers as long as there are enough, and some of its subject teachers.
fn classes(chance: &mut Chance, people: &[Person]) -> Vec<Group> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut order = Vec::new();
    for (number, person) in people.iter().enumerate() {
        if let Some(class) = &person.class {
            if !members.contains_key(class.as_str()) {
                order.push(class.as_str());
            }
            members.entry(class).or_default().push(number);
        }
    }
    let mut class_teachers = teachers(people);
    chance.shuffle(&mut class_teachers);
    let mut class_teachers = class_teachers.into_iter().cycle();
    order
        .into_iter()
        .map(|class| {
            let mut leaders: Vec<usize> = class_teachers.by_ref().take(2).collect();
            for subject in chance.some(&ALL[..4], 3) {
                leaders.push(*chance.pick(&teachers_of(people, subject)));
            }
            leaders.sort_unstable();
            leaders.dedup();
            Group {
                name: class.to_owned(),
                kind: GroupKind::Class,
                subject: None,
                members: members.remove(class).unwrap_or_default(),
                leaders,
            }
        })
        .collect()
}

/// From the sixth to the tenth grade everybody learns a second language or does without.
fn language_courses(chance: &mut Chance, people: &[Person]) -> Vec<Group> {
    let mut groups = Vec::new();
    for year in 6..=10 {
        let mut learners: BTreeMap<Subject, Vec<usize>> = BTreeMap::new();
        for pupil in numbers(people, |person| {
            person
                .class
                .as_deref()
                .is_some_and(|class| grade(class) == year)
        }) {
            if chance.percent(80) {
                learners
                    .entry(*chance.pick(&LANGUAGES))
                    .or_default()
                    .push(pupil);
            }
        }
        for (subject, pupils) in learners {
            groups.extend(courses(
                chance,
                people,
                subject,
                &format!("{} {year}", subject.name),
                &pupils,
            ));
        }
    }
    groups
}

/// In the last two years everybody has two advanced courses.
fn advanced_courses(chance: &mut Chance, people: &[Person]) -> Vec<Group> {
    let mut groups = Vec::new();
    for (year, name) in [(12, "Q1"), (13, "Q2")] {
        let mut learners: BTreeMap<Subject, Vec<usize>> = BTreeMap::new();
        for pupil in numbers(people, |person| {
            person
                .class
                .as_deref()
                .is_some_and(|class| grade(class) == year)
        }) {
            for subject in chance.some(&ADVANCED, 2) {
                learners.entry(subject).or_default().push(pupil);
            }
        }
        for (subject, pupils) in learners {
            groups.extend(courses(
                chance,
                people,
                subject,
                &format!("{name} {} eA", subject.name),
                &pupils,
            ));
        }
    }
    groups
}

fn courses(
    chance: &mut Chance,
    people: &[Person],
    subject: Subject,
    name: &str,
    pupils: &[usize],
) -> Vec<Group> {
    let count = pupils.len().div_ceil(COURSE_SIZE).max(1);
    let size = pupils.len().div_ceil(count).max(1);
    let parts = pupils.chunks(size).zip(1..);
    parts
        .map(|(members, number)| Group {
            name: if count == 1 {
                name.to_owned()
            } else {
                format!("{name} ({number})")
            },
            kind: GroupKind::Course,
            subject: Some(subject),
            members: members.to_vec(),
            leaders: vec![*chance.pick(&teachers_of(people, subject))],
        })
        .collect()
}

fn clubs(chance: &mut Chance, people: &[Person]) -> Vec<Group> {
    let pupils = numbers(people, |person| person.office == Office::Pupil);
    let teachers = teachers(people);
    let count = (pupils.len() / 60).clamp(1, CLUBS.len());
    let mut clubs: Vec<Group> = CLUBS
        .iter()
        .take(count)
        .map(|name| Group {
            name: (*name).to_owned(),
            kind: GroupKind::Club,
            subject: None,
            members: Vec::new(),
            leaders: vec![*chance.pick(&teachers)],
        })
        .collect();
    for pupil in pupils {
        if chance.percent(CLUB_SHARE) {
            let club = chance.below(clubs.len());
            clubs[club].members.push(pupil);
        }
    }
    clubs.retain(|club| !club.members.is_empty());
    clubs
}

/// The whole staff, the office, and one group for every subject with at least three teachers.
fn staff(people: &[Person]) -> Vec<Group> {
    let head = numbers(people, |person| person.office == Office::Head);
    let group = |name: String, members: Vec<usize>| Group {
        name,
        kind: GroupKind::Staff,
        subject: None,
        members,
        leaders: head.clone(),
    };
    let mut groups = vec![
        group("Kollegium".into(), teachers(people)),
        group(
            "Verwaltung".into(),
            numbers(people, |person| {
                matches!(person.office, Office::Staff | Office::Administrator)
            }),
        ),
    ];
    for subject in ALL {
        let members = numbers(people, |person| {
            person.office == Office::Teacher && person.subjects.contains(&subject)
        });
        if members.len() >= 3 {
            groups.push(group(format!("Fachgruppe {}", subject.name), members));
        }
    }
    groups
}
