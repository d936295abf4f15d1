//! How long what is known about people and groups may be, in characters: for commands and for lists alike. Limits against
//! nonsense, not rules about names; every value is sealed, folded and shown again and again.

/// Given names together, or the family name.
pub const NAME: usize = 120;
/// The administration program's number.
pub const SOURCE_ID: usize = 64;
/// A teacher's abbreviation.
pub const ABBREVIATION: usize = 16;
/// A group's name.
pub const GROUP: usize = 80;
/// The school's name.
pub const SCHOOL: usize = 120;

/// Whether a text is short enough, and one that people can see.
#[must_use]
pub fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.contains(char::is_control)
}
