//! The school as it is, as far as an import needs to know it. The module fills it from its aggregates.

use events::accounts::Date;
use events::ids::{GroupId, PersonId};

use super::super::people::RosterRole;

/// Everybody a roster could mean, and the classes there are. The order does not matter.
#[derive(Debug, Clone, Default)]
pub struct SchoolNow {
    /// Pupils, teachers and staff, also those who have left.
    pub people: Vec<PersonNow>,
    /// Classes that are not closed.
    pub classes: Vec<ClassNow>,
}

/// One person. All of it is personal.
#[derive(Debug, Clone)]
pub struct PersonNow {
    /// Who.
    pub person: PersonId,
    /// Pupil, teacher or staff; of a person with several roles, the one a roster would give.
    pub role: RosterRole,
    /// The administration program's number.
    pub source_id: Option<String>,
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// The class they are in: a group of [`SchoolNow::classes`].
    pub class: Option<GroupId>,
    /// A teacher's abbreviation.
    pub abbreviation: Option<String>,
    /// Last day at the school, when the account is closed.
    pub left: Option<Date>,
    /// A pupil's guardians.
    pub guardians: Vec<GuardianNow>,
}

/// A class.
#[derive(Debug, Clone)]
pub struct ClassNow {
    /// Which group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// The calendar year in which its school year began.
    pub year: u16,
}

/// A guardian as a pupil's record names them.
#[derive(Debug, Clone)]
pub struct GuardianNow {
    /// Who.
    pub guardian: PersonId,
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Whether they have custody.
    pub custody: bool,
}
