//! A command's way: who asks and whether they may, then the space decides, then the log keeps it. Uploads too: the bytes
//! are stored first, and removed again unless an event names them.

use crate::decide::{Asked, By, Space};
use crate::error::FilesError;
use crate::policy::{self, Rights};
use crate::{Files, SpaceRefusal};
use bytes::Bytes;
use edge_kernel::ledger::AppendError;
use edge_kernel::{Done, Order};
use events::files::{BlobRef, FilesCommand, FilesEvent};
use events::ids::{BlobId, NodeId, PersonId, SpaceId, StreamId};
use events::{Audience, Position};
use futures::Stream;
use schemars::JsonSchema;
use serde::Serialize;

/// A file to take in, but for its bytes.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Into which space.
    pub space: SpaceId,
    /// The new file's id: uploading twice under one id makes one file.
    pub node: NodeId,
    /// Into which folder; none is the top.
    pub parent: Option<NodeId>,
    /// Its name, before clashes are solved.
    pub name: String,
    /// Its media type, as the uploader says.
    pub media_type: String,
}

/// What became of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Uploaded {
    /// The file.
    pub node: NodeId,
    /// Its name, after clashes were solved. Personal.
    pub name: String,
    /// Pass it as `at_least` to see the file in a listing.
    pub position: Position,
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changed {
    /// Pass it as `at_least` to see the change in a listing.
    pub position: Position,
    /// The file or folder that was asked about.
    pub node: NodeId,
    /// Its name now: it may have been numbered. Personal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A file to hand out.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its name; none once it is forgotten. Personal.
    pub name: Option<String>,
    /// Its bytes.
    pub blob: BlobRef,
}

pub(crate) fn stream(space: SpaceId) -> StreamId {
    StreamId(space.0)
}

impl Files {
    /// Opens spaces, all at once; those that are open already stay as they are.
    pub async fn open_spaces(
        &self,
        spaces: &[(SpaceId, Audience)],
        order: Order,
    ) -> Result<Position, FilesError> {
        let mut unit = self.kernel.unit(order.clone());
        for (space, audience) in spaces {
            unit.command::<Space>(stream(*space), opening(*space, *audience))
                .await?;
        }
        match unit.commit().await {
            Ok(appended) => Ok(appended.last),
            // Somebody opened one of them meanwhile: one by one, whoever comes second changes nothing.
            Err(AppendError::Conflict { .. }) => self.open_each(spaces, order).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn open_each(
        &self,
        spaces: &[(SpaceId, Audience)],
        order: Order,
    ) -> Result<Position, FilesError> {
        let order = order.once(None);
        let mut position = self.kernel.ledger.size();
        for (space, audience) in spaces {
            let command = opening(*space, *audience);
            let done = self
                .kernel
                .execute::<Space>(stream(*space), command, order.clone())
                .await?;
            position = position.max(done.position);
        }
        Ok(position)
    }

    /// What a person may do in a space now; whoever may not even read it is told that there is none.
    pub fn rights_in(&self, person: PersonId, space: SpaceId) -> Result<Rights, FilesError> {
        let access = self.kernel.ledger.access();
        let audience = access.space(space).ok_or(FilesError::NotFound)?;
        let standing = policy::standing(&access, person, audience);
        let rights = policy::rights(standing, policy::is_running(&access, audience));
        match rights.read {
            true => Ok(rights),
            false => Err(FilesError::NotFound),
        }
    }

    /// Carries out a person's command. Spaces are opened by the machine, and files come in by [`Files::upload`].
    pub async fn command(
        &self,
        person: PersonId,
        space: SpaceId,
        command: FilesCommand,
        order: Order,
    ) -> Result<Changed, FilesError> {
        use FilesCommand as C;
        let rights = self.rights_in(person, space)?;
        let reach = rights.change.ok_or(FilesError::NotAllowed)?;
        let node = match &command {
            C::OpenSpace { .. } | C::AddFile { .. } => return Err(FilesError::NotAllowed),
            C::AddFolder { node, author, .. } if rights.add && *author == person => *node,
            C::AddFolder { .. } => return Err(FilesError::NotAllowed),
            C::RenameNode { node, .. }
            | C::MoveNode { node, .. }
            | C::DeleteNode { node }
            | C::RestoreNode { node } => *node,
        };
        let asked = Asked {
            space,
            by: By::Person(person, reach),
            command,
        };
        let done = self
            .kernel
            .execute::<Space>(stream(space), asked, order)
            .await?;
        let (now, _) = self.kernel.load::<Space>(stream(space)).await?;
        Ok(Changed {
            position: done.position,
            node,
            name: now.name(node).map(str::to_owned),
        })
    }

    /// Takes a file in. Whether the person may, and whether the space would have it, is asked before a byte is read.
    pub async fn upload<E>(
        &self,
        person: PersonId,
        upload: Upload,
        content: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
        order: Order,
    ) -> Result<Uploaded, FilesError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if !self.rights_in(person, upload.space)?.add {
            return Err(FilesError::NotAllowed);
        }
        let (space, _) = self.kernel.load::<Space>(stream(upload.space)).await?;
        let is_there = space
            .expects(upload.node, upload.parent, &upload.name, person)
            .map_err(FilesError::Refused)?;
        if is_there {
            let position = self.kernel.ledger.size();
            return Ok(uploaded(&space, upload.node, position));
        }
        drop(space);
        let media_type = media_type(&upload.media_type);
        let blob = self
            .kernel
            .blobs
            .put(content, media_type, self.largest)
            .await?;
        // The bytes are stored. Whoever sent them may hang up now: a task of its own sees to it that an event names them,
        // or that they go.
        let files = self.clone();
        let finish = async move { files.finish(person, upload, blob, order).await };
        tokio::spawn(finish).await.map_err(FilesError::Unfinished)?
    }

    async fn finish(
        &self,
        person: PersonId,
        upload: Upload,
        blob: BlobRef,
        order: Order,
    ) -> Result<Uploaded, FilesError> {
        let (space, node, stored) = (upload.space, upload.node, blob.blob);
        let done = self.add_file(person, upload, blob, order).await;
        let is_named = done.as_ref().is_ok_and(|done| names(&done.events, stored));
        if !is_named && !done.as_ref().is_err_and(is_unsure) {
            self.remove(stored).await;
        }
        let position = done?.position;
        let (now, _) = self.kernel.load::<Space>(stream(space)).await?;
        match now.file(node) {
            Some(_) => Ok(uploaded(&now, node, position)),
            // The request's key was used for another file before.
            None => Err(FilesError::Refused(SpaceRefusal::IdTaken)),
        }
    }

    async fn add_file(
        &self,
        person: PersonId,
        upload: Upload,
        blob: BlobRef,
        order: Order,
    ) -> Result<Done<FilesEvent>, FilesError> {
        // A long upload may outlast a membership.
        let rights = self.rights_in(person, upload.space)?;
        let reach = rights
            .change
            .filter(|_| rights.add)
            .ok_or(FilesError::NotAllowed)?;
        let command = FilesCommand::AddFile {
            node: upload.node,
            parent: upload.parent,
            name: upload.name,
            author: person,
            blob,
        };
        let asked = Asked {
            space: upload.space,
            by: By::Person(person, reach),
            command,
        };
        let done = self
            .kernel
            .execute::<Space>(stream(upload.space), asked, order);
        Ok(done.await?)
    }

    async fn remove(&self, blob: BlobId) {
        if let Err(error) = self.kernel.blobs.remove(blob).await {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "the bytes of a refused upload were left behind");
        }
    }
}

