//! Files that schools send by mistake: each gets an answer with line and reason.

use std::time::{Duration, Instant};

use edge_accounts::roster::change_set::SchoolNow;
use edge_accounts::roster::{NoteCode, Source, read_roster};

use crate::support::{compare, file, roster};

fn refusal(name: &str) -> Option<(Option<usize>, NoteCode)> {
    let refused = read_roster(&file(name)?, Source::Auto).expect_err("the file is refused");
    assert!(
        refused.note.text.de.starts_with("Zeile "),
        "{}",
        refused.note.text.de
    );
    Some((refused.note.line, refused.note.code))
}

fn notes(notes: &[edge_accounts::roster::Note]) -> Vec<(Option<usize>, NoteCode)> {
    notes
        .iter()
        .filter(|note| note.line.is_some())
        .map(|note| (note.line, note.code))
        .collect()
}

#[test]
fn an_empty_file_is_refused() {
    assert!(matches!(
        refusal("bad/empty.csv"),
        None | Some((Some(1), NoteCode::Empty))
    ));
}

#[test]
fn a_heading_alone_is_refused() {
    assert!(matches!(
        refusal("bad/header-only.csv"),
        None | Some((Some(1), NoteCode::HeaderOnly))
    ));
}

#[test]
fn noise_is_refused_in_words() {
    assert!(matches!(
        refusal("bad/not-a-table.csv"),
        None | Some((Some(_), NoteCode::NotATable | NoteCode::ControlCharacters))
    ));
}

#[test]
fn formula_like_names_are_taken_over_with_a_warning() {
    let Some(roster) = roster("bad/formula.csv") else {
        return;
    };
    let set = compare(&roster, &SchoolNow::default());
    assert_eq!((set.new.len(), set.refused.len()), (2, 0));
    assert_eq!(
        notes(&set.warnings),
        [
            (Some(2), NoteCode::FormulaLike),
            (Some(3), NoteCode::FormulaLike)
        ]
    );
}

#[test]
fn a_line_in_another_encoding_is_taken_over_with_a_warning() {
    let Some(roster) = roster("bad/mixed-encoding.csv") else {
        return;
    };
    let names: Vec<(&str, &str)> = roster
        .people
        .iter()
        .map(|person| (person.given.as_str(), person.family.as_str()))
        .collect();
    assert_eq!(names, [("Jürgen", "Müller"), ("André", "Großmann")]);
    assert_eq!(notes(&roster.warnings), [(Some(3), NoteCode::LineEncoding)]);
}

#[test]
fn ragged_lines_are_refused_one_by_one() {
    let Some(roster) = roster("bad/ragged.csv") else {
        return;
    };
    assert!(roster.people.is_empty());
    assert_eq!(
        notes(&roster.refused),
        [
            (Some(2), NoteCode::ShortRow),
            (Some(3), NoteCode::LongRow),
            (Some(4), NoteCode::Missing)
        ]
    );
}

#[test]
fn a_huge_field_is_refused_at_once() {
    let Some(bytes) = file("bad/huge-field.csv") else {
        return;
    };
    let start = Instant::now();
    let roster = read_roster(&bytes, Source::Auto).expect("the heading is known");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(roster.people.is_empty());
    assert_eq!(notes(&roster.refused), [(Some(2), NoteCode::FieldTooLong)]);
}
