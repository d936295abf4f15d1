//! Why: a `clippy.toml` in a package replaces the one at the root instead of adding to it. `events/clippy.toml` must
//! therefore repeat the root's bans, and nothing but this check would notice when it no longer does.

use super::Complaint;
use super::house::House;
use anyhow::Result;

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let text = |path: &str| {
        house
            .files
            .iter()
            .find(|file| file.path == path)
            .map_or("", |file| file.text.as_str())
    };
    let ours = text("events/clippy.toml");
    let missing = text("clippy.toml")
        .lines()
        .map(str::trim)
        .filter(|line| is_setting(line))
        .filter(|line| !ours.lines().any(|own| own.trim() == *line));
    Ok(missing
        .map(|line| Complaint {
            place: "events/clippy.toml".into(),
            problem: format!("does not repeat `{line}`"),
            remedy: "copy the line from clippy.toml: a package's file replaces the root's",
        })
        .collect())
}

fn is_setting(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#') && line != "]"
}

#[cfg(test)]
mod tests {
    use super::super::house::pretend;
    use super::check;

    #[test]
    fn a_ban_that_events_forgot_is_noticed() {
        let house = pretend(&[
            (
                "clippy.toml",
                "disallowed-methods = [\n  { path = \"a\" },\n]\n",
            ),
            ("events/clippy.toml", "disallowed-methods = [\n]\n"),
        ]);
        assert_eq!(check(&house).expect("the rule runs").len(), 1);
    }
}
