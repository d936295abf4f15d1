//! The developer's commands from outside: what a tethered program promises.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// A shell that starts a tethered program, tells its process id, and waits for it.
fn shell_with_tethered_program() -> (Child, u32) {
    let script = format!("'{XTASK}' tether --parent $$ -- sleep 1000 & echo $!; wait");
    let mut shell = Command::new("sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell can be started");
    let mut line = String::new();
    let output = shell.stdout.take().expect("the shell's output is ours");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("the shell tells the process id");
    (
        shell,
        line.trim().parse().expect("a process id is a number"),
    )
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "{what} did not come to pass within 20 s"
        );
        std::thread::yield_now();
    }
}

fn runs(process: u32, name: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|comm| comm.trim() == name)
}

#[test]
fn a_tethered_program_dies_with_its_parent_even_when_that_one_is_killed() {
    let (mut shell, program) = shell_with_tethered_program();
    wait_until("the program's start", || runs(program, "sleep"));
    let parent = Pid::from_raw(shell.id().try_into().expect("process ids are small"))
        .expect("a process has an id");
    kill_process(parent, Signal::KILL).expect("the shell can be killed");
    shell.wait().expect("the shell has ended");
    // Whoever inherits it may take a moment to collect it; what matters is that it runs no more.
    wait_until("the program's end", || {
        !Path::new(&format!("/proc/{program}/exe")).exists()
    });
}

#[test]
fn a_program_whose_parent_is_gone_does_not_begin() {
    let output = Command::new(XTASK)
        .args(["tether", "--parent", "1", "--", "echo", "begun"])
        .output()
        .expect("xtask can be started");
    assert!(!output.status.success());
    assert!(
        output.stdout.is_empty(),
        "the program began without its parent"
    );
}
