//! The reason that somebody gives for an erasure. It stands unsealed in the log for ever and on the certificate, so that it is
//! short, can be seen, and gives nobody away: no name, login name or birth date of whom it concerns. Pure but for reading those.

use crate::Privacy;
use crate::error::{BatchRefusal, PrivacyError};
use events::AnyEvent;
use events::accounts::AccountsEvent as E;
use events::ids::{PersonId, StreamId};
use jiff::civil::Date;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const MOST_LETTERS: usize = 200;
/// Words of the law, which some people are called too, and small words that stand in names.
const COMMON: [&str; 20] = [
    "art", "artikel", "abs", "absatz", "satz", "buchst", "lit", "dsgvo", "gdpr", "von", "vom",
    "van", "der", "den", "dem", "des", "und", "zum", "zur", "bin",
];
const MONTHS: [&str; 12] = [
    "januar",
    "februar",
    "maerz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
];

/// What would give a person away.
#[derive(Debug, Default)]
pub(crate) struct Traits {
    words: HashSet<String>,
    born: Vec<Date>,
}

impl Traits {
    fn add(&mut self, text: &str) {
        let words = words(text).into_iter().flatten();
        let telling =
            words.filter(|word| word.chars().filter(|one| one.is_alphabetic()).count() >= 3);
        self.words
            .extend(telling.filter(|word| !COMMON.contains(&word.as_str())));
    }

    fn are_in(&self, basis: &str) -> bool {
        let said = words(basis);
        // Paul's is Pauls in German.
        let is_named = |word: &String| {
            let stem = word.strip_suffix('s').unwrap_or(word);
            self.words.contains(word) || self.words.contains(stem)
        };
        said.iter().flatten().any(is_named) || self.born.iter().any(|born| is_dated(&said, *born))
    }
}

/// A reason without spaces at its ends, if it can be seen and is not overlong.
pub(crate) fn sound(basis: &str) -> Result<String, BatchRefusal> {
    let basis = basis.trim();
    let is_said = basis.chars().any(char::is_alphanumeric);
    let is_short = basis.chars().count() <= MOST_LETTERS;
    match is_said && is_short && !basis.chars().any(is_hidden) {
        true => Ok(basis.to_owned()),
        false => Err(BatchRefusal::Basis),
    }
}

/// What nobody sees, or what turns the direction of what follows.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Words in small letters, each as umlauts are written out and as they are left away.
fn words(text: &str) -> Vec<[String; 2]> {
    let composed: String = text.nfkc().collect::<String>().to_lowercase();
    let words = composed.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| {
            let written = word
                .replace('ä', "ae")
                .replace('ö', "oe")
                .replace('ü', "ue");
            [written, word.to_owned()].map(|word| plain(&word))
        })
        .collect()
}

fn plain(word: &str) -> String {
    let word = word.replace('ß', "ss");
    word.nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .collect()
}

/// Whether a date is written: 7.11.2013, 07. November 13, 2013-11-07, 07112013 and the like.
fn is_dated(said: &[[String; 2]], born: Date) -> bool {
    let number = |[word, _]: &[String; 2]| {
        let month = MONTHS.iter().position(|month| {
            word == month || (word.len() >= 3 && month.starts_with(word.as_str()))
        });
        month.map(|month| month as i64 + 1).or(word.parse().ok())
    };
    let (day, month, year) = (
        i64::from(born.day()),
        i64::from(born.month()),
        i64::from(born.year()),
    );
    let is_year = |said: i64| said == year || said == year % 100;
    let numbers: Vec<Option<i64>> = said.iter().map(number).collect();
    let in_three = numbers.windows(3).any(|three| match three {
        [Some(first), Some(second), Some(third)] => {
            *second == month
                && ((*first == day && is_year(*third)) || (*first == year && *third == day))
        }
        _ => false,
    });
    let at_once = [
        born.strftime("%d%m%Y"),
        born.strftime("%Y%m%d"),
        born.strftime("%d%m%y"),
    ];
    let at_once = at_once.map(|digits| digits.to_string());
    in_three || said.iter().any(|[word, _]| at_once.contains(word))
}

impl Privacy {
    /// The reason as it is written into the log, unless it cannot be or gives somebody away.
    pub(crate) async fn basis(
        &self,
        basis: &str,
        people: &[PersonId],
    ) -> Result<String, PrivacyError> {
        let basis = sound(basis)?;
        for person in people {
            if self.traits(*person).await?.are_in(&basis) {
                return Err(BatchRefusal::BasisTells.into());
            }
        }
        Ok(basis)
    }

    /// What a person was ever called, and when they were born.
    async fn traits(&self, person: PersonId) -> Result<Traits, PrivacyError> {
        let mut traits = Traits::default();
        for recorded in self.kernel.ledger.stream(StreamId(person.0)).await? {
            match &recorded.event {
                AnyEvent::Accounts(E::PersonAdded { name, .. } | E::PersonRenamed { name, .. }) => {
                    if let Some(name) = name.get() {
                        traits.add(&name.given);
                        traits.add(&name.family);
                    }
                }
                AnyEvent::Accounts(E::LoginNameGiven { login, .. }) => {
                    traits.add(login.get().map_or("", String::as_str));
                }
                AnyEvent::Accounts(E::PersonDescribed {
                    source_id,
                    birth_date,
                    ..
                }) => {
                    let source = source_id.get().and_then(Option::as_deref);
                    traits.add(source.unwrap_or_default());
                    let born = birth_date.get().and_then(Option::as_ref);
                    traits
                        .born
                        .extend(born.and_then(|day| day.to_string().parse::<Date>().ok()));
                }
                _ => {}
            }
        }
        Ok(traits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_reason_can_be_seen_and_is_short() {
        assert_eq!(sound(" DSGVO Art. 17 "), Ok("DSGVO Art. 17".to_owned()));
        assert!(sound(&"a".repeat(200)).is_ok());
        for refused in ["", "  ", "...", "a\0b", "a\u{202e}b", "a\u{200b}b", "a\nb"] {
            assert_eq!(sound(refused), Err(BatchRefusal::Basis), "{refused:?}");
        }
        assert_eq!(sound(&"a".repeat(200_000)), Err(BatchRefusal::Basis));
    }

    #[test]
    fn a_reason_does_not_give_away_whom_it_is_about() {
        let mut traits = Traits::default();
        for text in ["Jörg-Peter", "von Großmüller", "joerg.m17", "Art"] {
            traits.add(text);
        }
        traits.born.push(date(2013, 11, 7));
        for tells in [
            "Antrag von JÖRG",
            "Joergs Austritt",
            "Fall Jorg",
            "Grossmueller, 5a",
            "GROßMÜLLER",
            "Großmu\u{308}ller",
            "Konto joerg.m17",
            "geb. 7.11.2013",
            "geb. 07. 11. 13",
            "geboren am 7. November 2013",
            "7. Nov. 2013",
            "2013-11-07",
            "07112013",
        ] {
            assert!(traits.are_in(tells), "{tells}");
        }
        for fine in [
            "DSGVO Art. 17 Abs. 1",
            "Antrag vom 24.11.2026",
            "Az. 4711/2026-11",
            "Widerruf von Einwilligung",
        ] {
            assert!(!traits.are_in(fine), "{fine}");
        }
    }
}
