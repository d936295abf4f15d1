//! The reference school: two years of pupils, the staff, and what EXPECT.json says about them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use edge_accounts::roster::NoteCode;
use edge_accounts::roster::change_set::{ChildRelation, SchoolNow};
use edge_accounts::roster::login_name::LoginNames;
use edge_accounts::roster::people::RosterRole;

use crate::support::{School, compare, expected, roster};

const YEAR_1: &str = "year1/danis-schueler.csv";
const YEAR_2: &str = "year2/danis-schueler.csv";
const STAFF: &str = "year1/lehrkraefte.csv";

#[test]
fn a_first_import_takes_in_every_pupil_class_and_guardian() {
    let (Some(roster), Some(pupils), Some(classes), Some(guardians)) = (
        roster(YEAR_1),
        expected("/pupils_year1"),
        expected("/classes"),
        expected("/guardians_year1"),
    ) else {
        return;
    };
    let set = compare(&roster, &SchoolNow::default());
    assert_eq!(set.new.len(), pupils);
    assert_eq!(set.groups.len(), classes);
    assert_eq!(set.guardians.len(), guardians);
    assert!(set.refused.is_empty() && set.doubtful.is_empty() && set.leaving.is_empty());
    let remarks: Vec<_> = set.warnings.iter().map(|note| note.code).collect();
    assert!(
        remarks.contains(&NoteCode::DoubledLine),
        "the doubled line is said: {remarks:?}"
    );
}

#[test]
fn pupils_of_equal_names_are_different_people() {
    let Some(roster) = roster(YEAR_1) else { return };
    let mut numbers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for person in &roster.people {
        numbers
            .entry((&person.given, &person.family))
            .or_default()
            .insert(&person.source_id);
    }
    let pairs = numbers
        .values()
        .filter(|numbers| numbers.len() == 2)
        .count();
    // The file was made with twelve pairs; two of them lost their equal family name to a sibling's later on.
    assert_eq!(pairs, 10);
    let all: BTreeSet<_> = compare(&roster, &SchoolNow::default())
        .new
        .into_iter()
        .map(|new| new.source_id)
        .collect();
    assert_eq!(all.len(), roster.people.len());
}

#[test]
fn the_staff_file_gives_teachers_and_staff() {
    let (Some(roster), Some(staff)) = (roster(STAFF), expected("/staff")) else {
        return;
    };
    let set = compare(&roster, &SchoolNow::default());
    let teachers = set
        .new
        .iter()
        .filter(|new| new.role == RosterRole::Teacher)
        .count();
    assert_eq!((set.new.len(), teachers), (staff, 178));
    assert_eq!((set.warnings.len(), set.refused.len()), (0, 0));
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let (Some(pupils), Some(staff)) = (roster(YEAR_1), roster(STAFF)) else {
        return;
    };
    let mut school = School::default();
    for roster in [&pupils, &staff] {
        let set = compare(roster, &school.now);
        school.apply(roster, &set);
    }
    for roster in [&pupils, &staff] {
        let again = compare(roster, &school.now);
        assert!(
            again.is_empty() && again.doubtful.is_empty(),
            "{:?}",
            again.guardians.first()
        );
        assert_eq!(again.unchanged, roster.people.len());
    }
}

#[test]
fn the_year_change_moves_renames_takes_in_and_asks_before_anybody_leaves() {
    let (Some(year_1), Some(year_2), Some(stay)) =
        (roster(YEAR_1), roster(YEAR_2), expected("/change/stay"))
    else {
        return;
    };
    let mut school = School::default();
    let first = compare(&year_1, &school.now);
    school.apply(&year_1, &first);
    let set = compare(&year_2, &school.now);
    assert_eq!(Some(set.new.len()), expected("/change/new"));
    assert_eq!(Some(set.leaving.len()), expected("/change/leavers"));
    assert_eq!(Some(set.renamed.len()), expected("/change/renamed"));
    assert_eq!(set.moved.len() + set.unchanged, stay);
    assert!(set.confirm_leavers.needed && set.doubtful.is_empty() && set.changed.is_empty());
    let ended = set
        .guardians
        .iter()
        .flat_map(|guardian| &guardian.children)
        .any(|child| child.change != ChildRelation::Begins);
    assert!(!ended, "a pupil who stays keeps their guardians");

    school.apply(&year_2, &set);
    let again = compare(&year_2, &school.now);
    assert!(again.is_empty() && !again.confirm_leavers.needed);
}

#[test]
fn another_program_s_list_that_lost_letters_renames_nobody() {
    let (Some(year_1), Some(other)) = (roster(YEAR_1), roster("year1/iserv-import.csv")) else {
        return;
    };
    let mut school = School::default();
    let first = compare(&year_1, &school.now);
    school.apply(&year_1, &first);
    let set = compare(&other, &school.now);
    assert_eq!((&set.renamed, set.new.len()), (&Vec::new(), 0));
    let kept = set
        .warnings
        .iter()
        .filter(|note| note.code == NoteCode::LettersLost)
        .count();
    assert_eq!((kept, set.doubtful.len()), (24, 0));
}

#[test]
fn half_of_the_school_asks_before_anybody_leaves_and_erases_no_birth_date() {
    let (Some(year_1), Some(half)) = (roster(YEAR_1), roster("bad/half-of-the-school.csv")) else {
        return;
    };
    let mut school = School::default();
    let first = compare(&year_1, &school.now);
    school.apply(&year_1, &first);
    let set = compare(&half, &school.now);
    assert!(set.confirm_leavers.needed);
    assert_eq!(set.leaving.len(), 850);
    assert!(
        set.changed.is_empty()
            && set.moved.is_empty()
            && set.guardians.is_empty()
            && set.doubtful.is_empty()
    );
}

#[test]
fn every_person_gets_a_login_name_of_their_own_and_the_same_one_each_time() {
    let (Some(pupils), Some(staff)) = (roster(YEAR_1), roster(STAFF)) else {
        return;
    };
    let give = || {
        let mut names = LoginNames::default();
        let people = pupils.people.iter().chain(&staff.people);
        people
            .map(|person| names.give(&person.given, &person.family))
            .collect::<Vec<_>>()
    };
    let names = give();
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        pupils.people.len() + staff.people.len()
    );
    assert_eq!(names, give());
}

#[test]
fn reading_and_comparing_a_whole_school_takes_no_noticeable_time() {
    let (Some(year_1), Some(year_2)) = (roster(YEAR_1), roster(YEAR_2)) else {
        return;
    };
    let mut school = School::default();
    let first = compare(&year_1, &school.now);
    school.apply(&year_1, &first);
    let start = Instant::now();
    compare(&year_2, &school.now);
    // Milliseconds in truth; the limit only notices a comparison of everybody with everybody, on a busy machine too.
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}
