//! How much room a school needs, and how much there is.

use anyhow::{Context, Result};
use std::path::Path;

/// A directory and the disk that it lies on, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// What lies in it.
    pub(crate) here: u64,
    /// What can still be written.
    pub(crate) free: u64,
}

impl Room {
    pub(crate) fn of(directory: &Path) -> Result<Self> {
        let disk = rustix::fs::statvfs(directory)
            .with_context(|| format!("asking how much room there is in {}", directory.display()))?;
        Ok(Self {
            here: size(directory),
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
        })
    }

    /// How much is missing for so much to lie here in the end; nothing when it fits.
    pub(crate) fn missing(&self, bytes: u64) -> u64 {
        bytes.saturating_sub(self.here).saturating_sub(self.free)
    }
}

/// What an event takes in a log, where the log is no file that could be measured.
const EVENT: u64 = 200;

/// What a log takes.
pub(crate) fn of_log(school: &Path, events: u64) -> u64 {
    let file = school.join("log.db").metadata();
    file.map_or(EVENT * events, |file| file.len())
}

/// What a school takes while it arrives: all it has, and its log twice, as segments and as the log that is built out of them.
pub(crate) fn needed(school: &Path, events: u64) -> u64 {
    let log = of_log(school, events);
    match school.join("log.db").exists() {
        true => size(school) + log,
        false => size(school) + 2 * log,
    }
}

/// The size of all files below a directory. What vanishes meanwhile counts nothing.
fn size(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A number of bytes for people.
pub(crate) fn in_words(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_needs_what_it_has_and_its_log_once_more() {
        let school = tempfile::tempdir().expect("a directory of our own");
        let write = |name: &str, length: usize| {
            let path = school.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("creates");
            std::fs::write(path, vec![0; length]).expect("writes");
        };
        write("log.db", 300);
        write("blobs/a7/a7f0", 5000);
        assert_eq!(needed(school.path(), 9), 5600);
        let room = Room::of(school.path()).expect("asks");
        assert_eq!(room.here, 5300);
        assert!(room.free > 0);
    }

    #[test]
    fn what_has_arrived_needs_no_room_any_more() {
        let room = Room {
            here: 400,
            free: 100,
        };
        assert_eq!(room.missing(500), 0);
        assert_eq!(room.missing(530), 30);
        assert_eq!(room.missing(90), 0);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_people_read() {
        for (bytes, words) in [(1, "1 kB"), (2_500_000, "3 MB"), (5_368_709_120, "5.4 GB")] {
            assert_eq!(in_words(bytes), words);
        }
    }
}
