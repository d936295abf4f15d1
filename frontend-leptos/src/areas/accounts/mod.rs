//! People, groups, and the import of a roster.

mod access;
mod add_group;
mod add_person;
mod choice;
mod group;
mod groups;
mod import;
mod keep_group;
mod keep_person;
mod orders;
mod people;
mod person;
mod rename;
mod terms;

pub(crate) use choice::PersonChoice;
pub(crate) use group::GroupPage;
pub(crate) use groups::GroupsPage;
pub(crate) use import::ImportPage;
pub(crate) use people::PeoplePage;
pub(crate) use person::PersonPage;

use crate::parts::{TabLink, Tabs};
use crate::session::me;
use crate::words::words;
use leptos::prelude::*;

/// Which page of the area is open.
#[derive(Clone, Copy, PartialEq)]
enum Tab {
    People,
    Groups,
    Import,
}

/// The ways between the pages of the area; the import is for those who keep the accounts.
#[component]
fn AreaTabs(current: Tab) -> impl IntoView {
    let words = words();
    let import = me().keeps_accounts().then(|| {
        view! {
            <TabLink href="/app/import" label=words.accounts.import current=current == Tab::Import />
        }
    });
    view! {
        <Tabs label=words.accounts.people>
            <TabLink
                href="/app/people"
                label=words.accounts.people
                current=current == Tab::People
            />
            <TabLink
                href="/app/groups"
                label=words.accounts.groups
                current=current == Tab::Groups
            />
            {import}
        </Tabs>
    }
}
