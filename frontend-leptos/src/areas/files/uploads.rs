//! The uploads of this tab: a few at a time, each with its progress, going on while the reader is elsewhere in the app.

use super::transfer::{Stored, Target, Transfer};
use crate::ask::{Ask, Trouble};
use crate::browser;
use events::ids::{NodeId, SpaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use uuid::Uuid;
use web_sys::File;

/// How many run at once; HTTP/1.1 has six connections, and the app needs the others.
const AT_ONCE: usize = 2;

/// How long a finished list stays in sight, in milliseconds.
const STAYS: i32 = 5000;

/// How far one upload is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    Waiting,
    Running,
    /// It is stored, under another name when that was taken.
    Stored {
        other_name: Option<String>,
    },
    Failed(Trouble),
    Cancelled,
}

impl Stage {
    /// Whether it still has to come.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// One upload, as the tray shows it.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) percent: RwSignal<u8>,
    pub(super) stage: RwSignal<Stage>,
}

struct Source {
    file: File,
    target: Target,
    /// The same for every attempt, so that a file whose answer was lost is stored once.
    key: Uuid,
    running: Option<Transfer>,
}

/// All uploads of this tab; copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct Uploads {
    pub(super) list: RwSignal<Vec<Upload>>,
    sources: StoredValue<BTreeMap<u64, Source>, LocalStorage>,
    ask: Ask,
}

impl Uploads {
    /// None yet. While some are open, leaving the page asks first.
    pub(crate) fn new(ask: Ask) -> Self {
        let uploads = Self {
            list: RwSignal::new(Vec::new()),
            sources: StoredValue::new_local(BTreeMap::new()),
            ask,
        };
        let guard = window_event_listener(leptos::ev::beforeunload, move |event| {
            if uploads.open_untracked() > 0 {
                event.prevent_default();
            }
        });
        on_cleanup(move || guard.remove());
        uploads
    }

    /// Adds files for a folder.
    pub(crate) fn add(self, space: SpaceId, parent: Option<NodeId>, files: Vec<File>) {
        for file in files {
            let id = self
                .sources
                .with_value(|sources| sources.last_key_value().map_or(0, |(last, _)| last + 1));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a file's size is a whole number of bytes"
            )]
            let size = file.size() as u64;
            let upload = Upload {
                id,
                name: file.name(),
                size,
                percent: RwSignal::new(0),
                stage: RwSignal::new(Stage::Waiting),
            };
            let target = Target { space, parent };
            let source = Source {
                file,
                target,
                key: Uuid::new_v4(),
                running: None,
            };
            self.sources.update_value(|sources| {
                sources.insert(id, source);
            });
            self.list.update(|list| list.push(upload));
        }
        self.pump();
    }

    /// Gives one up.
    pub(super) fn cancel(self, upload: &Upload) {
        self.stop(upload.id);
        upload.stage.set(Stage::Cancelled);
        self.pump();
    }

    /// Tries one again.
    pub(super) fn retry(self, upload: &Upload) {
        upload.percent.set(0);
        upload.stage.set(Stage::Waiting);
        self.pump();
    }

    /// Forgets those that are over.
    pub(super) fn clear(self) {
        self.list
            .update(|list| list.retain(|upload| upload.stage.get_untracked().is_open()));
        let left: Vec<u64> = self
            .list
            .with_untracked(|list| list.iter().map(|u| u.id).collect());
        self.sources
            .update_value(|sources| sources.retain(|id, _| left.contains(id)));
    }

    fn open_untracked(self) -> usize {
        self.list.with_untracked(|list| {
            let open = |upload: &&Upload| upload.stage.get_untracked().is_open();
            list.iter().filter(open).count()
        })
    }

    /// Puts the list away some seconds after everything is stored; whatever failed stays until it is seen.
    fn clear_soon(self) {
        let stored = |upload: &Upload| matches!(upload.stage.get_untracked(), Stage::Stored { .. });
        let all_stored = move || self.list.with_untracked(|list| list.iter().all(stored));
        if !all_stored() {
            return;
        }
        spawn_local(async move {
            let shown = self.list.with_untracked(Vec::len);
            browser::wait(STAYS).await;
            if self.list.with_untracked(Vec::len) == shown && all_stored() {
                self.clear();
            }
        });
    }

    fn stop(self, id: u64) {
        let running = self
            .sources
            .try_update_value(|sources| sources.get_mut(&id).and_then(|s| s.running.take()));
        drop(running);
    }

    /// Starts as many as may run.
    fn pump(self) {
        let list = self.list.get_untracked();
        let stage = |upload: &Upload| upload.stage.get_untracked();
        let running = list.iter().filter(|u| stage(u) == Stage::Running).count();
        let waiting = list.iter().filter(|upload| stage(upload) == Stage::Waiting);
        for upload in waiting.take(AT_ONCE.saturating_sub(running)) {
            self.start(upload.clone());
        }
    }

    fn start(self, upload: Upload) {
        let (id, percent, stage) = (upload.id, upload.percent, upload.stage);
        stage.set(Stage::Running);
        let started = self.sources.try_update_value(|sources| {
            let source = sources.get_mut(&id)?;
            let on_progress = move |now| {
                percent.try_set(now);
            };
            let on_end = move |answer| self.end(&upload, answer);
            match Transfer::start(&source.file, source.target, source.key, on_progress, on_end) {
                Ok(transfer) => {
                    source.running = Some(transfer);
                    None
                }
                Err(trouble) => Some(trouble),
            }
        });
        if let Some(Some(trouble)) = started {
            stage.set(Stage::Failed(trouble));
        }
    }

    fn end(self, upload: &Upload, answer: Result<Stored, Trouble>) {
        self.stop(upload.id);
        upload.stage.set(match answer {
            Ok(stored) => {
                self.ask.wrote(stored.position);
                upload.percent.set(100);
                Stage::Stored {
                    other_name: (stored.name != upload.name).then_some(stored.name),
                }
            }
            Err(trouble) => Stage::Failed(trouble),
        });
        self.pump();
        self.clear_soon();
    }
}
