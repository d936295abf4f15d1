//! What auditors see: every entry's envelope, the proof that it belongs to the log, and the state of any past moment.

mod compare;
mod consent;
mod difference;
mod entries;
mod entry;
mod envelope;
mod field;
mod outcome;
mod proof;
mod replay;
mod views;

pub(crate) use compare::ComparePage;
pub(crate) use entries::EntriesPage;
pub(crate) use entry::EntryPage;
pub(crate) use replay::ReplayPage;

use crate::parts::{TabLink, Tabs};
use crate::session::me;
use crate::words::words;
use leptos::prelude::*;

/// Which page of the area is open.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tab {
    Entries,
    Replay,
    Compare,
    Inspections,
    Erasures,
}

/// The ways between the pages of the area.
#[component]
pub(crate) fn AreaTabs(current: Tab) -> impl IntoView {
    let words = words();
    let link = move |(tab, href, label): (Tab, &'static str, &'static str)| {
        view! { <TabLink href=href label=label current=tab == current /> }
    };
    let mut links = vec![
        (Tab::Entries, "/app/audit", words.audit.entries),
        (Tab::Replay, "/app/audit/replay", words.audit.replay_tab),
        (Tab::Compare, "/app/audit/compare", words.compare.compare),
        (Tab::Inspections, "/app/inspections", words.inspection.tab),
    ];
    if me().oversees() {
        links.push((Tab::Erasures, "/app/erasures", words.privacy.tab));
    }
    let links = links.into_iter().map(link).collect_view();
    view! { <Tabs label=words.audit.audit>{links}</Tabs> }
}
