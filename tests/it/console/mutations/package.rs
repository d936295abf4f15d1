//! Changes in an export: bits flipped, bytes dropped, swapped, repeated or appended in any signed file, files removed or
//! swapped, and whole events moved about in segments that are otherwise written as they should be.

use super::{Changed, EVENTS};
use e2e::generator::Chance;
use edge_kernel::ledger::segment::{BLOCK, Head, Piece, SegmentReader, SegmentWriter};
use schulhof_verify::{Options, verify};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// An event of a segment: its entry and its body.
type Event = (Vec<u8>, Vec<u8>);

/// An export with its files in memory, to mend it again.
pub(super) struct Package {
    root: PathBuf,
    files: Vec<(String, Vec<u8>)>,
    /// Files to be written anew, and files to be removed, by name.
    touched: Vec<String>,
}

impl Package {
    pub(super) fn open(root: &Path) -> Self {
        let mut files = Vec::new();
        for folder in ["", "segments/", "checkpoints/"] {
            for entry in root.join(folder).read_dir().expect("is there").flatten() {
                let name = format!("{folder}{}", entry.file_name().to_string_lossy());
                if entry.path().is_file()
                    && !name.starts_with("README")
                    && !name.starts_with("FORMAT")
                {
                    files.push((name, std::fs::read(entry.path()).expect("is ours")));
                }
            }
        }
        files.sort();
        Self {
            root: root.to_owned(),
            files,
            touched: Vec::new(),
        }
    }

    pub(super) fn verify(&self) -> Vec<(u64, String)> {
        let options = Options {
            threads: 1,
            ..Options::default()
        };
        let report = verify(&self.root, &options, &|_, _| {});
        assert_eq!(report.ok, report.problems.is_empty());
        let problems = report.problems.into_iter();
        problems
            .map(|problem| (problem.position, problem.to_string()))
            .collect()
    }

    pub(super) fn mend(&mut self) {
        for name in self.touched.drain(..) {
            let path = self.root.join(&name);
            match self.files.iter().find(|(known, _)| *known == name) {
                Some((_, bytes)) => std::fs::write(path, bytes).expect("is ours"),
                None => std::fs::remove_file(path).expect("is ours"),
            }
        }
    }

    fn write(&mut self, name: &str, bytes: &[u8]) {
        std::fs::write(self.root.join(name), bytes).expect("is ours");
        self.touched.push(name.to_owned());
    }

    fn segment(&self) -> (String, Vec<u8>) {
        let mut files = self.files.iter();
        files
            .find(|(name, _)| name.starts_with("segments/"))
            .cloned()
            .expect("there is one")
    }

    pub(super) fn change(&mut self, chance: &mut Chance) -> Changed {
        match chance.below(10) {
            0..4 => {
                let (name, bytes) = self.segment();
                self.bytes(&name, bytes, chance)
            }
            4..6 => {
                let (name, bytes) = chance.pick(&self.files).clone();
                self.bytes(&name, bytes, chance)
            }
            6 => self.file(chance),
            _ => self.events(chance),
        }
    }

