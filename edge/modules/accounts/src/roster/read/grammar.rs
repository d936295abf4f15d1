//! Separators, quotes and rows. The grammar of quotes is the csv crate's.

use std::collections::BTreeSet;

use super::super::note::{FileRefused, Note, NoteCode};
use super::encoding::Decoded;
use super::{MAX_CELLS, MAX_COLUMNS, MAX_FIELD_BYTES, MAX_ROWS, RefusedRow, Row, Table};

/// In the order of preference where a heading has as many of one as of the other.
const SEPARATORS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Cuts the text into a table.
pub(super) fn table(decoded: Decoded) -> Result<Table, FileRefused> {
    let (start, separator) =
        beginning(&decoded.text).ok_or_else(|| FileRefused::at(1, NoteCode::Empty, ""))?;
    let mut records = Records::new(&decoded.text, start, separator);
    let header = header(records.next_row()?)?;
    let mut rows = Rows {
        width: header.cells.len(),
        unreadable: decoded.unreadable,
        usable: Vec::new(),
        refused: Vec::new(),
        cells: 0,
    };
    while let Some(record) = records.next_row()? {
        rows.push(record)?;
    }
    if rows.usable.is_empty() && rows.refused.is_empty() {
        return Err(FileRefused::at(header.line, NoteCode::HeaderOnly, ""));
    }
    Ok(Table {
        header,
        rows: rows.usable,
        refused: rows.refused,
        warnings: decoded.warnings,
    })
}

/// Where the table begins in the text, and its separator; `None` when there is no text.
/// Spreadsheets understand a first line `sep=;`, so files carry one.
fn beginning(text: &str) -> Option<(usize, u8)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(named) = line.trim_end().strip_prefix("sep=") {
            at += line.len();
            if let Some(separator) = SEPARATORS
                .into_iter()
                .find(|separator| named.as_bytes() == [*separator])
            {
                return Some((at, separator));
            }
        } else if line.trim().is_empty() {
            at += line.len();
        } else {
            return Some((at, most_frequent_separator(line)));
        }
    }
    None
}

fn most_frequent_separator(line: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
            *count += usize::from(!quoted && byte == separator);
        }
    }
    let most = counts.into_iter().max().unwrap_or_default();
    counts
        .into_iter()
        .zip(SEPARATORS)
        .find(|(count, _)| *count == most)
        .map_or(b';', |(_, separator)| separator)
}

fn header(record: Option<Record>) -> Result<Row, FileRefused> {
    let Some(record) = record else {
        return Err(FileRefused::at(1, NoteCode::Empty, ""));
    };
    if record.row.cells.len() > MAX_COLUMNS {
        return Err(FileRefused::at(
            record.row.line,
            NoteCode::TooManyColumns,
            &MAX_COLUMNS.to_string(),
        ));
    }
    if record
        .row
        .cells
        .iter()
        .any(|cell| cell.len() > MAX_FIELD_BYTES)
    {
        return Err(FileRefused::at(
            record.row.line,
            NoteCode::FieldTooLong,
            &MAX_FIELD_BYTES.to_string(),
        ));
    }
    Ok(record.row)
}

/// Sorts rows into usable and refused, within the limits.
struct Rows {
    width: usize,
    unreadable: BTreeSet<usize>,
    usable: Vec<Row>,
    refused: Vec<RefusedRow>,
    cells: usize,
}

impl Rows {
    fn push(&mut self, record: Record) -> Result<(), FileRefused> {
        if record.row.cells().all(str::is_empty) {
            return Ok(());
        }
        self.cells += record.row.cells.len();
        if self.usable.len() + self.refused.len() >= MAX_ROWS || self.cells > MAX_CELLS {
            return Err(FileRefused::at(
                record.row.line,
                NoteCode::TooManyRows,
                &MAX_ROWS.to_string(),
            ));
        }
        let line = record.row.line;
        let count = record.row.cells.len();
        if record
            .row
            .cells
            .iter()
            .any(|cell| cell.len() > MAX_FIELD_BYTES)
        {
            self.refused.push(RefusedRow {
                note: Note::with(
                    Some(line),
                    NoteCode::FieldTooLong,
                    &MAX_FIELD_BYTES.to_string(),
                ),
                row: None,
            });
        } else if self
            .unreadable
            .range(line..=record.last_line)
            .next()
            .is_some()
        {
            self.refuse(record.row, NoteCode::UnreadableCharacters, "");
        } else if count < self.width {
            let detail = format!("{count} / {}", self.width);
            self.refuse(record.row, NoteCode::ShortRow, &detail);
        } else if record
            .row
            .cells()
            .skip(self.width)
            .any(|cell| !cell.is_empty())
        {
            // A filled cell too many means that some cell before it may be shifted: a wrong class is worse than a refused line.
            let detail = format!("{count} / {}", self.width);
            self.refuse(record.row, NoteCode::LongRow, &detail);
        } else {
            self.usable.push(record.row);
        }
        Ok(())
    }

    fn refuse(&mut self, row: Row, code: NoteCode, detail: &str) {
        self.refused.push(RefusedRow {
            note: Note::with(Some(row.line), code, detail),
            row: Some(row),
        });
    }
}

struct Record {
    row: Row,
    last_line: usize,
}

/// Records with the lines they really stand in.
struct Records<'a> {
    text: &'a str,
    start: usize,
    lines_before: usize,
    reader: csv::StringRecordsIntoIter<&'a [u8]>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, start: usize, separator: u8) -> Self {
        let table = text.get(start..).unwrap_or_default();
        let lines_before = text
            .len()
            .checked_sub(table.len())
            .and_then(|start| text.get(..start))
            .unwrap_or_default()
            .matches('\n')
            .count();
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            // Interface files separated by bars know no quotes: there a quotation mark is part of a name.
            .quoting(separator != b'|')
            .from_reader(table.as_bytes())
            .into_records();
        Self {
            text: table,
            start: 0,
            lines_before,
            reader,
        }
    }

    fn next_row(&mut self) -> Result<Option<Record>, FileRefused> {
        let next = self.reader.next();
        let end = usize::try_from(self.reader.reader().position().byte())
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        let raw = self.text.get(self.start..end).unwrap_or_default();
        // The reader steps over blank lines before a record without counting them to anything.
        let blank = raw.len() - raw.trim_start_matches('\n').len();
        let line = self.lines_before + blank + 1;
        let raw = raw.get(blank..).unwrap_or_default();
        let breaks_inside = raw.trim_end_matches('\n').matches('\n').count();
        self.lines_before += blank + raw.matches('\n').count();
        self.start = end;
        match next {
            None => Ok(None),
            // A table in memory that is valid UTF-8, read with a free number of columns, has no other way to fail.
            Some(Err(_)) => Err(FileRefused::at(line, NoteCode::NotATable, "CSV")),
            Some(Ok(_)) if breaks_inside > 0 && raw.matches('"').count() % 2 == 1 => {
                Err(FileRefused::at(line, NoteCode::UnclosedQuote, ""))
            }
            Some(Ok(cells)) => Ok(Some(Record {
                row: Row { line, cells },
                last_line: line + breaks_inside,
            })),
        }
    }
}
