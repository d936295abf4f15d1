//! Names of files and folders: what may be one, when two are the same, and what a second one is called.

use crate::error::SpaceRefusal;
use unicode_normalization::UnicodeNormalization;

/// Bytes in a name; what the usual file systems hold, so that every download can be saved.
const LONGEST: usize = 255;
/// Bytes of an ending, its dot included, that numbering leaves at the end: ".jpeg", ".numbers", ".torrent".
const LONGEST_ENDING: usize = 12;

/// The name as it is kept: composed (NFC), without blanks around it. Whatever would break a path, a line or the eye is
/// refused.
pub(crate) fn clean(typed: &str) -> Result<String, SpaceRefusal> {
    let name: String = typed.trim().nfc().collect();
    if name.is_empty() {
        return Err(SpaceRefusal::NameEmpty);
    }
    if name.len() > LONGEST {
        return Err(SpaceRefusal::NameTooLong);
    }
    if name == "." || name == ".." || name.chars().any(breaks) {
        return Err(SpaceRefusal::NameNotAllowed);
    }
    Ok(name)
}

/// Separators of paths and lines, and marks that make text run backwards, with which an "exe" passes for a "pdf".
fn breaks(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends_line = matches!(letter, '\u{2028}' | '\u{2029}');
    letter.is_control() || matches!(letter, '/' | '\\' | '\u{feff}') || turns || ends_line
}

/// Two names with the same key are the same name: case does not tell them apart, as on most computers in a school.
pub(crate) fn key(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// The name itself, or the first of "name (2)", "name (3)" … that is free. A file's ending stays at the end.
pub(crate) fn free(name: &str, is_folder: bool, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&key(name)) {
        return name.to_owned();
    }
    let (stem, ending) = if is_folder { (name, "") } else { split(name) };
    let mut number = 2_u64;
    loop {
        let suffix = format!(" ({number}){ending}");
        let candidate = format!("{}{suffix}", shortened(stem, LONGEST - suffix.len()));
        if !is_taken(&key(&candidate)) {
            return candidate;
        }
        number += 1;
    }
}

fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= LONGEST_ENDING => name.split_at(dot),
        Some(_) | None => (name, ""),
    }
}

fn shortened(stem: &str, most: usize) -> &str {
    let mut end = stem.len().min(most);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    stem.split_at(end).0.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_typed_but_composed_and_trimmed() {
        assert_eq!(
            clean("  U\u{308}bung 1.pdf ").as_deref(),
            Ok("\u{dc}bung 1.pdf")
        );
        assert_eq!(clean(".gitignore").as_deref(), Ok(".gitignore"));
        assert_eq!(clean(&"a".repeat(255)).map(|name| name.len()), Ok(255));
    }

    #[test]
    fn what_breaks_a_path_a_line_or_the_eye_is_refused() {
        for (bad, why) in [
            ("", SpaceRefusal::NameEmpty),
            (" \t ", SpaceRefusal::NameEmpty),
            (".", SpaceRefusal::NameNotAllowed),
            ("..", SpaceRefusal::NameNotAllowed),
            ("a/b", SpaceRefusal::NameNotAllowed),
            ("a\\b", SpaceRefusal::NameNotAllowed),
            ("a\0b", SpaceRefusal::NameNotAllowed),
            ("a\nb", SpaceRefusal::NameNotAllowed),
            ("\u{202e}fdp.exe", SpaceRefusal::NameNotAllowed),
        ] {
            assert_eq!(clean(bad), Err(why), "{bad:?}");
        }
        assert_eq!(clean(&"ä".repeat(128)), Err(SpaceRefusal::NameTooLong));
    }

    #[test]
    fn a_second_one_is_numbered_before_its_ending() {
        let taken = [
            "bericht.pdf",
            "bericht (2).pdf",
            "ordner",
            ".env",
            "v1. entwurf",
        ];
        let free = |name: &str, is_folder| free(name, is_folder, |key| taken.contains(&key));
        assert_eq!(free("Neu.pdf", false), "Neu.pdf");
        assert_eq!(free("BERICHT.pdf", false), "BERICHT (3).pdf");
        assert_eq!(free("Ordner", true), "Ordner (2)");
        assert_eq!(free(".env", false), ".env (2)");
        assert_eq!(free("V1. Entwurf", true), "V1. Entwurf (2)");
    }

    #[test]
    fn a_numbered_name_is_never_too_long() {
        let name = format!("{}.pdf", "ä".repeat(125));
        let second = free(&name, false, |candidate| candidate == key(&name));
        assert!(
            second.len() <= LONGEST && second.ends_with(" (2).pdf"),
            "{second}"
        );
    }
}
