//! What is asked of rooms: the asker's rooms, messages page by page, the asker's own reading marks.

use crate::Messenger;
use edge_kernel::SignedIn;
use edge_kernel::http::{Problem, ViewQuery, answer_view};
use edge_kernel::views::Page;
use events::Scope;
use events::messenger::view;

impl Messenger {
    fn scopes_of(&self, asker: SignedIn) -> Vec<Scope> {
        let rooms = self.kernel.ledger.access().rooms_of(asker.person);
        rooms.into_iter().map(Scope::Room).collect()
    }

    pub(crate) async fn rooms(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<view::RoomRow>, Problem> {
        let usual = self.scopes_of(asker);
        answer_view::<view::Rooms>(&self.kernel, asker, query, usual).await
    }

    pub(crate) async fn messages(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<view::MessageRow>, Problem> {
        let usual = self.scopes_of(asker);
        answer_view::<view::Messages>(&self.kernel, asker, query, usual).await
    }

    pub(crate) async fn reads(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<view::ReadRow>, Problem> {
        let usual = vec![Scope::Person(asker.person)];
        answer_view::<view::Reads>(&self.kernel, asker, query, usual).await
    }
}
