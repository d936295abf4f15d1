//! The retention rules that the configuration names: a built-in pack, or a file of one's own.

use crate::config::Config;
use anyhow::{Context, Result, bail};
use edge_privacy::Pack;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The pack by which a school begins.
pub(crate) const USUAL: &str = "de-ni";
/// More than any pack may have, so that it is refused by what reads it.
const LONGEST: u64 = 1 << 20;

/// The rules in force.
pub(crate) fn rules(config: &Config, data: &Path) -> Result<Pack> {
    let named = config.privacy.rules.as_deref().unwrap_or(USUAL);
    if let Some(pack) = Pack::named(named) {
        return Ok(pack);
    }
    if !named.ends_with(".toml") {
        bail!(
            "privacy.rules: there is no pack \"{named}\"; take one of {}, or name a file of your own that ends with .toml",
            Pack::names().join(", ")
        );
    }
    let path = data.join(named);
    let doing = || format!("privacy.rules: reading {}", path.display());
    let mut text = String::new();
    let file = File::open(&path).with_context(doing)?;
    file.take(LONGEST)
        .read_to_string(&mut text)
        .with_context(doing)?;
    Pack::read(&text).with_context(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(data: &Path, named: &str) -> Result<Pack> {
        let mut config = Config::default();
        config.privacy.rules = Some(named.to_owned());
        rules(&config, data)
    }

    #[test]
    fn the_configuration_chooses_a_pack_of_ours_or_a_file_of_one_s_own() {
        let data = tempfile::tempdir().expect("a directory of our own");
        let usual = rules(&Config::default(), data.path()).expect("is built in");
        assert_eq!(usual.name, USUAL);
        assert_eq!(
            chosen(data.path(), "de-sh").expect("is built in").name,
            "de-sh"
        );
        let own = include_str!("../modules/privacy/rules/de-ni.toml").replace("de-ni", "own");
        std::fs::write(data.path().join("own.toml"), own).expect("it is ours");
        assert_eq!(
            chosen(data.path(), "own.toml").expect("is read").name,
            "own"
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_to_do() {
        let data = tempfile::tempdir().expect("a directory of our own");
        let refused =
            |named: &str| format!("{:#}", chosen(data.path(), named).expect_err("is wrong"));
        let unknown = refused("de-by");
        assert!(unknown.contains("de-ni, de-sh"), "{unknown}");
        let missing = refused("none.toml");
        assert!(missing.contains("none.toml"), "{missing}");
        std::fs::write(data.path().join("bad.toml"), "name = \"x\"\ntitle = 7\n")
            .expect("it is ours");
        let bad = refused("bad.toml");
        assert!(bad.contains("bad.toml") && bad.contains("line 2"), "{bad}");
    }
}
