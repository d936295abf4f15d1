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
mod rights;
mod terms;

pub(crate) use choice::PersonChoice;
pub(crate) use group::GroupPage;
pub(crate) use groups::GroupsPage;
pub(crate) use import::ImportPage;
pub(crate) use people::PeoplePage;
pub(crate) use person::PersonPage;
pub(crate) use terms::{group_kind, role, role_named};

use crate::parts::{TabLink, Tabs};
use crate::session::me;
use crate::words::words;
use events::accounts::Role;
use leptos::prelude::*;

/// Which page of the area is open.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tab {
    People,
    Groups,
    Import,
    Erasures,
    Inspections,
}

/// The ways between the pages of the area; the import is for administrators.
#[component]
pub(crate) fn AreaTabs(current: Tab) -> impl IntoView {
    let words = words();
    let import = me().is(Role::Administrator).then(|| {
        view! {
            <TabLink href="/app/import" label=words.accounts.import_tab current=current == Tab::Import />
        }
    });
    let erasures = me().keeps_accounts().then(|| {
        view! {
            <TabLink href="/app/erasures" label=words.privacy.tab current=current == Tab::Erasures />
        }
    });
    let inspections = me().keeps_accounts().then(|| {
        let current = current == Tab::Inspections;
        view! { <TabLink href="/app/inspections" label=words.inspection.tab current=current /> }
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
                label=words.accounts.groups_tab
                current=current == Tab::Groups
            />
            {import}
            {erasures}
            {inspections}
        </Tabs>
    }
}
