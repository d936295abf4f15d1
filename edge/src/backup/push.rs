//! Bringing to a backup what is new: files, then pieces, then what lies beside, and the manifest last. Only after it is there
//! does anything go that it no longer names. Whatever is cut off is begun again and leaves nothing that counts.

use super::manifest::{self, Manifest, Piece, named};
use super::pieces::{Cut, cuts};
use super::scratch::Scratch;
use super::target::Target;
use super::{Backup, blobs};
use crate::console::erasures;
use anyhow::{Context, Result, ensure};
use edge_kernel::Kernel;
use edge_kernel::ledger::{Said, Snapshot};
use events::privacy::{Depth, PrivacyEvent, Span};
use events::{AnyEvent, Position};
use events_proof::tree::to_hex;
use std::collections::HashSet;
use std::path::Path;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What is new.
    Tail,
    /// Everything: whether each file is there, and what nobody names.
    All,
}

/// What was brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// How many events the backup has.
    pub size: Position,
    /// The root over them, in hexadecimal digits.
    pub root: String,
    /// Bytes that were new.
    pub bytes: u64,
    /// Objects that were removed, because an erasure or longer pieces took their place.
    pub removed: u64,
}

impl Backup {
    /// Brings a backup up to the log as it is. `progress` is told what is being done, how far it has come, and of how much.
    pub async fn push(
        &self,
        kernel: &Kernel,
        target: &Target,
        scope: Scope,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<Pushed> {
        let _turn = self.turn(kernel).await?;
        // What is sealed for another machine must not become the newest backup: nobody could go on with it.
        ensure!(
            target.is_machine() || !kernel.ledger.is_paused(),
            "the school is moving to another machine, which brings the next backup"
        );
        let scratch = Scratch::new(&self.directory, "backup.tmp")?;
        let push = Push {
            kernel,
            target,
            scratch: scratch.path(),
            progress,
        };
        let pushed = push.run(scope).await?;
        if !target.is_machine() {
            self.note(|status| status.pushed(kernel.clock.now(), pushed.size));
        }
        Ok(pushed)
    }
}

struct Push<'a> {
    kernel: &'a Kernel,
    target: &'a Target,
    scratch: &'a Path,
    progress: &'a (dyn Fn(&str, u64, u64) + Sync),
}

