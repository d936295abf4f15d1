//! What each part of the house holds of a person, answered to the privacy module on behalf of the others.

use edge_accounts::Accounts;
use edge_files::own_space;
use edge_kernel::ledger::erase::Alone;
use edge_kernel::{Recorded, Unit};
use edge_privacy::{HoldError, Holds, Settled};
use events::files::FilesEvent;
use events::ids::{BlobId, PersonId, StreamId};
use events::{AnyEvent, Kind};
use futures::FutureExt;
use futures::future::BoxFuture;

/// `RoomRead`: how far somebody has read is nobody else's.
const ROOM_READ: Kind = Kind(303);

/// Accounts: the person's own stream, memberships, login names, and what is kept beside the log.
pub(crate) struct InAccounts(pub(crate) Accounts);

impl Holds for InAccounts {
    fn alone(&self, person: PersonId, into: &mut Alone) {
        into.streams.insert(StreamId(person.0));
    }

    fn strangers(&self) -> BoxFuture<'_, Result<Vec<PersonId>, HoldError>> {
        async move { self.0.without_keys().await.map_err(failed) }.boxed()
    }

    fn count<'a>(&'a self, people: &'a [PersonId]) -> BoxFuture<'a, Result<Settled, HoldError>> {
        async move { self.0.kept_of(people).await.map(settled).map_err(failed) }.boxed()
    }

    fn settle<'a, 'k: 'a>(
        &'a self,
        unit: &'a mut Unit<'k>,
        people: &'a [PersonId],
    ) -> BoxFuture<'a, Result<Settled, HoldError>> {
        async move {
            let let_go = self.0.let_go(unit, people).await;
            let_go.map(settled).map_err(failed)
        }
        .boxed()
    }
}

fn settled(kept: edge_accounts::Kept) -> Settled {
    Settled {
        claims: kept.claims,
        rows: kept.rows,
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> HoldError {
    HoldError(Box::new(error))
}

/// Files: what the person added, wherever it lies; their own space is theirs alone.
pub(crate) struct InFiles;

impl Holds for InFiles {
    fn alone(&self, person: PersonId, into: &mut Alone) {
        into.streams.insert(StreamId(own_space(person).0));
    }

    fn blob(&self, event: &Recorded, people: &[PersonId]) -> Option<BlobId> {
        match &event.event {
            AnyEvent::Files(FilesEvent::FileAdded { author, blob, .. }) => {
                people.contains(author).then_some(blob.blob)
            }
            _ => None,
        }
    }
}

/// Messenger: texts go with their author's keys; reading marks are the person's alone.
pub(crate) struct InMessenger;

impl Holds for InMessenger {
    fn alone(&self, _: PersonId, into: &mut Alone) {
        into.kinds.insert(ROOM_READ);
    }
}
