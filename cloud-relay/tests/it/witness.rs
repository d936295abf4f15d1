//! The relay as a witness, word for word: over HTTP and over NATS it cosigns what has only grown, and refuses what was set back,
//! forked or signed by somebody else, before and after a restart.

use std::net::SocketAddr;

use async_nats::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_relay::Relay;
use relay_wire::nats::{self as subjects, WITNESS_KEY, WITNESS_STATUS};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::nats::server;
use crate::support::{House, id};

type Hash = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Hash {
    let hash = digest(&SHA256, &parts.concat());
    hash.as_ref().try_into().expect("32 bytes")
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(1 << (many.len() - 1).ilog2());
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}

fn proof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { vec![] } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    let (mut path, last) = if old <= left.len() {
        (proof(old, left, whole), root(right))
    } else {
        (proof(old - left.len(), right, false), root(left))
    };
    path.push(last);
    path
}

/// A log with a key of its own.
struct Log {
    origin: &'static str,
    pair: Ed25519KeyPair,
    leaves: Vec<Hash>,
}

impl Log {
    fn new(origin: &'static str, seed: u8, size: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed");
        let leaves = (0..size).map(|leaf| sha256(&[&[0, leaf]])).collect();
        Self {
            origin,
            pair,
            leaves,
        }
    }

    /// The same log with another beginning.
    fn forked(mut self) -> Self {
        self.leaves[0] = [9; 32];
        self
    }

    fn hash(&self) -> Vec<u8> {
        let public = self.pair.public_key().as_ref();
        sha256(&[self.origin.as_bytes(), b"\n\x01", public])[..4].to_vec()
    }

    fn key(&self) -> String {
        let hash: String = self
            .hash()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let key = [&[1], self.pair.public_key().as_ref()].concat();
        format!("{}+{hash}+{}", self.origin, STANDARD.encode(key))
    }

    fn text(&self, size: usize) -> String {
        let root = STANDARD.encode(root(&self.leaves[..size]));
        format!("{}\n{size}\n{root}\n", self.origin)
    }

    fn body(&self, old: usize, size: usize) -> String {
        let path = match old {
            old if old == 0 || old > size => vec![],
            old => proof(old, &self.leaves[..size], true),
        };
        let path: String = path
            .iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect();
        let text = self.text(size);
        let signature = self.pair.sign(text.as_bytes());
        let blob = STANDARD.encode([self.hash().as_slice(), signature.as_ref()].concat());
        format!(
            "old {old}\n{path}\n{text}\n\u{2014} {} {blob}\n",
            self.origin
        )
    }
}

/// Whether an answer is the cosignature of the witness with this key on a text, not older than a minute.
fn is_cosigned(answer: &str, key: &str, text: &str) -> bool {
    let (name, rest) = key.split_once('+').expect("a name");
    let (_, public) = rest.split_once('+').expect("a hash");
    let public = STANDARD.decode(public).expect("base64");
    assert_eq!(public[0], 4, "a key of cosignatures");
    let hash = &sha256(&[name.as_bytes(), b"\n\x04", &public[1..]])[..4];
    let blob = answer
        .strip_prefix(&format!("\u{2014} {name} "))
        .and_then(|line| STANDARD.decode(line.strip_suffix('\n')?).ok())
        .expect("one signature line");
    let time = u64::from_be_bytes(blob[4..12].try_into().expect("eight bytes"));
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    assert!(now - time < 60, "{time} is not now");
    let message = format!("cosignature/v1\ntime {time}\n{text}");
    let verifying = UnparsedPublicKey::new(&ED25519, &public[1..]);
    &blob[..4] == hash && verifying.verify(message.as_bytes(), &blob[12..]).is_ok()
}

async fn post(to: SocketAddr, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(to).await.expect("it listens");
    let request = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head[9..12].parse().expect("a status");
    (status, head.to_owned(), body.to_owned())
}

