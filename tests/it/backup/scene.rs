//! A place for backups, keys sealed to somebody, and a directory to restore into.

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use edge::House;
use edge::backup::{Pushed, Restored, Scope, Target, pack, restore, unpack};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A place for backups, and who can open the keys.
pub(super) struct Elsewhere {
    root: TempDir,
    identity: Identity,
}

impl Elsewhere {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory of our own");
        std::fs::create_dir(root.path().join("backup")).expect("it is ours");
        let identity = Identity::generate();
        Self { root, identity }
    }

    /// A path beside the backup.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The directory of the backup.
    pub(super) fn path(&self) -> PathBuf {
        self.beside("backup")
    }

    pub(super) fn target(&self) -> Target {
        open(&self.path())
    }

    pub(super) fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// The text of a file of identities.
    pub(super) fn identity(&self) -> String {
        let secret = self.identity.to_string();
        format!("# made for a test\n{}\n", secret.expose_secret())
    }

    pub(super) async fn push(&self, house: &House, scope: Scope) -> Pushed {
        let pushed = house
            .backup
            .push(&house.kernel, &self.target(), scope, &|_, _, _| {})
            .await;
        pushed.unwrap_or_else(|error| panic!("the backup is not brought: {error:?}"))
    }

    /// Why a push is refused; `what` is told when it is not.
    pub(super) async fn refuses(&self, house: &House, what: &str) -> String {
        let pushed = house
            .backup
            .push(&house.kernel, &self.target(), Scope::Tail, &|_, _, _| {})
            .await;
        format!("{:#}", pushed.expect_err(what))
    }

    /// The keys as they are now, sealed.
    pub(super) fn keys(&self, house: &House) -> Vec<u8> {
        let packed = pack(house.kernel.ledger.keyring(), &self.recipient());
        packed.expect("the keys are sealed").1
    }

    /// Restores the backup into a new directory of this name.
    pub(super) async fn restore(&self, keys: &[u8], name: &str) -> anyhow::Result<Restored> {
        self.restore_from(&self.path(), keys, name).await
    }

    /// The same from a copy of it.
    pub(super) async fn restore_from(
        &self,
        from: &Path,
        keys: &[u8],
        name: &str,
    ) -> anyhow::Result<Restored> {
        let keys = unpack(keys, &self.identity())?;
        restore(&open(from), &keys, &self.beside(name), &|_, _, _| {}).await
    }

    /// The objects of the backup in a folder, by path.
    pub(super) fn objects(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![self.path().join(folder)];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path().is_dir() {
                    true => waiting.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found.sort();
        found
    }
}

fn open(path: &Path) -> Target {
    Target::open(path.to_str().expect("a path in UTF-8")).expect("the place is there")
}
