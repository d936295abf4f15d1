//! People, their records, their one-time codes.

use super::sessions::Done;
use crate::queries::Belongs;
use crate::{Accounts, AddedPerson, MintedCode};
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{
    Asker, AtLeast, IdempotencyKey, JsonOf, PathOf, Problem, QueryOf, Routes, ViewQuery,
    answer_view,
};
use edge_kernel::views::Page;
use events::Scope;
use events::access::NOW;
use events::accounts::view::{People, PersonRow, RecordRow, Records};
use events::accounts::{PersonCommand, PersonName, Role};
use events::ids::PersonId;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn add(routes: Routes<Accounts>) -> Routes<Accounts> {
    routes
        .get("/api/accounts/people", "Find people.", people)
        .post(
            "/api/accounts/people",
            "Take a person into the school.",
            add_person,
        )
        .get(
            "/api/accounts/records",
            "What the office knows about people; for those who keep the accounts. Those concerned are told, once a day.",
            records,
        )
        .get(
            "/api/accounts/people/{id}/groups",
            "Which groups a person belongs to.",
            groups_of,
        )
        .post(
            "/api/accounts/people/{id}/command",
            "Carry out a command to a person's account.",
            command,
        )
        .post(
            "/api/accounts/people/{id}/code",
            "Make a one-time code; an earlier one is void.",
            mint_code,
        )
}

async fn people(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<PersonRow>>, Problem> {
    Ok(Json(
        answer_view::<People>(&accounts.kernel, asker, query, vec![Scope::School]).await?,
    ))
}

async fn records(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<RecordRow>>, Problem> {
    let scope = Scope::Administration;
    if !accounts
        .kernel
        .ledger
        .access()
        .may_see(asker.person, scope, NOW)
    {
        return Err(Problem::not_allowed());
    }
    let page = answer_view::<Records>(&accounts.kernel, asker, query, vec![scope]).await?;
    let people: Vec<PersonId> = page.rows.iter().map(|found| found.row.person).collect();
    accounts.record_reading(asker, &people).await?;
    Ok(Json(page))
}

#[derive(Deserialize, JsonSchema)]
struct AddPerson {
    name: PersonName,
    roles: Vec<Role>,
    login: Option<String>,
}

async fn add_person(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    JsonOf(asked): JsonOf<AddPerson>,
) -> Result<Json<AddedPerson>, Problem> {
    let added = accounts
        .add_person(asker.order(key), asked.name, asked.roles, asked.login)
        .await?;
    Ok(Json(added))
}

async fn groups_of(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    PathOf(person): PathOf<PersonId>,
    QueryOf(_): QueryOf<AtLeast>,
) -> Result<Json<Vec<Belongs>>, Problem> {
    // Access is never behind the log: whatever `at_least` asks for is in the answer.
    Ok(Json(accounts.groups_of(asker, person)?))
}

async fn command(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(person): PathOf<PersonId>,
    JsonOf(command): JsonOf<PersonCommand>,
) -> Result<Json<Done>, Problem> {
    let done = accounts
        .person_command(asker.order(key), person, command)
        .await?;
    Ok(Json(Done {
        position: done.position,
    }))
}

async fn mint_code(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(person): PathOf<PersonId>,
) -> Result<Json<MintedCode>, Problem> {
    Ok(Json(accounts.mint_code(asker.order(key), person).await?))
}
