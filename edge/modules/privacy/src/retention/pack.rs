//! Rule packs: one file per state, built in. Adding a state is adding a file.

use events::privacy::Depth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PACKS: [(&str, &str); 2] = [
    ("de-ni", include_str!("../../rules/de-ni.toml")),
    ("de-sh", include_str!("../../rules/de-sh.toml")),
];

/// The rules of one state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its short name, such as `de-ni`.
    pub name: String,
    /// What the state is called.
    pub title: String,
    /// Its rules.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name within the pack.
    pub name: String,
    /// What it is about, for people.
    pub title: String,
    /// Whom it forgets.
    pub who: Who,
    /// How many days after that.
    pub after_days: u32,
    /// How much goes.
    pub depth: Depth,
    /// The legal basis, in words.
    pub basis: String,
    /// Where the figure comes from, and whether it was checked.
    pub source: String,
}

/// Whom a rule forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Those whose account is closed, counted from their last day.
    Left,
    /// Those with an open account who have not signed in, counted from the last sign-in, or from when they were added.
    Inactive,
}

impl Pack {
    /// A built-in pack by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = PACKS.into_iter().find(|(known, _)| *known == name)?;
        toml::from_str(text).ok()
    }

    /// The names of the built-in packs, the default first.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        PACKS.into_iter().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_pack_reads_and_says_where_its_figures_come_from() {
        for name in Pack::names() {
            let pack = Pack::named(name).unwrap_or_else(|| panic!("{name} does not read"));
            assert_eq!(pack.name, name);
            assert!(!pack.rules.is_empty(), "{name}");
            for rule in pack.rules {
                let is_told = !rule.source.is_empty() && !rule.basis.is_empty();
                assert!(is_told, "{name}: {}", rule.name);
            }
        }
        assert_eq!(Pack::named("atlantis"), None);
    }
}
