//! Names as they are called out in a German school of today. The lists are plain; here is how they are put together:
//! given and family names mostly of one origin, some hyphens, some particles, and nobody called like somebody else.

mod family;
mod given;

use super::Chance;
use std::collections::BTreeSet;

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    German,
    Turkish,
    Arabic,
    Polish,
    Russian,
    Balkan,
    Vietnamese,
    Italian,
}

/// How many of a hundred families.
const SHARES: [(Origin, usize); 8] = [
    (Origin::German, 66),
    (Origin::Turkish, 10),
    (Origin::Arabic, 8),
    (Origin::Polish, 6),
    (Origin::Russian, 4),
    (Origin::Balkan, 3),
    (Origin::Vietnamese, 2),
    (Origin::Italian, 1),
];

/// A person's name.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) given: String,
    pub(super) family: String,
    pub(super) origin: Origin,
}

/// Makes names and remembers them.
pub(super) struct Names {
    given: BTreeSet<(String, String)>,
    chance: Chance,
}

impl Names {
    pub(super) fn new(chance: Chance) -> Self {
        Self {
            given: BTreeSet::new(),
            chance,
        }
    }

    /// A pupil's name that nobody else at the school has.
    pub(super) fn child(&mut self, chance: &mut Chance) -> Name {
        self.unused(chance, given::CHILDREN)
    }

    /// A grown-up's name that nobody else at the school has.
    pub(super) fn adult(&mut self, chance: &mut Chance) -> Name {
        self.unused(chance, given::ADULTS)
    }

    /// A guardian's name; guardians may share theirs.
    pub(super) fn guardian(&mut self, chance: &mut Chance, origin: Origin) -> Name {
        Name {
            given: given_name(chance, origin, given::ADULTS),
            family: family_name(&mut self.chance, origin),
            origin,
        }
    }

    fn unused(&mut self, chance: &mut Chance, german: &'static str) -> Name {
        loop {
            let origin = origin(chance);
            let name = Name {
                given: given_name(chance, origin, german),
                family: family_name(chance, origin),
                origin,
            };
            if self.given.insert((name.given.clone(), name.family.clone())) {
                return name;
            }
        }
    }
}

fn origin(chance: &mut Chance) -> Origin {
    let mut drawn = chance.below(100);
    for (origin, share) in SHARES {
        if drawn < share {
            return origin;
        }
        drawn -= share;
    }
    Origin::German
}

fn given_name(chance: &mut Chance, origin: Origin, german: &'static str) -> String {
    let list = match origin {
        Origin::Turkish => given::TURKISH,
        Origin::Arabic => given::ARABIC,
        Origin::Polish => given::POLISH,
        Origin::Russian => given::RUSSIAN,
        Origin::Balkan => given::BALKAN,
        Origin::Vietnamese => given::VIETNAMESE,
        Origin::Italian => given::ITALIAN,
        Origin::German => german,
    };
    // Every fourth family has named its child after where it lives, not where it comes from.
    let list = if chance.percent(25) { german } else { list };
    one_of(chance, list)
}

fn family_name(chance: &mut Chance, origin: Origin) -> String {
    let list = match origin {
        Origin::German => family::GERMAN,
        Origin::Turkish => family::TURKISH,
        Origin::Arabic => family::ARABIC,
        Origin::Polish => family::POLISH,
        Origin::Russian => family::RUSSIAN,
        Origin::Balkan => family::BALKAN,
        Origin::Vietnamese => family::VIETNAMESE,
        Origin::Italian => family::ITALIAN,
    };
    let name = one_of(chance, list);
    if chance.percent(4) {
        return format!("{name}-{}", one_of(chance, family::GERMAN));
    }
    if origin == Origin::German && chance.percent(2) {
        return (*chance.pick(family::WITH_PARTICLES)).to_owned();
    }
    name
}

/// One name of a list. What is written with an underscore is one name of two words.
fn one_of(chance: &mut Chance, list: &str) -> String {
    let count = list.split_whitespace().count();
    let name = list.split_whitespace().nth(chance.below(count));
    name.unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::{Names, family, given};
    use crate::generator::Chance;
    use std::collections::BTreeSet;

    #[test]
    fn no_list_names_anybody_twice() {
        let given = [
            given::CHILDREN,
            given::ADULTS,
            given::TURKISH,
            given::ARABIC,
            given::POLISH,
            given::RUSSIAN,
            given::BALKAN,
            given::VIETNAMESE,
            given::ITALIAN,
        ];
        let family = [
            family::GERMAN,
            family::TURKISH,
            family::ARABIC,
            family::POLISH,
            family::RUSSIAN,
            family::BALKAN,
            family::VIETNAMESE,
            family::ITALIAN,
        ];
        for list in given.into_iter().chain(family) {
            let mut seen = BTreeSet::new();
            let twice: Vec<&str> = list
                .split_whitespace()
                .filter(|name| !seen.insert(*name))
                .collect();
            assert!(twice.is_empty(), "named twice: {twice:?}");
        }
    }

    #[test]
    fn a_large_school_has_many_different_names() {
        let mut names = Names::new(Chance::new(1));
        let mut chance = Chance::new(2);
        let families: BTreeSet<String> =
            (0..1750).map(|_| names.child(&mut chance).family).collect();
        assert!(families.len() > 350, "only {} family names", families.len());
    }
}
