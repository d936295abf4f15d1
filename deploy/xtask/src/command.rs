//! Runs other programs: quietly with their last words kept for the case of failure.

use crate::progress::Step;
use anyhow::{Context as _, Result, bail};
use std::io::{BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How many of a failed program's last lines are worth reading.
const LAST_LINES: usize = 200;
/// Asked for by name: cargo counts for itself only on a terminal of its own.
const COUNTING: [(&str, &str); 2] = [
    ("CARGO_TERM_PROGRESS_WHEN", "always"),
    ("CARGO_TERM_PROGRESS_WIDTH", "100"),
];

/// Runs a command to its end under a step; returns its standard output.
///
/// # Errors
/// When the program cannot be started or ends badly; the error carries what it wrote last.
pub(crate) fn quietly(step: &Step, command: &mut Command) -> Result<String> {
    let name = describe(command);
    if command.get_program() == "cargo" {
        command.envs(COUNTING);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{name}`"))?;
    let output = child
        .stdout
        .take()
        .context("the program has no standard output")?;
    let errors = child
        .stderr
        .take()
        .context("the program has no standard error")?;
    // Both pipes are read at once: a program that fills one while we wait on the other would never end.
    let (output, errors) = std::thread::scope(|scope| {
        let output = scope.spawn(|| read_all(output));
        let (sender, lines) = mpsc::channel();
        scope.spawn(move || read_lines(errors, |line| sender.send(line).is_ok()));
        let errors = follow(step, &lines);
        (output.join().unwrap_or_default(), errors)
    });
    let status = child
        .wait()
        .with_context(|| format!("waiting for `{name}`"))?;
    if !status.success() {
        let tail: Vec<&str> = errors.lines().rev().take(LAST_LINES).collect();
        let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
        bail!("`{name}` ended with {status}\n{tail}");
    }
    Ok(output)
}

/// Runs a short command without a step; `None` when it is missing or ends badly.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program of this name can be started from the search path.
pub(crate) fn is_on_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The command as one would type it.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn read_all(mut source: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = source.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Shows lines while they come; gives those that are no counting.
fn follow(step: &Step, lines: &mpsc::Receiver<String>) -> String {
    let mut kept = String::new();
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => match counted(&line) {
                Some(count) => step.note(&count),
                None => {
                    step.note(&line);
                    kept.push_str(&line);
                    kept.push('\n');
                }
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return kept,
        }
        step.tick();
    }
}

/// Cargo's count of crates: `Building [====>   ] 212/430: ring, sqlx`.
fn counted(line: &str) -> Option<String> {
    let (_, rest) = line.trim().strip_prefix("Building [")?.split_once("] ")?;
    let count = rest.split(':').next()?;
    let (done, of) = count.trim().split_once('/')?;
    Some(format!("{done} of {of} crates"))
}

/// Lines end with a line feed, or with a carriage return where the next one is meant to cover them.
fn read_lines(source: impl Read, mut each: impl FnMut(String) -> bool) {
    let mut line = Vec::new();
    for byte in BufReader::new(source).bytes().map_while(Result::ok) {
        if byte != b'\n' && byte != b'\r' {
            line.push(byte);
        } else if !line.is_empty() {
            let text = String::from_utf8_lossy(&std::mem::take(&mut line)).into_owned();
            if !each(text) {
                return;
            }
        }
    }
    if !line.is_empty() {
        each(String::from_utf8_lossy(&line).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_count_is_told_and_is_no_word_of_an_error() {
        assert_eq!(
            counted("    Building [=======>        ] 212/430: ring, sqlx(build)").as_deref(),
            Some("212 of 430 crates")
        );
        assert_eq!(counted("   Compiling ring v0.17.14"), None);
        let mut lines = Vec::new();
        let said = b"a\r    Building [=> ] 1/2: x\r\nerror: b\nlast";
        read_lines(&said[..], |line| {
            lines.push(line);
            true
        });
        assert_eq!(
            lines,
            ["a", "    Building [=> ] 1/2: x", "error: b", "last"]
        );
    }

    #[test]
    fn a_program_that_fails_is_quoted_without_its_counting() {
        let step = Step::start("failing");
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "printf 'Building [> ] 1/9: a\\rerror: no\\n' >&2; exit 3",
        ]);
        let error = quietly(&step, &mut command).expect_err("it ends with 3");
        step.failed();
        let text = error.to_string();
        assert!(text.ends_with("error: no"), "{text}");
    }
}
