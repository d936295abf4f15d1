//! Kinds of single events whose personal part may go while everything else stays. A kind belongs here when nothing but people's
//! curiosity reads that part: the structure of the event, which views and access are folded from, is not touched.

use events::AnyEvent;
use events::accounts::AccountsEvent;

/// Their names, as rule packs give them.
pub(crate) const KINDS: [&str; 1] = ["SignedIn"];

/// The kind of an event whose personal part may go, and has not gone yet.
pub(crate) fn ageing(event: &AnyEvent) -> Option<&'static str> {
    match event {
        // With what somebody signed in. That they did, and when, is what "inactive for a year" is counted from.
        AnyEvent::Accounts(AccountsEvent::SignedIn { device, .. }) => {
            device.get().map(|_| KINDS[0])
        }
        _ => None,
    }
}
