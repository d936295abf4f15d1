//! What the new machine knows while a school arrives, and what it refuses.

use super::Point;
use super::wire::{FORMAT, Hello, State, Status, Welcome};
use super::work::{Pairing, Work};
use crate::room::in_words;
use age::x25519::Identity;
use anyhow::{Context, Result};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use edge_kernel::Clock;
use std::io::ErrorKind;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// What is to be done beside answering.
pub(super) enum Job {
    /// Build what has arrived.
    Build { whole: bool },
    /// The seal has arrived.
    Sealed,
    /// The old machine has destroyed its keys.
    Confirmed,
    /// A drill stopped it.
    Stopped(anyhow::Error),
}

/// What answering needs.
pub(super) struct Desk {
    pub(super) work: Work,
    pub(super) pairing: Mutex<Pairing>,
    pub(super) identity: Identity,
    pub(super) status: Mutex<Status>,
    pub(super) jobs: UnboundedSender<Job>,
    /// What the old machine is bringing, how far it has come, and of how much.
    pub(super) brought: Mutex<(String, u64, u64)>,
    pub(super) parts: AtomicU64,
    point: Point,
}

/// What is not done, in words for the operator of the old machine.
pub(super) struct Refusal(pub(super) StatusCode, pub(super) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        let is_full = error.chain().any(|cause| {
            let io = cause.downcast_ref::<std::io::Error>();
            io.is_some_and(|error| {
                matches!(
                    error.kind(),
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded
                )
            })
        });
        match is_full {
            true => Self(StatusCode::INSUFFICIENT_STORAGE, "the disk of the new machine is full; make room there, and type the same command again".to_owned()),
            false => Self(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")),
        }
    }
}

pub(super) type Answered<T> = Result<T, Refusal>;

impl Desk {
    pub(super) fn new(
        work: Work,
        pairing: Pairing,
        is_sealed: bool,
        jobs: UnboundedSender<Job>,
        point: Point,
    ) -> Self {
        Self {
            work,
            pairing: Mutex::new(pairing),
            identity: Identity::generate(),
            status: Mutex::new(Status {
                is_sealed,
                state: State::Receiving,
            }),
            jobs,
            brought: Mutex::default(),
            parts: AtomicU64::new(0),
            point,
        }
    }

    pub(super) fn status(&self) -> Status {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set(&self, state: State) {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .state = state;
    }

    /// What the old machine is bringing, for whoever looks at this one.
    pub(super) fn brought(&self) -> (String, u64, u64) {
        self.brought
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Before each step. A drill's error stops this machine, unless it is that of a full disk, which is only told.
    pub(super) fn at(&self, step: &'static str) -> Result<()> {
        (self.point)(step).map_err(|error| {
            let is_full = error.kind() == ErrorKind::StorageFull;
            let told =
                anyhow::Error::from(error).context(format!("stopped before it could {step}"));
            if !is_full {
                let _ = self.jobs.send(Job::Stopped(anyhow::anyhow!(
                    "stopped before it could {step}"
                )));
            }
            told
        })
    }

    /// Nothing more may come once the seal is there: it is being built already.
    pub(super) fn is_open(&self) -> Answered<()> {
        match self.status() {
            Status {
                is_sealed: true, ..
            } => Err(Refusal(
                StatusCode::CONFLICT,
                "the new machine has the sealed log, and finishes".to_owned(),
            )),
            Status {
                state: State::Working { .. },
                ..
            } => Err(Refusal(
                StatusCode::CONFLICT,
                "the new machine is still building; wait until it is done".to_owned(),
            )),
            Status { .. } => Ok(()),
        }
    }

    pub(super) fn greet(&self, hello: &Hello) -> Answered<Welcome> {
        let refuse = |text: &str| Refusal(StatusCode::FORBIDDEN, text.to_owned());
        if hello.format != FORMAT {
            return Err(refuse(
                "the new machine runs another version of this program; install the same on both",
            ));
        }
        self.has_room(hello.bytes)?;
        let mut pairing = self.pairing.lock().unwrap_or_else(PoisonError::into_inner);
        match &pairing.key {
            Some(key) if *key != hello.key => {
                return Err(refuse("this code belongs to the move of another school"));
            }
            Some(_) => {}
            None if Clock::System.now() > pairing.until => {
                return Err(refuse(
                    "the code has expired; type `schulhof move --receive` on the new machine again, which prints a new one",
                ));
            }
            None => {
                self.at("note who moves here")?;
                let mut paired = pairing.clone();
                paired.key = Some(hello.key.clone());
                self.work.keep(&paired)?;
                *pairing = paired;
            }
        }
        let key = self.work.verifier_key(&hello.key)?;
        let recipient = self.identity.to_public().to_string();
        let signing =
            String::from_utf8(self.work.signing()?).context("the signing key is damaged")?;
        Ok(Welcome {
            key,
            recipient,
            signing,
        })
    }

    /// Whether a school of so many bytes fits beside what has arrived of it. After the seal everything is there.
    fn has_room(&self, bytes: u64) -> Answered<()> {
        if self.status().is_sealed {
            return Ok(());
        }
        let room = self.work.room()?;
        match room.missing(bytes) {
            0 => Ok(()),
            missing => Err(Refusal(
                StatusCode::INSUFFICIENT_STORAGE,
                format!(
                    "the school takes {} here while it arrives, and {} are free; make room for {} more on the new machine, and type the same command again",
                    in_words(bytes),
                    in_words(room.free),
                    in_words(missing),
                ),
            )),
        }
    }
}
