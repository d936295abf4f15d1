//! The relay as a witness of schools' logs (c2sp.org/tlog-witness): it remembers the name, size and root of each log and the key it
//! believes, cosigns what has only grown, and refuses what was set back or rewritten. It never sees an entry. All code here is its
//! own: what a school's machine computes wrongly, it must not compute wrongly too.

mod handover;
mod http;
mod key;
mod note;
mod tree;

use std::time::Instant;

use relay_wire::SchoolId;

use crate::limits::{AddressKey, Buckets, Rate};
use crate::state::{State, unix_time};
use crate::store::StoreError;

use handover::Handover;
pub(crate) use http::serve;
pub(crate) use key::WitnessKey;
use note::AddCheckpoint;
pub(crate) use note::LogKey;
use tree::Hash;

/// Checkpoints that one school or one log may bring, and requests of one address that nobody has signed: six a minute are the rule, one a second is a machine gone wild.
const RATE: Rate = Rate {
    per_second: 0.5,
    burst: 30.0,
};
/// Bytes of a request: 63 hashes and a note with a few signatures have about four thousand.
pub(crate) const LONGEST_BODY: usize = 8 * 1024;

/// What being a witness needs.
pub(crate) struct Witness {
    pub(crate) key: WitnessKey,
    by_school: Buckets<SchoolId>,
    /// What a log has grown by, which costs a durable write.
    by_log: Buckets<String>,
    /// What no known log has signed.
    rubbish: Buckets<AddressKey>,
}

impl Witness {
    pub(crate) fn new(key: WitnessKey) -> Self {
        Self {
            key,
            by_school: Buckets::new(RATE),
            by_log: Buckets::new(RATE),
            rubbish: Buckets::new(RATE),
        }
    }
}

/// An answer, as HTTP gives it and as NATS carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) media_type: &'static str,
    pub(crate) body: String,
}

impl Reply {
    fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            media_type: "text/plain; charset=utf-8",
            body: body.into(),
        }
    }

    fn conflict(size: u64) -> Self {
        Self {
            status: 409,
            media_type: "text/x.tlog.size",
            body: format!("{size}\n"),
        }
    }

    /// Whether the request was of no log that is known here.
    fn is_of_nobody(&self) -> bool {
        matches!(self.status, 400 | 403 | 404 | 405 | 411 | 413)
    }

    fn too_many() -> Self {
        Self::text(429, "too many checkpoints; wait a minute\n")
    }
}

/// Answers a school that NATS vouches for. With `key`, it says which key its log has: the first one is believed and pinned, later
/// ones change nothing.
pub(crate) async fn answer_school(
    state: &State,
    school: &SchoolId,
    key: Option<&str>,
    body: &[u8],
) -> Reply {
    if !state.witness.by_school.take(school.clone(), Instant::now()) {
        return Reply::too_many();
    }
    if let Some(key) = key.and_then(LogKey::parse)
        && let Err(error) = state.store.pin(school, key.name, key.text).await
    {
        tracing::error!(error = &error as &dyn std::error::Error, %school, "pinning the key of a log");
    }
    answer(state, body).await
}

/// Answers whoever asks: the signature is the proof, and only known logs are answered.
pub(crate) async fn answer(state: &State, body: &[u8]) -> Reply {
    match judge_and_remember(state, body).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "witnessing a checkpoint"
            );
            Reply::text(503, "this witness cannot remember right now; try again\n")
        }
    }
}

