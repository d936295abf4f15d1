//! The whole hybrid under load while its parts die: NATS, the relay and the school's machine are killed twice each in an order
//! drawn by chance, and people in school and at home go on writing. Whatever was acknowledged is there once.

use super::house::{Nats, Relay};
use crate::support::{Directory, init};
use e2e::api::{Api, message};
use e2e::generator::Chance;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use events::accounts::{GroupKind, Role};
use reqwest::Method;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use uuid::Uuid;

const IN_SCHOOL: [&str; 3] = ["ada", "ben", "cem"];
const AT_HOME: [&str; 3] = ["dana", "edda", "fynn"];
/// Within this everybody is heard again after one of the parts came back.
const PATIENCE: Duration = Duration::from_secs(30);
/// What somebody at home waits for before they press the button again.
const AT_MOST: Duration = Duration::from_secs(3);

/// What the writers and the one who kills know of one another.
struct Scene {
    /// Odd while the school's machine is down; it moves before the kill, and again once it answers.
    downs: AtomicU64,
    address: Mutex<SocketAddr>,
    stop: AtomicBool,
    in_school: AtomicU64,
    at_home: AtomicU64,
}

impl Scene {
    fn address(&self) -> SocketAddr {
        *self.address.lock().expect("nobody panics with it")
    }

