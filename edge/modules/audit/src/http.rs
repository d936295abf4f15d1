//! The auditors' doors, each of which records the look before it answers, and those of witnesses.

pub(crate) mod log;
pub(crate) mod witnesses;

use crate::policy::content_of;
use crate::queries::{EntryQuery, Moment};
use crate::{Audit, AuditError};
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, Octets, PathOf, PlainText, Problem, QueryOf, Routes, Searched};
use edge_kernel::views::{Found, Page};
use events::audit::Looked;
use events::audit::view::EntryRow;
use events::{Millis, Position};
use events_proof::tree::to_hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::Bound;

/// Rows of a replay on one page.
const ROWS: usize = 200;

impl Audit {
    /// This module's routes.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes::default()
            .get(
                "/api/audit/entries",
                "List the log's entries: metadata only. The look is logged.",
                entries,
            )
            .get(
                "/api/audit/proof/{position}",
                "One entry with its inclusion proof. The look is logged.",
                proof,
            )
            .get(
                "/api/audit/replay",
                "A view as it was at a position or a moment. The look is logged.",
                replayed,
            )
            .get(
                "/audit/log/checkpoint",
                "The signed head of the log with its cosignatures (c2sp.org/tlog-tiles).",
                log::checkpoint,
            )
            .answers::<PlainText>()
            .get(
                "/audit/log/tile/{level}/{*index}",
                "A tile of hashes (c2sp.org/tlog-tiles). The look is logged once per sign-in.",
                log::tile,
            )
            .answers::<Octets>()
            .get(
                "/audit/log/tile/entries/{*index}",
                "A bundle of entries: metadata only (c2sp.org/tlog-tiles). The look is logged once per sign-in.",
                log::entries,
            )
            .answers::<Octets>()
            .get(
                "/api/audit/consistency",
                "The newest signed head, and the proof that the log of an earlier size is its beginning. Names nobody.",
                witnesses::consistency,
            )
            .get(
                "/api/audit/witnesses",
                "How far the log is witnessed, and whose logs this machine witnesses.",
                witnesses::witnesses,
            )
            .post(
                "/witness/add-checkpoint",
                "Asks this machine to cosign another school's checkpoint (c2sp.org/tlog-witness).",
                witnesses::add_checkpoint,
            )
            .answers::<PlainText>()
            .open_to_strangers()
            .with_state(self.clone())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EntriesAsked {
    from: Option<Millis>,
    until: Option<Millis>,
    after: Option<String>,
    order: Option<String>,
    #[serde(default)]
    limit: u32,
    scope: Option<String>,
    #[serde(default)]
    at_least: Position,
}

async fn entries(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    Searched(search): Searched,
    QueryOf(asked): QueryOf<EntriesAsked>,
) -> Result<Json<Page<EntryRow>>, Problem> {
    audit.admit(asker)?;
    if asked
        .scope
        .as_deref()
        .is_some_and(|scope| scope != "auditors")
    {
        return Err(Problem::not_found());
    }
    audit.kernel.views.wait(asked.at_least).await?;
    let query = EntryQuery {
        search,
        from: asked.from,
        until: asked.until,
        after: asked.after,
        newest_first: asked.order.as_deref() != Some("asc"),
        limit: asked.limit,
    };
    let page = audit.entries(query).await?;
    // That nothing was found is an answer too.
    let positions = page.rows.iter().map(|found| found.row.position);
    let looked = Looked::AtEntries {
        from: positions.clone().min().unwrap_or_default(),
        to: positions.max().unwrap_or_default(),
    };
    audit.record(asker.person, looked).await?;
    Ok(Json(page))
}

#[derive(Serialize, JsonSchema)]
struct ProofAnswer {
    entry: String,
    index: u64,
    size: u64,
    root: String,
    path: Vec<String>,
    checkpoint: String,
    key: String,
}

async fn proof(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf(position): PathOf<Position>,
) -> Result<Json<ProofAnswer>, Problem> {
    audit.admit(asker)?;
    let proof = audit.proof(position).await?;
    audit
        .record(asker.person, Looked::AtEntry { position })
        .await?;
    Ok(Json(ProofAnswer {
        entry: to_hex(&proof.entry),
        index: proof.index,
        size: proof.size,
        root: to_hex(&proof.root),
        path: proof.path.iter().map(|hash| to_hex(hash)).collect(),
        checkpoint: proof.checkpoint,
        key: proof.key,
    }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReplayAsked {
    view: String,
    until: Option<Position>,
    time: Option<Millis>,
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
struct ReplayAnswer {
    view: String,
    until: Position,
    time: Option<Millis>,
    rows: Vec<Found<Value>>,
    total: usize,
    next: Option<String>,
    /// The fields that are empty because they are withheld.
    withheld: &'static [&'static str],
}

async fn replayed(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    QueryOf(asked): QueryOf<ReplayAsked>,
) -> Result<Json<ReplayAnswer>, Problem> {
    audit.admit(asker)?;
    let moment = match (asked.until, asked.time) {
        (Some(position), None) => Moment::Position(position),
        (None, Some(time)) => Moment::Time(time),
        (None, None) | (Some(_), Some(_)) => return Err(AuditError::WhichMoment.into()),
    };
    let replay = audit.replay_for_page(&asked.view, moment).await?;
    let looked = Looked::AtView {
        view: asked.view.clone(),
        until: replay.until,
        time: asked.time,
    };
    audit.record(asker.person, looked).await?;
    let total = replay.rows.len();
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, 500);
    let start = asked.after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = replay
        .rows
        .range::<String, _>((start.as_ref(), Bound::Unbounded));
    let rows: Vec<Found<Value>> = rest
        .by_ref()
        .take(limit)
        .map(|(key, row)| Found {
            key: key.clone(),
            row: row.clone(),
        })
        .collect();
    let next = rest
        .next()
        .and_then(|_| rows.last().map(|found| found.key.clone()));
    Ok(Json(ReplayAnswer {
        withheld: content_of(&asked.view),
        view: asked.view,
        until: replay.until,
        time: asked.time,
        rows,
        total,
        next,
    }))
}
