//! Single cells: names made tidy, dates, yes and no, roles.

use events::accounts::Date;
use unicode_normalization::UnicodeNormalization as _;

use super::super::people::RosterRole;

/// A name or class as it is kept, and what was noticed about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tidy {
    pub(super) text: String,
    pub(super) invisible: bool,
    pub(super) formula: bool,
    pub(super) doubly_encoded: bool,
}

/// Composed characters, single blanks, nothing invisible: a name that looks the same is the same.
pub(super) fn tidy(cell: &str) -> Tidy {
    let visible: String = cell.chars().filter(|c| !is_invisible(*c)).collect();
    let text = visible
        .nfc()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Tidy {
        invisible: visible.len() != cell.len(),
        formula: super::super::formula::is_formula_like(&text),
        doubly_encoded: is_doubly_encoded(&text),
        text,
    }
}

/// Format characters that hide in names: they turn the reading direction or make equal names different.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || (c.is_control() && !c.is_whitespace())
}

/// UTF-8 that was read as Latin-1 and written again: ü became Ã¼.
fn is_doubly_encoded(text: &str) -> bool {
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let continues = characters
            .peek()
            .is_some_and(|next| matches!(next, '\u{a0}'..='\u{bf}' | 'Ÿ' | 'œ' | 'Œ' | '„' | '–'));
        if matches!(c, 'Ã' | 'Å') && continues {
            return true;
        }
    }
    false
}

/// `TT.MM.JJJJ` as all German programs write it (one digit is enough), `JJJJ-MM-TT`, or `JJJJMMTT`. Two-digit years are ambiguous and refused.
pub(super) fn date(cell: &str) -> Option<Date> {
    let [year, month, day] = if let Some([day, month, year]) = parts(cell, '.') {
        [year, month, day]
    } else if let Some(year_first) = parts(cell, '-') {
        year_first
    } else if cell.len() == 8 {
        [
            number(cell.get(..4)?)?,
            number(cell.get(4..6)?)?,
            number(cell.get(6..)?)?,
        ]
    } else {
        return None;
    };
    if !(1900..=2200).contains(&year) {
        return None;
    }
    Date::try_new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}

fn parts(cell: &str, separator: char) -> Option<[u16; 3]> {
    let parts: Option<Vec<u16>> = cell.split(separator).map(number).collect();
    <[u16; 3]>::try_from(parts?).ok()
}

fn number(digits: &str) -> Option<u16> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

/// Yes or no; an empty cell is no. `None` when it is neither.
pub(super) fn yes(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "1" | "j" | "ja" | "y" | "yes" | "true" | "wahr" | "x" => Some(true),
        "" | "0" | "n" | "nein" | "no" | "false" | "falsch" => Some(false),
        _ => None,
    }
}

/// A role on the staff list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StaffRole {
    Known(RosterRole),
    /// Head or administrator: taken over as a teacher, for rights are given by people.
    ByHand,
    Unknown,
}

pub(super) fn staff_role(cell: &str) -> StaffRole {
    match cell.to_lowercase().as_str() {
        "lehrkraft" | "lehrer" | "lehrerin" | "lehrer/in" | "teacher" => {
            StaffRole::Known(RosterRole::Teacher)
        }
        "mitarbeit" | "mitarbeiter" | "mitarbeiterin" | "mitarbeiter/in" | "personal" | "staff" => {
            StaffRole::Known(RosterRole::Staff)
        }
        "schulleitung" | "schulleiter" | "schulleiterin" | "leitung" | "head" | "administrator"
        | "admin" => StaffRole::ByHand,
        _ => StaffRole::Unknown,
    }
}
