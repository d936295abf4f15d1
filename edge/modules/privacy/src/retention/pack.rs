//! Rule packs: one file per state, built in. Adding a state is adding a file.

use super::kinds::KINDS;
use events::privacy::{Confirm, Depth};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// Whom it forgets; none when it is about single events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// The kind of single events that lose their personal part, such as `SignedIn`; by calendar month, counted from its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    /// Who must agree; people are never forgotten without a person who agrees.
    #[serde(default)]
    pub confirm: Confirm,
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

/// A pack cannot be used. Its text says what to change, and where.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is no TOML, or has fields that no pack has; the source names the line.
    #[error("the rules do not read; begin with a copy of a built-in pack")]
    Shape(#[source] toml::de::Error),
    /// It is longer than any pack needs to be.
    #[error("the rules are longer than {LONGEST} bytes")]
    TooLong,
    /// There is no rule.
    #[error("the pack has no rule: add a [[rule]]")]
    Empty,
    /// A text is missing or overlong.
    #[error("rule `{rule}`: `{field}` takes 1 to {MOST_LETTERS} letters")]
    Text {
        /// Which.
        rule: String,
        /// Which of its texts.
        field: &'static str,
    },
    /// Two rules have one name.
    #[error("there are two rules `{0}`; each needs a name of its own")]
    Twice(String),
    /// A time that nobody means.
    #[error("rule `{0}`: `after_days` takes at most {MOST_DAYS}")]
    Days(String),
    /// It is about people and events, or about neither.
    #[error("rule `{0}`: set either `who` (\"left\", \"inactive\") or `events`")]
    About(String),
    /// Events that cannot lose anything.
    #[error(
        "rule `{rule}`: nothing personal is in events \"{kind}\" apart from what others need; possible is {KINDS:?}"
    )]
    Kind {
        /// Which rule.
        rule: String,
        /// What it names.
        kind: String,
    },
    /// Single events keep key and header.
    #[error("rule `{0}`: single events go at depth \"ciphertext\"")]
    Depth(String),
    /// People are not forgotten by rule alone.
    #[error("rule `{0}`: people are forgotten only when a person agrees; take `confirm` out")]
    Confirm(String),
}

/// The longest pack in bytes.
const LONGEST: usize = 64 << 10;
/// The longest text in it.
const MOST_LETTERS: usize = 400;
/// A hundred years.
const MOST_DAYS: u32 = 36_525;

impl Pack {
    /// A built-in pack by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = PACKS.into_iter().find(|(known, _)| *known == name)?;
        Self::read(text).ok()
    }

    /// A pack from its text.
    pub fn read(text: &str) -> Result<Self, PackError> {
        if text.len() > LONGEST {
            return Err(PackError::TooLong);
        }
        let pack: Self = toml::from_str(text).map_err(PackError::Shape)?;
        pack.check()?;
        Ok(pack)
    }

    fn check(&self) -> Result<(), PackError> {
        if self.rules.is_empty() {
            return Err(PackError::Empty);
        }
        let mut names = BTreeSet::new();
        for rule in &self.rules {
            let texts = [
                ("name", &rule.name),
                ("title", &rule.title),
                ("basis", &rule.basis),
                ("source", &rule.source),
            ];
            for (field, text) in texts {
                if text.trim().is_empty() || text.chars().count() > MOST_LETTERS {
                    let rule = rule.name.clone();
                    return Err(PackError::Text { rule, field });
                }
            }
            if !names.insert(&rule.name) {
                return Err(PackError::Twice(rule.name.clone()));
            }
            if rule.after_days > MOST_DAYS {
                return Err(PackError::Days(rule.name.clone()));
            }
            rule.check()?;
        }
        Ok(())
    }

    /// The names of the built-in packs, the default first.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        PACKS.into_iter().map(|(name, _)| name).collect()
    }
}

impl Rule {
    /// What the shape alone does not say.
    fn check(&self) -> Result<(), PackError> {
        let name = || self.name.clone();
        match (self.who, &self.events) {
            (Some(_), None) if self.confirm == Confirm::Rule => Err(PackError::Confirm(name())),
            (Some(_), None) => Ok(()),
            (None, Some(kind)) if !KINDS.contains(&kind.as_str()) => Err(PackError::Kind {
                rule: name(),
                kind: kind.clone(),
            }),
            (None, Some(_)) if self.depth != Depth::Ciphertext => Err(PackError::Depth(name())),
            (None, Some(_)) => Ok(()),
            (Some(_), Some(_)) | (None, None) => Err(PackError::About(name())),
        }
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

    #[test]
    fn a_pack_of_one_s_own_is_told_where_it_is_wrong_and_what_to_do() {
        let (_, good) = PACKS[0];
        let wrong = |text: String| {
            let error = Pack::read(&text).expect_err("is wrong");
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error} {}", source.unwrap_or_default())
        };
        let days = wrong(good.replace("after_days = 90", "after_days = \"ninety\""));
        assert!(days.contains("line 10"), "{days}");
        let field = wrong(good.replace("who = ", "whom = "));
        assert!(field.contains("whom"), "{field}");
        let both = wrong(good.replace("who = \"left\"", "who = \"left\"\nevents = \"SignedIn\""));
        assert!(both.contains("either `who`"), "{both}");
        let alone = wrong(good.replace("who = \"left\"", "who = \"left\"\nconfirm = \"rule\""));
        assert!(alone.contains("only when a person agrees"), "{alone}");
        let kind = wrong(good.replace("who = \"left\"", "events = \"SessionEnded\""));
        assert!(kind.contains("possible is [\"SignedIn\"]"), "{kind}");
        let twice = wrong(format!(
            "{good}{}",
            &good[good.find("[[rule]]").expect("is there")..]
        ));
        assert!(twice.contains("two rules `leavers`"), "{twice}");
        let long = wrong(good.replace("after_days = 90", "after_days = 40000"));
        assert!(long.contains("at most 36525"), "{long}");
        let unsaid = wrong(good.replace("source = \"", "source = \"\" # "));
        assert!(unsaid.contains("`source` takes"), "{unsaid}");
        let endless = wrong("#".repeat(LONGEST + 1));
        assert!(endless.contains("longer than"), "{endless}");
    }
}