impl Push<'_> {
    async fn run(&self, scope: Scope) -> Result<Pushed> {
        let ledger = &self.kernel.ledger;
        let keys = ledger.signing_keys().await?;
        let key = |origin: &str| {
            ensure!(
                origin == ledger.origin(),
                "it is the backup of another school"
            );
            Ok(keys.clone())
        };
        let before = manifest::newest(self.target, key).await?;
        let now = ledger.snapshot().await?;
        self.check(before.as_ref(), &now).await?;
        if let (Some(before), Scope::Tail) = (&before, scope)
            && before.size == now.size
        {
            return Ok(pushed(before));
        }
        let known = before.as_ref().map_or(0, |before| before.size);
        // Followers see a position a moment after it is written.
        let mut seen = ledger.watch();
        seen.wait_for(|at| *at >= now.size)
            .await
            .context("the log is closing")?;
        let completed = self.completed(known, now.size).await?;
        let mut bytes = self.files(scope, known, now.size).await?;
        let pieces = before.as_ref().map_or(&[][..], |before| &before.pieces);
        let (pieces, brought) = self.pieces(pieces, &completed, now.size).await?;
        bytes += brought;
        let after = self
            .manifest(before.as_ref(), &now, pieces, &mut bytes)
            .await?;
        after.publish(self.target, ledger).await?;
        let is_thorough = scope == Scope::All || !completed.is_empty();
        let removed = self.tidy(before.as_ref(), &after, is_thorough).await?;
        Ok(Pushed {
            bytes,
            removed,
            ..pushed(&after)
        })
    }

    /// A backup is only ever continued: by the log that it is of.
    async fn check(&self, before: Option<&Manifest>, now: &Snapshot) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        ensure!(
            before.size <= now.size,
            "the backup has {} events and this log {}: it was restored from an older one, or is a copy. Keep that backup, and name another place",
            before.size,
            now.size
        );
        let root = self.kernel.ledger.root_at(before.size).await?;
        ensure!(
            to_hex(&root) == before.root,
            "the backup and this log differ before position {}: they have gone separate ways. Keep that backup, and name another place",
            before.size
        );
        Ok(())
    }

    /// The erasures that were completed in a stretch of the log.
    async fn completed(&self, after: Position, until: Position) -> Result<Vec<Said>> {
        let mut batches = HashSet::new();
        let note = |event: &events::Recorded| {
            if let AnyEvent::Privacy(PrivacyEvent::ErasureCompleted { batch, .. }) = &event.event {
                batches.insert(*batch);
            }
        };
        if after > 0 {
            self.kernel.ledger.fold_all(after, until, note).await?;
        }
        let mut said = self.kernel.ledger.erasures().await?;
        said.retain(|said| {
            said.event
                .batch()
                .is_some_and(|batch| batches.contains(&batch))
        });
        Ok(said)
    }

    async fn files(&self, scope: Scope, known: Position, size: Position) -> Result<u64> {
        let after = if scope == Scope::All { 0 } else { known };
        let named = blobs::named(&self.kernel.ledger, after, size).await?;
        let mut bytes = 0;
        for (done, blob) in (0..).zip(named.values()) {
            (self.progress)("backup files", done, named.len() as u64);
            let brought = blobs::bring(self.kernel, self.target, blob).await;
            match brought {
                Ok(brought) => bytes += brought,
                // Forgotten since it was named: then it must not be brought.
                Err(_) if self.is_forgotten(blob.blob, size).await? => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bytes)
    }

    async fn is_forgotten(&self, blob: events::ids::BlobId, size: Position) -> Result<bool> {
        let named = blobs::named(&self.kernel.ledger, 0, size).await?;
        Ok(!named.contains_key(&blob))
    }

    /// The pieces of the backup at a size, and how many bytes of them are new. What an erasure has emptied is packed anew.
    async fn pieces(
        &self,
        before: &[Piece],
        completed: &[Said],
        size: Position,
    ) -> Result<(Vec<Piece>, u64)> {
        let (stay, cuts) = cuts(before, size);
        let mut pieces = Vec::new();
        let mut bytes = 0;
        for piece in before.iter().take(stay) {
            let cut = Cut {
                after: piece.first - 1,
                until: piece.last(),
            };
            let (is_emptied, is_unlinked) = touched(completed, cut);
            let segment = match is_emptied {
                true => self.segment(cut, &mut bytes).await?,
                false => piece.segment.clone(),
            };
            let beside = match is_unlinked {
                true => self.beside(cut, &mut bytes).await?,
                false => piece.beside.clone(),
            };
            pieces.push(Piece {
                segment,
                beside,
                ..piece.clone()
            });
        }
        for cut in cuts {
            (self.progress)("backup", cut.after, size);
            pieces.push(Piece {
                first: cut.after + 1,
                count: cut.until - cut.after,
                segment: self.segment(cut, &mut bytes).await?,
                beside: self.beside(cut, &mut bytes).await?,
            });
        }
        (self.progress)("backup", size, size);
        Ok((pieces, bytes))
    }

    async fn segment(&self, cut: Cut, bytes: &mut u64) -> Result<String> {
        let ledger = &self.kernel.ledger;
        let written = ledger
            .write_piece(self.scratch, cut.after, cut.until)
            .await?;
        let path = self.scratch.join(written.name.to_string());
        let content = std::fs::read(&path).context("reading a segment that was just written")?;
        std::fs::remove_file(&path).context("removing a segment that was brought")?;
        let name = format!("segments/{}", written.name);
        self.put(&name, content, bytes).await?;
        Ok(name)
    }

    async fn beside(&self, cut: Cut, bytes: &mut u64) -> Result<String> {
        let beside = self.kernel.ledger.beside(cut.after, cut.until).await?;
        let content = serde_json::to_vec(&beside)?;
        let name = named("beside", &content, "json");
        self.put(&name, content, bytes).await?;
        Ok(name)
    }

    async fn put(&self, name: &str, content: Vec<u8>, bytes: &mut u64) -> Result<()> {
        let length = content.len() as u64;
        if self.target.put(name, content.into()).await? {
            *bytes += length;
        }
        Ok(())
    }

    async fn manifest(
        &self,
        before: Option<&Manifest>,
        now: &Snapshot,
        pieces: Vec<Piece>,
        bytes: &mut u64,
    ) -> Result<Manifest> {
        let ledger = &self.kernel.ledger;
        let kept = named("kept", &now.kept, "sealed");
        self.put(&kept, now.kept.clone(), bytes).await?;
        let mut said = ledger.erasures().await?;
        said.retain(|said| said.position <= now.size);
        let listed = erasures(&said, now.size)?;
        let erasures = named("erasures", &listed, "json");
        self.put(&erasures, listed, bytes).await?;
        Ok(Manifest {
            format: Manifest::format(),
            number: before.map_or(0, |before| before.number) + 1,
            origin: ledger.origin().to_owned(),
            made: self.kernel.clock.now(),
            size: now.size,
            root: to_hex(&now.root),
            at: now.at,
            checkpoint: now.checkpoint.clone(),
            epoch: now.epoch,
            pieces,
            kept,
            erasures,
        })
    }

    /// Removes what the new manifest no longer names: what the one before named, or, looking through everything, whatever lies
    /// there. Files go when nobody can open them any more.
    async fn tidy(
        &self,
        before: Option<&Manifest>,
        after: &Manifest,
        is_thorough: bool,
    ) -> Result<u64> {
        let mut old: Vec<String> = match before {
            Some(before) => before.objects().cloned().collect(),
            None => Vec::new(),
        };
        if is_thorough {
            for folder in ["segments", "beside", "kept", "erasures"] {
                old.extend(self.target.list(folder).await?);
            }
        }
        let named: HashSet<&String> = after.objects().collect();
        old.retain(|one| !named.contains(one));
        // The older manifest goes first: without its objects it would be a damaged backup.
        let mut gone = manifest::others(self.target, after.number).await?;
        gone.extend(old);
        if is_thorough {
            gone.extend(self.forgotten_files().await?);
        }
        let mut seen = HashSet::new();
        gone.retain(|one| seen.insert(one.clone()));
        for name in &gone {
            self.target.remove(name).await?;
        }
        Ok(gone.len() as u64)
    }

    async fn forgotten_files(&self) -> Result<Vec<String>> {
        let ledger = &self.kernel.ledger;
        // What was listed before the log is read again is named there, if it is named at all.
        let mut found = self.target.list(blobs::FOLDER).await?;
        let named = blobs::named(ledger, 0, ledger.size()).await?;
        let named: HashSet<String> = named.keys().map(|blob| blobs::object(*blob)).collect();
        found.retain(|one| !named.contains(one));
        Ok(found)
    }
}

fn pushed(manifest: &Manifest) -> Pushed {
    Pushed {
        size: manifest.size,
        root: manifest.root.clone(),
        ..Pushed::default()
    }
}

/// Whether erasures have emptied something in a stretch, and whether they may have taken away where a stream goes on in it.
fn touched(completed: &[Said], cut: Cut) -> (bool, bool) {
    let (mut is_emptied, mut is_unlinked) = (false, false);
    for said in completed {
        let PrivacyEvent::ErasureExecuted {
            depth,
            ciphertexts,
            headers,
            ..
        } = &said.event
        else {
            continue;
        };
        let within = |span: &Span| span.0 <= cut.until && span.1 > cut.after;
        let ciphertexts = ciphertexts.iter().any(within) && *depth >= Depth::Ciphertext;
        let headers = *depth == Depth::Header && headers.iter().any(within);
        is_emptied |= ciphertexts || headers;
        is_unlinked |= *depth == Depth::Header;
    }
    (is_emptied, is_unlinked)
}
