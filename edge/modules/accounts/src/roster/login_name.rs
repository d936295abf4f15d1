//! Login names: `given.family` in plain letters, numbered where two people would share one.
//!
//! The call name's first part and the whole family name, particles run together (`ellie.vandenberg`), hyphens kept
//! (`alva-aaliyah.stehle`). A name once given never changes by itself: only free names are handed out.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization as _;

/// Linux accepts 32 characters for a user, and the same name must work on the school's computers.
pub const MAX_CHARACTERS: usize = 32;
/// What somebody is called whose name has no letter that can be written in Latin ones.
const NAMELESS: &str = "konto";
/// Names of machines, services and mail roles (RFC 2142) that no person may answer to.
const RESERVED: &[&str] = &[
    "abuse",
    "admin",
    "administration",
    "administrator",
    "all",
    "alle",
    "anonymous",
    "auditor",
    "backup",
    "bin",
    "daemon",
    "datenschutz",
    "eltern",
    "everyone",
    "ftp",
    "games",
    "guest",
    "gast",
    "hausmeister",
    "hostmaster",
    "info",
    "konto",
    "kollegium",
    "lehrer",
    "ldap",
    "lp",
    "mail",
    "mailer-daemon",
    "man",
    "messagebus",
    "mysql",
    "nats",
    "news",
    "nobody",
    "noc",
    "no-reply",
    "noreply",
    "operator",
    "postfix",
    "postgres",
    "postmaster",
    "proxy",
    "relay",
    "root",
    "schueler",
    "schulhof",
    "schulleitung",
    "security",
    "sekretariat",
    "service",
    "sshd",
    "support",
    "sync",
    "sys",
    "system",
    "systemd-network",
    "test",
    "usenet",
    "uucp",
    "verwaltung",
    "webmaster",
    "www",
    "www-data",
];

/// Hands out login names that nobody has.
#[derive(Debug, Clone, Default)]
pub struct LoginNames {
    taken: HashSet<String>,
    /// The last number tried for a name, so that a thousand namesakes do not each try a thousand numbers.
    numbers: HashMap<String, u32>,
}

impl LoginNames {
    /// Knows the names that are in use, or were and must not come back to somebody else.
    #[must_use]
    pub fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self {
            taken: taken.into_iter().map(|name| name.to_lowercase()).collect(),
            numbers: HashMap::new(),
        }
    }

    /// The next free name for a person. Call it in a stable order (by stable number, else by line): who comes first goes without a number.
    pub fn give(&mut self, given: &str, family: &str) -> String {
        self.give_unless(given, family, |_| false)
    }

    /// The same, also passing over names that somebody else knows to be taken: those that are kept as hashes only.
    pub fn give_unless(
        &mut self,
        given: &str,
        family: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> String {
        let base = base(given, family);
        let name = if self.is_free(&base) && !is_taken(&base) {
            base
        } else {
            self.numbered(&base, is_taken)
        };
        self.taken.insert(name.clone());
        name
    }

    fn numbered(&mut self, base: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let mut number = self.numbers.get(base).copied().unwrap_or(1);
        let name = loop {
            number += 1;
            let suffix = number.to_string();
            let name = format!("{}{suffix}", cut(base, MAX_CHARACTERS - suffix.len()));
            if self.is_free(&name) && !is_taken(&name) {
                break name;
            }
        };
        self.numbers.insert(base.to_owned(), number);
        name
    }

    /// Whether a name may be given to somebody: well formed, not reserved, not taken.
    #[must_use]
    pub fn is_free(&self, name: &str) -> bool {
        is_well_formed(name) && !is_reserved(name) && !self.taken.contains(name)
    }
}

/// Whether a name belongs to machines, services or mail roles.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether a name wished for by hand follows the rules: `[a-z0-9.-]`, begins with a letter, ends without a sign, 32 characters at most.
#[must_use]
pub fn is_well_formed(name: &str) -> bool {
    let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-');
    name.len() <= MAX_CHARACTERS
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with(['.', '-'])
        && name.chars().all(is_allowed)
        && !["..", "--", ".-", "-."]
            .iter()
            .any(|pair| name.contains(pair))
}

/// The name by rule, before anybody else is considered.
fn base(given: &str, family: &str) -> String {
    let first_given = given
        .split_whitespace()
        .map(letters)
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let family = letters(&family.split_whitespace().collect::<String>());
    shortened(&first_given, &family)
}

/// Shortens double names before it cuts into a word.
fn shortened(given: &str, family: &str) -> String {
    let first = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let tries = [
        joined(given, family),
        joined(&first(given), family),
        joined(&first(given), &first(family)),
    ];
    let fitting = tries.iter().find(|name| name.len() <= MAX_CHARACTERS);
    let name = fitting
        .cloned()
        .unwrap_or_else(|| cut(&joined(&first(given), &first(family)), MAX_CHARACTERS).to_owned());
    if name.is_empty() {
        NAMELESS.to_owned()
    } else {
        name
    }
}

