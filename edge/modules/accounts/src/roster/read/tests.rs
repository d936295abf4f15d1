//! Encodings, separators, limits and lines that lie.

use proptest::prelude::*;

use super::super::note::NoteCode;
use super::{MAX_FIELD_BYTES, MAX_ROWS, Table, read};

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let table = table(bytes);
    table
        .rows
        .iter()
        .map(|row| row.cells().map(str::to_owned).collect())
        .collect()
}

fn table(bytes: &[u8]) -> Table {
    read(bytes).expect("a table")
}

fn refusal(bytes: &[u8]) -> (Option<usize>, NoteCode) {
    let refused = read(bytes).expect_err("refused");
    (refused.note.line, refused.note.code)
}

fn warnings(bytes: &[u8]) -> Vec<(Option<usize>, NoteCode)> {
    table(bytes)
        .warnings
        .into_vec()
        .iter()
        .map(|note| (note.line, note.code))
        .collect()
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

const TEXT: &str = "Vorname;Nachname\r\nJürgen;Müller\r\n";

#[test]
fn one_text_is_read_alike_in_every_encoding() {
    let expected = vec![vec!["Jürgen".to_owned(), "Müller".to_owned()]];
    let latin = encoding_rs::WINDOWS_1252.encode(TEXT).0.into_owned();
    let variants = [
        TEXT.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", TEXT.as_bytes()].concat(),
        [b"\xff\xfe".to_vec(), utf16(TEXT, u16::to_le_bytes)].concat(),
        [b"\xfe\xff".to_vec(), utf16(TEXT, u16::to_be_bytes)].concat(),
        utf16(TEXT, u16::to_le_bytes),
        utf16(TEXT, u16::to_be_bytes),
        latin,
    ];
    for bytes in variants {
        assert_eq!(cells(&bytes), expected, "first bytes {:x?}", &bytes[..4]);
    }
}

#[test]
fn a_file_all_in_an_old_encoding_is_said_once() {
    assert_eq!(
        warnings(b"Vorname;Nachname\nAndr\xe9;A\nJ\xfcrgen;B\n"),
        [(Some(2), NoteCode::OtherEncoding)]
    );
}

#[test]
fn a_line_in_another_encoding_is_named() {
    assert_eq!(
        warnings(
            "Vorname;Nachname\nJürgen;A\n"
                .as_bytes()
                .iter()
                .chain(b"Andr\xe9;B\n")
                .copied()
                .collect::<Vec<_>>()
                .as_slice()
        ),
        [(Some(3), NoteCode::LineEncoding)]
    );
}

#[test]
fn iso_8859_15_is_told_from_windows_1252_by_its_letters() {
    assert_eq!(cells(b"V;N\n\xa6imon;Du\xb8an\n"), [["Šimon", "Dužan"]]);
    assert_eq!(
        cells(b"V;N\nD\xb4Angelo;M\xfcller\n"),
        [["D´Angelo", "Müller"]]
    );
    assert_eq!(cells(b"V;N\n\x8aimon;M\xfcller\n"), [["Šimon", "Müller"]]);
}

#[test]
fn bytes_that_are_no_characters_refuse_their_line_only() {
    let table = table(b"V;N\nA\x81;B\nC;D\n");
    assert_eq!(table.len(), 1);
    assert_eq!(
        table
            .refused
            .first()
            .map(|row| (row.note.line, row.note.code)),
        Some((Some(2), NoteCode::UnreadableCharacters))
    );
}

#[test]
fn every_separator_is_found_and_quotes_hide_it() {
    for separator in [";", ",", "\t"] {
        let text = format!("V{separator}N\n\"A{separator}B\"{separator}\"C \"\"D\"\"\"\n");
        assert_eq!(
            cells(text.as_bytes()),
            [[format!("A{separator}B"), "C \"D\"".to_owned()]],
            "separator {separator:?}"
        );
    }
    assert_eq!(cells(b"V|N\n\"A|B\"\n"), [["\"A", "B\""]]);
    assert_eq!(cells(b"sep=,\nV,N\nA;x,B\n"), [["A;x", "B"]]);
}

#[test]
fn lines_count_as_an_editor_counts_them() {
    for ending in ["\n", "\r\n", "\r"] {
        let text = ["", "V;N", "", "A;B", ";", "", "\"C", "c\";D", "E;F"].join(ending);
        let lines: Vec<usize> = table(text.as_bytes())
            .rows
            .iter()
            .map(|row| row.line)
            .collect();
        assert_eq!(lines, [4, 7, 9], "line ending {ending:?}");
    }
}

#[test]
fn ragged_rows_are_refused_with_their_line_and_empty_extra_cells_are_not() {
    let table = table(b"V;N;K\nA;B\nA;B;5a;;\nA;B;5a;x\nA;B;5a\n");
    let refused: Vec<_> = table
        .refused
        .iter()
        .map(|row| (row.note.line, row.note.code))
        .collect();
    assert_eq!(
        refused,
        [(Some(2), NoteCode::ShortRow), (Some(4), NoteCode::LongRow)]
    );
    assert_eq!(table.len(), 2);
}

#[test]
fn an_unclosed_quote_is_named_where_it_opens() {
    assert_eq!(
        refusal(b"V;N\nA;B\n\"C;D\nE;F\nG;H\n"),
        (Some(3), NoteCode::UnclosedQuote)
    );
    assert_eq!(cells(b"V;N\nA 5\" B;C\n"), [["A 5\" B", "C"]]);
}

#[test]
fn files_without_people_are_refused() {
    for bytes in [b"".as_slice(), b"\n\r\n  \n", b"\xef\xbb\xbf", b"\xff\xfe"] {
        assert_eq!(refusal(bytes), (Some(1), NoteCode::Empty), "{bytes:x?}");
    }
    assert_eq!(refusal(b"V;N\n\n;\n"), (Some(1), NoteCode::HeaderOnly));
}

#[test]
fn a_program_s_file_is_refused_by_name() {
    assert_eq!(
        refusal(b"PK\x03\x04\x14\0\x06\0"),
        (Some(1), NoteCode::NotATable)
    );
    assert_eq!(
        refusal(b"V;N\nA;B\nC;\x01\n"),
        (Some(3), NoteCode::ControlCharacters)
    );
}

#[test]
fn limits_hold() {
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let table = table(format!("V;N\nA;B\n{long};B\n").as_bytes());
    assert_eq!(
        table
            .refused
            .first()
            .map(|row| (row.note.line, row.note.code)),
        Some((Some(3), NoteCode::FieldTooLong))
    );
    assert_eq!(
        refusal(format!("{};N\nA;B\n", long).as_bytes()),
        (Some(1), NoteCode::FieldTooLong)
    );
    assert_eq!(
        refusal(format!("{}\nA\n", "V;".repeat(200)).as_bytes()),
        (Some(1), NoteCode::TooManyColumns)
    );
    let rows = format!("V;N\n{}", "A;B\n".repeat(MAX_ROWS + 1));
    assert_eq!(
        refusal(rows.as_bytes()),
        (Some(MAX_ROWS + 2), NoteCode::TooManyRows)
    );
    assert_eq!(
        refusal(&vec![b'x'; super::MAX_FILE_BYTES + 1]),
        (Some(1), NoteCode::FileTooLarge)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        drop(read(&bytes));
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_every_line_number_exists(text in "[\\PCA-C;,\t\"\r\n]{0,200}") {
        if let Ok(table) = read(format!("Vorname;Nachname\n{text}").as_bytes()) {
            let lines = text.matches(['\n', '\r']).count() + 2;
            for line in table.rows.iter().map(|row| row.line).chain(table.refused.iter().filter_map(|row| row.note.line)) {
                prop_assert!(line >= 2 && line <= lines, "line {line} of {lines}");
            }
        }
    }
}
