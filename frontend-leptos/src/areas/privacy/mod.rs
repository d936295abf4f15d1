//! Forgetting people, for those who keep the accounts, and everything about oneself as a package.

mod due;
mod erasures;
mod forget;
mod package;

pub(crate) use erasures::ErasuresPage;
pub(crate) use forget::ForgetDialog;
pub(crate) use package::PackageSection;

use crate::words::Words;
use events::privacy::Depth;

/// What an erasure of a depth destroys.
fn depth_named(depth: Depth, words: &Words) -> &'static str {
    match depth {
        Depth::Key => words.privacy.keys,
        Depth::Ciphertext => words.privacy.ciphertexts,
        Depth::Header => words.privacy.headers,
    }
}
