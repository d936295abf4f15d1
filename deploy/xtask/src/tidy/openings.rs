//! Why: a file that says in its first lines what it is for, and what it leaves to others, can be skipped by whoever looks
//! for something else. That saves more reading than any other habit.

use super::Complaint;
use super::house::House;
use anyhow::Result;

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let silent = house
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs") && !file.text.starts_with("//!"));
    Ok(silent
        .map(|file| Complaint {
            place: format!("{}:1", file.path),
            problem: "does not say what it is for".into(),
            remedy: "open it with one to five lines of `//!`: what it is for, what it leaves to others",
        })
        .collect())
}
