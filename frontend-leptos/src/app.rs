//! The whole page: who is signed in, what every area shares, and which area an address shows.

mod later;
mod shell;

use crate::areas::{files, inspections, messenger, start};
use crate::ask::{Ask, Trouble};
use crate::browser;
use crate::parts::{Page, Skeleton, Sorry, Toasts};
use crate::session::Me;
use crate::store::{Directory, Store};
use crate::sync;
use crate::words::{Language, Speech, words};
use later::{Accounts, Oversight, later, of_accounts, of_oversight, of_settings};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{PossibleRouteMatch, path};
use shell::Shell;
use std::sync::Arc;

pub(crate) use shell::capped;

/// The app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let speech = Speech(RwSignal::new(first_language()));
    provide_context(speech);
    provide_context(Toasts::new());
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            root.set_attribute("lang", speech.0.get().tag()).ok();
        }
    });
    let ask = Ask::new();
    provide_context(ask);
    let me = RwSignal::new(None::<Result<Me, Trouble>>);
    let load = move || {
        me.set(None);
        spawn_local(async move { me.set(Some(Me::load(ask).await)) });
    };
    load();
    move || match me.get() {
        None => view! { <main class="page"><Skeleton /></main> }.into_any(),
        Some(Err(trouble)) => {
            let retry = Callback::new(move |()| load());
            view! { <main class="page"><Sorry trouble on_retry=retry /></main> }.into_any()
        }
        Some(Ok(me)) => view! { <SignedIn me /> }.into_any(),
    }
}

fn first_language() -> Language {
    let tag = browser::cookie("language").or_else(|| window().navigator().language());
    Language::of_tag(&tag.unwrap_or_default())
}

/// What all areas share, for as long as the page is open.
#[component]
fn SignedIn(me: Me) -> impl IntoView {
    let ask = expect_context::<Ask>();
    let store = Store::new(ask, me.person, me.position);
    let line = sync::start(&me, store, ask);
    provide_context(StoredValue::new(me));
    provide_context(store);
    provide_context(Directory::new(store));
    provide_context(messenger::Inbox::new(store));
    provide_context(inspections::Waiting::new(store));
    provide_context(files::Uploads::new(ask));
    let speech = expect_context::<Speech>();
    view! {
        <Router>
            {move || {
                // Another language draws everything anew; what the store holds stays.
                speech.0.track();
                view! {
                    <Shell line>
                        <Areas />
                    </Shell>
                }
            }}
        </Router>
    }
}

/// A route's path without its type; leptos would compile matching and drawing anew for every form of path and every page.
fn at<P: PossibleRouteMatch + Send + Sync + 'static>(
    path: P,
) -> Arc<dyn PossibleRouteMatch + Send + Sync> {
    Arc::new(path)
}

/// A route's page without its type.
fn page(draw: fn() -> AnyView) -> fn() -> AnyView {
    draw
}

#[component]
fn Areas() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFound /> }.into_any()>
            <Route path=at(path!("/app")) view=page(|| view! { <start::StartPage /> }.into_any()) />
            <Route
                path=at(path!("/app/messages/:room?"))
                view=page(|| view! { <messenger::MessengerPage /> }.into_any())
            />
            <Route path=at(path!("/app/files")) view=page(|| view! { <files::SpacesPage /> }.into_any()) />
            <Route
                path=at(path!("/app/files/:space/deleted"))
                view=page(|| view! { <files::DeletedPage /> }.into_any())
            />
            <Route
                path=at(path!("/app/files/:space/:folder?"))
                view=page(|| view! { <files::FolderPage /> }.into_any())
            />
            <Route path=at(path!("/app/people")) view=page(|| later(|| of_accounts(Accounts::People))) />
            <Route
                path=at(path!("/app/people/:person"))
                view=page(|| later(|| of_accounts(Accounts::Person)))
            />
            <Route path=at(path!("/app/groups")) view=page(|| later(|| of_accounts(Accounts::Groups))) />
            <Route
                path=at(path!("/app/groups/:group"))
                view=page(|| later(|| of_accounts(Accounts::Group)))
            />
            <Route path=at(path!("/app/import")) view=page(|| later(|| of_accounts(Accounts::Import))) />
            <Route path=at(path!("/app/erasures")) view=page(|| later(|| of_oversight(Oversight::Erasures))) />
            <Route path=at(path!("/app/audit")) view=page(|| later(|| of_oversight(Oversight::Entries))) />
            <Route
                path=at(path!("/app/audit/replay"))
                view=page(|| later(|| of_oversight(Oversight::Replay)))
            />
            <Route
                path=at(path!("/app/audit/compare"))
                view=page(|| later(|| of_oversight(Oversight::Compare)))
            />
            <Route
                path=at(path!("/app/inspections"))
                view=page(|| later(|| of_oversight(Oversight::Inspections)))
            />
            <Route
                path=at(path!("/app/audit/:position"))
                view=page(|| later(|| of_oversight(Oversight::Entry)))
            />
            <Route
                path=at(path!("/app/settings"))
                view=page(|| later(of_settings))
            />
        </FlatRoutes>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    let words = words();
    view! {
        <Page title=words.common.not_found>
            <p class="quiet">{words.common.not_found_text}</p>
            <p class="page-foot">
                <a class="button" href="/app">
                    {words.common.to_start}
                </a>
            </p>
        </Page>
    }
}