async fn judge_and_remember(state: &State, body: &[u8]) -> Result<Reply, StoreError> {
    let text = (body.len() <= LONGEST_BODY)
        .then(|| std::str::from_utf8(body).ok())
        .flatten();
    if let Some(text) = text.filter(|text| Handover::is_one(text)) {
        return hand_over(state, text).await;
    }
    let Some(asked) = text.and_then(AddCheckpoint::parse) else {
        return Ok(Reply::text(
            400,
            "not a request to add a checkpoint: old size, proof, empty line, signed checkpoint\n",
        ));
    };
    loop {
        let known = state.store.log(asked.origin).await?;
        let pinned = known.as_ref().and_then(|log| log.key.clone());
        let keys = believed(state, asked.origin, pinned).await?;
        let head = known.as_ref().and_then(|log| log.head);
        let key = match judge(&asked, &keys, head) {
            Ok(key) => key,
            Err(reply) => return Ok(reply),
        };
        let now = (asked.size, asked.root);
        // What is remembered already is signed again without a write, whoever shows it once more.
        let grows = head != Some(now);
        if grows
            && !state
                .witness
                .by_log
                .take(asked.origin.to_owned(), Instant::now())
        {
            return Ok(Reply::too_many());
        }
        // Somebody else may have brought another checkpoint meanwhile: then this one is judged against that.
        if !grows || state.store.remember(asked.origin, &key, head, now).await? {
            let line = state.witness.key.cosign(asked.text, unix_time().as_secs());
            return Ok(Reply::text(200, line));
        }
    }
}

/// The keys that are believed for a log: those that were configured or learnt, or what they have handed over to.
async fn believed(
    state: &State,
    origin: &str,
    pinned: Option<String>,
) -> Result<Vec<String>, StoreError> {
    let mut configured = state.config.witness.logs.iter();
    let configured =
        configured.find(|text| LogKey::parse(text).is_some_and(|key| key.name == origin));
    let mut keys = Vec::new();
    for key in configured.cloned().into_iter().chain(pinned) {
        keys.push(state.store.successor(origin, &key).await?);
    }
    Ok(keys)
}

/// Believes a log's next key from now on. The key of before must have been cosigned up to the handover, so that nobody can hand over
/// a log that has gone on.
async fn hand_over(state: &State, body: &str) -> Result<Reply, StoreError> {
    let Some(asked) = Handover::parse(body) else {
        return Ok(Reply::text(
            400,
            "not a handover: position, entry, part, proof, empty line, signed checkpoint\n",
        ));
    };
    loop {
        let Some(known) = state.store.log(asked.origin).await? else {
            return Ok(Reply::text(404, "this log is not witnessed here\n"));
        };
        let keys = believed(state, asked.origin, known.key).await?;
        let proven = keys
            .iter()
            .find_map(|key| Some((key, asked.prove(&LogKey::parse(key)?)?)));
        let Some((key, proven)) = proven else {
            return Ok(Reply::text(
                403,
                "no key that is trusted for this log hands it over here\n",
            ));
        };
        if known.head != Some(proven.head) {
            return Ok(Reply::conflict(known.head.map_or(0, |(size, _)| size)));
        }
        if state
            .store
            .hand_over(asked.origin, proven.head, key, &proven.successor)
            .await?
        {
            return Ok(Reply::text(200, "\n"));
        }
    }
}

/// Whether a checkpoint may be cosigned, given the keys that are believed and what was cosigned last; then which key has signed it.
/// Pure.
fn judge(
    asked: &AddCheckpoint<'_>,
    keys: &[String],
    known: Option<(u64, Hash)>,
) -> Result<String, Reply> {
    let mut believed = keys.iter().filter_map(|key| LogKey::parse(key)).peekable();
    if believed.peek().is_none() {
        return Err(Reply::text(404, "this log is not witnessed here\n"));
    }
    let Some(key) = believed.find(|key| asked.is_signed_by(key)) else {
        return Err(Reply::text(
            403,
            "no signature of a key that is trusted for this log\n",
        ));
    };
    if asked.old > asked.size {
        return Err(Reply::text(400, "the old size is beyond the checkpoint\n"));
    }
    let (size, root) = known.unwrap_or((0, tree::EMPTY));
    if asked.old != size || (asked.size == size && asked.root != root) {
        return Err(Reply::conflict(size));
    }
    if tree::has_grown((size, root), (asked.size, asked.root), &asked.proof) {
        Ok(key.text.to_owned())
    } else {
        Err(Reply::text(
            422,
            "the proof does not show that the log has only grown\n",
        ))
    }
}
