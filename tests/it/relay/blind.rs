//! What goes through the relay stays unread: on its sockets, in its memory, in its log and in its folder there is no word
//! of what a school says.

use super::house::Relay;
use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use e2e::tap::Tap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use uuid::Uuid;

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
    let school = Plan::two_classes()
        .settle(&founder, || Api::new(edge.address()))
        .await;

    let authority =
        std::fs::read(directory.data.join("tls/ca.pem")).expect("the authority is there");
    let pupil = Api::from_home("kgs.relay.localhost", visitor_side.address, &authority);
    let paul = school.person("paul");
    // The relay holds a visitor until the school's link stands.
    pupil.sign_in(paul.login, &paul.password).await.ok();
    // One word that occurs nowhere else for each kind of thing that the relay must not learn.
    let marks =
        [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(|mark| mark.simple().to_string());
    let [message, name, content] = &marks;
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

    let secrets: Vec<&[u8]> = [message, name, content, &paul.password]
        .into_iter()
        .map(|secret| secret.as_bytes())
        .collect();
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
    places.push((
        "the memory".to_owned(),
        memory(relay.process().expect("it runs")),
    ));
    places.extend(files(&relay.data));
    for (place, bytes) in places {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == *secret);
            assert!(
                !found,
                "{place} of the relay holds a secret of {} bytes",
                secret.len()
            );
        }
    }
    edge.stop().await.expect("it stops");
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

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder)
        .expect("the folder is there")
        .flatten();
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            (
                entry.path().display().to_string(),
                std::fs::read(entry.path()).expect("it is readable"),
            )
        })
        .collect()
}
