//! Copies of the keys are sealed anew, and their list is written: cut off anywhere, and tried again.

use super::*;
use age::x25519::Identity;
use edge_kernel::keyring::{BucketName, Tombstone};
use events::ids::PersonId;
use events::privacy::Depth;
use events::{Owner, Term};
use std::collections::HashSet;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

struct Scene {
    data: TempDir,
    keyring: Arc<Keyring>,
    backup: Backup,
}

impl Scene {
    /// A keyring of which one copy was sealed.
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a directory of our own");
        let keyring = Keyring::open(&data.path().join("keys")).expect("opens");
        let backup = Backup::open(data.path());
        std::fs::create_dir(data.path().join("elsewhere")).expect("ours");
        let this = Self {
            keyring: Arc::new(keyring),
            backup,
            data,
        };
        this.seal().expect("seals");
        this
    }

    fn seal(&self) -> Result<(Renewed, u32)> {
        let recipient = Identity::generate().to_public().to_string();
        let to = self.data.path().join("elsewhere").join("keys.age");
        self.backup.seal_keys(&self.keyring, &to, &recipient)
    }

    fn renew(&self) -> Result<Renewed> {
        self.backup.renew_keys(&self.keyring)
    }

    fn list(&self) -> PathBuf {
        self.data.path().join(FILE)
    }

    /// The names of the copies.
    fn copies(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.data.path().join("elsewhere")).expect("lists");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("UTF-8")
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Destroys somebody's keys.
    async fn forget(&self, person: u128) {
        let owner = Owner::Person(PersonId(Uuid::from_u128(person)));
        let name = BucketName::of(owner, Term::Standing, "files", 0);
        let keys = self.keyring.buckets(&[name]).await.expect("mints");
        let stone = Tombstone {
            by: 1,
            depth: Depth::Key,
        };
        let renewed = self
            .keyring
            .renew(&HashSet::from([keys[0].id]), stone, &|_| Ok(()));
        renewed.expect("is written anew");
    }
}

#[tokio::test]
async fn a_copy_that_could_not_be_written_down_is_found_again_and_goes_with_the_next_erasure() {
    let scene = Scene::new();
    scene.forget(1).await;
    let in_the_way = scene.data.path().join(format!("{FILE}.new"));
    std::fs::create_dir(&in_the_way).expect("ours");
    scene.renew().expect_err("cannot be written down");
    std::fs::remove_dir(&in_the_way).expect("ours");
    let renewed = scene.renew().expect("is tried again");
    assert_eq!(renewed.left, Vec::<PathBuf>::new());
    assert_eq!(scene.copies(), ["keys-epoch-1.age"]);
    scene.forget(2).await;
    let renewed = scene.renew().expect("renews");
    assert_eq!(renewed.left, Vec::<PathBuf>::new());
    assert_eq!(scene.copies(), ["keys-epoch-2.age"]);
}

#[tokio::test]
async fn a_copy_that_was_removed_and_is_listed_still_is_not_looked_for_any_more() {
    let scene = Scene::new();
    let before = scene.backup.read_copies().expect("reads");
    scene.forget(1).await;
    scene.renew().expect("renews");
    let now = scene.backup.read_copies().expect("reads");
    let both = [before, now].concat();
    scene
        .backup
        .write_copies(&both)
        .expect("as when it is cut off");
    let renewed = scene.renew().expect("is tried again");
    assert_eq!(renewed.left, Vec::<PathBuf>::new());
    assert_eq!(scene.backup.read_copies().expect("reads").len(), 1);
    assert_eq!(scene.copies(), ["keys-epoch-1.age"]);
}

#[test]
fn a_list_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let scene = Scene::new();
    std::fs::write(scene.list(), "what nobody has written").expect("ours");
    scene.seal().expect_err("earlier copies would be forgotten");
    scene.renew().expect_err("earlier copies would stay");
    let list = std::fs::read_to_string(scene.list()).expect("reads");
    assert_eq!(list, "what nobody has written");
}
