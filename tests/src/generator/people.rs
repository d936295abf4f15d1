//! Everybody with an account, and the guardians who have none yet.

use super::Chance;
use super::names::{Name, Names};
use super::passwords::password;
use super::subjects::{ALL, Subject};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// What a person is at the school. The two last ones also teach or work there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Office {
    /// Leads the school.
    Head,
    /// Keeps accounts and the machine.
    Administrator,
    /// Checks the log.
    Auditor,
    /// Teaches.
    Teacher,
    /// Works here without teaching.
    Staff,
    /// Learns here.
    Pupil,
}

/// A guardian as a roster names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardian {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What they are.
    pub office: Office,
    /// The name they are called by.
    pub given: String,
    /// Family name, with its particles.
    pub family: String,
    /// Their number in the school's administration program.
    pub source_id: String,
    /// Pupils only.
    pub birth_date: Option<Date>,
    /// Pupils only: the name of the class.
    pub class: Option<String>,
    /// Teachers only: how the timetable calls them.
    pub abbreviation: Option<String>,
    /// Teachers only.
    pub subjects: Vec<Subject>,
    /// Pupils only: one or two.
    pub guardians: Vec<Guardian>,
    /// The password they have chosen, in a demonstration.
    pub password: String,
}

/// How many of the reference school's 1,750 people are staff, and how many of those do not teach.
const REFERENCE: u32 = 1750;
const REFERENCE_STAFF: u32 = 200;
const TEACHERS_IN_HUNDRED_STAFF: u32 = 89;
/// Where the invented school's numbers begin: pupils' and staff's. Real lists and samples of lists begin lower, so that whoever
/// tries one in a demonstration meets strangers, not two hundred pupils whose numbers somebody else has.
const FIRST_PUPIL: u32 = 7_700_003;
const FIRST_OF_STAFF: u32 = 77_000;
/// In so large a school two pairs of pupils share a name.
const LARGE_ENOUGH_FOR_NAMESAKES: u32 = 100;

pub(super) fn invent(chance: &Chance, count: u32, year: i16) -> Vec<Person> {
    let staff = (count * REFERENCE_STAFF / REFERENCE).max(6);
    let pupils = count - staff;
    let mut names = Names::new(chance.for_purpose("names"));
    let mut people = invent_staff(chance, staff, &mut names);
    people.extend(invent_pupils(chance, pupils, year, &mut names));
    if pupils >= LARGE_ENOUGH_FOR_NAMESAKES {
        make_namesakes(&mut people, staff as usize);
    }
    let mut chance = chance.for_purpose("passwords");
    for person in &mut people {
        person.password = password(&mut chance, &person.given, &person.family);
    }
    people
}

fn invent_staff(chance: &Chance, count: u32, names: &mut Names) -> Vec<Person> {
    let mut chance = chance.for_purpose("staff");
    let mut taken = BTreeSet::new();
    let teachers = (count * TEACHERS_IN_HUNDRED_STAFF / 100).clamp(2, count - 4);
    let offices = [Office::Head, Office::Administrator, Office::Auditor]
        .into_iter()
        .chain((0..teachers).map(|_| Office::Teacher))
        .chain(std::iter::repeat(Office::Staff));
    let staff = (0..).zip(offices).take(count as usize);
    staff
        .map(|(number, office)| {
            let name = names.adult(&mut chance);
            let teaches = matches!(office, Office::Head | Office::Teacher);
            let abbreviation = teaches.then(|| abbreviation(&name.family, &mut taken));
            let subjects = if teaches {
                subjects(&mut chance, number)
            } else {
                Vec::new()
            };
            Person {
                abbreviation,
                subjects,
                source_id: format!("L{}", FIRST_OF_STAFF + number),
                ..person(office, name)
            }
        })
        .collect()
}

fn invent_pupils(chance: &Chance, count: u32, year: i16, names: &mut Names) -> Vec<Person> {
    let mut chance = chance.for_purpose("pupils");
    let classes = class_names(count);
    let pupils = (0..count).zip(classes.iter().cycle());
    let mut pupils: Vec<Person> = pupils
        .map(|(number, class)| {
            let name = names.child(&mut chance);
            let guardians = guardians(&mut chance, names, &name);
            let birth_date = birth_date(&mut chance, class, year);
            Person {
                source_id: (FIRST_PUPIL + number * 7).to_string(),
                birth_date,
                class: Some(class.clone()),
                guardians,
                ..person(Office::Pupil, name)
            }
        })
        .collect();
    let place =
        |class: &Option<String>| classes.iter().position(|name| Some(name) == class.as_ref());
    pupils.sort_by_key(|pupil| place(&pupil.class));
    pupils
}

