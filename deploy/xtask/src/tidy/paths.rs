//! Why: a document that points to a file which has moved is worse than none. Every path that ARCHITECTURE.md, README.md
//! and CONTRIBUTING.md name in backticks must exist.

use super::Complaint;
use super::house::House;
use anyhow::Result;

const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"];
const FOLDERS: [&str; 7] = [
    "events/",
    "edge/",
    "cloud-relay/",
    "frontend-leptos/",
    "migrations/",
    "tests/",
    "deploy/",
];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for file in house
        .files
        .iter()
        .filter(|file| DOCUMENTS.contains(&file.path.as_str()))
    {
        for (number, line) in file.text.lines().enumerate() {
            for path in paths_in(line).filter(|path| !house.root.join(path).exists()) {
                complaints.push(Complaint {
                    place: format!("{}:{}", file.path, number + 1),
                    problem: format!("`{path}` does not exist"),
                    remedy: "point to where it is now",
                });
            }
        }
    }
    Ok(complaints)
}

/// What stands in backticks and looks like a path of ours; patterns with `<…>`, `*` or `…` are not meant literally.
fn paths_in(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let ours = quoted.filter(|text| FOLDERS.iter().any(|folder| text.starts_with(folder)));
    ours.filter(|text| !text.contains(['<', '*', '…', ' ', '{', 'N']))
        .map(|text| text.split(':').next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::paths_in;

    #[test]
    fn only_literal_paths_are_checked() {
        let found: Vec<&str> =
            paths_in("see `edge/src/main.rs:3`, `edge/modules/<name>/` and `cargo xtask run`")
                .collect();
        assert_eq!(found, ["edge/src/main.rs"]);
    }
}
