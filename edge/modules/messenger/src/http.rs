//! The doors of this module, thin: they read a request, ask the module, and write the answer.

use crate::Messenger;
use crate::ask::{Opened, Said};
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, IdempotencyKey, JsonOf, PathOf, Problem, Routes, ViewQuery};
use edge_kernel::views::Page;
use events::ids::{PersonId, RoomId};
use events::messenger::RoomCommand;
use events::messenger::view::{MessageRow, ReadRow, RoomRow};
use schemars::JsonSchema;
use serde::Deserialize;

impl Messenger {
    /// The module's routes.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes::default()
            .get(
                "/api/messenger/rooms",
                "Lists the asker's rooms, the one with the newest message first.",
                rooms,
            )
            .get(
                "/api/messenger/messages",
                "Lists the messages of a room.",
                messages,
            )
            .get(
                "/api/messenger/reads",
                "Lists how far the asker has read each room.",
                reads,
            )
            .post(
                "/api/messenger/direct",
                "Opens the asker's room with another person, or finds it again.",
                direct,
            )
            .post(
                "/api/messenger/rooms/{room}/command",
                "Sends a message to a room, or removes one.",
                command,
            )
            .post(
                "/api/messenger/rooms/{room}/read",
                "Marks a room as read up to a message.",
                read,
            )
            .with_state(self.clone())
    }
}

async fn rooms(
    State(messenger): State<Messenger>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<RoomRow>>, Problem> {
    messenger.rooms(asker, query).await.map(Json)
}

async fn messages(
    State(messenger): State<Messenger>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<MessageRow>>, Problem> {
    messenger.messages(asker, query).await.map(Json)
}

async fn reads(
    State(messenger): State<Messenger>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<ReadRow>>, Problem> {
    messenger.reads(asker, query).await.map(Json)
}

#[derive(Deserialize, JsonSchema)]
struct With {
    with: PersonId,
}

async fn direct(
    State(messenger): State<Messenger>,
    asker: Asker,
    key: IdempotencyKey,
    JsonOf(With { with }): JsonOf<With>,
) -> Result<Json<Opened>, Problem> {
    let order = asker.order(key);
    Ok(Json(messenger.direct(asker.0.person, with, order).await?))
}

async fn command(
    State(messenger): State<Messenger>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(room): PathOf<RoomId>,
    JsonOf(command): JsonOf<RoomCommand>,
) -> Result<Json<Said>, Problem> {
    let order = asker.order(key);
    Ok(Json(
        messenger
            .command(asker.0.person, room, command, order)
            .await?,
    ))
}

#[derive(Deserialize, JsonSchema)]
struct UpTo {
    up_to: u64,
}

async fn read(
    State(messenger): State<Messenger>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(room): PathOf<RoomId>,
    JsonOf(UpTo { up_to }): JsonOf<UpTo>,
) -> Result<Json<Said>, Problem> {
    let order = asker.order(key);
    let position = messenger
        .mark_read(asker.0.person, room, up_to, order)
        .await?;
    Ok(Json(Said {
        position,
        number: None,
    }))
}
