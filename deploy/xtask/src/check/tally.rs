//! Counts: what the test programs report, and our own checks, each of which counts as one test.

use anyhow::{Context as _, Result};
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// What a test says that lacks the means to run here; the reason follows. The test harness knows no such outcome.
const SKIPPED: &str = "SKIPPED: ";

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
    reading: Reading,
}

/// Where in a test program's output we are.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    /// Within what passed tests have printed, which is shown for the sake of those that were skipped.
    passed_tests: bool,
    /// The current test has said already that it was skipped.
    told: bool,
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
            if counted.add(&line) {
                println!("{line}");
            }
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

    /// Takes a line; returns whether it is for the reader as well.
    fn add(&mut self, line: &str) -> bool {
        if line.starts_with("test result: ") {
            self.add_result(line);
            return true;
        }
        let reading = &mut self.reading;
        match line {
            "successes:" => reading.passed_tests = true,
            "failures:" => reading.passed_tests = false,
            _ if line.starts_with("---- ") => reading.told = false,
            _ if line.starts_with(SKIPPED) && !reading.told => {
                reading.told = true;
                reading.skipped += 1;
                return true;
            }
            _ => {}
        }
        !reading.passed_tests
    }

    /// `test result: ok. 12 passed; 0 failed; 3 ignored; …`
    fn add_result(&mut self, line: &str) {
        let Reading { skipped, .. } = std::mem::take(&mut self.reading);
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
        self.passed = self.passed.saturating_sub(skipped);
        self.skipped += skipped;
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

    #[test]
    fn a_test_that_says_it_was_skipped_has_not_passed() {
        let mut tally = Tally::default();
        let output = "
running 3 tests
test a ... ok
test b ... ok
test c ... FAILED

successes:

---- a stdout ----
noise
SKIPPED: there is no nats-server
SKIPPED: there is no nats-server

successes:
    a
    b

failures:

---- c stdout ----
assertion failed

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        let shown: Vec<&str> = output.lines().filter(|line| tally.add(line)).collect();
        assert_eq!(tally.to_string(), "1 passed, 1 failed, 2 skipped");
        assert!(shown.contains(&"SKIPPED: there is no nats-server"));
        assert!(shown.contains(&"assertion failed"));
        assert!(!shown.contains(&"noise"));
    }
}
