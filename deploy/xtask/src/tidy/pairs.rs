//! Why: two database backends drift apart one forgotten file at a time, and the school that notices is the one that
//! migrates. So every migration exists for both, under the same name.

use super::Complaint;
use super::house::House;
use anyhow::Result;
use std::collections::BTreeSet;

const BACKENDS: [&str; 2] = ["sqlite", "postgres"];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let [sqlite, postgres] = BACKENDS.map(|backend| migrations(house, backend));
    let mut complaints = Vec::new();
    if !postgres.is_empty() {
        for (name, has, lacks) in sqlite
            .difference(&postgres)
            .map(|name| (name, "sqlite", "postgres"))
            .chain(
                postgres
                    .difference(&sqlite)
                    .map(|name| (name, "postgres", "sqlite")),
            )
        {
            complaints.push(Complaint {
                place: format!("migrations/{has}/{name}"),
                problem: format!("has no twin in migrations/{lacks}"),
                remedy: "write the same step for the other database, under the same name",
            });
        }
    }
    let mut numbers = BTreeSet::new();
    for name in &sqlite {
        let number = name.split('_').next().unwrap_or_default();
        if number.len() != 4
            || !number.bytes().all(|byte| byte.is_ascii_digit())
            || !numbers.insert(number.to_owned())
        {
            complaints.push(Complaint {
                place: format!("migrations/sqlite/{name}"),
                problem: "its number is missing or taken".into(),
                remedy: "call it NNNN_<module>_<what>.sql with the next free number",
            });
        }
    }
    Ok(complaints)
}

fn migrations(house: &House, backend: &str) -> BTreeSet<String> {
    let folder = format!("migrations/{backend}/");
    house
        .files
        .iter()
        .filter_map(|file| file.path.strip_prefix(&folder))
        .filter(|name| name.ends_with(".sql"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::pretend;
    use super::check;

    #[test]
    fn a_migration_without_a_twin_is_noticed_once_there_are_two_databases() {
        let one = pretend(&[("migrations/sqlite/0001_files_tree.sql", "")]);
        assert!(check(&one).expect("the rule runs").is_empty());
        let both = pretend(&[
            ("migrations/sqlite/0001_files_tree.sql", ""),
            ("migrations/sqlite/0002_files_undo.sql", ""),
            ("migrations/postgres/0001_files_tree.sql", ""),
        ]);
        assert_eq!(check(&both).expect("the rule runs").len(), 1);
    }
}
