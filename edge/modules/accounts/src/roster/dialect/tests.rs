//! Headings, cells and lines as schools send them.

use events::accounts::Date;

use super::super::note::NoteCode;
use super::super::people::{Roster, RosterKind, RosterRole};
use super::super::read_roster;
use super::Source;
use super::cells;

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn roster(text: &str) -> Roster {
    read_roster(text.as_bytes(), Source::Auto).expect("the heading is known")
}

fn codes(notes: &[super::super::Note]) -> Vec<(Option<usize>, NoteCode)> {
    notes.iter().map(|note| (note.line, note.code)).collect()
}

const DANIS: &str = "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;SchuelerGeburtsdatum;GruppeBezeichung;SchuelerAbgangsdatum;Verantw1Nachname;Verantw1Vorname;Verantw1Erziehungsberechtigt;Verantw2Nachname;Verantw2Vorname;Verantw2Erziehungsberechtigt\n";

#[test]
fn a_danis_line_becomes_a_pupil_with_guardians() {
    let roster = roster(&format!(
        "{DANIS}1;Anna;van der Probe;17.07.2015;5a;31.01.2027;Probe;Jo;1;Muster;Kim;0\n"
    ));
    let [anna] = roster.people.as_slice() else {
        panic!("one pupil expected")
    };
    assert_eq!((roster.kind, roster.dialect), (RosterKind::Pupils, "danis"));
    assert_eq!(
        (anna.given.as_str(), anna.family.as_str()),
        ("Anna", "van der Probe")
    );
    assert_eq!(anna.birth_date, date("2015-07-17"));
    assert_eq!(anna.leaves, date("2027-01-31"));
    let custody: Vec<bool> = anna
        .guardians
        .iter()
        .map(|guardian| guardian.custody)
        .collect();
    assert_eq!(custody, [true, false]);
}

#[test]
fn the_right_spelling_of_the_misspelt_heading_is_known_too() {
    let roster = roster(
        "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;GruppeBezeichnung\n1;Anna;Probe;5a\n",
    );
    assert_eq!(
        roster.people.first().and_then(|anna| anna.class.as_deref()),
        Some("5a")
    );
}

#[test]
fn a_list_with_abbreviations_and_roles_is_a_staff_list() {
    let roster = roster(
        "Import-ID\tVorname\tNachname\tKürzel\tRolle\nL1\tEva\tProbe\tPro\tLehrkraft\nL2\tJan\tMuster\tMus\tMitarbeit\nL3\tUte\tLeit\tLei\tSchulleitung\nL4\tX\tY\tZ\tKönigin\n",
    );
    let roles: Vec<RosterRole> = roster.people.iter().map(|person| person.role).collect();
    assert_eq!(roster.kind, RosterKind::Staff);
    assert_eq!(
        roles,
        [RosterRole::Teacher, RosterRole::Staff, RosterRole::Teacher]
    );
    assert_eq!(codes(&roster.warnings), [(Some(4), NoteCode::RoleByHand)]);
    assert_eq!(codes(&roster.refused), [(Some(5), NoteCode::UnknownRole)]);
}

#[test]
fn an_unknown_heading_is_refused_with_what_was_seen_and_expected() {
    let refused = read_roster(
        b"Vorname;Zuname;Lieblingstier\nAnna;Probe;Hund\n",
        Source::Auto,
    )
    .expect_err("no family name");
    assert_eq!(
        (refused.note.line, refused.note.code),
        (Some(1), NoteCode::UnknownHeader)
    );
    assert!(
        refused.note.text.de.contains("Zuname") && refused.note.text.de.contains("Nachname"),
        "{}",
        refused.note.text.de
    );
}

#[test]
fn a_file_without_a_heading_does_not_leak_its_first_person() {
    let refused =
        read_roster(b"5a;Geheim;Gerda;01.02.2014\n", Source::Auto).expect_err("no heading");
    assert!(
        !format!("{refused} {:?}", refused.note).contains("Ge"),
        "{refused}"
    );
}

#[test]
fn a_plain_list_is_not_taken_for_danis() {
    let refused =
        read_roster(b"Vorname;Nachname\nAnna;Probe\n", Source::Danis).expect_err("not DaNiS");
    assert_eq!(refused.note.code, NoteCode::UnknownHeader);
}

#[test]
fn dropped_columns_are_named_and_never_kept() {
    let roster = roster("Vorname;Nachname;Klasse;Konfession\nAnna;Probe;5a;streng geheim\n");
    assert!(codes(&roster.warnings).contains(&(Some(1), NoteCode::ColumnsIgnored)));
    assert!(!format!("{roster:?}").contains("geheim"));
}

#[test]
fn a_doubled_line_counts_once() {
    let line = "1;Anna;Probe;17.07.2015;5a;;;;;;;\n";
    let roster = roster(&format!("{DANIS}{line}{line}"));
    assert_eq!(roster.people.len(), 1);
    assert_eq!(codes(&roster.warnings), [(Some(3), NoteCode::DoubledLine)]);
}