fn person(office: Office, name: Name) -> Person {
    Person {
        office,
        given: name.given,
        family: name.family,
        source_id: String::new(),
        birth_date: None,
        class: None,
        abbreviation: None,
        subjects: Vec::new(),
        guardians: Vec::new(),
        password: String::new(),
    }
}

/// 5a to 10f and five groups in each of the last two years, scaled down with the school.
pub(super) fn class_names(pupils: u32) -> Vec<String> {
    let parallel = (pupils * 6).div_ceil(1550).clamp(1, 6);
    let upper = (parallel * 5).div_ceil(6);
    let lower = (5..=10).flat_map(|grade| {
        ('a'..)
            .take(parallel as usize)
            .map(move |letter| format!("{grade}{letter}"))
    });
    let upper = ["Q1", "Q2"]
        .into_iter()
        .flat_map(|grade| (1..=upper).map(move |number| format!("{grade}-{number}")));
    // In a very small school no class may be empty.
    lower
        .chain(upper)
        .take((pupils / 3).max(1) as usize)
        .collect()
}

/// The grade of a class name.
pub(super) fn grade(class: &str) -> i16 {
    match class.split_once('-') {
        Some(("Q1", _)) => 12,
        Some(_) => 13,
        None => class
            .trim_end_matches(char::is_alphabetic)
            .parse()
            .unwrap_or(5),
    }
}

/// Children enter the fifth grade at ten; one in eight is a year older.
fn birth_date(chance: &mut Chance, class: &str, year: i16) -> Option<Date> {
    let age = grade(class) + 5 + i16::from(chance.percent(12));
    let month = i8::try_from(1 + chance.below(12)).ok()?;
    let day = i8::try_from(1 + chance.below(28)).ok()?;
    Some(date(year - age, month, day))
}

fn guardians(chance: &mut Chance, names: &mut Names, child: &Name) -> Vec<Guardian> {
    let count = if chance.percent(64) { 2 } else { 1 };
    (0..count)
        .map(|number| {
            let other = names.guardian(chance, child.origin);
            // The first guardian mostly shares the child's name, the second less often.
            let shares = chance.percent(if number == 0 { 85 } else { 70 });
            Guardian {
                given: other.given,
                family: if shares {
                    child.family.clone()
                } else {
                    other.family
                },
            }
        })
        .collect()
}

/// Two subjects, sometimes three, so that every subject has a teacher: the first goes round.
fn subjects(chance: &mut Chance, number: u32) -> Vec<Subject> {
    let mut subjects = vec![ALL[number as usize % ALL.len()]];
    for _ in 0..=usize::from(chance.percent(25)) {
        let other = *chance.pick(&ALL);
        if !subjects.contains(&other) {
            subjects.push(other);
        }
    }
    subjects
}

/// Three letters of the family name, and others when those are taken.
fn abbreviation(family: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = family
        .split([' ', '-'])
        .next_back()
        .unwrap_or(family)
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .collect();
    let letters: Vec<char> = plain.chars().collect();
    let first = letters
        .first()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let others = letters.get(1..).unwrap_or_default();
    let pairs = (0..others.len())
        .flat_map(|second| (second + 1..others.len()).map(move |third| (second, third)));
    let tries = pairs.map(|(second, third)| format!("{first}{}{}", others[second], others[third]));
    let tries =
        tries
            .chain((2..).map(|number| {
                format!("{first}{}{number}", others.first().copied().unwrap_or('x'))
            }));
    let free = tries
        .into_iter()
        .find(|short| !taken.contains(short))
        .unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// Two pairs of pupils in different classes are called the same, as happens in every school of this size.
fn make_namesakes(people: &mut [Person], first_pupil: usize) {
    let last = people.len() - 1;
    for (original, copy) in [(first_pupil + 3, last - 20), (first_pupil + 40, last - 2)] {
        let (given, family) = (
            people[original].given.clone(),
            people[original].family.clone(),
        );
        people[copy].given = given;
        people[copy].family = family;
    }
}

#[cfg(test)]
mod tests {
    use super::{abbreviation, class_names, grade};
    use std::collections::BTreeSet;

    #[test]
    fn the_reference_school_has_forty_six_classes() {
        let classes = class_names(1550);
        assert_eq!(
            (classes.len(), classes[0].as_str(), classes[45].as_str()),
            (46, "5a", "Q2-5")
        );
        assert_eq!((grade("10f"), grade("Q1-3"), grade("Q2-1")), (10, 12, 13));
    }

    #[test]
    fn colleagues_of_one_name_are_abbreviated_differently() {
        let mut taken = BTreeSet::new();
        let short: Vec<String> = (0..20)
            .map(|_| abbreviation("von der Heide", &mut taken))
            .collect();
        assert_eq!((short[0].as_str(), taken.len()), ("Hei", 20));
    }
}
