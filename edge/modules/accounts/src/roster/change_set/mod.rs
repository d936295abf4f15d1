//! What an import would change: the roster compared with the school as it is. Pure and in a stable order.
//!
//! Nobody is removed because a line is missing: that is a proposal, and a large one needs a second confirmation.

mod compare;
mod entries;
mod groups;
mod guardians;
mod matching;
mod names;
mod school;

#[cfg(test)]
mod tests;

pub use entries::{
    Candidate, Changed, ChildChange, ChildRelation, Confirmation, Doubt, Doubtful, FieldChange,
    FieldName, GroupChange, GroupMove, GuardianChange, Leaving, LeavingReason, Moved, New, Renamed,
};
pub use school::{ClassNow, GuardianNow, PersonNow, SchoolNow};

use events::accounts::Date;
use events::ids::ImportId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::note::Note;
use super::people::Roster;

/// The reviewable result of reading a roster; the JSON contract of `people import --json`.
///
/// Lists hold one entry per person that the source names (or misses); `renamed` may overlap `moved` and `changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeSet {
    /// The id under which it is committed and undone.
    pub id: ImportId,
    /// Dialect it was read in.
    pub source: String,
    /// People the school does not know yet.
    pub new: Vec<New>,
    /// People of whom the office now knows something else (number, birth date, abbreviation, role), or who are back.
    pub changed: Vec<Changed>,
    /// Pupils in another class.
    pub moved: Vec<Moved>,
    /// People called otherwise.
    pub renamed: Vec<Renamed>,
    /// People who have left or are missing from the source.
    pub leaving: Vec<Leaving>,
    /// Lines of which it cannot be told who is meant; they are not applied.
    pub doubtful: Vec<Doubtful>,
    /// Guardians, one entry each, with what changes between them and their children.
    pub guardians: Vec<GuardianChange>,
    /// Classes that begin, and classes that nobody is left in.
    pub groups: Vec<GroupChange>,
    /// Known people of whom the source says nothing new.
    pub unchanged: usize,
    /// Whether the leavers need a second confirmation.
    pub confirm_leavers: Confirmation,
    /// Remarks on lines that were taken over, and on the whole.
    pub warnings: Vec<Note>,
    /// Lines that were not taken over.
    pub refused: Vec<Note>,
}

impl ChangeSet {
    /// Whether committing it would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.changed.is_empty()
            && self.moved.is_empty()
            && self.renamed.is_empty()
            && self.leaving.is_empty()
            && self.guardians.is_empty()
            && self.groups.is_empty()
    }
}

/// What the comparison needs to be told, so that it asks no clock and draws no id.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The id the change set gets.
    pub id: ImportId,
    /// Today in the school's time zone.
    pub today: Date,
    /// The calendar year in which the present school year began: a class is a class of one school year.
    pub year: u16,
}

/// Compares a roster with the school.
#[must_use]
pub fn change_set(roster: &Roster, school: &SchoolNow, occasion: &Occasion) -> ChangeSet {
    compare::Comparison::new(roster, school, occasion).finish()
}