#[test]
fn one_number_for_two_people_refuses_both_and_calls_nobody_missing() {
    let roster = roster(&format!(
        "{DANIS}1;Anna;Probe;;5a;;;;;;;\n2;Bert;Probe;;5a;;;;;;;\n1;Carla;Muster;;5b;;;;;;;\n"
    ));
    assert_eq!(roster.people.len(), 1);
    assert_eq!(
        codes(&roster.refused),
        [
            (Some(2), NoteCode::NumberTwice),
            (Some(4), NoteCode::NumberTwice)
        ]
    );
    assert!(roster.refused_ids.contains("1"));
}

#[test]
fn a_refused_line_still_tells_whose_it_is() {
    let roster = roster("Import-ID;Vorname;Nachname;Klasse\n7;Anna;Probe\n8;Bert;Probe;5a\n");
    assert!(roster.refused_ids.contains("7"));
    assert_eq!(roster.refused_unknown, 0);
}

#[test]
fn a_guardian_named_twice_is_one_person() {
    let roster = roster(&format!("{DANIS}1;Anna;Probe;;5a;;Probe;Jo;0;Probe;Jo;1\n"));
    let custody: Vec<bool> = roster
        .people
        .iter()
        .flat_map(|anna| &anna.guardians)
        .map(|jo| jo.custody)
        .collect();
    assert_eq!(custody, [true]);
    assert_eq!(
        codes(&roster.warnings),
        [(Some(2), NoteCode::GuardianTwice)]
    );
}

#[test]
fn a_line_break_inside_a_name_refuses_the_line_where_it_begins() {
    let roster = roster(
        "Vorname;Nachname;Klasse\nBert;Probe;5a\n\"An\nna\";Probe;5a\nCarla;Probe;5a\n;Ohne;5b\n",
    );
    assert_eq!(
        codes(&roster.refused),
        [
            (Some(3), NoteCode::LineBreakInField),
            (Some(6), NoteCode::Missing)
        ]
    );
    assert_eq!(
        roster
            .people
            .iter()
            .map(|person| person.line)
            .collect::<Vec<_>>(),
        [2, 5]
    );
}

#[test]
fn names_are_made_tidy_and_hidden_characters_are_said() {
    let tidy = cells::tidy("  Mu\u{308}ller \u{202e}  Probe ");
    assert_eq!(tidy.text, "Müller Probe");
    assert!(tidy.invisible && !tidy.formula);
}

#[test]
fn umlauts_encoded_twice_are_noticed_and_foreign_names_are_not() {
    assert!(cells::tidy("MÃ¼ller").doubly_encoded && cells::tidy("GroÃŸ").doubly_encoded);
    assert!(
        !cells::tidy("São").doubly_encoded
            && !cells::tidy("Åse").doubly_encoded
            && !cells::tidy("JOÃO").doubly_encoded
    );
}

#[test]
fn dates_are_read_in_three_forms_and_never_guessed() {
    let good = date("2015-07-01");
    for cell in ["01.07.2015", "1.7.2015", "2015-07-01", "20150701"] {
        assert_eq!(cells::date(cell), good, "{cell}");
    }
    for cell in [
        "",
        "01.07.15",
        "31.02.2015",
        "07/01/2015",
        "2015",
        "aa.bb.cccc",
        "01.07.2015 00:00",
        "-1.7.2015",
        "99999999999",
    ] {
        assert_eq!(cells::date(cell), None, "{cell}");
    }
}

#[test]
fn an_unreadable_date_is_left_out_and_said() {
    let roster = roster(&format!("{DANIS}1;Anna;Probe;1.7.15;5a;;;;;;;\n"));
    assert_eq!(
        roster
            .people
            .first()
            .and_then(|anna| anna.birth_date.clone()),
        None
    );
    assert_eq!(
        roster
            .warnings
            .first()
            .map(|note| (note.code, note.column.as_deref())),
        Some((NoteCode::DateUnreadable, Some("SchuelerGeburtsdatum")))
    );
}

#[test]
fn notes_hold_no_personal_value() {
    let roster = roster(
        "Vorname;Nachname;Klasse\n=Geheim;Probe;5a\nGeheim;Geheim\nGeheim;\"Ge\nheim\";5a\n",
    );
    let notes = format!("{:?}{:?}", roster.warnings, roster.refused);
    assert!(!notes.contains("Geheim"), "{notes}");
}

#[test]
fn a_cell_that_no_account_would_take_refuses_its_line_and_says_the_limit() {
    let roster = roster(&format!(
        "{DANIS}1;{};Probe;;5a;;;;;;;\n2;Ben;Probe;;5a;;;;;;;\n",
        "A".repeat(121)
    ));
    assert_eq!(roster.people.len(), 1);
    let refused = roster.refused.first().expect("the first line");
    assert_eq!(
        (refused.line, refused.code, refused.column.as_deref()),
        (Some(2), NoteCode::FieldTooLong, Some("SchuelerRufname"))
    );
    assert!(refused.text.de.contains("120"), "{}", refused.text.de);
}
