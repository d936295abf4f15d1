//! What a roster says, whatever dialect it was written in.

use schemars::JsonSchema;
use std::collections::BTreeSet;

use events::accounts::Date;

use super::note::Note;

/// Whom a file lists; a file of pupils says nothing about staff, and the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterKind {
    /// Pupils, perhaps with their guardians.
    Pupils,
    /// Teachers and other staff.
    Staff,
}

/// The role that a roster can give. Heads, administrators, auditors and data-protection officers are named by people, never by a file.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RosterRole {
    /// A pupil.
    Pupil,
    /// A teacher.
    Teacher,
    /// Staff who do not teach.
    Staff,
}

/// Which columns the file has. A column that is not there says nothing: it never erases what the school knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// Stable numbers of the school's administration program.
    pub source_id: bool,
    /// At least one guardian's name.
    pub guardians: bool,
}

/// A file's people, and what was to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Roster {
    /// Pupils or staff.
    pub kind: RosterKind,
    /// Name of the dialect it was read in (`danis`, `staff`, `csv`).
    pub dialect: &'static str,
    /// What the file speaks about at all.
    pub columns: Columns,
    /// One entry per person, in the order of the lines.
    pub people: Vec<RosterPerson>,
    /// Remarks on lines that were taken over.
    pub warnings: Vec<Note>,
    /// Lines that were not.
    pub refused: Vec<Note>,
    /// Numbers that stand in refused lines: these people are in the file, so they are not missing.
    pub refused_ids: BTreeSet<String>,
    /// Refused lines whose person cannot be told.
    pub refused_unknown: usize,
}

/// One person of a roster. All of it is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// Line of the file.
    pub line: usize,
    /// The administration program's own number, stable over the years.
    pub source_id: Option<String>,
    /// Given names as called.
    pub given: String,
    /// Family name with its particles.
    pub family: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Name of the class.
    pub class: Option<String>,
    /// Last day at the school.
    pub leaves: Option<Date>,
    /// A teacher's abbreviation.
    pub abbreviation: Option<String>,
    /// Pupil, teacher or staff.
    pub role: RosterRole,
    /// Guardians, in the order of the columns.
    pub guardians: Vec<RosterGuardian>,
}

/// A guardian as a pupil's line names them. All of it is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterGuardian {
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Whether the file grants custody.
    pub custody: bool,
}