fn joined(given: &str, family: &str) -> String {
    match (given.is_empty(), family.is_empty()) {
        (false, false) => format!("{given}.{family}"),
        _ => format!("{given}{family}"),
    }
}

/// The beginning of an ASCII name, without a sign at its end.
fn cut(name: &str, length: usize) -> &str {
    name.get(..name.len().min(length))
        .unwrap_or(name)
        .trim_end_matches(['.', '-'])
}

/// Lower-case ASCII letters and single hyphens; digits and everything else is dropped, so that a number at the end is always ours.
pub(super) fn letters(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    // Composed first, for an umlaut is a letter of its own here (ä is ae), while other accents are dropped.
    for c in name.nfc().flat_map(char::to_lowercase).nfc() {
        match transliterated(c) {
            Some(text) => out.push_str(text),
            None if matches!(c, '-' | '‐' | '‑' | '–') => out.push('-'),
            None => out.extend(std::iter::once(c).nfkd().filter(char::is_ascii_lowercase)),
        }
    }
    out.split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Letters that are more than a letter with an accent; German usage first, else that of passports (ICAO 9303, part 3, section 6).
const fn transliterated(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' | 'ǽ' => "ae",
        'ö' | 'ø' | 'ǿ' | 'œ' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'ł' => "l",
        'đ' | 'ð' | 'ɖ' => "d",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        'ə' => "e",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LoginNames, MAX_CHARACTERS, base, is_well_formed};

    #[test]
    fn names_of_many_languages_become_plain_letters() {
        let cases = [
            ("Jürgen", "Groß-Müller", "juergen.gross-mueller"),
            ("Ju\u{308}rgen", "STRAẞER", "juergen.strasser"),
            ("Søren", "Łukasiewicz", "soeren.lukasiewicz"),
            ("Işıl", "Özdoğan", "isil.oezdogan"),
            ("İpek", "Şahin", "ipek.sahin"),
            ("André", "Nguyễn", "andre.nguyen"),
            ("Åse", "Þórðardóttir", "aase.thordardottir"),
            ("Đorđe", "Žižek", "dorde.zizek"),
        ];
        for (given, family, expected) in cases {
            assert_eq!(base(given, family), expected);
        }
    }

    #[test]
    fn particles_hyphens_and_apostrophes_are_handled_as_schools_expect() {
        let cases = [
            ("Ellie", "van den Berg", "ellie.vandenberg"),
            ("Jordan", "zu Guttenberg-Probe", "jordan.zuguttenberg-probe"),
            ("Manuel", "al-Hassan", "manuel.al-hassan"),
            ("Alva-Aaliyah", "Stehle", "alva-aaliyah.stehle"),
            ("Bent Adelina", "Ulbricht", "bent.ulbricht"),
            ("Sinéad", "O’Neill", "sinead.oneill"),
            ("D'Artagnan", "D´Angelo", "dartagnan.dangelo"),
            ("Anna - Lena", "Kock - Geiger", "anna.kock-geiger"),
            ("=cmd|'/c calc'!A0", "Test", "cmdc.test"),
        ];
        for (given, family, expected) in cases {
            assert_eq!(base(given, family), expected);
        }
    }

    #[test]
    fn long_double_names_lose_whole_parts_first() {
        assert_eq!(
            base("Maximiliane-Charlotte", "Leutheusser"),
            "maximiliane.leutheusser"
        );
        assert_eq!(
            base("Annegret", "Kramp-Karrenbauer-Lindenstrauss"),
            "annegret.kramp"
        );
        let cut = base("Bartholomaeusmaximilian", "Donaudampfschifffahrt");
        assert_eq!(cut.len(), MAX_CHARACTERS);
    }

    #[test]
    fn people_who_share_a_name_are_numbered_and_nobody_s_name_changes() {
        let mut names = LoginNames::new(["anna.mueller".to_owned()]);
        assert_eq!(names.give("Anna", "Müller"), "anna.mueller2");
        assert_eq!(names.give("Anna", "Mueller"), "anna.mueller3");
        let mut again = LoginNames::new(["anna.mueller".to_owned(), "anna.mueller3".to_owned()]);
        assert_eq!(again.give("Anna", "Müller"), "anna.mueller2");
        assert_eq!(again.give("Anna", "Müller"), "anna.mueller4");
    }

    #[test]
    fn reserved_names_are_given_to_nobody() {
        let mut names = LoginNames::default();
        assert_eq!(names.give("", "Root"), "root2");
        assert_eq!(names.give("Postmaster", "李"), "postmaster2");
        assert_eq!(names.give("李", "小龍"), "konto2");
        assert!(!names.is_free("admin"));
    }

    proptest! {
        #[test]
        fn every_name_is_well_formed_and_unlike_every_other(people in proptest::collection::vec(("\\PC{0,40}", "\\PC{0,40}"), 1..40)) {
            let mut names = LoginNames::default();
            let mut given_out = std::collections::HashSet::new();
            for (given, family) in people {
                let name = names.give(&given, &family);
                prop_assert!(is_well_formed(&name), "{name}");
                prop_assert!(given_out.insert(name));
            }
        }
    }
}
