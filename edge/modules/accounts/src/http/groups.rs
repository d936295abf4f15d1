//! Groups and memberships.

use super::sessions::Done;
use crate::Accounts;
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{
    Asker, IdempotencyKey, JsonOf, PathOf, Problem, Routes, ViewQuery, answer_view,
};
use edge_kernel::views::Page;
use events::accounts::view::{GroupRow, Groups, MemberRow, Members};
use events::accounts::{GroupCommand, GroupKind};
use events::ids::GroupId;
use events::{Position, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn add(routes: Routes<Accounts>) -> Routes<Accounts> {
    routes
        .get("/api/accounts/groups", "Find groups.", groups)
        .post("/api/accounts/groups", "Found a group.", add_group)
        .post(
            "/api/accounts/groups/{id}/command",
            "Carry out a command to a group.",
            command,
        )
        .get(
            "/api/accounts/members",
            "Who belongs to a group; without a scope, to the asker's. With prefix=1, who did until when.",
            members,
        )
}

async fn groups(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<GroupRow>>, Problem> {
    Ok(Json(
        answer_view::<Groups>(&accounts.kernel, asker, query, vec![Scope::School]).await?,
    ))
}

async fn members(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    mut query: ViewQuery,
) -> Result<Json<Page<MemberRow>>, Problem> {
    if query.prefix.is_empty() {
        Members::CURRENT.clone_into(&mut query.prefix);
    }
    let own = accounts.kernel.ledger.access().groups_of(asker.person);
    let usual = own.into_iter().map(Scope::Roll).collect();
    Ok(Json(
        answer_view::<Members>(&accounts.kernel, asker, query, usual).await?,
    ))
}

#[derive(Deserialize, JsonSchema)]
struct AddGroup {
    name: String,
    kind: GroupKind,
    /// The calendar year in which its school year began; the present one when left out.
    year: Option<u16>,
}

#[derive(Serialize, JsonSchema)]
struct AddedGroup {
    group: GroupId,
    position: Position,
}

async fn add_group(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    JsonOf(asked): JsonOf<AddGroup>,
) -> Result<Json<AddedGroup>, Problem> {
    let year = asked
        .year
        .unwrap_or_else(|| accounts.kernel.clock.school_year());
    let (group, position) = accounts
        .add_group(asker.order(key), asked.name, asked.kind, year)
        .await?;
    Ok(Json(AddedGroup { group, position }))
}

async fn command(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(group): PathOf<GroupId>,
    JsonOf(command): JsonOf<GroupCommand>,
) -> Result<Json<Done>, Problem> {
    let done = accounts
        .group_command(asker.order(key), group, command)
        .await?;
    Ok(Json(Done {
        position: done.position,
    }))
}
