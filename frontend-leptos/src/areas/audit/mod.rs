//! What auditors see: every entry's envelope, the proof that it belongs to the log, and the state of any past moment.

mod entries;
mod entry;
mod envelope;
mod field;
mod proof;
mod replay;

pub(crate) use entries::EntriesPage;
pub(crate) use entry::EntryPage;
pub(crate) use replay::ReplayPage;

use crate::parts::{TabLink, Tabs};
use crate::words::words;
use leptos::prelude::*;

/// The ways between the pages of the area.
#[component]
fn AreaTabs(#[prop(optional)] replay: bool) -> impl IntoView {
    let words = words();
    view! {
        <Tabs label=words.audit.audit>
            <TabLink href="/app/audit" label=words.audit.entries current=!replay />
            <TabLink href="/app/audit/replay" label=words.audit.replay current=replay />
        </Tabs>
    }
}
