//! The edge's HTTP outside: every module's routes merged, and the one visible list of what stands before them.

mod bodies;
mod headers;
mod openapi;
mod session;
mod site;
mod squeeze;

pub(crate) use session::Sessions;

use crate::assets;
use crate::backup;
use crate::feed::{self, Feed};
use crate::health::{self, Health};
use crate::house::House;
use crate::pages;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use bodies::Streaming;
use edge_kernel::http::{Problem, Routes, localise};
use openapi::{OpenDoors, document};
use std::sync::Arc;

/// Everything the edge answers.
pub(crate) fn router(house: &House, health: Health, feed: Feed) -> Router {
    let feed = Routes::default()
        .get(
            "/api/feed",
            "The live feed (SSE): events of the scopes that the asker has, from a position on.",
            feed::feed,
        )
        .with_state(feed);
    let modules = house
        .accounts
        .routes()
        .and(house.files.routes())
        .and(house.messenger.routes())
        .and(house.audit.routes())
        .and(house.privacy.routes())
        .and(backup::routes(house));
    let (api, described) = modules.and(feed).into_parts();
    let open = Arc::new(OpenDoors::of(&described));
    let streaming = Streaming::of(&described);
    let openapi = document(&described);
    let sessions = Sessions {
        accounts: house.accounts.clone(),
        open,
    };
    let api = api
        .route(
            "/api/openapi.json",
            get(async move || ([("content-type", "application/json")], openapi)),
        )
        .layer(DefaultBodyLimit::max(bodies::MOST));
    Router::new()
        .merge(api)
        .merge(pages::routes(house))
        .route("/assets/{name}", get(assets::asset))
        .route("/app", get(assets::shell))
        .route("/app/{*path}", get(assets::shell))
        .merge(health::routes(health))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(wrong_method)
        // Read from the bottom: what is last stands first before a request.
        .layer(from_fn_with_state(streaming, bodies::bound))
        .layer(from_fn_with_state(sessions, session::resolve))
        .layer(from_fn(site::refuse_other_sites))
        .layer(squeeze::layer())
        .layer(from_fn(localise))
        .layer(from_fn(headers::protect))
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "So lässt sich das nicht aufrufen; welche Wege es gibt, steht in /api/openapi.json.",
        "This cannot be asked in this way; /api/openapi.json names the ways there are.",
    )
}
