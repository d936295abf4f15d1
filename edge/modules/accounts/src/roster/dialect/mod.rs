//! What the columns of a table mean: DaNiS pupils, a staff list, or a plain list of names.
//!
//! Columns that are not needed (religion, addresses, remarks) are never copied out of the file's bytes.

mod cells;
mod headings;
mod rows;

#[cfg(test)]
mod tests;

use super::note::{FileRefused, Note, NoteCode};
use super::people::{Columns, Roster, RosterKind};
use super::read::{RefusedRow, Table};
use headings::{Field, Layout};

/// Which program wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Found by the heading.
    #[default]
    Auto,
    /// DaNiS, the administration program of Lower Saxony's schools.
    Danis,
    /// Any list with headings such as `Vorname;Nachname;Klasse`, also the teachers' file.
    Csv,
}

/// A name of a source that this version does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown source; possible are auto, danis and csv")]
pub struct UnknownSource;

impl std::str::FromStr for Source {
    type Err = UnknownSource;

    fn from_str(name: &str) -> Result<Self, UnknownSource> {
        match name {
            "auto" => Ok(Self::Auto),
            "danis" => Ok(Self::Danis),
            "csv" => Ok(Self::Csv),
            _ => Err(UnknownSource),
        }
    }
}

/// Understands a table.
///
/// # Errors
/// [`FileRefused`] when the heading is unknown or not that of the named source; it says what was seen and what is expected.
pub fn roster(table: Table, source: Source) -> Result<Roster, FileRefused> {
    let layout = Layout::find(&table.header, source)?;
    let mut reading = rows::Reading::new(&layout, table.warnings);
    if let Some(note) = layout.ignored_note(table.header.line) {
        reading.warnings.push(note);
    }
    for RefusedRow { note, row } in &table.refused {
        reading.refuse(note.clone(), row.as_ref());
    }
    for row in &table.rows {
        reading.row(row);
    }
    Ok(finish(&layout, reading))
}

fn finish(layout: &Layout, mut reading: rows::Reading<'_>) -> Roster {
    let columns = Columns {
        source_id: layout.has(Field::SourceId),
        guardians: layout.has_guardians(),
    };
    if !columns.source_id {
        reading
            .warnings
            .push(Note::with(None, NoteCode::NoStableNumbers, ""));
    }
    let people = reading
        .people
        .finish(&mut reading.warnings, &mut reading.refused);
    Roster {
        kind: if layout.is_staff() {
            RosterKind::Staff
        } else {
            RosterKind::Pupils
        },
        dialect: layout.dialect,
        columns,
        people: people.kept,
        warnings: reading.warnings.into_vec(),
        refused: reading.refused.into_vec(),
        refused_ids: reading
            .refused_ids
            .into_iter()
            .chain(people.refused_ids)
            .collect(),
        refused_unknown: reading.refused_unknown,
    }
}
