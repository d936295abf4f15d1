//! Small schools, small files: who is new, moved, renamed, leaving, and who is left in doubt.

use events::accounts::Date;
use events::ids::{GroupId, ImportId, PersonId};
use uuid::Uuid;

use super::super::people::{Roster, RosterRole};
use super::super::{NoteCode, Source, read_roster};
use super::{
    ChangeSet, ChildRelation, ClassNow, Doubt, FieldName, GuardianNow, LeavingReason, Occasion,
    PersonNow, SchoolNow, change_set,
};

const YEAR: u16 = 2026;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn person_id(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn group_id(number: u128) -> GroupId {
    GroupId(Uuid::from_u128(1000 + number))
}

fn occasion() -> Occasion {
    Occasion {
        id: ImportId(Uuid::from_u128(9)),
        today: date("2026-11-23"),
        year: YEAR,
    }
}

fn roster(text: &str) -> Roster {
    read_roster(text.as_bytes(), Source::Auto).expect("readable")
}

fn compare(text: &str, school: &SchoolNow) -> ChangeSet {
    change_set(&roster(text), school, &occasion())
}

fn pupil(number: u128, given: &str, family: &str, birth_date: &str, class: u128) -> PersonNow {
    PersonNow {
        person: person_id(number),
        role: RosterRole::Pupil,
        source_id: Some(number.to_string()),
        given: given.to_owned(),
        family: family.to_owned(),
        birth_date: birth_date.parse().ok(),
        class: Some(group_id(class)),
        abbreviation: None,
        left: None,
        guardians: Vec::new(),
    }
}

fn guardian(number: u128, given: &str, family: &str) -> GuardianNow {
    GuardianNow {
        guardian: person_id(number),
        given: given.to_owned(),
        family: family.to_owned(),
        custody: true,
    }
}

fn school(people: Vec<PersonNow>) -> SchoolNow {
    let class = |number: u128| ClassNow {
        group: group_id(number),
        name: format!("{number}a"),
        year: YEAR,
    };
    SchoolNow {
        people,
        classes: vec![class(5), class(6)],
    }
}

fn sizes(set: &ChangeSet) -> [usize; 6] {
    [
        &set.new.len(),
        &set.changed.len(),
        &set.moved.len(),
        &set.renamed.len(),
        &set.leaving.len(),
        &set.doubtful.len(),
    ]
    .map(|len| *len)
}

const DANIS: &str = "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;SchuelerGeburtsdatum;GruppeBezeichung;SchuelerAbgangsdatum;Verantw1Nachname;Verantw1Vorname;Verantw1Erziehungsberechtigt;Verantw2Nachname;Verantw2Vorname;Verantw2Erziehungsberechtigt";

fn danis(lines: &[&str]) -> String {
    format!("{DANIS}\n{}\n", lines.join("\n"))
}

#[test]
fn an_empty_school_takes_everybody_in_with_classes_and_guardians() {
    let set = compare(
        &danis(&[
            "1;Anna;Probe;17.07.2015;5a;;Probe;Jo;1;;;",
            "2;Ben;Muster;;10b;;;;;;;",
            "3;Cem;Muster;;Q1;;;;;;;",
        ]),
        &SchoolNow::default(),
    );
    assert_eq!(sizes(&set), [3, 0, 0, 0, 0, 0]);
    assert_eq!(
        set.groups
            .iter()
            .map(|group| group.name.as_str())
            .collect::<Vec<_>>(),
        ["5a", "10b", "Q1"]
    );
    assert_eq!(set.guardians.len(), 1);
    assert!(!set.confirm_leavers.needed && !set.is_empty());
}

#[test]
fn a_move_and_a_new_name_stand_in_both_lists() {
    let now = school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5)]);
    let set = compare(&danis(&["1;Anna;Neu;17.07.2015;6a;;;;;;;"]), &now);
    assert_eq!(sizes(&set), [0, 0, 1, 1, 0, 0]);
    assert_eq!(
        set.groups
            .iter()
            .map(|group| group.group)
            .collect::<Vec<_>>(),
        [Some(group_id(5))],
        "5a is empty now"
    );
}

