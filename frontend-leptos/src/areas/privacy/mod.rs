//! Forgetting people, for those who keep the accounts, and everything about oneself as a package.

mod due;
mod erasures;
mod forget;
mod package;

pub(crate) use erasures::ErasuresPage;
pub(crate) use forget::ForgetDialog;
pub(crate) use package::PackageSection;
