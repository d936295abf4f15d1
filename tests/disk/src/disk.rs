//! A watched directory: counts what happens to the databases in it, decides which of it fails, and remembers what is certain.

use crate::dice::Dice;
use crate::fault::{Fault, Planned};
use crate::image::{Change, Image};
use crate::vfs;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

static WATCHED: Mutex<Vec<Weak<Disk>>> = Mutex::new(Vec::new());

type Hook = Box<dyn FnOnce(&Images) + Send>;

/// A directory whose databases lie on a disk that fails when it is told to. Watching ends with the last handle; what is open
/// then goes on as it is.
pub struct Disk {
    directory: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Points passed since a fault or a hook was planned.
    changes: u64,
    reads: u64,
    planned: Option<Planned>,
    is_met: bool,
    hook: Option<(u64, Hook)>,
    images: Option<Images>,
}

/// The databases of a directory as a power cut sees them.
#[derive(Clone, Default)]
pub struct Images {
    directory: PathBuf,
    files: BTreeMap<String, Image>,
    /// Files that were removed while nobody made the removal certain.
    removed: BTreeMap<String, Image>,
}

impl Disk {
    /// Watches a directory, which exists. Only databases that are opened from now on are seen.
    ///
    /// # Panics
    /// When the directory is not there.
    #[must_use]
    pub fn watch(directory: &Path) -> Arc<Self> {
        vfs::install();
        let directory = directory.canonicalize().expect("the directory exists");
        let state = Mutex::default();
        let disk = Arc::new(Self { directory, state });
        let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|disk| disk.strong_count() > 0);
        watched.push(Arc::downgrade(&disk));
        disk
    }

    /// Watches a directory and remembers what is certain of it, for power cuts. What lies in it already is.
    #[must_use]
    pub fn remembering(directory: &Path) -> Arc<Self> {
        let disk = Self::watch(directory);
        disk.lock().images = Some(Images {
            directory: disk.directory.clone(),
            ..Images::default()
        });
        disk
    }

    /// The disk below which a file lies, and the file's name.
    pub(crate) fn of(path: &Path) -> Option<(Arc<Self>, String)> {
        let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
        let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        let mut disks = watched.iter().filter_map(Weak::upgrade);
        let disk = disks.find(|disk| disk.directory == folder)?;
        Some((disk, name.to_owned()))
    }

    /// Plans a fault; points are counted anew from here.
    pub fn fail(&self, planned: Planned) {
        let mut state = self.lock();
        (state.changes, state.reads, state.is_met) = (0, 0, false);
        state.planned = Some(planned);
    }

    /// The disk works again.
    pub fn lift(&self) {
        self.lock().planned = None;
    }

    /// Whether the planned fault was met.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.lock().is_met
    }

    /// Points passed since the last fault was planned: what changed the disk.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Reads since the last fault was planned.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.lock().reads
    }

    /// A point of somebody who changes the disk in other ways than through SQLite.
    ///
    /// # Errors
    /// When the planned fault is here.
    pub fn point(&self) -> io::Result<()> {
        match self.lock().change() {
            None => Ok(()),
            Some(Fault::Full) => Err(io::ErrorKind::StorageFull.into()),
            Some(_) => Err(io::Error::other("the disk fails on purpose")),
        }
    }

    /// Does something just before the n-th change from now on, while everybody who wants to read or write waits.
    pub fn before_change(&self, number: u64, hook: impl FnOnce(&Images) + Send + 'static) {
        let mut state = self.lock();
        state.changes = 0;
        state.hook = Some((number, Box::new(hook)));
    }

    /// Whether something is still to be done before a change to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.lock().hook.is_some()
    }

    /// Looks at what is certain now.
    ///
    /// # Panics
    /// When the disk was not told to remember.
    pub fn now<T>(&self, look: impl FnOnce(&Images) -> T) -> T {
        look(self.lock().images.as_ref().expect("the disk remembers"))
    }

    /// Opening a file; creating one is a change.
    pub(crate) fn open(
        &self,
        name: &str,
        creates: bool,
        open: impl FnOnce() -> i32,
    ) -> Result<i32, Fault> {
        let mut state = self.lock();
        if creates && let Some(fault) = state.change() {
            return Err(fault);
        }
        let path = self.directory.join(name);
        let before = match creates {
            true => Image::default(),
            false => Image::synced(std::fs::read(path).unwrap_or_default()),
        };
        let code = open();
        if code == 0
            && let Some(images) = &mut state.images
        {
            images.files.entry(name.to_owned()).or_insert(before);
        }
        Ok(code)
    }

    pub(crate) fn read(&self, read: impl FnOnce() -> i32) -> Result<i32, Fault> {
        let mut state = self.lock();
        match state.read() {
            Some(fault) => Err(fault),
            None => Ok(read()),
        }
    }

    /// A write. `write` is told how many bytes to write.
    pub(crate) fn write(
        &self,
        name: &str,
        at: usize,
        bytes: &[u8],
        write: impl FnOnce(usize) -> i32,
    ) -> Result<i32, Fault> {
        let mut state = self.lock();
        let fault = state.change();
        let length = match fault {
            None => bytes.len(),
            Some(Fault::Short) => bytes.len() / 2,
            Some(fault) => return Err(fault),
        };
        let code = write(length);
        if code == 0 {
            let bytes = bytes[..length].to_vec();
            state.remember(name, |image| image.change(Change::Write { at, bytes }));
        }
        fault.map_or(Ok(code), Err)
    }

    pub(crate) fn cut(
        &self,
        name: &str,
        length: usize,
        cut: impl FnOnce() -> i32,
    ) -> Result<i32, Fault> {
        let mut state = self.lock();
        if let Some(fault) = state.change() {
            return Err(fault);
        }
        let code = cut();
        if code == 0 {
            state.remember(name, |image| image.change(Change::Cut(length)));
        }
        Ok(code)
    }

    /// The real disk is not asked: what is certain is remembered here, and nobody cuts the power of the machine that tests.
    pub(crate) fn sync(&self, name: &str) -> Result<(), Fault> {
        let mut state = self.lock();
        if let Some(fault) = state.change() {
            return Err(fault);
        }
        if let Some(images) = &mut state.images {
            images.sync(name);
        }
        Ok(())
    }

    pub(crate) fn remove(
        &self,
        name: &str,
        certainly: bool,
        remove: impl FnOnce() -> i32,
    ) -> Result<i32, Fault> {
        let mut state = self.lock();
        if let Some(fault) = state.change() {
            return Err(fault);
        }
        let code = remove();
        if code == 0
            && let Some(images) = &mut state.images
            && let Some(image) = images.files.remove(name)
            && !certainly
            && image.is_certain()
        {
            images.removed.insert(name.to_owned(), image);
        }
        Ok(code)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts a change; gives the fault that is planned for it.
    fn change(&mut self) -> Option<Fault> {
        self.changes += 1;
        if let Some((_, hook)) = self.hook.take_if(|(at, _)| *at <= self.changes) {
            hook(self.images.as_ref().unwrap_or(&Images::default()));
        }
        let planned = self
            .planned
            .filter(|planned| planned.fault != Fault::Read)?;
        self.meet(planned, self.changes)
    }

    fn read(&mut self) -> Option<Fault> {
        self.reads += 1;
        let planned = self
            .planned
            .filter(|planned| planned.fault == Fault::Read)?;
        self.meet(planned, self.reads)
    }

    fn meet(&mut self, planned: Planned, point: u64) -> Option<Fault> {
        let strikes = planned.strikes(point);
        self.is_met |= strikes;
        strikes.then_some(planned.fault)
    }

    fn remember(&mut self, name: &str, change: impl FnOnce(&mut Image)) {
        if let Some(images) = &mut self.images {
            change(images.files.entry(name.to_owned()).or_default());
        }
    }
}

