//! One verification from beginning to end: the key, the manifest, checkpoints and erasures, then the segments, several at a
//! time but taken in order, so that memory stays bounded by one segment's hashes for each thread.

use crate::chain::Chain;
use crate::erasures::{self, Erasures};
use crate::handovers::{self, Handovers};
use crate::hash::{Hash, hex, sha256};
use crate::note::{self, Key};
use crate::package::{self, Hashing, Manifest, SegmentName};
use crate::report::Problems;
use crate::segment::{self, Asked, Checked};
use crate::{Options, Report};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

const KEY: &str = "verifier.key";
const NEWEST: &str = "checkpoints/newest";
const OLDER: &str = "checkpoints/older.jsonl";
/// What lies in an export beside segments and the manifest.
const SMALL: [&str; 5] = [KEY, NEWEST, OLDER, erasures::FILE, handovers::FILE];
/// A checkpoint with dozens of cosignatures is shorter.
const LINE: u64 = 1 << 16;

/// A line of the older checkpoints.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    size: u64,
    note: String,
}

/// What the verification knows before it reads a segment.
struct Known<'a> {
    directory: &'a Path,
    key: Option<Key>,
    /// The keys of before, each with the position up to which it signs, and whether it has signed there.
    before: Vec<(Key, u64, bool)>,
    witnesses: Vec<Key>,
    /// The newest checkpoint that each witness has cosigned.
    cosigned: Vec<u64>,
    manifest: Option<Manifest>,
    problems: Problems,
}

