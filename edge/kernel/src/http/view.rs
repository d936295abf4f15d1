//! The one way in which views are queried over HTTP: by scope, prefix, search, cursor, or by key. Handlers take a
//! [`ViewQuery`] as it is: what is searched for comes from a header, everything else from the address.

use super::{Problem, QueryOf, Searched};
use crate::Kernel;
use crate::actor::SignedIn;
use crate::views::{Page, Query, Sorting};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use events::access::NOW;
use events::{Position, Scope, View};
use schemars::JsonSchema;
use serde::Deserialize;

/// `at_least=N` for queries that have no other parameter.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct AtLeast {
    /// The position that the answer must include.
    #[serde(default)]
    pub at_least: Position,
}

/// The parameters of a view query.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewQuery {
    /// One scope, such as `room:…`; without it, all of the asker's.
    pub scope: Option<String>,
    /// Rows whose sort text begins so.
    #[serde(default)]
    pub prefix: String,
    /// Words that the rows contain; from the header `X-Search`. Personal.
    #[serde(skip)]
    pub search: String,
    /// The cursor `next` of the page before.
    pub after: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Rows on the page, up to 500.
    #[serde(default)]
    pub limit: u32,
    /// Single rows by key, separated by commas; everything else is then ignored.
    pub keys: Option<String>,
    /// The position that the answer must include.
    #[serde(default)]
    pub at_least: Position,
}

impl<S: Send + Sync> FromRequestParts<S> for ViewQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Searched(search) = Searched::from_request_parts(parts, state).await?;
        let QueryOf(query) = QueryOf::<Self>::from_request_parts(parts, state).await?;
        Ok(Self { search, ..query })
    }
}

/// Answers a query on a view. `usual` are the scopes to list when the request names none.
pub async fn answer_view<V: View>(
    kernel: &Kernel,
    asker: SignedIn,
    asked: ViewQuery,
    usual: Vec<Scope>,
) -> Result<Page<V::Row>, Problem> {
    kernel.views.wait(asked.at_least).await?;
    if let Some(keys) = &asked.keys {
        let keys: Vec<String> = keys
            .split(',')
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect();
        let mut page = kernel.views.rows::<V>(&keys).await?;
        let access = kernel.ledger.access();
        page.rows
            .retain(|found| access.may_see(asker.person, V::place(&found.row).scope, NOW));
        return Ok(page);
    }
    let scopes = match &asked.scope {
        None => usual,
        Some(text) => {
            let scope: Scope = text.parse().map_err(|_| {
                Problem::bad_request(
                    "„scope“ ist kein Bereich; möglich sind school, person:ID, roll:ID, space:ID, room:ID.",
                    "“scope” is not a scope; write school, person:ID, roll:ID, space:ID or room:ID.",
                )
            })?;
            if !kernel.ledger.access().may_see(asker.person, scope, NOW) {
                return Err(Problem::not_found());
            }
            vec![scope]
        }
    };
    let sorting = match asked.order.as_deref() {
        None | Some("asc") => Sorting::Ascending,
        Some("desc") => Sorting::Descending,
        Some(_) => {
            return Err(Problem::bad_request(
                "„order“ ist asc oder desc.",
                "“order” is asc or desc.",
            ));
        }
    };
    let query = Query {
        between: None,
        scopes,
        prefix: asked.prefix,
        search: asked.search,
        after: asked.after,
        sorting,
        limit: asked.limit,
    };
    Ok(kernel.views.page::<V>(&query).await?)
}
