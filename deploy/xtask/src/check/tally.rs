//! Counts: what the test programs report, and our own checks, each of which counts as one test.

use anyhow::{Context as _, Result};
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

impl Tally {
    pub(super) fn has_failures(&self) -> bool {
        self.failed > 0
    }

    /// Counts a check and says why it failed; returns whether it passed.
    pub(super) fn gate(&mut self, outcome: Result<()>) -> bool {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                eprintln!("{error:#}");
                self.failed += 1;
                return false;
            }
        }
        true
    }

    /// Runs `cargo test`, shows what it prints, and adds up its results.
    pub(super) fn run_tests(&mut self, cargo: &mut Command) -> Result<()> {
        let mut child = cargo
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting cargo")?;
        let output = child
            .stdout
            .take()
            .context("cargo has no standard output")?;
        let mut counted = Self::default();
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("reading the tests' output")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            counted.add(&line);
        }
        let status = child.wait().context("waiting for cargo")?;
        // A test program that crashed has reported nothing.
        if !status.success() && counted.failed == 0 {
            counted.failed = 1;
        }
        self.passed += counted.passed;
        self.failed += counted.failed;
        self.skipped += counted.skipped;
        Ok(())
    }

    /// `test result: ok. 12 passed; 0 failed; 3 ignored; …`
    fn add(&mut self, line: &str) {
        let Some(counts) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.1.split("; ") {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<usize>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn results_of_several_programs_are_added_up() {
        let mut tally = Tally::default();
        tally.add("running 3 tests");
        tally.add("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.10s");
        tally.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.10s");
        assert_eq!(tally.to_string(), "13 passed, 2 failed, 3 skipped");
    }
}