#[test]
fn a_class_of_last_year_is_another_class() {
    let mut now = school(vec![pupil(1, "Anna", "Probe", "", 5)]);
    now.classes
        .iter_mut()
        .for_each(|class| class.year = YEAR - 1);
    let set = compare(&danis(&["1;Anna;Probe;;5a;;;;;;;"]), &now);
    assert_eq!(sizes(&set), [0, 0, 1, 0, 0, 0]);
    assert_eq!(
        set.groups
            .iter()
            .map(|group| (group.group, group.year))
            .collect::<Vec<_>>(),
        [(None, YEAR), (Some(group_id(5)), YEAR - 1)]
    );
}

#[test]
fn a_missing_column_or_an_empty_cell_erases_nothing() {
    let now = school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5)]);
    let without = "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname\n1;Anna;Probe\n";
    assert!(compare(without, &now).is_empty());
    assert!(compare(&danis(&["1;Anna;Probe;;;;;;;;;"]), &now).is_empty());
}

#[test]
fn people_without_a_line_are_proposed_as_leaving_and_many_need_a_confirmation() {
    let everybody = (1..=100)
        .map(|number| pupil(number, "Kim", "Probe", "", 5))
        .collect();
    let now = school(everybody);
    let lines = |count: u128| {
        (1..=count)
            .map(|number| format!("{number};Kim;Probe;;5a;;;;;;;"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let few = compare(&danis(&[&lines(95)]), &now);
    assert_eq!((few.leaving.len(), few.confirm_leavers.needed), (5, false));
    let many = compare(&danis(&[&lines(94)]), &now);
    assert_eq!((many.leaving.len(), many.confirm_leavers.needed), (6, true));
    assert!(
        many.leaving
            .iter()
            .all(|leaving| leaving.reason == LeavingReason::Missing)
    );
    assert!(
        many.warnings
            .iter()
            .any(|note| note.code == NoteCode::ManyMissing)
    );
}

#[test]
fn a_refused_line_makes_nobody_leave() {
    let now = school(
        (1..=40)
            .map(|number| pupil(number, "Kim", "Probe", "", 5))
            .collect(),
    );
    let mut lines: Vec<String> = (1..=39)
        .map(|number| format!("{number};Kim;Probe;;5a;;;;;;;"))
        .collect();
    lines.push("40;Kim;Probe".to_owned());
    let set = compare(&danis(&[&lines.join("\n")]), &now);
    assert_eq!(set.leaving, []);
    lines.pop();
    lines.push(";Kim;Probe;;5a;;;;;;;".to_owned());
    let set = compare(&danis(&[&lines.join("\n")]), &now);
    assert_eq!(
        (set.leaving.len(), set.confirm_leavers.needed),
        (1, true),
        "the missing person may stand in the line that was refused"
    );
}

#[test]
fn a_date_of_leaving_counts_once_it_has_passed() {
    let now = school(vec![
        pupil(1, "Anna", "Probe", "", 5),
        pupil(2, "Ben", "Muster", "", 5),
    ]);
    let set = compare(
        &danis(&[
            "1;Anna;Probe;;5a;31.10.2026;;;;;;",
            "2;Ben;Muster;;5a;31.01.2027;;;;;;",
            "3;Cem;Fort;;5a;01.01.2020;;;;;;",
        ]),
        &now,
    );
    assert_eq!(sizes(&set), [0, 0, 0, 0, 1, 0]);
    assert_eq!(
        set.leaving
            .first()
            .map(|leaving| (leaving.reason, &leaving.on)),
        Some((LeavingReason::LeavingDate, &date("2026-10-31")))
    );
    assert!(
        set.warnings
            .iter()
            .any(|note| (note.line, note.code) == (Some(4), NoteCode::LeftAlready))
    );
}

#[test]
fn somebody_who_has_left_is_not_missing_and_comes_back_by_a_line() {
    let mut gone = pupil(1, "Anna", "Probe", "", 5);
    gone.left = Some(date("2026-11-23"));
    let now = school(vec![gone, pupil(2, "Ben", "Muster", "", 5)]);
    assert!(compare(&danis(&["2;Ben;Muster;;5a;;;;;;;"]), &now).is_empty());
    let back = compare(
        &danis(&["1;Anna;Probe;;5a;;;;;;;", "2;Ben;Muster;;5a;;;;;;;"]),
        &now,
    );
    let fields: Vec<FieldName> = back
        .changed
        .iter()
        .flat_map(|changed| &changed.fields)
        .map(|field| field.field)
        .collect();
    assert_eq!(fields, [FieldName::Left]);
}

#[test]
fn equal_names_with_different_numbers_are_different_people() {
    let now = school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5)]);
    let set = compare(
        &danis(&[
            "1;Anna;Probe;17.07.2015;5a;;;;;;;",
            "2;Anna;Probe;01.01.2014;6a;;;;;;;",
        ]),
        &now,
    );
    assert_eq!(sizes(&set), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn a_number_given_to_somebody_else_is_doubtful() {
    let now = school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5)]);
    let set = compare(&danis(&["1;Mia;Lang;02.02.2016;5a;;;;;;;"]), &now);
    assert_eq!(sizes(&set), [0, 0, 0, 0, 0, 1]);
    assert_eq!(
        set.doubtful.first().map(|doubtful| doubtful.reason),
        Some(Doubt::NumberReused)
    );
}