impl Images {
    /// When SQLite syncs a journal for the first time, it syncs the folder as well: then every name in it is certain.
    fn sync(&mut self, name: &str) {
        let image = self.files.entry(name.to_owned()).or_default();
        let is_first = !image.is_certain();
        image.sync();
        if is_first {
            self.files.values_mut().for_each(Image::name_is_synced);
            self.removed.clear();
        }
    }

    /// Writes into another directory what a power cut would leave of this one: of the databases what is certain and chance's
    /// share of the rest; everything else as it is.
    ///
    /// # Errors
    /// When files cannot be copied.
    pub fn cut(&self, seed: u64, to: &Path) -> io::Result<()> {
        let mut dice = Dice::new(seed);
        copy(&self.directory, to, &|name| !self.is_database(name))?;
        for (name, image) in &self.removed {
            if !self.files.get(name).is_some_and(Image::is_certain)
                && dice.percent(50)
                && let Some(bytes) = image.after_cut(&mut dice)
            {
                std::fs::write(to.join(name), bytes)?;
            }
        }
        for (name, image) in &self.files {
            if let Some(bytes) = image.after_cut(&mut dice) {
                std::fs::write(to.join(name), bytes)?;
            }
        }
        Ok(())
    }

    /// Databases and what SQLite puts beside them; the index of a write-ahead log is memory, and never survives.
    fn is_database(&self, name: &str) -> bool {
        name.ends_with("-shm") || self.files.contains_key(name) || self.removed.contains_key(name)
    }
}

fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, &|_| true)?;
        } else if name.to_str().is_none_or(wanted) {
            // What is removed while it is looked at is gone: it would have been a moment later.
            match std::fs::copy(entry.path(), target) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
    }
    Ok(())
}
