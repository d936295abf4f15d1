//! Runs other programs: quietly with their last words kept for the case of failure.

use crate::progress::Step;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};

/// How many of a failed program's last lines are worth reading.
const LAST_LINES: usize = 200;

/// Runs a command to its end under a step; returns its standard output.
///
/// # Errors
/// When the program cannot be started or ends badly; the error carries what it wrote last.
pub(crate) fn quietly(step: &Step, command: &mut Command) -> Result<String> {
    let name = describe(command);
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
        let errors = read_lines(errors, |line| step.note(line));
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

fn read_lines(source: impl Read, mut each: impl FnMut(&str)) -> String {
    let mut all = String::new();
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let text = String::from_utf8_lossy(&line);
        each(&text);
        all.push_str(&text);
        line.clear();
    }
    all
}