#[test]
fn neither_a_namesake_by_birthday_nor_a_sibling_gets_somebody_s_account() {
    let now = || school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5)]);
    for line in [
        "1;Mia;Lang;17.07.2015;5a;;;;;;;",
        "1;Ben;Probe;02.02.2016;5a;;;;;;;",
        "1;A.;Lang;17.07.2015;5a;;;;;;;",
        "1;Mia;Lang;;5a;;;;;;;",
    ] {
        let set = compare(&danis(&[line]), &now());
        assert_eq!(sizes(&set), [0, 0, 0, 0, 0, 1], "{line}");
        let reason = set.doubtful.first().map(|doubtful| doubtful.reason);
        assert_eq!(reason, Some(Doubt::NumberReused), "{line}");
    }
}

#[test]
fn whoever_keeps_one_of_their_names_is_renamed_and_a_birth_date_is_corrected() {
    let now = || school(vec![pupil(1, "Anna-Lena", "Müller", "2015-07-17", 5)]);
    for (line, changed) in [
        ("1;Anna;Lang;17.07.2015;5a;;;;;;;", 0),
        ("1;Jonas;Müller;17.07.2015;5a;;;;;;;", 0),
        ("1;Mia;Lang-Mueller;17.07.2015;5a;;;;;;;", 0),
        ("1;Anna;Muller;18.07.2015;5a;;;;;;;", 1),
    ] {
        let set = compare(&danis(&[line]), &now());
        assert_eq!(sizes(&set), [0, changed, 0, 1, 0, 0], "{line}");
    }
}

#[test]
fn a_name_that_lost_letters_is_no_new_name() {
    let now = || school(vec![pupil(1, "Lia", "Nguyễn", "2015-07-17", 5)]);
    let notes = |set: &ChangeSet| -> Vec<_> {
        let notes = set.warnings.iter().map(|note| (note.line, note.code));
        notes
            .filter(|(_, code)| *code == NoteCode::LettersLost)
            .collect()
    };
    for list in [
        danis(&["1;Lia;Nguy?n;17.07.2015;6a;;;;;;;"]),
        "Vorname;Nachname;Klasse;Geburtsdatum\nLia;Nguy?n;6a;17.07.2015\n".to_owned(),
    ] {
        let set = compare(&list, &now());
        assert_eq!(sizes(&set), [0, 0, 1, 0, 0, 0], "{list}");
        assert_eq!(notes(&set), [(Some(2), NoteCode::LettersLost)], "{list}");
    }
    for (line, candidates) in [
        ("1;Lia;?ahin;17.07.2015;5a;;;;;;;", 1),
        ("2;Emil;?ahin;;5a;;;;;;;", 0),
    ] {
        let set = compare(&danis(&[line]), &now());
        assert_eq!(set.renamed.len() + set.new.len(), 0, "{line}");
        let doubts: Vec<_> = set
            .doubtful
            .iter()
            .map(|doubtful| (doubtful.reason, doubtful.candidates.len()))
            .collect();
        assert_eq!(doubts, [(Doubt::LettersLost, candidates)]);
    }
}