fn opening(space: SpaceId, audience: Audience) -> Asked {
    Asked {
        space,
        by: By::Machine,
        command: FilesCommand::OpenSpace { audience },
    }
}

fn uploaded(space: &Space, node: NodeId, position: Position) -> Uploaded {
    Uploaded {
        node,
        name: space.name(node).unwrap_or_default().to_owned(),
        position,
    }
}

fn names(events: &[FilesEvent], stored: BlobId) -> bool {
    let named = |event: &FilesEvent| matches!(event, FilesEvent::FileAdded { blob, .. } if blob.blob == stored);
    events.iter().any(named)
}

/// Whether the event may be in the log although its append failed: then its bytes must stay.
fn is_unsure(error: &FilesError) -> bool {
    matches!(
        error,
        FilesError::Append(AppendError::Stopped | AppendError::Database(_))
    )
}

/// A media type after RFC 6838 without parameters, or the one that says nothing: it is sent back as a header.
fn media_type(said: &str) -> String {
    let essence = said.split(';').next().unwrap_or_default().trim();
    let is_name = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        (1..=127).contains(&part.len()) && part.bytes().all(allowed)
    };
    match essence.split_once('/') {
        Some((kind, subtype)) if is_name(kind) && is_name(subtype) => essence.to_ascii_lowercase(),
        Some(_) | None => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn a_media_type_is_one_or_says_nothing() {
        for (said, kept) in [
            ("text/plain; charset=utf-8", "text/plain"),
            ("Image/PNG", "image/png"),
            (
                "application/vnd.oasis.opendocument.text",
                "application/vnd.oasis.opendocument.text",
            ),
            ("", "application/octet-stream"),
            ("text", "application/octet-stream"),
            ("text/pl\u{e4}in", "application/octet-stream"),
            ("a/b/c", "application/octet-stream"),
        ] {
            assert_eq!(media_type(said), kept, "{said}");
        }
    }
}
