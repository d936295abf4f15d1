//! A person came to the school: they get a space of their own.

mod open_own_space;

pub use open_own_space::OpenOwnSpace;
