//! Why: `unsafe` is forbidden in every package but one, which is for tests only (deploy/decisions/0014-unsafe-in-one-place.md).
//! The compiler forbids it wherever a package takes the workspace's lints; a package that forgets to would not be noticed. Checked by
//! reading: every package takes the lints, and only two files name an exception.

use super::Complaint;
use super::house::House;
use anyhow::Result;

/// The package that stands between SQLite and the disk.
const EXCEPTION: &str = "tests/disk/";
/// What lets a file use it. Split so that this file does not accuse itself.
const ALLOWED: (&str, &str) = ("allow(unsafe", "_code)");

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let is_apart = |path: &str| path.starts_with("deploy/rivals/") || path.contains("fuzz/");
    let manifests = house.files.iter().filter(|file| {
        file.path.ends_with("/Cargo.toml") && file.path != format!("{EXCEPTION}Cargo.toml")
    });
    let mut complaints: Vec<Complaint> = manifests
        .filter(|file| !is_apart(&file.path))
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| Complaint {
            place: file.path.clone(),
            problem: "does not take the workspace's lints".into(),
            remedy: "add `[lints]` with `workspace = true`: without it nothing forbids unsafe code there",
        })
        .collect();
    let mark = format!("{}{}", ALLOWED.0, ALLOWED.1);
    let exceptions = house.files.iter().filter(|file| {
        file.path.ends_with(".rs") && !file.path.starts_with(EXCEPTION) && file.text.contains(&mark)
    });
    complaints.extend(exceptions.map(|file| Complaint {
        place: file.path.clone(),
        problem: "allows unsafe code".into(),
        remedy: "do without, or move it to tests/disk, if it is for tests of the disk",
    }));
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::super::house::pretend;
    use super::{ALLOWED, check};

    #[test]
    fn a_package_without_the_lints_and_a_file_with_an_exception_are_noticed() {
        let exception = format!("#[{}{}]", ALLOWED.0, ALLOWED.1);
        let house = pretend(&[
            ("edge/one/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("edge/two/Cargo.toml", "[package]\n"),
            ("edge/two/src/lib.rs", &exception),
            ("tests/disk/Cargo.toml", "[lints.rust]\n"),
            ("tests/disk/src/lib.rs", &exception),
        ]);
        let places: Vec<String> = check(&house)
            .expect("the rule runs")
            .into_iter()
            .map(|complaint| complaint.place)
            .collect();
        assert_eq!(places, ["edge/two/Cargo.toml", "edge/two/src/lib.rs"]);
    }
}
