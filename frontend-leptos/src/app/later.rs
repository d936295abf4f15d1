//! Pages whose code is fetched when one of their area is first opened. Each area is a WebAssembly module of its own, which `cargo xtask web`
//! cuts out of the app; what several areas share lies in parts of their own, and what the core needs too in the core.

use crate::areas::{accounts, audit, inspections, privacy, settings};
use crate::ask::Trouble;
use crate::parts::{Skeleton, Sorry};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use std::pin::Pin;

/// How a page is drawn, once its code is there.
type Draw = fn() -> AnyView;
type Fetched = Result<Draw, SplitLoaderError>;
type Fetching = Pin<Box<dyn Future<Output = Fetched>>>;

/// A page of an area whose code comes by itself.
pub(super) fn later(fetch: fn() -> Fetching) -> AnyView {
    let fetched = RwSignal::new(None::<Option<Draw>>);
    let load = move || {
        spawn_local(async move {
            let draw = fetch().await.ok();
            fetched.try_set(Some(draw));
        });
    };
    load();
    let retry = Callback::new(move |()| {
        fetched.set(None);
        load();
    });
    let drawn = move || match fetched.get() {
        Some(Some(draw)) => draw(),
        Some(None) => view! { <Sorry trouble=Trouble::PartMissing on_retry=retry /> }.into_any(),
        None => view! { <div class="page"><Skeleton /></div> }.into_any(),
    };
    drawn.into_any()
}

/// The pages of the people and groups, for those who keep them and those who look somebody up.
#[derive(Clone, Copy)]
pub(super) enum Accounts {
    People,
    Person,
    Groups,
    Group,
    Import,
}

/// The pages of those who watch over the school's data.
#[derive(Clone, Copy)]
pub(super) enum Oversight {
    Entries,
    Entry,
    Replay,
    Compare,
    Inspections,
    Erasures,
}

#[wasm_split(accounts, fallible, wasm_split_path = ::leptos::wasm_split)]
fn accounts_page(page: Accounts) -> Fetched {
    Ok(match page {
        Accounts::People => || view! { <accounts::PeoplePage /> }.into_any(),
        Accounts::Person => || view! { <accounts::PersonPage /> }.into_any(),
        Accounts::Groups => || view! { <accounts::GroupsPage /> }.into_any(),
        Accounts::Group => || view! { <accounts::GroupPage /> }.into_any(),
        Accounts::Import => || view! { <accounts::ImportPage /> }.into_any(),
    })
}

#[wasm_split(oversight, fallible, wasm_split_path = ::leptos::wasm_split)]
fn oversight_page(page: Oversight) -> Fetched {
    Ok(match page {
        Oversight::Entries => || view! { <audit::EntriesPage /> }.into_any(),
        Oversight::Entry => || view! { <audit::EntryPage /> }.into_any(),
        Oversight::Replay => || view! { <audit::ReplayPage /> }.into_any(),
        Oversight::Compare => || view! { <audit::ComparePage /> }.into_any(),
        Oversight::Inspections => || view! { <inspections::InspectionsPage /> }.into_any(),
        Oversight::Erasures => || view! { <privacy::ErasuresPage /> }.into_any(),
    })
}

#[wasm_split(settings, fallible, wasm_split_path = ::leptos::wasm_split)]
fn settings_page() -> Fetched {
    Ok(|| view! { <settings::SettingsPage /> }.into_any())
}

pub(super) fn of_accounts(page: Accounts) -> Fetching {
    Box::pin(accounts_page(page))
}

pub(super) fn of_oversight(page: Oversight) -> Fetching {
    Box::pin(oversight_page(page))
}

pub(super) fn of_settings() -> Fetching {
    Box::pin(settings_page())
}
