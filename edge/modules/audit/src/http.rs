//! The auditors' doors, each of which records the look before it answers, and those of witnesses.

mod inspections;
pub(crate) mod log;
pub(crate) mod states;
pub(crate) mod witnesses;

use crate::Audit;
use crate::queries::EntryQuery;
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, Octets, PathOf, PlainText, Problem, QueryOf, Routes, Searched};
use edge_kernel::views::Page;
use events::audit::Looked;
use events::audit::view::EntryRow;
use events::{Millis, Position};
use events_proof::tree::to_hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
                "A view as it was at a position or a moment; with a consent, the content that it covers. The look is logged.",
                states::replayed,
            )
            .get(
                "/api/audit/compare",
                "Two states of one view, row by row. The look is logged.",
                states::compared,
            )
            .get(
                "/api/audit/working",
                "How far the comparison of one's own sign-in has come.",
                states::working,
            )
            .get(
                "/api/audit/inspections",
                "Requests to read other people's content: one's own, and everybody's for those who may agree.",
                inspections::listed,
            )
            .post(
                "/api/audit/inspections",
                "Asks to read other people's content; a second person must agree.",
                inspections::request,
            )
            .post(
                "/api/audit/inspections/{inspection}/agree",
                "Agrees to somebody else's request for 24 hours.",
                inspections::agree,
            )
            .post(
                "/api/audit/inspections/{inspection}/refuse",
                "Refuses somebody else's request.",
                inspections::refuse,
            )
            .post(
                "/api/audit/inspections/{inspection}/end",
                "Takes one's own request back, or ends a consent before its time.",
                inspections::end,
            )
            .get(
                "/api/audit/inspections/{inspection}/files/{space}/{node}",
                "Hands out a file that a consent covers, whole and to be saved. Whoever added it is told first.",
                inspections::file,
            )
            .answers::<Octets>()
            .get(
                "/api/audit/looks",
                "Who has looked at one's own data by a special right.",
                inspections::looks,
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
    /// `false` leaves out what auditors have looked at.
    looks: Option<bool>,
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
        without_looks: asked.looks == Some(false),
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