    /// Waits until people in school and at home were answered anew.
    async fn everybody_is_heard(&self, after: &str) {
        let heard = || (self.in_school.load(SeqCst), self.at_home.load(SeqCst));
        let (in_school, at_home) = heard();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = heard();
            if now.0 > in_school && now.1 > at_home {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "after {after} was killed and started, {} answers in school and {} at home within {PATIENCE:?}",
                now.0 - in_school,
                now.1 - at_home
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

struct Writer {
    login: &'static str,
    api: Api,
    person: String,
    path: String,
    is_at_home: bool,
}

impl Writer {
    /// Says one thing after the other, each until it is acknowledged; gives what was.
    fn write(self, scene: Arc<Scene>) -> JoinHandle<Vec<String>> {
        tokio::spawn(async move {
            let mut said = Vec::new();
            while !scene.stop.load(SeqCst) {
                let text = format!("{} sagt Nummer {}", self.login, said.len());
                let id = Uuid::new_v4();
                while !self.say(id, &text, &scene).await {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                said.push(text);
                let count = match self.is_at_home {
                    true => &scene.at_home,
                    false => &scene.in_school,
                };
                count.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            said
        })
    }

    /// Whether it was acknowledged. In school nothing but a machine that is down is a reason why not.
    async fn say(&self, id: Uuid, text: &str, scene: &Scene) -> bool {
        let before = scene.downs.load(SeqCst);
        let api = match self.is_at_home {
            true => self.api.clone(),
            false => self.api.at(scene.address()),
        };
        let request = api
            .request(Method::POST, &self.path)
            .header("idempotency-key", id.to_string())
            .json(&message(id, &self.person, text));
        let request = match self.is_at_home {
            true => request.timeout(AT_MOST),
            false => request,
        };
        match api.try_send(request).await {
            Ok(answer) if answer.status == 200 => true,
            failed => {
                let was_down = before % 2 == 1 || scene.downs.load(SeqCst) != before;
                assert!(
                    self.is_at_home || was_down,
                    "the machine runs, and {} in school is not served: {failed:?}",
                    self.login
                );
                false
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Nats,
    Relay,
    Edge,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_dies_in_whatever_order_no_message_is_lost_or_doubled() {
    let Some(mut nats) = Nats::find() else { return };
    let directory = Directory::new();
    nats.start();
    let nats_url = nats.url.clone();
    let mut relay = Relay::new(directory.root(), "r1", Some(&nats_url));
    relay.start().await;
    init(&directory.data, directory.root()).await;
    let (enrol, token) = relay.invitation("kgs");
    let environment = [
        ("SCHULHOF_RELAY__ENROL", enrol.as_str()),
        ("SCHULHOF_RELAY__TOKEN", token.as_str()),
        ("SCHULHOF_RELAY__NATS__URL", nats_url.as_str()),
    ];
    let serve = || async {
        Process::serve_with(&directory.data, &directory.log, &environment)
            .await
            .expect("the school's machine starts")
    };
    let mut edge = Some(serve().await);
    let address = edge.as_ref().expect("it runs").address();
    let founder = Api::new(address);
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let everybody: Vec<&'static str> = IN_SCHOOL.into_iter().chain(AT_HOME).collect();
    let plan = everybody
        .iter()
        .fold(Plan::default(), |plan, login| {
            plan.person(login, &[Role::Pupil])
        })
        .person("tilda", &[Role::Teacher])
        .group("5a", GroupKind::Class, &["tilda"], &everybody);
    let school = plan.settle(&founder, || Api::new(address)).await;
    let authority = std::fs::read(directory.data.join("tls/ca.pem")).expect("it is there");

    let scene = Arc::new(Scene {
        downs: AtomicU64::new(0),
        address: Mutex::new(address),
        stop: AtomicBool::new(false),
        in_school: AtomicU64::new(0),
        at_home: AtomicU64::new(0),
    });
    let mut writers = Vec::new();
    for login in &everybody {
        let someone = school.person(login);
        let is_at_home = AT_HOME.contains(login);
        let api = match is_at_home {
            false => someone.api.clone(),
            true => {
                let api = Api::from_home("kgs.relay.localhost", relay.front, &authority);
                // The relay holds a visitor until the school's link stands.
                api.sign_in(login, &someone.password).await.ok();
                api
            }
        };
        let writer = Writer {
            login: someone.login,
            api,
            person: someone.person.to_string(),
            path: format!("/api/messenger/rooms/{}/command", school.room("5a")),
            is_at_home,
        };
        writers.push(writer.write(Arc::clone(&scene)));
    }

    let mut chance = Chance::new(9).for_purpose("storm");
    let mut order = [
        Part::Nats,
        Part::Nats,
        Part::Relay,
        Part::Relay,
        Part::Edge,
        Part::Edge,
    ];
    chance.shuffle(&mut order);
    for part in order {
        scene.everybody_is_heard("nothing yet").await;
        let moment = Duration::from_millis(50 + chance.below(300) as u64);
        match part {
            Part::Nats => {
                nats.kill();
                tokio::time::sleep(moment).await;
                nats.start();
            }
            Part::Relay => {
                relay.kill();
                tokio::time::sleep(moment).await;
                relay.start().await;
            }
            Part::Edge => {
                scene.downs.fetch_add(1, SeqCst);
                edge.take().expect("it runs").kill().await;
                tokio::time::sleep(moment).await;
                let again = serve().await;
                *scene.address.lock().expect("nobody panics with it") = again.address();
                edge = Some(again);
                scene.downs.fetch_add(1, SeqCst);
            }
        }
        scene.everybody_is_heard(&format!("{part:?}")).await;
    }
    scene.stop.store(true, SeqCst);
    let mut said = Vec::new();
    for writer in writers {
        said.extend(writer.await.expect("nobody in school was refused"));
    }

    let school = school.at(scene.address());
    let rows = school
        .api("tilda")
        .rows(
            "messenger/messages",
            &format!("scope=room:{}", school.room("5a")),
        )
        .await;
    let mut there = BTreeMap::<&str, usize>::new();
    for text in rows
        .iter()
        .filter_map(|found| found["row"]["text"].as_str())
    {
        *there.entry(text).or_default() += 1;
    }
    for text in &said {
        let times = there.get(text.as_str()).copied().unwrap_or_default();
        assert_eq!(times, 1, "{text}: acknowledged once");
    }
    assert_eq!(there.len(), said.len(), "there is what nobody was told of");
    println!(
        "{} messages in the order {order:?}, {} of them from home",
        said.len(),
        scene.at_home.load(SeqCst)
    );
    edge.expect("it runs").stop().await.expect("it stops");
}
