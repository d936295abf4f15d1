//! People who write while a school is being moved.

use crate::api::{Api, message};
use anyhow::{Result, ensure};
use reqwest::Method;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How many write at the same time.
const WRITERS: u32 = 4;

/// People who write until they are told to stop. Each message is sent again, to wherever the school is by then, until somebody says
/// that it is written.
pub struct Writers {
    at: watch::Sender<Option<SocketAddr>>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Vec<Written>>,
}

/// A message that was acknowledged.
#[derive(Clone, Debug)]
pub struct Written {
    /// What it says; no two say the same.
    pub text: String,
    /// When the answer was there.
    pub at: Instant,
}

impl Writers {
    /// They wait until they are told where. Each rests for a while between two messages.
    #[must_use]
    pub fn start(api: &Api, room: &str, author: &str, rest: Duration) -> Self {
        let (at, seen) = watch::channel(None);
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for writer in 0..WRITERS {
            let (api, mut seen, stop) = (api.clone(), seen.clone(), Arc::clone(&stop));
            let path = format!("/api/messenger/rooms/{room}/command");
            let author = author.to_owned();
            tasks.spawn(async move {
                let mut written = Vec::new();
                for number in 0.. {
                    let text = format!("Schreiber {writer}, Nachricht {number}");
                    let command = message(Uuid::new_v4(), &author, &text);
                    loop {
                        let found = seen.wait_for(Option::is_some).await.ok().and_then(|at| *at);
                        let Some(at) = found else { return written };
                        let api = api.at(at);
                        let request = api.request(Method::POST, &path).json(&command);
                        let sent = api.try_send(request).await;
                        if sent.is_ok_and(|answer| (200..300).contains(&answer.status)) {
                            let at = Instant::now();
                            written.push(Written { text, at });
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    tokio::time::sleep(rest).await;
                }
                written
            });
        }
        Self { at, stop, tasks }
    }

    /// Where the school is from now on.
    pub fn to(&self, at: SocketAddr) {
        self.at.send_replace(Some(at));
    }

    /// Lets each finish its message; all that were acknowledged.
    pub async fn finish(self) -> Vec<Written> {
        self.stop.store(true, Ordering::SeqCst);
        self.tasks.join_all().await.concat()
    }
}

/// The longest time in which nothing was acknowledged.
#[must_use]
pub fn longest_pause(written: &[Written]) -> Duration {
    let mut moments: Vec<Instant> = written.iter().map(|written| written.at).collect();
    moments.sort();
    let pauses = moments.windows(2).map(|pair| pair[1] - pair[0]);
    pauses.max().unwrap_or_default()
}

/// Waits until the room shows every one of them once.
///
/// # Errors
/// When one is there twice, or one is missing for good.
pub async fn are_there_once(api: &Api, room: &str, written: &[Written]) -> Result<()> {
    // The views follow the log a moment later.
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let rows = api
            .rows("messenger/messages", &format!("scope=room:{room}"))
            .await;
        let mut found: HashMap<&str, u32> = HashMap::new();
        for row in &rows {
            let text = row["row"]["text"].as_str().unwrap_or_default();
            *found.entry(text).or_default() += 1;
        }
        let of = |one: &Written| found.get(one.text.as_str()).copied().unwrap_or_default();
        ensure!(written.iter().all(|one| of(one) < 2), "written twice");
        let missing: Vec<&Written> = written.iter().filter(|one| of(one) == 0).collect();
        let Some(first) = missing.first() else {
            return Ok(());
        };
        ensure!(
            Instant::now() < patience,
            "lost {} of {}, the first of them {:?}; the room has {} rows",
            missing.len(),
            written.len(),
            first.text,
            rows.len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