#[test]
fn a_guardian_s_name_that_lost_letters_ends_and_begins_nobody() {
    let mut lia = pupil(1, "Lia", "Probe", "2015-07-17", 5);
    lia.guardians = vec![guardian(50, "Jo", "Nguyễn")];
    let now = school(vec![lia]);
    let set = compare(&danis(&["1;Lia;Probe;17.07.2015;5a;;Nguy?n;Jo;1;;;"]), &now);
    assert_eq!(set.guardians, []);
    let noted = set.warnings.iter().map(|note| (note.line, note.code));
    assert!(
        noted
            .into_iter()
            .any(|note| note == (Some(2), NoteCode::GuardianLettersLost))
    );
}

#[test]
fn one_person_under_another_number_is_doubtful_and_by_hand_they_get_their_number() {
    let mut by_hand = pupil(2, "Ben", "Muster", "2014-01-01", 5);
    by_hand.source_id = None;
    let now = school(vec![pupil(1, "Anna", "Probe", "2015-07-17", 5), by_hand]);
    let set = compare(
        &danis(&[
            "77;Anna;Probe;17.07.2015;5a;;;;;;;",
            "78;ben;Muster;01.01.2014;5a;;;;;;;",
        ]),
        &now,
    );
    assert_eq!(
        set.doubtful
            .iter()
            .map(|doubtful| doubtful.reason)
            .collect::<Vec<_>>(),
        [Doubt::OtherNumber]
    );
    let numbered: Vec<_> = set
        .changed
        .iter()
        .map(|changed| {
            (
                changed.person,
                changed.fields.first().and_then(|field| field.to.as_deref()),
            )
        })
        .collect();
    assert_eq!(numbered, [(person_id(2), Some("78"))]);
    assert_eq!(set.renamed.len(), 1);
}

#[test]
fn a_list_without_numbers_adds_and_never_removes() {
    let now = school(vec![
        pupil(1, "Anna", "Probe", "2015-07-17", 5),
        pupil(2, "Anna", "Probe", "2014-01-01", 6),
        pupil(3, "Ben", "Muster", "", 5),
    ]);
    let set = compare(
        "Vorname;Nachname;Klasse\nAnna;Probe;5a\nAnna;Probe;7a\nBen;Muster;6a\nNeu;Person;5a\n",
        &now,
    );
    assert_eq!(sizes(&set), [1, 0, 0, 0, 0, 2]);
    assert_eq!(
        set.doubtful
            .iter()
            .map(|doubtful| doubtful.reason)
            .collect::<Vec<_>>(),
        [Doubt::SeveralFit, Doubt::OnlyTheNameAgrees]
    );
    assert_eq!(set.unchanged, 1);
    assert!(
        set.warnings
            .iter()
            .any(|note| note.code == NoteCode::NoStableNumbers)
    );
}

