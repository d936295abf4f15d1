//! Why: about 100 to 250 lines is what a reader holds in mind; past 400 the file probably has two subjects. That is a hint
//! and not a law, so it is reported. Past 800 it is a complaint, but for files that are plain lists.

use super::Complaint;
use super::house::House;
use anyhow::Result;

const LOOK_AGAIN: usize = 400;
const TOO_LONG: usize = 800;

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let long = lengths(house).filter(|(_, lines)| *lines > TOO_LONG);
    Ok(long
        .map(|(path, lines)| Complaint {
            place: path.to_owned(),
            problem: format!("{lines} lines"),
            remedy: "make it a folder of the same name, one subject a file",
        })
        .collect())
}

/// The files worth looking at again, longest first.
pub(super) fn longest(house: &House) -> Vec<(&str, usize)> {
    let mut long: Vec<(&str, usize)> = lengths(house)
        .filter(|(_, lines)| *lines > LOOK_AGAIN)
        .collect();
    long.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    long
}

fn lengths(house: &House) -> impl Iterator<Item = (&str, usize)> {
    house
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(|file| (file.path.as_str(), file.text.lines().count()))
}