async fn witness(logs: Vec<String>) -> (House, SocketAddr, String) {
    let house = House::with(|config| {
        config.witness.logs = logs;
        config.listen.witness = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    })
    .await;
    let at = house.addresses().witness.expect("it is a witness");
    let key = cloud_relay::witness_key(&house.config).expect("a key");
    (house, at, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_cosigned_and_every_other_story_is_refused() {
    let log = Log::new("school.test/log", 1, 20);
    let (_house, at, key) = witness(vec![log.key()]).await;
    for (old, size) in [(0, 5), (5, 5), (5, 8), (8, 20)] {
        let (status, head, answer) = post(at, &log.body(old, size)).await;
        assert_eq!(status, 200, "{old} to {size}: {answer}");
        assert!(head.contains("text/plain"), "{head}");
        assert!(is_cosigned(&answer, &key, &log.text(size)), "{answer}");
    }
    let conflict = |(status, head, body): (u16, String, String)| {
        assert!(
            head.contains("Content-Type: text/x.tlog.size\r\n"),
            "{head}"
        );
        (status, body)
    };
    let known = (409, "20\n".to_owned());
    assert_eq!(conflict(post(at, &log.body(0, 20)).await), known);
    assert_eq!(conflict(post(at, &log.body(8, 9)).await), known, "set back");
    let fork = Log::new("school.test/log", 1, 24).forked();
    assert_eq!(
        conflict(post(at, &fork.body(20, 20)).await),
        known,
        "forked"
    );
    let answers = [
        (fork.body(20, 24), 422),
        (log.body(20, 8), 400),
        (log.body(20, 20).replacen("\n20\n", "\n21\n", 1), 403),
        (Log::new("school.test/log", 2, 24).body(20, 24), 403),
        (Log::new("other.test/log", 1, 24).body(0, 24), 404),
        ("old 1\n".to_owned(), 400),
        ("x".repeat(9000), 413),
    ];
    for (body, expected) in answers {
        let (status, _, answer) = post(at, &body).await;
        assert_eq!(status, expected, "{body}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_spends_nothing_of_a_schools_share_even_from_the_same_address() {
    let log = Log::new("school.test/log", 3, 9);
    let (_house, to, _) = witness(vec![log.key()]).await;
    assert_eq!(post(to, &log.body(0, 5)).await.0, 200);
    let mut last = 0;
    for _ in 0..60 {
        last = post(to, "rubbish").await.0;
        // Shown once more, it is signed once more.
        assert_eq!(post(to, &log.body(5, 5)).await.0, 200);
    }
    assert_eq!(last, 429, "who sends nothing but rubbish is told to wait");
    assert_eq!(post(to, &log.body(5, 9)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_remembers_over_a_restart() {
    let log = Log::new("school.test/log", 1, 20);
    let (house, at, key) = witness(vec![log.key()]).await;
    assert_eq!(post(at, &log.body(0, 9)).await.0, 200);
    let config = house.config.clone();
    let (relay, _folder) = house.into_parts();
    relay.stop().await;
    let relay = Relay::start(config.clone()).await.expect("it starts again");
    assert_eq!(cloud_relay::witness_key(&config).expect("a key"), key);
    let at = relay.addresses().witness.expect("it is a witness");
    let (status, _, body) = post(at, &log.body(0, 5)).await;
    assert_eq!((status, body.as_str()), (409, "9\n"));
    let (status, _, answer) = post(at, &log.body(9, 12)).await;
    assert_eq!(status, 200);
    assert!(is_cosigned(&answer, &key, &log.text(12)));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn through_nats_a_school_names_its_log_once_and_is_held_to_it() {
    let Some(mut nats) = server() else { return };
    nats.start().await;
    let house = House::with(|config| config.nats = Some(nats.settings("relay"))).await;
    let _enrolled = house.school("kgs").await;
    house
        .until_metric("nats_connected", |connected| connected == 1)
        .await;
    let key = cloud_relay::witness_key(&house.config).expect("a key");
    let client = nats.client("kgs").await;
    let ask = async |log: &Log, body: String| {
        loop {
            let mut headers = HeaderMap::new();
            headers.insert(WITNESS_KEY, log.key());
            let subject = subjects::witness(&id("kgs"));
            let asked = client.request_with_headers(subject, headers, body.clone().into());
            // The relay's subscription may come a moment after its connection.
            let Ok(reply) = asked.await else { continue };
            let headers = reply.headers.expect("a status");
            let status = headers.get(WITNESS_STATUS).expect("a status");
            let status: u16 = status.as_str().parse().expect("a number");
            return (status, String::from_utf8_lossy(&reply.payload).into_owned());
        }
    };
    let log = Log::new("kgs.test/log", 1, 20);
    let (status, answer) = ask(&log, log.body(0, 7)).await;
    assert_eq!(status, 200, "{answer}");
    assert!(is_cosigned(&answer, &key, &log.text(7)));
    assert_eq!(ask(&log, log.body(7, 20)).await.0, 200);
    assert_eq!(ask(&log, log.body(0, 6)).await, (409, "20\n".to_owned()));
    // A thief of the school's credentials cannot bring another key, nor another log.
    let thief = Log::new("kgs.test/log", 2, 24);
    assert_eq!(ask(&thief, thief.body(20, 24)).await.0, 403);
    let second = Log::new("kgs.test/second", 3, 5);
    assert_eq!(ask(&second, second.body(0, 5)).await.0, 404);
}

impl Log {
    /// The entry and its unsealed part that hand a log over, as its next leaf; the log behind it has the successor's key.
    fn handed_over(mut self, seed: u8) -> (String, Self) {
        let successor = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed");
        let next = Self {
            origin: self.origin,
            pair: successor,
            leaves: Vec::new(),
        };
        let part = format!("xx{}yy{}", self.key(), next.key()).into_bytes();
        let position = self.leaves.len() as u64 + 1;
        let mut entry = vec![0; 84];
        entry[0] = 1;
        entry[3] = 1;
        entry[4..12].copy_from_slice(&position.to_le_bytes());
        entry[56..58].copy_from_slice(&402_u16.to_le_bytes());
        entry.extend([0; 17]);
        entry.extend((part.len() as u32).to_le_bytes());
        entry.extend(sha256(&[&part]));
        let old = self.leaves.len();
        self.leaves.push(sha256(&[&[0], &entry]));
        // What proves that the tree has grown by one leaf proves, without the leaf, that it is the last.
        let mut siblings = Vec::new();
        let mut rest = &self.leaves[..];
        while rest.len() > 1 {
            let (left, right) = rest.split_at(1 << (rest.len() - 1).ilog2());
            siblings.insert(0, STANDARD.encode(root(left)) + "\n");
            rest = right;
        }
        let whole = self.body(0, old + 1);
        let (_, note) = whole.split_once("\n\n").expect("a note");
        let body = format!(
            "handover {position}\n{}\n{}\n{}\n{note}",
            STANDARD.encode(&entry),
            STANDARD.encode(&part),
            siblings.concat()
        );
        let leaves = std::mem::take(&mut self.leaves);
        (body, Self { leaves, ..next })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_handed_over_is_believed_under_its_next_key_alone() {
    let log = Log::new("school.test/log", 1, 20);
    let (_house, at, key) = witness(vec![log.key()]).await;
    assert_eq!(post(at, &log.body(0, 20)).await.0, 200);
    let (handover, mut next) = Log::new("school.test/log", 1, 20).handed_over(2);
    // Not before the key of before is cosigned up to there, and not by anybody else.
    let (status, _, body) = post(at, &handover).await;
    assert_eq!((status, body.as_str()), (409, "20\n"));
    let (stranger, _) = Log::new("school.test/log", 3, 20).handed_over(4);
    assert_eq!(post(at, &stranger).await.0, 403);
    let mut old = Log::new("school.test/log", 1, 20);
    old.leaves.push(*next.leaves.last().expect("the handover"));
    assert_eq!(post(at, &old.body(20, 21)).await.0, 200);
    let changed = handover.replacen("handover 21", "handover 20", 1);
    assert_eq!(post(at, &changed).await.0, 403);
    assert_eq!(post(at, &handover).await.0, 200);

    next.leaves.push([7; 32]);
    old.leaves.push([8; 32]);
    assert_eq!(
        post(at, &old.body(21, 22)).await.0,
        403,
        "the key of before"
    );
    let (status, _, answer) = post(at, &next.body(21, 22)).await;
    assert_eq!(status, 200);
    assert!(is_cosigned(&answer, &key, &next.text(22)));
    assert_eq!(post(at, &handover).await.0, 403, "it is over");
}