pub(crate) fn run(
    directory: &Path,
    options: &Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Report {
    let mut known = Known {
        directory,
        key: None,
        before: Vec::new(),
        witnesses: Vec::new(),
        cosigned: Vec::new(),
        manifest: None,
        problems: Problems::default(),
    };
    known.keys(options);
    known.manifest = Manifest::open(directory, known.key.as_ref(), &mut known.problems);
    let files = package::files(directory, &mut known.problems);
    if let Some(manifest) = &known.manifest {
        manifest.missing(&files, &mut known.problems);
    }
    let handovers = known.handovers(options, &files);
    let newest = known.newest();
    let older = known.older();
    for (_, position, has_signed) in &known.before {
        if !has_signed {
            let what = "the key of before has not signed the log up to its handover";
            known.problems.at(*position, what);
        }
    }
    let erased = known.file(erasures::FILE).unwrap_or_default();
    let erasures = Erasures::read(&erased, &mut known.problems);
    let mut names = Vec::new();
    for file in &files {
        match SegmentName::parse(file) {
            Some(name) => names.push(name),
            None if SMALL.contains(&file.as_str()) => {}
            None => known
                .problems
                .file(file, "this does not belong into an export"),
        }
    }
    let mut chain = Chain::new(&erasures, &handovers, &older);
    known.segments(
        &names,
        (&older[..], &erasures, &handovers),
        options.threads,
        &mut chain,
        progress,
    );
    let (size, root) = chain.end();
    known
        .problems
        .append(std::mem::take(&mut chain.problems).into_list());
    known.compare(size, root, newest);
    for (witness, size) in known.witnesses.iter().zip(&known.cosigned) {
        if *size == 0 {
            let what = format!(
                "no checkpoint carries a valid cosignature of {}",
                witness.name
            );
            known.problems.file(NEWEST, what);
        }
    }
    let names = known.witnesses.into_iter().map(|witness| witness.name);
    let cosigned = names.zip(known.cosigned).collect();
    let mut problems = known.problems.into_list();
    problems.sort_by_key(|problem| problem.position);
    Report {
        size,
        root: root.map(|root| hex(&root)),
        ok: problems.is_empty(),
        problems,
        trusts_its_own_key: options.key.is_none(),
        cosigned,
    }
}

impl Known<'_> {
    fn keys(&mut self, options: &Options) {
        let own = package::whole(self.directory, KEY, &mut self.problems).unwrap_or_default();
        let own = String::from_utf8(own).unwrap_or_default();
        let parsed = Key::parse(own.trim());
        self.key = parsed.filter(Key::is_of_a_log);
        if self.key.is_none() {
            self.problems
                .file(KEY, "the key is not of the form name+id+key of a log");
        }
        for text in &options.witnesses {
            match Key::parse(text.trim()) {
                Some(key) => self.witnesses.push(key),
                None => self
                    .problems
                    .at(0, "a witness's key is not of the form name+id+key"),
            }
        }
        self.cosigned = vec![0; self.witnesses.len()];
    }

    /// The keys of before; a log that has never moved has none. The key that was given must be one of all.
    fn handovers(&mut self, options: &Options, files: &[String]) -> Handovers {
        let own = package::whole(self.directory, KEY, &mut self.problems).unwrap_or_default();
        let own = String::from_utf8(own).unwrap_or_default();
        let told = files.iter().any(|file| file == handovers::FILE);
        let handovers = match told.then(|| self.file(handovers::FILE)).flatten() {
            Some(text) => Handovers::read(&text, own.trim(), &mut self.problems),
            None => Handovers::default(),
        };
        for (key, position) in handovers.keys() {
            match Key::parse(key).filter(Key::is_of_a_log) {
                Some(key) => self.before.push((key, position, false)),
                None => self.problems.file(
                    handovers::FILE,
                    "a key is not of the form name+id+key of a log",
                ),
            }
        }
        let given = options.key.as_deref().map(str::trim);
        let is_one =
            |given: &str| given == own.trim() || handovers.keys().any(|(key, _)| key == given);
        match given {
            Some(given) if Key::parse(given).is_none() => self.problems.file(
                KEY,
                "the key that was given is not of the form name+id+key; copy it whole",
            ),
            Some(given) if !is_one(given) => {
                self.problems.file(KEY, "it is not the key that was given");
            }
            Some(_) | None => {}
        }
        handovers
    }

    /// A small file that the manifest must know.
    fn file(&mut self, file: &str) -> Option<Vec<u8>> {
        let bytes = package::whole(self.directory, file, &mut self.problems)?;
        if let Some(manifest) = &self.manifest {
            manifest.compare(
                file,
                bytes.len() as u64,
                Some(&sha256(&bytes)),
                &mut self.problems,
            );
        }
        Some(bytes)
    }

    /// Size and root of a checkpoint, signed by the newest key, or by one of before that had not handed the log over yet.
    fn note(&mut self, text: &str) -> Option<(u64, Hash)> {
        let mut opened = note::open(text, self.key.as_ref()?, &self.witnesses);
        for (key, until, has_signed) in &mut self.before {
            let by_it = note::open(text, key, &self.witnesses);
            let by_it = by_it.filter(|(checkpoint, _)| checkpoint.size <= *until);
            if let Some((checkpoint, _)) = &by_it {
                *has_signed |= checkpoint.size == *until;
                opened = by_it;
            }
        }
        let (checkpoint, cosigned) = opened?;
        for (newest, is_cosigned) in self.cosigned.iter_mut().zip(cosigned) {
            if is_cosigned {
                *newest = checkpoint.size.max(*newest);
            }
        }
        Some((checkpoint.size, checkpoint.root))
    }

    fn newest(&mut self) -> Option<(u64, Hash)> {
        // The key's file was read before there was a manifest to compare it with.
        self.file(KEY);
        let text = String::from_utf8(self.file(NEWEST)?).unwrap_or_default();
        let newest = self.note(&text);
        if newest.is_none() {
            self.problems
                .file(NEWEST, "it is not a checkpoint signed by the log's key");
        }
        newest
    }

    fn older(&mut self) -> Vec<(u64, Hash)> {
        let mut older: Vec<(u64, Hash)> = Vec::new();
        let mut source = match File::open(self.directory.join(OLDER)) {
            Ok(file) => BufReader::new(Hashing::new(file)),
            Err(error) => {
                self.problems
                    .file(OLDER, format!("it cannot be read: {error}"));
                return older;
            }
        };
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            match (&mut source).take(LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            let last = older.last().map_or(0, |(size, _)| *size);
            let read = serde_json::from_slice::<Older>(&line).ok();
            let size = read.as_ref().map_or(0, |read| read.size);
            let signed = read.and_then(|read| self.note(&read.note));
            match signed {
                Some((signed, root)) if signed == size && signed > last => {
                    older.push((signed, root))
                }
                _ => self.problems.add(crate::Problem {
                    position: size,
                    file: OLDER.into(),
                    offset: None,
                    what: format!(
                        "line {number} is not a later checkpoint signed by the log's key"
                    ),
                }),
            }
        }
        let (bytes, hash) = source.into_inner().finish();
        if let Some(manifest) = &self.manifest {
            manifest.compare(OLDER, bytes, Some(&hash), &mut self.problems);
        }
        older
    }

    fn segments(
        &mut self,
        names: &[SegmentName],
        (older, erasures, handovers): (&[(u64, Hash)], &Erasures, &Handovers),
        threads: usize,
        chain: &mut Chain<'_>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { processors } else { threads };
        let sizes: Vec<u64> = older.iter().map(|(size, _)| *size).collect();
        let of = names.iter().map(|name| u64::from(name.count)).sum();
        let done = AtomicU64::new(0);
        let told = |more: u64| progress(done.fetch_add(more, Ordering::Relaxed) + more, of);
        let work = Work {
            directory: self.directory,
            sizes: &sizes,
            erasures,
            handovers,
            progress: &told,
        };
        let mut take = |name: &SegmentName, checked: Checked| {
            if let Some(manifest) = &self.manifest {
                manifest.compare(
                    &name.file,
                    checked.bytes,
                    checked.sha256.as_ref(),
                    &mut self.problems,
                );
            }
            chain.segment(name.first, name.count, checked);
        };
        if threads == 1 {
            names.iter().for_each(|name| take(name, work.check(name)));
            return;
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|worker| {
                    let (sender, receiver) = sync_channel(1);
                    let work = &work;
                    scope.spawn(move || {
                        for name in names.iter().skip(worker).step_by(threads) {
                            // Nobody waits for more only when everything has ended.
                            if sender.send(work.check(name)).is_err() {
                                return;
                            }
                        }
                    });
                    receiver
                })
                .collect();
            for (name, receiver) in names.iter().zip(workers.iter().cycle()) {
                // A worker that has ended early has panicked, which the scope passes on.
                let Ok(checked) = receiver.recv() else { return };
                take(name, checked);
            }
        });
    }

    /// Compares what was found with what the newest checkpoint and the manifest say.
    fn compare(&mut self, size: u64, root: Option<Hash>, newest: Option<(u64, Hash)>) {
        if let Some(manifest) = &self.manifest {
            let is_other_root = root.is_some_and(|root| hex(&root) != manifest.root);
            if manifest.size != size || is_other_root {
                self.problems.file(
                    package::MANIFEST,
                    "its size and root are not those of the segments",
                );
            }
        }
        let Some((signed, signed_root)) = newest else {
            return;
        };
        if size != signed {
            let what =
                format!("the checkpoint speaks of {signed} events, the segments hold {size}");
            self.problems.at(size.min(signed) + 1, what);
        } else if root.is_some_and(|root| root != signed_root) {
            self.problems.file(
                NEWEST,
                "its root is not the one that follows from the entries",
            );
        }
    }
}

struct Work<'a> {
    directory: &'a Path,
    sizes: &'a [u64],
    erasures: &'a Erasures,
    handovers: &'a Handovers,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Work<'_> {
    fn check(&self, name: &SegmentName) -> Checked {
        let within = self.sizes.partition_point(|size| *size < name.first)
            ..self
                .sizes
                .partition_point(|size| *size < name.first + u64::from(name.count));
        let asked = Asked {
            file: &name.file,
            first: name.first,
            count: name.count,
            footer: name.footer,
            sizes: &self.sizes[within],
            erasures: self.erasures,
            handovers: self.handovers,
            progress: self.progress,
        };
        match File::open(self.directory.join(&name.file)) {
            Ok(file) => segment::check(file, &asked),
            Err(error) => {
                let mut problems = Problems::default();
                problems.file(&name.file, format!("it cannot be read: {error}"));
                Checked {
                    problems: problems.into_list(),
                    ..Checked::default()
                }
            }
        }
    }
}
