//! From bytes to a table of bounded size: encoding, separators, quotes, ragged lines.
//!
//! What the columns mean is the dialect's business.

mod encoding;
mod grammar;
mod kind;

#[cfg(test)]
mod tests;

use super::note::{FileRefused, Notes};

/// The largest file that is read at all. The largest German school's list is below 2 MiB.
pub const MAX_FILE_BYTES: usize = 32 * 1024 * 1024;
/// The longest cell in bytes of UTF-8.
pub const MAX_FIELD_BYTES: usize = 4 * 1024;
/// The most columns.
pub const MAX_COLUMNS: usize = 200;
/// The most rows below the heading.
pub const MAX_ROWS: usize = 50_000;
/// The most cells in all: 50,000 rows of 200 columns would be a gigabyte of small strings, and no school has them.
pub const MAX_CELLS: usize = 1_000_000;

/// A table as it stands in the file.
#[derive(Debug)]
pub struct Table {
    /// The heading, cells trimmed.
    pub(super) header: Row,
    /// The rows that have as many cells as the heading; blank rows are gone.
    pub(super) rows: Vec<Row>,
    /// The rows that cannot be used.
    pub(super) refused: Vec<RefusedRow>,
    pub(super) warnings: Notes,
}

impl Table {
    /// Number of rows that can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// One row and where it begins in the file.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    cells: csv::StringRecord,
}

impl Row {
    /// The trimmed cell; empty where the row has none.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default().trim()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(str::trim)
    }
}

/// A row that cannot be used; its cells are kept where they are small, so that the dialect can look for the person's number.
#[derive(Debug)]
pub(super) struct RefusedRow {
    pub(super) note: super::note::Note,
    pub(super) row: Option<Row>,
}

/// Reads a table.
///
/// # Errors
/// [`FileRefused`] when it is empty, too large, no text table, or not readable from some line on.
pub fn read(bytes: &[u8]) -> Result<Table, FileRefused> {
    kind::refuse_what_is_no_text(bytes)?;
    let text = encoding::decode(bytes)?;
    grammar::table(text)
}
