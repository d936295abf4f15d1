//! Why: a boundary that only people watch is crossed within a month. The permitted arrows are a committed list,
//! `arrows.txt`; whatever is not on it must not exist. Most of all: the relay is blind because it *cannot* name an
//! event, a module can be understood alone because it cannot name another, and the browser gets no server code.
//! Also here, because they are arrows to the outside: adapters and flows have no database, production code has no test
//! kit, and the rivals that we measure against stay out of our workspace.

use super::Complaint;
use super::house::{House, Package};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

const LIST: &str = include_str!("arrows.txt");

type Arrows = BTreeMap<&'static str, Vec<&'static str>>;

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let arrows = read_list()?;
    let ours: BTreeMap<&str, String> = house
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.folder(&house.root)))
        .collect();
    let mut complaints = Vec::new();
    for package in &house.packages {
        check_package(package, &ours, &arrows, &mut complaints);
    }
    if house
        .packages
        .iter()
        .any(|package| package.folder(&house.root).starts_with("deploy/rivals"))
    {
        complaints.push(Complaint {
            place: "Cargo.toml".into(),
            problem: "the rivals are members of our workspace".into(),
            remedy: "keep \"deploy/rivals\" in `exclude`: its crates need other versions of our packages",
        });
    }
    Ok(complaints)
}

fn read_list() -> Result<Arrows> {
    let lines = LIST
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (left, right) = line
                .split_once("->")
                .with_context(|| format!("arrows.txt: `{line}` has no arrow"))?;
            Ok((left.trim(), right.split_whitespace().collect()))
        })
        .collect()
}

/// The names under which the list may speak of a package.
fn kinds(name: &str, folder: &str) -> Vec<String> {
    let mut kinds = vec![name.to_owned()];
    for (place, kind) in [
        ("edge/modules/", "<module>"),
        ("edge/protocols/", "<protocol>"),
        ("edge/", "<edge>"),
    ] {
        if folder.starts_with(place) {
            kinds.push(kind.to_owned());
        }
    }
    kinds
}

fn check_package(
    package: &Package,
    ours: &BTreeMap<&str, String>,
    arrows: &Arrows,
    complaints: &mut Vec<Complaint>,
) {
    let folder = ours.get(package.name.as_str()).map_or("", String::as_str);
    let place = format!("{folder}/Cargo.toml");
    let Some(allowed) = kinds(&package.name, folder)
        .iter()
        .find_map(|kind| arrows.get(kind.as_str()))
    else {
        complaints.push(Complaint {
            place,
            problem: format!(
                "package `{}` has no line in the list of arrows",
                package.name
            ),
            remedy: "add a line to deploy/xtask/src/tidy/arrows.txt, in a commit that says why",
        });
        return;
    };
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        if let Some(target) = ours.get(name) {
            let kinds = kinds(name, target);
            if name != package.name && !kinds.iter().any(|kind| allowed.contains(&kind.as_str())) {
                complaints.push(Complaint { place: place.clone(), problem: format!("`{}` must not use `{name}`", package.name), remedy: "ask through a trait in needs.rs, react in a flow, or move what both need into events" });
            }
            let test_only = dependency.kind.as_deref() == Some("dev") || package.name == "e2e";
            if dependency
                .features
                .iter()
                .any(|feature| feature == "testkit")
                && !test_only
            {
                complaints.push(Complaint {
                    place: place.clone(),
                    problem: format!("production code uses the test kit of `{name}`"),
                    remedy: "name the feature `testkit` under [dev-dependencies] only",
                });
            }
        }
        if name == "sqlx" && (folder.starts_with("edge/protocols/") || folder == "edge/flows") {
            complaints.push(Complaint {
                place: place.clone(),
                problem: "an adapter or flow depends on sqlx".into(),
                remedy: "ask the owning module through its door; adapters have no tables",
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{kinds, read_list};

    #[test]
    fn the_relay_may_use_its_wire_and_nothing_else() {
        let arrows = read_list().expect("the list is well formed");
        assert_eq!(arrows["cloud-relay"], ["relay-wire"]);
    }

    #[test]
    fn a_module_is_known_by_its_folder() {
        assert!(kinds("edge-files", "edge/modules/files").contains(&"<module>".to_owned()));
        assert!(!kinds("edge-kernel", "edge/kernel").contains(&"<module>".to_owned()));
    }
}
