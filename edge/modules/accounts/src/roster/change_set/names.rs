//! Whether two spellings may be one person's name. Lists disagree on umlauts, accents, hyphens, particles and second names;
//! a child who is renamed keeps one of its names.

use unicode_normalization::UnicodeNormalization as _;

use super::super::login_name::letters;

/// Words that many names share; they tell nobody apart.
const PARTICLES: &[&str] = &[
    "von", "vom", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le",
    "zu", "zum", "zur", "ter", "ten", "al", "el",
];
/// Letters that an abbreviation needs to say more than an initial, which every twentieth child shares.
const ABBREVIATED: usize = 2;

/// Whether two given names, or two family names, have a part in common.
pub(super) fn agree(one: &str, other: &str) -> bool {
    let (these, those) = (Parts::of(one), Parts::of(other));
    let whole = |parts: &Parts| {
        parts
            .0
            .iter()
            .map(|part| part.text.as_str())
            .collect::<String>()
    };
    if whole(&these) == whole(&those) {
        return true;
    }
    these
        .telling()
        .any(|this| those.telling().any(|that| this.agrees(that)))
}

/// What a program writes for a letter that its character set does not have. No name contains either.
const fn is_lost(c: char) -> bool {
    matches!(c, '?' | char::REPLACEMENT_CHARACTER)
}

/// Whether a name lost letters on its way through another program's character set.
pub(super) fn is_lossy(name: &str) -> bool {
    name.contains(is_lost)
}

/// Whether `said` is `known` but for lost letters. Only letters beyond ASCII are lost; one may leave several marks, for
/// some programs write one for each of its bytes.
pub(super) fn is_lossy_spelling(said: &str, known: &str) -> bool {
    let lower = |name: &str| -> Vec<char> { name.nfc().flat_map(char::to_lowercase).collect() };
    let (said, known) = (lower(said), lower(known));
    // Where one may stand in the known name after each letter of what was said.
    let mut places = vec![false; known.len() + 1];
    places[0] = true;
    let mut after_a_mark = false;
    for letter in said {
        let mark = is_lost(letter);
        let fits = |known: char| {
            if mark {
                !known.is_ascii()
            } else {
                known == letter
            }
        };
        let mut next: Vec<bool> = std::iter::once(false)
            .chain(
                known
                    .iter()
                    .zip(&places)
                    .map(|(known, here)| *here && fits(*known)),
            )
            .collect();
        if mark && after_a_mark {
            next.iter_mut()
                .zip(&places)
                .for_each(|(next, here)| *next |= *here);
        }
        (places, after_a_mark) = (next, mark);
    }
    places.last() == Some(&true)
}

/// A name's words, as they are compared.
struct Parts(Vec<Part>);

struct Part {
    text: String,
    abbreviated: bool,
}

impl Parts {
    fn of(name: &str) -> Self {
        let name = name.replace(['’', '´', '`', '\''], "");
        let words = name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–'));
        let parts = words.map(|word| Part {
            text: folded(word),
            abbreviated: word.ends_with('.'),
        });
        Self(parts.filter(|part| !part.text.is_empty()).collect())
    }

    /// All parts but particles; those too where there is nothing else.
    fn telling(&self) -> impl Iterator<Item = &Part> {
        let is_particle = |part: &Part| PARTICLES.contains(&part.text.as_str());
        let only_particles = self.0.iter().all(is_particle);
        self.0
            .iter()
            .filter(move |part| only_particles || !is_particle(part))
    }
}

impl Part {
    fn agrees(&self, other: &Self) -> bool {
        let begins = |short: &Self, long: &Self| {
            short.abbreviated
                && short.text.chars().count() >= ABBREVIATED
                && long.text.starts_with(&short.text)
        };
        if self.abbreviated || other.abbreviated {
            begins(self, other) || begins(other, self)
        } else {
            self.text == other.text
        }
    }
}

/// Plain letters in which ä, ae and a are the same; a word in another script as it is.
fn folded(word: &str) -> String {
    let plain = letters(word);
    if plain.is_empty() {
        let lower = word.nfkc().flat_map(char::to_lowercase);
        return lower.filter(|c| c.is_alphabetic()).collect();
    }
    [("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")]
        .into_iter()
        .fold(plain, |text, (two, one)| text.replace(two, one))
}

#[cfg(test)]
mod tests {
    use super::{agree, is_lossy_spelling};

    #[test]
    fn spellings_of_one_name_agree() {
        let cases = [
            ("Müller", "Mueller"),
            ("Müller", "Muller"),
            ("MÜLLER", "Mu\u{308}ller"),
            ("Groß", "Gross"),
            ("Nguyễn", "Nguyen"),
            ("Łukasiewicz", "Lukasiewicz"),
            ("Anna-Lena", "Anna Lena"),
            ("Anna-Lena", "Lena"),
            ("Anna Maria", "Anna"),
            ("Müller-Lüdenscheidt", "Müller"),
            ("van den Berg", "Vandenberg"),
            ("O’Neill", "ONeill"),
            ("Chr.", "Christian"),
            ("Иванов", "иванов"),
        ];
        for (one, other) in cases {
            assert!(agree(one, other) && agree(other, one), "{one}, {other}");
        }
    }

    #[test]
    fn other_names_do_not_agree() {
        let cases = [
            ("Anna", "Mia"),
            ("Jan", "Janina"),
            ("M.", "Mia"),
            ("von Berg", "von Thal"),
            ("Иванов", "Петров"),
            ("Иванов", "Ivanov"),
            ("Anna", ""),
        ];
        for (one, other) in cases {
            assert!(!agree(one, other) && !agree(other, one), "{one}, {other}");
        }
    }

    #[test]
    fn lost_letters_stand_for_letters_that_a_character_set_does_not_have() {
        for (said, known) in [
            ("Nguy?n", "Nguyễn"),
            ("Nguy???n", "Nguyễn"),
            ("?ukasiewicz", "Łukasiewicz"),
            ("Y?ld?z", "Yıldız"),
            ("Nguy\u{fffd}n", "Nguye\u{302}\u{303}n"),
            ("??", "小龍"),
        ] {
            assert!(is_lossy_spelling(said, known), "{said}, {known}");
        }
        for (said, known) in [
            ("M?ller", "Miller"),
            ("?ahin", "Yıldız"),
            ("Nguy?n", "Nguyễ"),
            ("?", "ab"),
            ("?ahin", ""),
        ] {
            assert!(!is_lossy_spelling(said, known), "{said}, {known}");
        }
    }
}
