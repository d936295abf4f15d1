//! What goes through the relay stays unread: on its sockets, in its memory, in its log and in its folder there is no word
//! of what a school says.

use super::house::Relay;
use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use e2e::tap::Tap;
use events::accounts::{GroupKind, Role};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use uuid::Uuid;

/// Somebody whose login name is found nowhere by accident.
const LOGIN: &str = "quirinzwiebelturm";

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_learns_no_message_file_name_login_or_password() {
    let directory = Directory::new();
    let listener = Tap::listener().await;
    let tapped = listener.local_addr().expect("it is bound");
    let mut relay = Relay::tapped(directory.root(), "blind", tapped);
    let school_side = Tap::on(listener, relay.link);
    let visitor_side = Tap::on(Tap::listener().await, relay.front);
    relay.start().await;
    init(&directory.data, directory.root()).await;
    let (enrol, token) = relay.invitation("kgs");
    let environment = [
        ("SCHULHOF_RELAY__ENROL", enrol.as_str()),
        ("SCHULHOF_RELAY__TOKEN", token.as_str()),
    ];
    let edge = Process::serve_with(&directory.data, &directory.log, &environment)
        .await
        .expect("the edge starts");
    let founder = Api::new(edge.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = Plan::default()
        .person("tilda", &[Role::Teacher])
        .person(LOGIN, &[Role::Pupil])
        .group("5a", GroupKind::Class, &["tilda"], &[LOGIN])
        .settle(&founder, || Api::new(edge.address()))
        .await;

    let authority =
        std::fs::read(directory.data.join("tls/ca.pem")).expect("the authority is there");
    let pupil = Api::from_home("kgs.relay.localhost", visitor_side.address, &authority);
    let paul = school.person(LOGIN);
    // One word that occurs nowhere else for each kind of thing that the relay must not learn.
    let marks =
        [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(|mark| mark.simple().to_string());
    let [message, name, content] = &marks;
    let secrets: Arc<[Vec<u8>]> = [message, name, content, &paul.password, paul.login]
        .into_iter()
        .map(|secret: &str| secret.as_bytes().to_vec())
        .collect();
    let process = relay.process().expect("it runs");
    let watching = Watching::of(process, Arc::clone(&secrets));
    // The relay holds a visitor until the school's link stands.
    pupil.sign_in(paul.login, &paul.password).await.ok();
    pupil
        .say(school.room("5a"), paul.person, message)
        .await
        .ok();
    let uploaded = pupil
        .upload(
            school.space("5a"),
            &format!("{name}.txt"),
            content.repeat(2000).as_bytes(),
        )
        .await
        .ok();
    let listed = pupil
        .rows(
            "files/files",
            &format!(
                "scope=space:{}&prefix=top/&at_least={}",
                school.space("5a"),
                uploaded["position"]
            ),
        )
        .await;
    assert!(
        listed.iter().any(|row| row.to_string().contains(name)),
        "the file arrived"
    );

    let looks = watching.end().await;
    assert!(looks > 0, "the memory was read while all this went on");

    let (outside, inside) = (visitor_side.captured(), school_side.captured());
    assert!(
        outside.len() > 60_000 && inside.len() > 60_000,
        "the taps saw the traffic"
    );
    let named = outside
        .windows(19)
        .any(|window| window == b"kgs.relay.localhost");
    assert!(
        named,
        "the name that visitors ask for is in clear, so the search finds what is there"
    );
    let mut places = vec![
        ("visitors' sockets".to_owned(), outside),
        ("schools' sockets".to_owned(), inside),
    ];
    places.push((
        "the log".to_owned(),
        std::fs::read(&relay.log).expect("it logs"),
    ));
    places.push(("the memory afterwards".to_owned(), memory(process)));
    places.extend(files(&relay.data));
    for (place, bytes) in places {
        assert_holds_none(&place, &bytes, &secrets);
    }
    edge.stop().await.expect("it stops");
}

fn assert_holds_none(place: &str, bytes: &[u8], secrets: &[Vec<u8>]) {
    for (number, secret) in secrets.iter().enumerate() {
        let found = bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!found, "{place} of the relay holds secret number {number}");
    }
}

/// Reads the memory of a process again and again while things go through it.
struct Watching {
    stop: Arc<AtomicBool>,
    looking: tokio::task::JoinHandle<usize>,
}

impl Watching {
    fn of(process: u32, secrets: Arc<[Vec<u8>]>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&stop);
        let looking = tokio::task::spawn_blocking(move || {
            let mut looks = 0;
            while !ending.load(SeqCst) {
                assert_holds_none("the memory meanwhile", &memory(process), &secrets);
                looks += 1;
            }
            looks
        });
        Self { stop, looking }
    }

    /// How often it was read.
    async fn end(self) -> usize {
        self.stop.store(true, SeqCst);
        self.looking.await.expect("nothing was found")
    }
}

/// Everything that a process may write to and has in memory. Reading it takes the right to trace the process, which its
/// parent has.
fn memory(process: u32) -> Vec<u8> {
    let maps =
        std::fs::read_to_string(format!("/proc/{process}/maps")).expect("the maps are readable");
    let mut source =
        std::fs::File::open(format!("/proc/{process}/mem")).expect("the memory is readable");
    let mut memory = Vec::new();
    for line in maps
        .lines()
        .filter(|line| line.contains(" rw") && !line.contains("[v"))
    {
        let Some((start, end)) = line
            .split_whitespace()
            .next()
            .and_then(|range| range.split_once('-'))
        else {
            continue;
        };
        let (Ok(start), Ok(end)) = (u64::from_str_radix(start, 16), u64::from_str_radix(end, 16))
        else {
            continue;
        };
        let mut region = vec![0; usize::try_from(end - start).expect("a region fits")];
        // A region may have gone since the maps were read.
        if source.seek(SeekFrom::Start(start)).is_ok() && source.read_exact(&mut region).is_ok() {
            memory.append(&mut region);
        }
    }
    assert!(
        memory.len() > 1 << 20,
        "a process has more memory than {} bytes",
        memory.len()
    );
    memory
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.append(&mut files(&path));
        } else if path.is_file() {
            let bytes = std::fs::read(&path).expect("it is readable");
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}
