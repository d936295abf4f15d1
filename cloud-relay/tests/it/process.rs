//! The relay as a process: its command line, its complaints, its signals and its death.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use relay_wire::{SchoolId, Token};
use tempfile::TempDir;

use crate::support::edge::Edge;
use crate::support::visitor::greeting;
use crate::support::{free_port, soon, until};

const BINARY: &str = env!("CARGO_BIN_EXE_schulhof-relay");

/// A relay process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Ports {
    front: SocketAddr,
    enrol: SocketAddr,
}

fn write_config(folder: &TempDir) -> (PathBuf, Ports) {
    let ports: Vec<_> = (0..4).map(|_| free_port()).collect();
    let file = folder.path().join("relay.toml");
    let text = format!(
        "id = \"r1\"\ndomain = \"relay.localhost\"\ndata = \"{}\"\n[listen]\nfront = [\"{}\"]\nlink = \"{}\"\nenrol = \"{}\"\nmetrics = \"{}\"\n",
        folder.path().join("data").display(),
        ports[0],
        ports[1],
        ports[2],
        ports[3]
    );
    std::fs::write(&file, text).expect("the folder is ours");
    (
        file,
        Ports {
            front: ports[0],
            enrol: ports[2],
        },
    )
}

fn run(arguments: &[&str], config: &Path) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .arg("--config")
        .arg(config)
        .output()
        .expect("it runs")
}

/// Starts and waits until it says that it serves.
fn serve(config: &Path) -> Process {
    let mut child = Command::new(BINARY)
        .args(["serve", "--config"])
        .arg(config)
        .env("SCHULHOF_LOG", "info")
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let serves = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("relay serves"));
    assert!(serves, "it ended before it served");
    // Nobody may block on a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Process(child)
}

fn token(config: &Path, school: &str) -> Token {
    let output = run(&["enrol", school], config);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Token::parse(String::from_utf8_lossy(&output.stdout).trim())
        .expect("a token on standard output")
}

#[test]
fn a_bad_configuration_is_named_and_nothing_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, _) = write_config(&folder);
    let good = std::fs::read_to_string(&file).expect("written");
    for (from, to, complaint) in [
        ("id = \"r1\"", "id = \"R 1\"", "`id`"),
        ("[listen]", "colour = 1\n[listen]", "colour"),
        (
            "domain = \"relay.localhost\"",
            "domain = \"..\"",
            "not a host name",
        ),
        ("metrics = \"127.0.0.1", "metrics = \"0.0.0.0", "loopback"),
        (
            "[listen]",
            "[limits]\nper_school = 0\n[listen]",
            "limits.per_school",
        ),
        ("link = \"127.0.0.1", "link = \"127.0.0.300", "link"),
    ] {
        std::fs::write(&file, good.replace(from, to)).expect("ours");
        let output = run(&["serve"], &file);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(complaint),
            "{to}: {said}"
        );
    }
    let output = run(&["serve"], &folder.path().join("missing.toml"));
    assert!(
        !output.status.success()
            && String::from_utf8_lossy(&output.stderr).contains("missing.toml")
    );
    let output = run(&["enrol", "No.School"], &file);
    assert!(!output.status.success());
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, ports) = write_config(&folder);
    let _taken = TcpListener::bind(ports.front).expect("free");
    let output = run(&["serve"], &file);
    assert!(String::from_utf8_lossy(&output.stderr).contains(&ports.front.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_it_serves_the_same_schools() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, ports) = write_config(&folder);
    let mut process = serve(&file);
    let edge = Edge::enrol(ports.enrol, &token(&file, "kgs"))
        .await
        .expect("enrolled");
    for epoch in 1..4 {
        let serving = edge.link(epoch).await.expect("a link").serve(2).await;
        assert_eq!(
            greeting(ports.front, "kgs.relay.localhost").await,
            "this is kgs"
        );
        drop(process);
        drop(serving);
        process = serve(&file);
    }
    drop(process);
}

#[tokio::test(flavor = "multi_thread")]
async fn terminated_it_says_goodbye_and_ends_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, ports) = write_config(&folder);
    let mut process = serve(&file);
    let edge = Edge::enrol(ports.enrol, &token(&file, "kgs"))
        .await
        .expect("enrolled");
    let serving = edge.link(1).await.expect("a link").serve(1).await;
    assert_eq!(
        greeting(ports.front, "kgs.relay.localhost").await,
        "this is kgs"
    );
    let pid = process.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill runs")
            .success()
    );
    let drained = || {
        serving
            .said
            .lock()
            .expect("no panic")
            .contains(&relay_wire::Frame::Drain {})
    };
    until("the edge to hear that the relay goes", drained).await;
    let ended = tokio::task::spawn_blocking(move || process.0.wait().expect("it ended"));
    assert!(
        soon("the process's end", ended)
            .await
            .expect("no panic")
            .success()
    );
}

#[test]
fn a_school_id_of_the_command_line_is_checked() {
    assert!(SchoolId::parse("kgs").is_ok());
    let folder = tempfile::tempdir().expect("a folder");
    let (file, _) = write_config(&folder);
    let output = run(&["enrol", "kgs.*"], &file);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("a-z"));
}
