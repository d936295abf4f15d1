//! A new person gets a space that is theirs alone.

use crate::failed;
use edge_files::{Files, own_space};
use edge_kernel::react::{ReactError, Reaction};
use edge_kernel::{Actor, Kernel, Order, Recorded};
use events::accounts::AccountsEvent;
use events::ids::PersonId;
use events::{AnyEvent, Audience};

/// Opens the own spaces of new people.
pub struct OpenOwnSpace(pub Files);

impl Reaction for OpenOwnSpace {
    const NAME: &'static str = "person_added/open_own_space";

    async fn react(&self, _: &Kernel, events: &[Recorded]) -> Result<(), ReactError> {
        let mut last = 0;
        let mut spaces = Vec::new();
        for recorded in events {
            if let Some(person) = added(recorded) {
                last = recorded.position;
                spaces.push((own_space(person), Audience::Person(person)));
            }
        }
        if spaces.is_empty() {
            return Ok(());
        }
        let order = Order::by(Actor::Machine).because_of(last);
        let opened = self.0.open_spaces(&spaces, order).await;
        opened.map(|_| ()).map_err(failed)
    }
}

fn added(recorded: &Recorded) -> Option<PersonId> {
    match &recorded.event {
        AnyEvent::Accounts(AccountsEvent::PersonAdded { person, .. }) => Some(*person),
        _ => None,
    }
}
