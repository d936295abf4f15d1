//! The manifest of a backup: what belongs to it, and the signed checkpoint that says how far it goes. It is signed as a whole by
//! the log's own key, as a note whose text is JSON, and written last.

use super::target::Target;
use anyhow::{Context, Result, ensure};
use edge_kernel::ledger::Ledger;
use events::Position;
use events_proof::note;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "schulhof backup 1";
const FOLDER: &str = "manifests";

/// What belongs to a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: String,
    /// Grows by one with each manifest of one place.
    pub(super) number: u64,
    /// The log's name.
    pub(super) origin: String,
    /// When this was written, in milliseconds since 1970, UTC.
    pub(super) made: u64,
    /// How many events.
    pub(super) size: Position,
    /// The root over them, in hexadecimal digits.
    pub(super) root: String,
    /// The log's time at this size, in milliseconds since 1970, UTC.
    pub(super) at: u64,
    /// The signed checkpoint over size and root.
    pub(super) checkpoint: String,
    /// How often the keyring had been written anew: older copies of it open nothing here.
    pub(super) epoch: u32,
    /// The entries, in order and without gap.
    pub(super) pieces: Vec<Piece>,
    /// The object with what was kept beside the log.
    pub(super) kept: String,
    /// The object that says what may be missing, for verifiers without keys.
    pub(super) erasures: String,
}

/// Consecutive entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Piece {
    /// The first position.
    pub(super) first: Position,
    /// How many entries.
    pub(super) count: u64,
    /// The object with the segment.
    pub(super) segment: String,
    /// The object with checkpoints and links.
    pub(super) beside: String,
}

impl Piece {
    /// The last position.
    pub(super) fn last(&self) -> Position {
        self.first + self.count - 1
    }
}

impl Manifest {
    /// What every manifest of a log begins with.
    pub(super) fn format() -> String {
        FORMAT.to_owned()
    }

    /// The names of all objects that belong to the log; files have theirs from the events.
    pub(super) fn objects(&self) -> impl Iterator<Item = &String> {
        let pieces = self
            .pieces
            .iter()
            .flat_map(|piece| [&piece.segment, &piece.beside]);
        pieces.chain([&self.kept, &self.erasures])
    }

    /// Signs it and puts it as the newest. Fails when somebody else was faster: two machines must not share a place.
    pub(super) async fn publish(&self, target: &Target, ledger: &Ledger) -> Result<()> {
        let text = serde_json::to_string(self)? + "\n";
        let name = name(self.number);
        let is_new = target
            .put(&name, ledger.sign_note(&text).into_bytes().into())
            .await?;
        ensure!(
            is_new,
            "somebody else writes backups to the same place; give every school a place of its own"
        );
        Ok(())
    }

    /// Checks that it says what a manifest can say.
    fn check(&self) -> Result<()> {
        ensure!(
            self.format == FORMAT,
            "it was written by another version of this program"
        );
        let mut next = 1;
        for piece in &self.pieces {
            ensure!(
                piece.first == next && (1..=65_536).contains(&piece.count),
                "its pieces do not follow one another"
            );
            next += piece.count;
        }
        ensure!(next == self.size + 1, "its pieces do not lead to its end");
        Ok(())
    }
}

/// The newest manifest in a place; none in an empty one. `keys` gives the verifier keys of a log's name, each with the size up to
/// which it signs.
pub(super) async fn newest(
    target: &Target,
    keys: impl Fn(&str) -> Result<Vec<(String, Position)>>,
) -> Result<Option<Manifest>> {
    let Some(name) = target.list(FOLDER).await?.into_iter().max() else {
        return Ok(None);
    };
    let bytes = target.get(&name).await?;
    let read = || {
        let text = std::str::from_utf8(&bytes).context("it is no text")?;
        let first = text.lines().next().unwrap_or_default();
        let unproven: Manifest = serde_json::from_str(first).context("it is no manifest")?;
        let mut keys = keys(&unproven.origin)?.into_iter();
        let proven = keys.find_map(|(key, until)| {
            let text = note::verify_text(text, &key).ok()?;
            (unproven.size <= until).then_some((text, key))
        });
        let (text, key) = proven.context("its signature does not verify")?;
        let manifest: Manifest = serde_json::from_str(&text).context("it is no manifest")?;
        manifest.check()?;
        let signed = note::verify(&manifest.checkpoint, &key)
            .context("its checkpoint cannot be believed")?;
        let agrees = signed.size == manifest.size
            && events_proof::tree::to_hex(&signed.root) == manifest.root;
        ensure!(agrees, "its checkpoint speaks of something else");
        Ok(manifest)
    };
    let manifest: Result<Manifest> = read();
    manifest
        .map(Some)
        .with_context(|| format!("{name} in the backup is damaged"))
}

/// The names of all manifests in a place but for one.
pub(super) async fn others(target: &Target, number: u64) -> Result<Vec<String>> {
    let mut found = target.list(FOLDER).await?;
    found.retain(|one| *one != name(number));
    Ok(found)
}

fn name(number: u64) -> String {
    format!("{FOLDER}/{number:020}.note")
}

/// The name of an object in a folder that is called after its content.
pub(super) fn named(folder: &str, content: &[u8], ending: &str) -> String {
    let hash = digest(&SHA256, content);
    format!(
        "{folder}/{}.{ending}",
        events_proof::tree::to_hex(hash.as_ref())
    )
}

/// Whether an object that is called after its content is what was written.
pub(super) fn is_named_by(name: &str, content: &[u8]) -> bool {
    let hash = events_proof::tree::to_hex(digest(&SHA256, content).as_ref());
    name.rsplit('/')
        .next()
        .and_then(|file| file.split('.').next())
        == Some(hash.as_str())
}
