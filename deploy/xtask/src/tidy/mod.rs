//! The rules of the house that no compiler checks. One file a rule: why it exists, how it is checked, and what to do
//! about a complaint. `cargo xtask tidy` runs them all; so does a test, so that nobody has to remember.

mod arrows;
mod clippy_agreement;
mod house;
mod length;
mod literals;
mod logs;
mod openings;
mod pairs;
mod paths;
mod shape;
mod tables;
mod top_level;
mod unsafety;
mod words;

use anyhow::{Result, bail};
use house::House;
use std::fmt;

/// A broken rule: where, what, and what to do.
#[derive(Debug)]
struct Complaint {
    place: String,
    problem: String,
    remedy: &'static str,
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}\n    → {}",
            self.place, self.problem, self.remedy
        )
    }
}

type Rule = fn(&House) -> Result<Vec<Complaint>>;

/// Every rule, by the name that messages use.
const RULES: [(&str, Rule); 12] = [
    ("arrows", arrows::check),
    ("tables", tables::check),
    ("migration pairs", pairs::check),
    ("module shape", shape::check),
    ("top-level names", top_level::check),
    ("words", words::check),
    ("file openings", openings::check),
    ("paths in documents", paths::check),
    ("clippy agreement", clippy_agreement::check),
    ("logs", logs::check),
    ("unsafe code", unsafety::check),
    ("file length", length::check),
];

/// Runs every rule and prints the complaints.
///
/// # Errors
/// When a rule is broken.
pub(crate) fn run() -> Result<()> {
    let house = House::read()?;
    let mut broken = 0;
    for (name, rule) in RULES {
        let complaints = rule(&house)?;
        eprintln!("{} {name}", if complaints.is_empty() { "✓" } else { "✗" });
        complaints
            .iter()
            .for_each(|complaint| eprintln!("  {complaint}"));
        broken += complaints.len();
    }
    for (path, lines) in length::longest(&house) {
        eprintln!("  look again: {path} has {lines} lines");
    }
    if broken > 0 {
        bail!("{broken} broken rules");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{House, RULES};

    #[test]
    fn the_house_is_tidy() {
        let house = House::read().expect("the working tree can be read");
        let mut complaints = Vec::new();
        for (name, rule) in RULES {
            let found = rule(&house).expect("the rule can be checked");
            complaints.extend(found.iter().map(|complaint| format!("{name}: {complaint}")));
        }
        assert!(
            complaints.is_empty(),
            "`cargo xtask tidy` complains:\n{}",
            complaints.join("\n")
        );
    }
}
