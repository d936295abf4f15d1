//! A full disk: what asks for writing is refused with a clear text, reading goes on, and once there is room writing goes on
//! too. The disk is a small one in memory, in a mount namespace of its own, so that it vanishes with the test.

use crate::support::founded_in;
use e2e::api::{Answer, Api};
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan, Settled};
use e2e::process::{Process, console};
use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

/// Set for the run inside the namespace: where the small disk is to be mounted.
const INSIDE: &str = "E2E_SMALL_DISK";
const SIZE: &str = "size=24m";

#[test]
fn a_full_disk_refuses_writing_and_nothing_else() {
    if let Some(mount) = std::env::var_os(INSIDE) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        return runtime.block_on(fill_and_free(Path::new(&mount)));
    }
    let alone = ["--map-root-user", "--mount"];
    let possible = Command::new("unshare")
        .args(alone)
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    if !possible.is_ok_and(|status| status.success()) {
        println!(
            "SKIPPED: this needs a small disk of its own, and neither root nor user namespaces are available"
        );
        return;
    }
    let root = tempfile::tempdir().expect("a directory of our own");
    let test = std::env::current_exe().expect("the running test has a path");
    let output = Command::new("unshare")
        .args(alone)
        .arg(test)
        .args([
            "disk::a_full_disk_refuses_writing_and_nothing_else",
            "--exact",
            "--nocapture",
        ])
        .env(INSIDE, root.path())
        .output()
        .expect("the test can be started again");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

async fn fill_and_free(root: &Path) {
    let disk = root.join("disk");
    std::fs::create_dir(&disk).expect("the directory is ours");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
        .arg(&disk)
        .status();
    assert!(
        mounted.is_ok_and(|status| status.success()),
        "the small disk is mounted"
    );
    let (data, log) = (disk.join("data"), root.join("server.log"));
    let server = founded_in(&data, root).await;
    let founder = Api::new(server.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = Plan::two_classes()
        .settle(&founder, || Api::new(server.address()))
        .await;
    let mut talk = Talk {
        school: &school,
        acknowledged: Vec::new(),
        refused: Vec::new(),
    };
    talk.say("vorher").await.ok();
    let file = school
        .api("tilda")
        .upload(school.space("5a"), "vorher.txt", &[b'x'; 200_000])
        .await
        .ok();

    let filler = fill(&disk);
    let refusal = talk.until_refused().await;
    assert_eq!(
        (refusal.status, refusal.code().as_str()),
        (503, "disk_full"),
        "{}",
        refusal.text()
    );
    assert_eq!(refusal.header("content-type"), "application/problem+json");
    assert!(
        refusal.text().contains("voll"),
        "it says so in plain words: {}",
        refusal.text()
    );
    let upload = school
        .api("tilda")
        .upload(school.space("5a"), "mitten.txt", &[b'y'; 500_000])
        .await;
    assert_eq!(
        (upload.status, upload.code().as_str()),
        (503, "disk_full"),
        "{}",
        upload.text()
    );
    reading_goes_on(&school, &file["node"]).await;

    std::fs::remove_file(filler).expect("the filler can go");
    talk.until_accepted().await;
    school
        .api("tilda")
        .upload(school.space("5a"), "nachher.txt", &[b'z'; 200_000])
        .await
        .ok();
    reading_goes_on(&school, &file["node"]).await;
    talk.check(&school).await;
    console(&data, ["audit", "verify"]).await.ok();
    server.stop().await.expect("it stops");
    let server = Process::serve(&data, &log).await.expect("it starts again");
    talk.check(&school.at(server.address())).await;
    let names = school
        .at(server.address())
        .api("tilda")
        .rows(
            "files/files",
            &format!("scope=space:{}", school.space("5a")),
        )
        .await;
    let names: Vec<&str> = names
        .iter()
        .filter_map(|found| found["row"]["name"].as_str())
        .collect();
    assert_eq!(
        names,
        ["nachher.txt", "vorher.txt"],
        "the refused upload has left something behind"
    );
    server.stop().await.expect("it stops");
}

/// Takes the last byte of the disk.
fn fill(disk: &Path) -> std::path::PathBuf {
    let path = disk.join("filler");
    let mut file = File::create(&path).expect("the disk is ours");
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0_u8; size]).is_ok() {}
    }
    path
}

async fn reading_goes_on(school: &Settled, file: &Value) {
    let tilda = school.api("tilda");
    assert_eq!(tilda.get("/healthz").await.status, 200);
    tilda.get("/api/session").await.ok();
    tilda.get("/api/accounts/people").await.ok();
    let messages = tilda
        .rows(
            "messenger/messages",
            &format!("scope=room:{}", school.room("5a")),
        )
        .await;
    assert!(
        messages
            .iter()
            .any(|found| found["row"]["text"] == "vorher")
    );
    let node = file.as_str().expect("a node's id");
    let content = tilda
        .get(&format!(
            "/api/files/spaces/{}/nodes/{node}/content",
            school.space("5a")
        ))
        .await;
    assert_eq!((content.status, content.body.len()), (200, 200_000));
}

/// What was said, and what became of it.
struct Talk<'a> {
    school: &'a Settled,
    acknowledged: Vec<String>,
    refused: Vec<String>,
}

impl Talk<'_> {
    async fn say(&mut self, text: &str) -> Answer {
        let tilda = self.school.person("tilda");
        let answer = tilda
            .api
            .say(self.school.room("5a"), tilda.person, text)
            .await;
        let list = if answer.status == 200 {
            &mut self.acknowledged
        } else {
            &mut self.refused
        };
        list.push(text.to_owned());
        answer
    }

    /// The log may still have room of its own in what it has allocated before.
    async fn until_refused(&mut self) -> Answer {
        for number in 0..5_000 {
            let answer = self
                .say(&format!("voll {number} {}", "x".repeat(1000)))
                .await;
            if answer.status != 200 {
                return answer;
            }
        }
        panic!("the disk is full, and 5,000 messages were taken nevertheless");
    }

    async fn until_accepted(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = self
                .say(&format!("wieder Platz {}", self.refused.len()))
                .await;
            if answer.status == 200 {
                return;
            }
            assert_eq!(answer.code(), "disk_full", "{}", answer.text());
            assert!(
                Instant::now() < deadline,
                "there is room again, but writing does not go on"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn check(&self, school: &Settled) {
        caught_up(school).await;
        let room = format!("scope=room:{}", school.room("5a"));
        let rows = school.api("paul").rows("messenger/messages", &room).await;
        let texts = rows
            .iter()
            .filter_map(|found| found["row"]["text"].as_str());
        let texts: Vec<&str> = texts.collect();
        assert_eq!(
            texts, self.acknowledged,
            "what was acknowledged is there, in order; what was refused is not"
        );
    }
}

/// The views were out of room as well; they come up with the log by themselves.
async fn caught_up(school: &Settled) {
    let me = school.founder.get("/api/session").await.ok();
    let path = format!("/api/accounts/people?at_least={}", me["position"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = school.founder.get(&path).await;
        if answer.status == 200 {
            return;
        }
        assert_eq!(answer.code(), "not_yet", "{}", answer.text());
        assert!(Instant::now() < deadline, "the views do not go on");
    }
}
