//! The entries of a change set. Names, numbers and dates in them are personal; `line` is the line of the file.

use events::accounts::Date;
use events::ids::{GroupId, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::people::RosterRole;

/// Somebody to be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "fields carry the names of a roster person's, which documents them"
)]
pub struct New {
    pub line: usize,
    pub source_id: Option<String>,
    pub given: String,
    pub family: String,
    pub birth_date: Option<Date>,
    pub class: Option<String>,
    pub abbreviation: Option<String>,
    pub role: RosterRole,
}

/// Something the office knows otherwise now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "line, person and names say themselves")]
pub struct Changed {
    pub line: usize,
    pub person: PersonId,
    pub given: String,
    pub family: String,
    /// What, from and to.
    pub fields: Vec<FieldChange>,
}

/// One field's old and new value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FieldChange {
    pub field: FieldName,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// A field that an import can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldName {
    /// The administration program's number.
    SourceId,
    /// Date of birth.
    BirthDate,
    /// A teacher's abbreviation.
    Abbreviation,
    /// Teacher or staff.
    Role,
    /// The last day at the school; to nothing when the person is back.
    Left,
}

/// A pupil in another class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "line, person and names say themselves")]
pub struct Moved {
    pub line: usize,
    pub person: PersonId,
    pub given: String,
    pub family: String,
    /// The class that is left, when there is one.
    pub from: Option<GroupMove>,
    /// The class that is joined; without a group while it does not exist.
    pub to: GroupMove,
}

/// A class at one end of a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupMove {
    /// The group, when it exists already.
    pub group: Option<GroupId>,
    /// Its name.
    pub name: String,
    /// The calendar year in which its school year began.
    pub year: u16,
}

/// A person called otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "line and person say themselves")]
pub struct Renamed {
    pub line: usize,
    pub person: PersonId,
    /// Given and family name until now.
    pub from: (String, String),
    /// Given and family name from now on.
    pub to: (String, String),
}

/// A person who has left, or is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "person and names say themselves")]
pub struct Leaving {
    /// The line that says so; none when the person is missing.
    pub line: Option<usize>,
    pub person: PersonId,
    pub source_id: Option<String>,
    pub given: String,
    pub family: String,
    pub class: Option<String>,
    pub reason: LeavingReason,
    /// Last day at the school.
    pub on: Date,
}

/// Why somebody is proposed as leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeavingReason {
    /// The source gives a date of leaving that has passed.
    LeavingDate,
    /// The source does not name the person any more.
    Missing,
}

/// A line of which it cannot be told who is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "fields carry the names of a roster person's, which documents them"
)]
pub struct Doubtful {
    pub line: usize,
    pub source_id: Option<String>,
    pub given: String,
    pub family: String,
    pub birth_date: Option<Date>,
    pub class: Option<String>,
    /// What is doubtful.
    pub reason: Doubt,
    /// Whom it may be.
    pub candidates: Vec<Candidate>,
}

/// Why a line is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The number belongs to somebody of other names, or of another birth date and one other name.
    NumberReused,
    /// Name and birth date belong to somebody with another number.
    OtherNumber,
    /// Only the name agrees; a birth date is missing on one side.
    OnlyTheNameAgrees,
    /// Several people would fit.
    SeveralFit,
    /// An earlier line named the same person already.
    NamedAlready,
    /// The name lost letters in another program, and no known name fits.
    LettersLost,
}

/// Somebody a doubtful line may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "fields carry the names of a roster person's, which documents them"
)]
pub struct Candidate {
    pub person: PersonId,
    pub source_id: Option<String>,
    pub given: String,
    pub family: String,
    pub birth_date: Option<Date>,
    pub class: Option<String>,
}

/// One guardian and what changes between them and children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "names say themselves")]
pub struct GuardianChange {
    /// The guardian, when the school knows them already.
    pub guardian: Option<PersonId>,
    pub given: String,
    pub family: String,
    /// The children concerned.
    pub children: Vec<ChildChange>,
}

/// What changes between a guardian and one child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChildChange {
    /// The child, when the school knows them already; else the new person of `line`.
    pub child: Option<PersonId>,
    /// The child's line.
    pub line: usize,
    /// What changes.
    pub change: ChildRelation,
    /// Whether the guardian has custody from now on.
    pub custody: bool,
}

/// The kind of change between a guardian and a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChildRelation {
    /// They are a guardian of the child from now on.
    Begins,
    /// Custody is given or taken.
    Custody,
    /// The source does not name them for this child any more.
    Ends,
}

/// A class that begins, or that nobody is left in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupChange {
    /// The group, when it exists.
    pub group: Option<GroupId>,
    /// Its name.
    pub name: String,
    /// The calendar year in which its school year began.
    pub year: u16,
}

/// The second confirmation that many leavers need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confirmation {
    /// Whether committing needs `--confirm-leavers`.
    pub needed: bool,
    /// People missing from the source.
    pub missing: usize,
    /// People the source should name.
    pub of: usize,
}
