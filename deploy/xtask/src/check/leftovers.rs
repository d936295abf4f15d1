//! Finds processes that tests have left behind. While we run, orphans of our descendants become our children, so whatever
//! still descends from us when all tests have ended was forgotten by one of them.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, getpid, kill_process, set_child_subreaper};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a browser may take to fold up after its test.
const GRACE: Duration = Duration::from_secs(10);

/// A watch over our descendants.
pub(super) struct Watch(());

struct Process {
    parent: i32,
    is_gone: bool,
    name: String,
}

impl Watch {
    pub(super) fn begin() -> Result<Self> {
        set_child_subreaper(Some(getpid())).context("asking to inherit orphans")?;
        Ok(Self(()))
    }

    /// Ends the watch.
    ///
    /// # Errors
    /// When processes were left behind; they are named and killed.
    pub(super) fn end(self) -> Result<()> {
        let left = crate::processes::wait_until(GRACE, || descendants().is_empty())
            .then(BTreeMap::new)
            .unwrap_or_else(descendants);
        if left.is_empty() {
            return Ok(());
        }
        for pid in left.keys().filter_map(|pid| Pid::from_raw(*pid)) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let names: Vec<String> = left
            .iter()
            .map(|(pid, name)| format!("{name} ({pid})"))
            .collect();
        bail!(
            "tests left processes behind: {}; end what a test starts in its Drop",
            names.join(", ")
        )
    }
}

/// The living processes below us, by id.
fn descendants() -> BTreeMap<i32, String> {
    let all = processes();
    let us = getpid().as_raw_nonzero().get();
    let is_below = |pid: i32| {
        let mut at = pid;
        // The chain of parents is short; the bound only guards against a table that changes while we read it.
        for _ in 0..64 {
            match all.get(&at) {
                Some(process) if process.parent == us => return true,
                Some(process) => at = process.parent,
                None => return false,
            }
        }
        false
    };
    all.iter()
        .filter(|(pid, process)| !process.is_gone && is_below(**pid))
        .map(|(pid, process)| (*pid, process.name.clone()))
        .collect()
}

fn processes() -> BTreeMap<i32, Process> {
    let Ok(entries) = std::path::Path::new("/proc").read_dir() else {
        return BTreeMap::new();
    };
    let pids = entries.flatten().filter_map(|entry| {
        entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
    });
    pids.filter_map(|pid| {
        Some((
            pid,
            read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?,
        ))
    })
    .collect()
}

/// `17 (a name) S 4 …`: the name may hold brackets and spaces, so it ends at the last bracket.
fn read(stat: &str) -> Option<Process> {
    let (before, after) = stat.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let mut fields = after.split_whitespace();
    let state = fields.next()?;
    Some(Process {
        parent: fields.next()?.parse().ok()?,
        is_gone: matches!(state, "Z" | "X"),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::{descendants, read};
    use std::process::{Command, Stdio};

    #[test]
    fn a_name_with_brackets_is_read_whole() {
        let process = read("17 (a (b) c) S 4 17 17 0").expect("the line is well formed");
        assert_eq!(
            (process.parent, process.name.as_str(), process.is_gone),
            (4, "a (b) c", false)
        );
    }

    #[test]
    fn a_child_that_still_runs_is_found() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .spawn()
            .expect("cat can be started");
        let pid = i32::try_from(child.id()).expect("process ids are small");
        assert!(descendants().contains_key(&pid));
        drop(child.stdin.take());
        child.wait().expect("cat ends with its input");
        assert!(!descendants().contains_key(&pid));
    }
}
