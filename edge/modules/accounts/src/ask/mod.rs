//! A command's way: permission by the policy, decision by the aggregates, and what must go into the same append beside
//! the events — claims of login names, hashes, session tokens.

mod codes;
mod devices;
mod forget;
mod groups;
mod guesses;
mod hashing;
mod import;
mod password;
mod people;
mod places;
mod records;
mod school;
mod sessions;
mod sign_in;

pub use codes::MintedCode;
pub use forget::Kept;
pub use import::{Applied, KeptReason, NotUndone, PastImport, Undone};
pub use people::AddedPerson;
pub use sign_in::{Entered, Entry};

pub(crate) use guesses::Guesses;
pub(crate) use hashing::Hashing;
pub(crate) use import::Previews;
pub(crate) use records::ReadToday;
pub(crate) use sessions::Cached;

use crate::error::AccountsError;
use edge_kernel::ledger::AppendError;

/// How often somebody who was overtaken decides again.
const TRIES: u32 = 4;

/// Whether to decide again: somebody else was first, and it has not happened too often.
fn again(error: &AccountsError, tries: &mut u32) -> bool {
    *tries += 1;
    matches!(error, AccountsError::Append(AppendError::Conflict { .. })) && *tries < TRIES
}
