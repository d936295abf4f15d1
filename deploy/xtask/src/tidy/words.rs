//! Why: a promise to finish later is not kept by a comment. Marks of unfinished work, placeholder text, paths of somebody's
//! own machine, and the packages that we decided against must not be in the tree at all.

use super::Complaint;
use super::house::{File, House};
use anyhow::Result;

/// What must not occur, and why. Split so that this file does not accuse itself.
const FORBIDDEN: [(&str, &str, &str); 10] = [
    (
        "TO",
        "DO",
        "finish it, or open an issue and leave the code without a mark",
    ),
    (
        "FIX",
        "ME",
        "finish it, or open an issue and leave the code without a mark",
    ),
    (
        "X",
        "XX",
        "finish it, or open an issue and leave the code without a mark",
    ),
    (
        "HA",
        "CK",
        "say in a full sentence why the code is as it is",
    ),
    ("to", "do!(", "write the code"),
    ("unimplemen", "ted!(", "write the code"),
    ("db", "g!(", "remove it"),
    ("Lorem", " ipsum", "write a text that belongs into a school"),
    ("/work", "/main", "name paths from the root of the tree"),
    ("/home", "/", "name paths from the root of the tree"),
];
/// Packages that the design rules out.
const UNWANTED: [&str; 7] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "sieve-rs",
    "samotop",
    "mailin-embedded",
    "mediasoup",
    "nats",
];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for file in house.files.iter().filter(|file| is_written_by_us(file)) {
        for (number, line) in file.text.lines().enumerate() {
            for (first, second, remedy) in FORBIDDEN {
                if contains_word(line, &format!("{first}{second}")) {
                    complaints.push(Complaint {
                        place: format!("{}:{}", file.path, number + 1),
                        problem: format!("`{first}{second}` must not occur"),
                        remedy,
                    });
                }
            }
        }
    }
    if let Some(lock) = house.files.iter().find(|file| file.path == "Cargo.lock") {
        for package in UNWANTED
            .iter()
            .filter(|package| lock.text.contains(&format!("name = \"{package}\"\n")))
        {
            complaints.push(Complaint {
                place: "Cargo.lock".into(),
                problem: format!("`{package}` was decided against"),
                remedy: "find out with `cargo tree -i` who brings it, and switch the feature off",
            });
        }
    }
    Ok(complaints)
}

fn is_written_by_us(file: &File) -> bool {
    !file.path.ends_with("Cargo.lock")
        && [
            ".rs", ".md", ".toml", ".sql", ".css", ".html", ".js", ".yml", ".sh",
        ]
        .iter()
        .any(|kind| file.path.ends_with(kind))
}

/// Whether the text holds the word by itself, not as a part of a longer one.
fn contains_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let wordlike = word.chars().all(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let before = is_letter(text[..at].chars().next_back());
        let after = is_letter(text[at + word.len()..].chars().next());
        !(before || wordlike && after)
    })
}

#[cfg(test)]
mod tests {
    use super::contains_word;

    #[test]
    fn a_word_inside_another_is_left_alone() {
        assert!(contains_word("// MARK: later", "MARK"));
        assert!(!contains_word("REMARKABLE", "MARK"));
    }
}
