//! Long-running programs that never outlive us: each has a process group of its own, is told to stop when we stop,
//! and is killed by the kernel when we are killed.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rustix::process::{Pid, Signal, getppid, kill_process_group, set_parent_process_death_signal};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to stop by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `tether` becomes.
#[derive(Args)]
pub(crate) struct Tether {
    /// The process that must be our parent
    #[arg(long)]
    parent: i32,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Asks the kernel to kill us when our parent dies, then becomes the program. The wish survives `exec`; setting it from
/// the child's side is what keeps this free of `unsafe`.
///
/// # Errors
/// When the parent is gone already or the program cannot be started.
pub(crate) fn become_tethered(tether: &Tether) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .context("tying the program to its parent")?;
    if getppid()
        .map(Pid::as_raw_nonzero)
        .is_none_or(|parent| parent.get() != tether.parent)
    {
        bail!("the parent ended before the program began");
    }
    let (program, arguments) = tether
        .command
        .split_first()
        .context("no program was named")?;
    Err(Command::new(program).args(arguments).exec())
        .with_context(|| format!("starting {}", program.to_string_lossy()))
}

/// A program that we started and will end.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts a program whose output goes on `log`. Must be called from the main thread, because the kernel ties the
    /// child's life to the thread that started it.
    ///
    /// # Errors
    /// When the log cannot be written or the program cannot be started.
    pub(crate) fn start(name: &str, command: &Command, log: &Path) -> Result<Self> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("opening {}", log.display()))?;
        // Our own image, even if it was rebuilt meanwhile.
        let mut tethered = Command::new("/proc/self/exe");
        tethered
            .arg("tether")
            .arg("--parent")
            .arg(std::process::id().to_string())
            .arg("--");
        tethered.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => tethered.env(key, value),
                None => tethered.env_remove(key),
            };
        }
        let child = tethered
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child })
    }

    /// The program's process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }

    fn stop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        self.signal(Signal::TERM);
        wait_until(PATIENCE, || self.ended().is_some());
        // The group is killed even when its first process has gone, for whatever that one has left behind.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Asks again and again until something holds; returns whether it came to hold in time.
pub(crate) fn wait_until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !holds() {
        if Instant::now() >= deadline {
            return false;
        }
        pause(Duration::from_millis(20));
    }
    true
}

/// Lets a moment pass between two questions.
#[expect(
    clippy::disallowed_methods,
    reason = "other processes tell us nothing when they change; asking again is all there is"
)]
pub(crate) fn pause(moment: Duration) {
    std::thread::sleep(moment);
}
