//! One running part of the demo. When it ends by itself it is started again, unless it does so again and again.

use super::tail;
use crate::processes::Running;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// So many ends within [`WHILE`] are no accident.
const TOO_MANY: usize = 5;
const WHILE: Duration = Duration::from_secs(60);
/// What the second start waits for; every further one waits twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A part, running or about to run again.
pub(super) struct Part {
    name: &'static str,
    command: Command,
    log: PathBuf,
    running: Option<Running>,
    ends: Ends,
    due: Option<Instant>,
}

impl Part {
    /// Starts it with an empty log.
    pub(super) fn start(name: &'static str, command: Command, log: PathBuf) -> Result<Self> {
        std::fs::write(&log, "").with_context(|| format!("creating {}", log.display()))?;
        let running = Running::start(name, &command, &log)?;
        Ok(Self {
            name,
            command,
            log,
            running: Some(running),
            ends: Ends::default(),
            due: None,
        })
    }

    /// How it ended, if it has, with the end of its log.
    pub(super) fn ended(&mut self) -> Option<String> {
        let status = self.running.as_mut()?.ended()?;
        Some(format!(
            "{} ended with {status}; the end of {}:\n{}",
            self.name,
            self.log.display(),
            tail(&self.log)
        ))
    }

    /// Starts it again when it has ended and its pause is over.
    ///
    /// # Errors
    /// When it ends again and again, or cannot be started.
    pub(super) fn keep_running(&mut self, now: Instant) -> Result<()> {
        if let Some(status) = self.running.as_mut().and_then(Running::ended) {
            let Some(pause) = self.ends.another(now) else {
                let (name, log) = (self.name, &self.log);
                bail!(
                    "{name} ended {TOO_MANY} times within {} s, last with {status}; the end of {}:\n{}",
                    WHILE.as_secs(),
                    log.display(),
                    tail(log)
                );
            };
            eprintln!("{} ended with {status} and is started again", self.name);
            self.running = None;
            self.due = Some(now + pause);
        }
        if self.due.is_some_and(|due| due <= now) {
            self.due = None;
            self.running = Some(Running::start(self.name, &self.command, &self.log)?);
        }
        Ok(())
    }
}

/// When a part ended lately.
#[derive(Default)]
struct Ends(Vec<Instant>);

impl Ends {
    /// Counts one more end; gives how long to wait before the next start, or nothing when it makes no sense to try.
    fn another(&mut self, now: Instant) -> Option<Duration> {
        self.0.retain(|end| now.duration_since(*end) < WHILE);
        self.0.push(now);
        let doubled = u32::try_from(self.0.len() - 1).unwrap_or_default();
        (self.0.len() < TOO_MANY).then(|| FIRST_PAUSE * 2_u32.pow(doubled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_ends_within_a_minute_are_too_many_and_five_in_an_hour_are_not() {
        let began = Instant::now();
        let mut often = Ends::default();
        let pauses: Vec<_> = (0..5)
            .map(|second| often.another(began + Duration::from_secs(second)))
            .collect();
        assert_eq!(pauses[0], Some(FIRST_PAUSE));
        assert_eq!(pauses[3], Some(8 * FIRST_PAUSE));
        assert_eq!(pauses[4], None);
        let mut seldom = Ends::default();
        for minutes in 0..10 {
            let end = began + Duration::from_secs(61 * minutes);
            assert_eq!(seldom.another(end), Some(FIRST_PAUSE));
        }
    }
}