    /// Bytes of one file.
    fn bytes(&mut self, name: &str, sound: Vec<u8>, chance: &mut Chance) -> Changed {
        let (at, length) = (chance.below(sound.len()), 1 + chance.below(40));
        let end = sound.len().min(at + length);
        let mut bytes = sound.clone();
        let (kind, positions) = match chance.below(5) {
            0 | 1 => {
                bytes[at] ^= 1 << chance.below(8);
                (
                    "flipped",
                    name.starts_with("segments/")
                        .then(|| place(&sound, at))
                        .flatten(),
                )
            }
            2 => {
                bytes.drain(at..end);
                ("dropped", None)
            }
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(end..end, piece);
                ("repeated", None)
            }
            _ => {
                bytes.extend((0..length).map(|_| chance.below(256) as u8));
                ("appended", None)
            }
        };
        self.write(name, &bytes);
        Changed {
            what: format!("{kind} bytes {at} to {end} of {name}"),
            positions,
        }
    }

    /// Whole files.
    fn file(&mut self, chance: &mut Chance) -> Changed {
        let (name, bytes) = chance.pick(&self.files).clone();
        let (other, theirs) = chance.pick(&self.files).clone();
        let what = match chance.below(3) {
            0 => {
                std::fs::remove_file(self.root.join(&name)).expect("is ours");
                self.touched.push(name.clone());
                format!("removed {name}")
            }
            1 if name != other => {
                self.write(&name, &theirs);
                self.write(&other, &bytes);
                format!("swapped {name} and {other}")
            }
            _ => {
                self.write("checkpoints/another", &bytes);
                format!("added a copy of {name}")
            }
        };
        Changed {
            what,
            positions: None,
        }
    }

    /// Events of the segment, which is then written as if nothing had happened.
    fn events(&mut self, chance: &mut Chance) -> Changed {
        let (name, sound) = self.segment();
        let mut events = read(&sound);
        let (at, other) = (chance.below(events.len()), chance.below(events.len()));
        let position = at as u64 + 1;
        let (kind, positions) = match chance.below(6) {
            0 => {
                events.remove(at);
                // The last one leaves no entry that could say where it is.
                ("dropped", position.min(EVENTS)..=position)
            }
            1 if at != other => {
                events.swap(at, other);
                ("swapped", position..=position)
            }
            2 => {
                let again = events[at].clone();
                events.insert(at + 1, again);
                ("repeated", position + 1..=position + 1)
            }
            3 => {
                let again = events[other].clone();
                events.push(again);
                ("appended", EVENTS + 1..=EVENTS + 1)
            }
            4 => {
                let byte = chance.below(events[at].1.len());
                events[at].1[byte] ^= 1 << chance.below(8);
                ("body flipped", position..=position)
            }
            _ => {
                // Position, version, or what tells of the body; whoever forges an author or a time as well as the
                // marks is found by the root alone. What no entry could have is refused by the writer.
                let byte = *chance.pick(&[4, 6, 52, 55, 105, 136]);
                events[at].0[byte] ^= 1 << chance.below(8);
                ("entry flipped", position..=position)
            }
        };
        let (forged, bytes) = rewrite(&events);
        std::fs::remove_file(self.root.join(&name)).expect("is ours");
        self.touched.push(name);
        self.write(&format!("segments/{forged}"), &bytes);
        Changed {
            what: format!("{kind} at {position}, in a segment written anew"),
            positions: Some(positions),
        }
    }
}

fn read(bytes: &[u8]) -> Vec<Event> {
    let mut reader = SegmentReader::open(bytes).expect("is whole");
    let mut events = Vec::new();
    while let Some(block) = reader.next_block().expect("is whole") {
        for piece in block.iter() {
            let Head::Entry(entry) = piece.head else {
                panic!("nothing was erased, and entries that are checked are whole")
            };
            events.push((entry.to_vec(), piece.body.expect("is there").to_vec()));
        }
    }
    events
}

fn rewrite(events: &[Event]) -> (String, Vec<u8>) {
    let count = u32::try_from(events.len()).expect("few");
    let mut writer = SegmentWriter::begin(Vec::new(), 1, count).expect("begins");
    for (position, (entry, body)) in (1..).zip(events) {
        let piece = Piece {
            position,
            head: Head::Entry(entry),
            body: Some(body),
        };
        writer.push(&piece).expect("fits");
    }
    let (bytes, finished) = writer.finish().expect("finishes");
    (finished.name.to_string(), bytes)
}

/// Between which positions a byte of a sound segment lies; none in its footer.
fn place(segment: &[u8], byte: usize) -> Option<RangeInclusive<u64>> {
    let number = |at: usize, bytes: usize| {
        let field = segment[at..at + bytes].iter().rev();
        field.fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte))
    };
    let count = number(20, 4);
    if byte < 32 {
        return Some(1..=1);
    }
    let (mut at, mut first) = (32, 0);
    while first < count {
        let n = BLOCK.min(count - first);
        let exactly = |index: usize| {
            let position = (first + index + 1) as u64;
            Some(position..=position)
        };
        match byte - at {
            column if column < 2 * n => return exactly(column / 2),
            column if column < 6 * n => return exactly((column - 2 * n) / 4),
            column if column < 10 * n => return exactly((column - 6 * n) / 4),
            _ => {}
        }
        let mut end = at + 10 * n;
        for (index, length) in (0..n)
            .map(|index| number(at + 2 * index, 2))
            .chain((0..n).map(|index| number(at + 2 * n + 4 * index, 4)))
            .enumerate()
        {
            end += length;
            if byte < end {
                return exactly(index % n);
            }
        }
        (at, first) = (end, first + n);
    }
    None
}
