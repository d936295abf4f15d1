//! Taking turns: one round of each contender after the other, several times, and the median of each.

use anyhow::{Context as _, Result};
use serde_json::Value;
use std::process::{Command, Stdio};

/// How often everybody has a turn.
pub(super) const ROUNDS: usize = 5;

/// The middle one of some figures; 0 when there are none.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Runs a contender's program and reads the one line of JSON that it prints.
pub(super) fn one_round(program: &mut Command) -> Result<Value> {
    let name = crate::command::describe(program);
    let output = program
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting `{name}`"))?;
    anyhow::ensure!(
        output.status.success(),
        "`{name}` ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`{name}` did not print one line of JSON"))
}

/// A figure out of such a line.
pub(super) fn figure(round: &Value, name: &str) -> Result<f64> {
    round
        .get(name)
        .and_then(Value::as_f64)
        .with_context(|| format!("the round reports no `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        assert!((median(vec![3.0, 100.0, 1.0, 2.0, 4.0]) - 3.0).abs() < f64::EPSILON);
    }
}