#[test]
fn a_list_of_staff_says_nothing_about_pupils() {
    let now = school(vec![pupil(1, "Anna", "Probe", "", 5)]);
    let set = compare(
        "Import-ID;Vorname;Nachname;Kürzel;Rolle\n1;Eva;Lehr;Leh;Lehrkraft\n",
        &now,
    );
    assert_eq!(sizes(&set), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn siblings_share_their_guardians_and_strangers_do_not() {
    let set = compare(
        &danis(&[
            "1;Anna;Probe;;5a;;Probe;Jo;1;Muster;Kim;1",
            "2;Ben;Muster;;6a;;Muster;Kim;1;Probe;Jo;1",
            "3;Cem;Müller;;5a;;Müller;Thomas;1;;;",
            "4;Dana;Müller;;6a;;Müller;Thomas;1;;;",
            "5;Emil;Sommer;;6a;;Müller;Thomas;1;;;",
            "6;Fay;Müller;;6a;;Müller;Thomas;1;Müller;Eva;1",
        ]),
        &SchoolNow::default(),
    );
    let lines: Vec<Vec<usize>> = set
        .guardians
        .iter()
        .map(|guardian| guardian.children.iter().map(|child| child.line).collect())
        .collect();
    assert_eq!(
        lines,
        [
            vec![2, 3],
            vec![2, 3],
            vec![4, 5],
            vec![6],
            vec![7],
            vec![7]
        ]
    );
}

#[test]
fn a_younger_sibling_joins_the_guardians_who_are_known() {
    let mut anna = pupil(1, "Anna", "Probe", "", 5);
    anna.guardians = vec![guardian(50, "Jo", "Probe"), guardian(51, "Kim", "Muster")];
    let now = school(vec![anna]);
    let set = compare(
        &danis(&[
            "1;Anna;Probe;;5a;;Probe;Jo;1;Muster;Kim;1",
            "2;Ben;Probe;;5a;;Probe;Jo;1;Muster;Kim;1",
        ]),
        &now,
    );
    assert_eq!(
        set.guardians
            .iter()
            .map(|guardian| guardian.guardian)
            .collect::<Vec<_>>(),
        [Some(person_id(50)), Some(person_id(51))]
    );
    assert!(
        set.guardians
            .iter()
            .flat_map(|guardian| &guardian.children)
            .all(|child| child.child.is_none() && child.line == 3)
    );
}

#[test]
fn a_changed_household_is_known_to_the_sibling_s_line_as_well() {
    let mut anna = pupil(1, "Anna", "Probe", "", 5);
    anna.guardians = vec![guardian(50, "Jo", "Probe")];
    let now = school(vec![anna]);
    let set = compare(
        &danis(&[
            "2;Ben;Probe;;5a;;Probe;Jo;1;Neu;Kim;1",
            "1;Anna;Probe;;5a;;Probe;Jo;1;Neu;Kim;1",
        ]),
        &now,
    );
    let guardians: Vec<_> = set
        .guardians
        .iter()
        .map(|guardian| (guardian.guardian, guardian.children.len()))
        .collect();
    assert_eq!(guardians, [(Some(person_id(50)), 1), (None, 2)]);
}

#[test]
fn custody_and_the_end_of_guardianship_are_changes() {
    let mut anna = pupil(1, "Anna", "Probe", "", 5);
    anna.guardians = vec![guardian(50, "Jo", "Probe"), guardian(51, "Kim", "Muster")];
    let now = school(vec![anna]);
    let set = compare(&danis(&["1;Anna;Probe;;5a;;Probe;Jo;0;;;"]), &now);
    let changes: Vec<_> = set
        .guardians
        .iter()
        .flat_map(|guardian| &guardian.children)
        .map(|child| (child.change, child.custody))
        .collect();
    assert_eq!(
        changes,
        [
            (ChildRelation::Custody, false),
            (ChildRelation::Ends, false)
        ]
    );
    assert!(
        compare(
            "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname\n1;Anna;Probe\n",
            &now
        )
        .guardians
        .is_empty()
    );
}

#[test]
fn the_order_of_the_school_does_not_matter() {
    let people: Vec<PersonNow> = (1..=30)
        .map(|number| {
            pupil(
                number,
                "Kim",
                &format!("Probe{}", number % 7),
                "",
                5 + number % 2,
            )
        })
        .collect();
    let mut reversed = people.clone();
    reversed.reverse();
    let text = danis(&["31;Neu;Person;;7a;;;;;;;", "3;Kim;Anders;;6a;;;;;;;"]);
    assert_eq!(
        compare(&text, &school(people)),
        compare(&text, &school(reversed))
    );
}

#[test]
fn a_change_set_survives_json() {
    let set = compare(
        &danis(&["1;Anna;Probe;17.07.2015;5a;;Probe;Jo;1;;;", "x;;y"]),
        &SchoolNow::default(),
    );
    let json = serde_json::to_value(&set).expect("serialises");
    for list in [
        "new",
        "changed",
        "moved",
        "renamed",
        "leaving",
        "doubtful",
        "guardians",
        "groups",
        "warnings",
        "refused",
    ] {
        assert!(json[list].is_array(), "{list} is a list");
    }
    assert_eq!(
        serde_json::from_value::<ChangeSet>(json).expect("reads back"),
        set
    );
}
