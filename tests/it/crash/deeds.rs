//! What the writers do: messages and files, each wanted exactly once, asked for again when no answer came.

use super::WRITERS;
use e2e::api::{Api, message};
use e2e::generator::Chance;
use e2e::plan::Settled;
use e2e::process::Process;
use events::ids::PersonId;
use reqwest::{Method, RequestBuilder};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// One deed in so many uploads a file instead of sending a message.
const FILES: usize = 6;

/// Something that a writer wants to be done exactly once.
#[derive(Clone)]
pub(super) struct Deed {
    pub(super) key: Uuid,
    pub(super) what: What,
    pub(super) acknowledged: bool,
}

#[derive(Clone)]
pub(super) enum What {
    Message { room: &'static str, text: String },
    File { name: String, content: String },
}

/// All write at once until the server is gone; what was not answered stays unacknowledged.
pub(super) async fn write_until_killed(
    server: Process,
    school: &Settled,
    deeds: Vec<Vec<Deed>>,
    chance: &mut Chance,
    moment: Duration,
) -> Vec<Vec<Deed>> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let writers: Vec<_> = WRITERS
        .into_iter()
        .zip(deeds)
        .map(|(login, deeds)| {
            let (school, chance) = (school.clone(), Chance::new(chance.draw()));
            tokio::spawn(async move { write(&school, login, deeds, chance, deadline).await })
        })
        .collect();
    tokio::time::sleep(moment).await;
    server.kill().await;
    let mut written = Vec::with_capacity(writers.len());
    for writer in writers {
        written.push(writer.await.expect("a writer ends with its server"));
    }
    written
}

/// First again what is not sure, as a browser does, then new things until no answer comes.
async fn write(
    school: &Settled,
    login: &str,
    mut deeds: Vec<Deed>,
    mut chance: Chance,
    deadline: Instant,
) -> Vec<Deed> {
    for deed in deeds.iter_mut().filter(|deed| !deed.acknowledged) {
        match carry_out(school, login, deed).await {
            true => deed.acknowledged = true,
            false => return deeds,
        }
    }
    loop {
        assert!(
            Instant::now() < deadline,
            "the server was killed, but answers still come"
        );
        let mut deed = think_of(login, deeds.len(), &mut chance);
        deed.acknowledged = carry_out(school, login, &deed).await;
        let goes_on = deed.acknowledged;
        deeds.push(deed);
        if !goes_on {
            return deeds;
        }
    }
}

fn think_of(login: &str, number: usize, chance: &mut Chance) -> Deed {
    let what = if chance.below(FILES) == 0 {
        What::File {
            name: format!("{login}-{number}.txt"),
            content: format!("{login} {number} ").repeat(1 + chance.below(400)),
        }
    } else {
        let room = if chance.percent(70) { "5a" } else { "Chor" };
        What::Message {
            room,
            text: format!("{login} sagt Nummer {number}"),
        }
    };
    Deed {
        key: Uuid::new_v4(),
        what,
        acknowledged: false,
    }
}

/// Whether it was acknowledged; no answer means that nobody knows.
pub(super) async fn carry_out(school: &Settled, login: &str, deed: &Deed) -> bool {
    let api = school.api(login);
    match api.try_send(order(school, login, deed)).await {
        Ok(answer) => {
            answer.ok();
            true
        }
        Err(_) => false,
    }
}

fn order(school: &Settled, login: &str, deed: &Deed) -> RequestBuilder {
    let (api, person): (&Api, PersonId) = (school.api(login), school.person(login).person);
    let request = match &deed.what {
        What::Message { room, text } => {
            let path = format!("/api/messenger/rooms/{}/command", school.room(room));
            api.request(Method::POST, &path)
                .json(&message(deed.key, person, text))
        }
        What::File { name, content } => {
            let upload = api.upload_request(school.own_space(login), name);
            upload.body(content.clone())
        }
    };
    request.header("idempotency-key", deed.key.to_string())
}
