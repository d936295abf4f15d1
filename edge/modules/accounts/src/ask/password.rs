//! Which passwords are taken: long enough, not the person's names, not among the first that a guesser tries. No rules
//! about kinds of characters, and no change by the calendar (NIST SP 800-63B, 3.1.1.2).

use crate::error::WeakPassword;
use events::accounts::PersonName;
use events::text::folded;

/// Characters that a password has at least.
const LEAST: usize = 8;
/// And at the most; it bounds what is hashed.
const MOST: usize = 256;
/// Parts of names shorter than this stand in many words by chance.
const NAME_PART: usize = 4;
/// Different characters below which a password is a pattern: `aaaaaaaa`, `12121212`.
const DIFFERENT: usize = 4;
/// Passwords, or beginnings of passwords before a number or a sign, that are tried first; in lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Whether a password may be chosen.
pub(crate) fn check(
    password: &str,
    login: &str,
    name: Option<&PersonName>,
) -> Result<(), WeakPassword> {
    let characters = password.chars().count();
    if characters < LEAST {
        return Err(WeakPassword::TooShort);
    }
    if characters > MOST {
        return Err(WeakPassword::TooLong);
    }
    let plain = folded(password);
    if holds_name(&plain, login, name) {
        return Err(WeakPassword::ContainsName);
    }
    if is_common(&plain) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

fn holds_name(plain: &str, login: &str, name: Option<&PersonName>) -> bool {
    let names = name
        .map(|name| folded(&name.to_string()))
        .unwrap_or_default();
    let separators = |letter: char| !letter.is_alphanumeric();
    let parts = names.split(separators).chain(login.split(separators));
    let together: String = plain
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let login_together: String = login
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    if !login_together.is_empty() && together.contains(&login_together) {
        return true;
    }
    parts
        .filter(|part| part.chars().count() >= NAME_PART)
        .any(|part| plain.contains(part))
}

fn is_common(plain: &str) -> bool {
    let mut letters: Vec<char> = plain.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < DIFFERENT {
        return true;
    }
    let word = plain.trim_matches(|letter: char| !letter.is_alphabetic());
    let unmasked: String = word.chars().map(unmask).collect();
    COMMON
        .lines()
        .filter(|line| !line.is_empty())
        .any(|line| line == plain || line == word || line == unmasked || doubled(line, plain))
        || is_run(plain)
}

/// `passw0rt` is read as `passwort`.
const fn unmask(letter: char) -> char {
    match letter {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        other => other,
    }
}

fn doubled(word: &str, plain: &str) -> bool {
    plain.len() == word.len() * 2 && plain.starts_with(word) && plain.ends_with(word)
}

/// Whether each character is the neighbour of the one before: `abcdefgh`, `87654321`.
fn is_run(plain: &str) -> bool {
    let steps = |step: i64| {
        plain
            .chars()
            .zip(plain.chars().skip(1))
            .all(|(one, next)| i64::from(u32::from(next)) - i64::from(u32::from(one)) == step)
    };
    steps(1) || steps(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(password: &str) -> Option<WeakPassword> {
        let name = PersonName {
            given: "Jürgen".to_owned(),
            family: "van den Berg".to_owned(),
        };
        check(password, "juergen.vandenberg", Some(&name)).err()
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(weak("kurz!7x"), Some(WeakPassword::TooShort));
        assert_eq!(
            weak(&"lang und länger ".repeat(20)),
            Some(WeakPassword::TooLong)
        );
    }

    #[test]
    fn nobodys_password_is_their_own_name() {
        for password in [
            "jürgen-und-mehr",
            "XJURGENX12",
            "juergen.vandenberg",
            "JuergenVanDenBerg7",
            "Mein Berg ruft Jürgen",
        ] {
            assert_eq!(
                weak(password),
                Some(WeakPassword::ContainsName),
                "{password}"
            );
        }
    }

    #[test]
    fn the_first_guesses_are_refused_in_their_disguises() {
        for password in [
            "passwort",
            "Passwort1",
            "P@ssw0rt!",
            "12345678",
            "qwertzuiop",
            "schule2026",
            "hallohallo",
            "aaaaaaaa",
            "abababab",
            "abcdefgh",
            "98765432",
        ] {
            assert_eq!(weak(password), Some(WeakPassword::Common), "{password}");
        }
    }

    #[test]
    fn words_that_nobody_expects_together_are_a_good_password() {
        for password in [
            "korrekt-pferd-batterie",
            "Regen auf Blech",
            "x7#kQ2mz",
            "пароль-из-леса",
        ] {
            assert_eq!(weak(password), None, "{password}");
        }
    }
}
