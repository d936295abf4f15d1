//! A school's list of people as a file brings it: read, understood, and compared with the school as it is.
//!
//! Everything here is pure: bytes, today's date and random bytes come in as values, nothing is stored, nobody is asked.
//! Writing a change set into the ledger is the module's business, not the roster's.

pub mod change_set;
pub mod dialect;
pub mod formula;
pub mod limits;
pub mod login_name;
pub mod note;
pub mod one_time_code;
pub mod people;
pub mod read;

pub use change_set::{ChangeSet, SchoolNow, change_set};
pub use dialect::Source;
pub use note::{FileRefused, Note, NoteCode, Text};
pub use people::{Columns, Roster, RosterGuardian, RosterKind, RosterPerson, RosterRole};

/// Reads a file and understands it in one step.
///
/// # Errors
/// [`FileRefused`] when nothing of the file can be used; single lines that cannot be used are in [`Roster::refused`].
pub fn read_roster(bytes: &[u8], source: Source) -> Result<Roster, FileRefused> {
    dialect::roster(read::read(bytes)?, source)
}
