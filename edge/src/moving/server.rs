//! What the new machine answers the old one. Whoever gets here has the code's secret: that is what TLS has checked.

use super::desk::{Answered, Desk, Job};
use super::objects;
use super::secrets::{LARGEST, unpack};
use super::wire::{Build, Hello, Sealed, State, Status, Welcome};
use super::work::Seal;
use anyhow::Context;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, State as Held};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use std::sync::{Arc, PoisonError};

/// Everything that the old machine asks.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/hello", post(hello))
        .route("/secrets", put(secrets))
        .route("/build", post(build))
        .route("/sealed", post(sealed))
        .route("/confirmed", post(confirmed))
        .route("/state", get(state))
        .route(
            "/objects/{*name}",
            put(objects::put_object)
                .get(objects::get_object)
                .delete(objects::remove_object),
        )
        .route("/length/{*name}", post(objects::length))
        .route("/list/{folder}", get(objects::list))
        .layer(DefaultBodyLimit::disable())
        .with_state(desk)
}

async fn hello(Held(desk): Held<Arc<Desk>>, Json(hello): Json<Hello>) -> Answered<Json<Welcome>> {
    desk.greet(&hello).map(Json)
}

async fn secrets(Held(desk): Held<Arc<Desk>>, body: Body) -> Answered<()> {
    desk.is_open()?;
    let sealed = to_bytes(body, usize::try_from(LARGEST).unwrap_or(usize::MAX)).await;
    let sealed = sealed.context("the keys did not arrive")?;
    desk.at("write the keys")?;
    let signing = desk.work.signing()?;
    Ok(unpack(
        &sealed,
        &desk.identity,
        &desk.work.school(),
        &signing,
    )?)
}

async fn build(Held(desk): Held<Arc<Desk>>, Json(asked): Json<Build>) -> Answered<Json<()>> {
    desk.is_open()?;
    desk.set(State::Working {
        what: "restore".to_owned(),
        done: 0,
        of: 1,
    });
    let _ = desk.jobs.send(Job::Build { whole: asked.whole });
    Ok(Json(()))
}

async fn sealed(Held(desk): Held<Arc<Desk>>, Json(asked): Json<Sealed>) -> Answered<Json<()>> {
    if !desk.status().is_sealed {
        desk.is_open()?;
        desk.at("note that the seal is here")?;
        let Sealed { position, root } = asked;
        desk.work.keep_seal(&Seal { position, root })?;
        {
            let mut status = desk.status.lock().unwrap_or_else(PoisonError::into_inner);
            status.is_sealed = true;
            status.state = State::Working {
                what: "restore".to_owned(),
                done: 0,
                of: 1,
            };
        }
        let _ = desk.jobs.send(Job::Sealed);
    }
    Ok(Json(()))
}

async fn confirmed(Held(desk): Held<Arc<Desk>>) -> Json<()> {
    if matches!(desk.status().state, State::Serving { .. }) {
        let _ = desk.jobs.send(Job::Confirmed);
    }
    Json(())
}

async fn state(Held(desk): Held<Arc<Desk>>) -> Json<Status> {
    Json(desk.status())
}
