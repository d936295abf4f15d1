//! What is asked of spaces: listings without what lies in deleted folders, and the content of a file.

use crate::Files;
use crate::ask::{Content, stream};
use crate::decide::Space;
use crate::error::FilesError;
use edge_kernel::SignedIn;
use edge_kernel::http::{Problem, ViewQuery, answer_view};
use edge_kernel::ledger::LedgerError;
use edge_kernel::views::Page;
use events::files::{FilesEvent, view};
use events::ids::{BlobId, NodeId, PersonId, SpaceId};
use events::{AnyEvent, Folded, Position, Recorded, Scope};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

impl Files {
    /// The spaces that a person can open, as scopes.
    fn scopes_of(&self, person: PersonId) -> Vec<Scope> {
        let spaces = self.kernel.ledger.access().spaces_of(person);
        spaces.into_iter().map(Scope::Space).collect()
    }

    pub(crate) async fn spaces(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<view::SpaceRow>, Problem> {
        let usual = self.scopes_of(asker.person);
        answer_view::<view::Spaces>(&self.kernel, asker, query, usual).await
    }

    /// A page of files and folders. A row does not know its path, so what lies in a deleted folder is taken out here; and
    /// of what is deleted, everybody sees what they could bring back. A page may therefore be shorter than its limit.
    pub(crate) async fn listed(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<view::FileRow>, Problem> {
        let usual = self.scopes_of(asker.person);
        let mut page = answer_view::<view::Files>(&self.kernel, asker, query, usual).await?;
        let mut spaces: HashMap<SpaceId, Space> = HashMap::new();
        for found in &page.rows {
            let id = found.row.space;
            if let Entry::Vacant(place) = spaces.entry(id) {
                place.insert(self.kernel.load::<Space>(stream(id)).await?.0);
            }
        }
        page.rows.retain(|found| {
            spaces
                .get(&found.row.space)
                .is_some_and(|space| self.shows(space, &found.row, asker.person))
        });
        Ok(page)
    }

    fn shows(&self, space: &Space, row: &view::FileRow, person: PersonId) -> bool {
        if row.deleted.is_none() {
            return space.is_visible(row.node);
        }
        let rights = self.rights_in(person, row.space);
        let reach = rights.ok().and_then(|rights| rights.change);
        reach.is_some_and(|reach| space.may_restore(row.node, person, reach))
    }

    /// The blobs that events name, deleted files included, as they can be restored. Reads the whole log.
    pub async fn named_blobs(&self) -> Result<HashSet<BlobId>, LedgerError> {
        let mut named = HashSet::new();
        let size = self.kernel.ledger.size();
        let note = |event: &Recorded| {
            if let AnyEvent::Files(FilesEvent::FileAdded { blob, .. }) = &event.event {
                named.insert(blob.blob);
            }
        };
        self.kernel.ledger.fold_all(0, size, note).await?;
        Ok(named)
    }

    /// A node as it was at a position, deleted or not; none when it was not there. Who may know of it is for the asker to decide.
    pub async fn node_at(
        &self,
        space: SpaceId,
        node: NodeId,
        until: Position,
    ) -> Result<Option<view::FileRow>, FilesError> {
        let mut folded = Folded::<view::Files>::default();
        for event in self.kernel.ledger.stream(stream(space)).await? {
            if event.position <= until {
                folded.fold(&event);
            }
        }
        Ok(folded.rows().get(&node.to_string()).cloned())
    }

    /// A file that a person may read.
    pub async fn content(
        &self,
        person: PersonId,
        space: SpaceId,
        node: NodeId,
    ) -> Result<Content, FilesError> {
        self.rights_in(person, space)?;
        let (space, _) = self.kernel.load::<Space>(stream(space)).await?;
        let (name, blob) = space.file(node).ok_or(FilesError::NotFound)?;
        Ok(Content {
            name: name.map(str::to_owned),
            blob: blob.clone(),
        })
    }
}
