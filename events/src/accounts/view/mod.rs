//! The pictures of accounts that people see.

mod groups;
mod members;
mod people;
mod records;
mod sessions;

pub use groups::{GroupRow, Groups};
pub use members::{MemberRow, Members};
pub use people::{People, PersonRow};
pub use records::{GuardianOf, RecordRow, Records};
pub use sessions::{SessionRow, Sessions};
