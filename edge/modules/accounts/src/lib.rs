//! Who belongs to the school: people, groups, signing in, and the import of the school office's lists.

pub mod roster;
