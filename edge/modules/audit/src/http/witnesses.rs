//! Witnesses through HTTP: a proof for every browser that comes back, how far the log is witnessed for those who look after the
//! school, and the door at which other schools ask this machine to be their witness.

use crate::Audit;
use crate::error::AuditError;
use crate::policy::may_see_witnesses;
use crate::witness::{Outlook, Refusal, Served};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use edge_kernel::http::{Asker, Problem, QueryOf, Sender};
use edge_kernel::ledger::AppendError;
use events_proof::note::{Checkpoint, verify};
use events_proof::tree::{Hash, to_hex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of `add-checkpoint`: 63 hashes and a note with a few signatures have about four thousand.
const LONGEST_BODY: usize = 8 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    #[serde(default)]
    from: u64,
    to: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Consistency {
    from: u64,
    to: u64,
    /// None when there is no such proof: the log has not come so far as `from`.
    path: Option<Vec<String>>,
    checkpoint: String,
    /// The verifier key that has signed the checkpoint.
    key: String,
    /// How the key has changed from `from` on: for whoever believes the one of before.
    handovers: Vec<Followed>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Followed {
    /// The handover as it is shown to witnesses.
    proof: String,
    /// That the log of the checkpoint goes on from there.
    path: Vec<String>,
}

/// Sizes and hashes only, which name nobody: every signed-in person may hold the school to them.
pub(super) async fn consistency(
    State(audit): State<Audit>,
    Asker(_): Asker,
    QueryOf(asked): QueryOf<Since>,
) -> Result<Json<Consistency>, Problem> {
    let note = audit.checkpoint_from(asked.from).await?;
    let note = note.ok_or_else(Problem::not_found)?;
    let signed = Checkpoint::claimed(&note).map_or(0, |checkpoint| checkpoint.size);
    let (from, to) = (asked.from, asked.to.unwrap_or(signed));
    let path = audit.kernel.ledger.consistency(from, to).await?;
    let hexadecimal = |path: Vec<Hash>| path.iter().map(|hash| to_hex(hash)).collect();
    let mut handovers = Vec::new();
    for handover in audit.kernel.ledger.handovers_from(from.max(1)).await? {
        if from > 0 && handover.position < signed {
            let path = audit.kernel.ledger.consistency(handover.position, signed);
            handovers.push(Followed {
                proof: handover.body(),
                path: hexadecimal(path.await?.unwrap_or_default()),
            });
        }
    }
    // A checkpoint that witnesses have cosigned may still be one of the key of before.
    let keys = audit.kernel.ledger.signing_keys().await?;
    let mut keys = keys.into_iter().map(|(key, _)| key);
    let key = keys.find(|key| verify(&note, key).is_ok());
    Ok(Json(Consistency {
        from,
        to,
        path: path.map(hexadecimal),
        checkpoint: note,
        key: key.unwrap_or_else(|| audit.kernel.ledger.verifier_key()),
        handovers,
    }))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Witnesses {
    #[serde(flatten)]
    outlook: Outlook,
    /// The key of this school's log, for those who are asked to witness it.
    key: String,
    /// The key under which this machine witnesses others, when it does.
    own_key: Option<String>,
    witnessed: Vec<Served>,
}

pub(super) async fn witnesses(
    State(audit): State<Audit>,
    Asker(asker): Asker,
) -> Result<Json<Witnesses>, Problem> {
    audit.admit_by(asker, may_see_witnesses)?;
    Ok(Json(Witnesses {
        outlook: audit.outlook().await?,
        key: audit.kernel.ledger.verifier_key(),
        own_key: audit.own_witness_key()?,
        witnessed: audit.witnessed().await?,
    }))
}

/// Open to strangers: the signature on the checkpoint is the proof of who asks, and only configured logs are answered.
pub(super) async fn add_checkpoint(
    State(audit): State<Audit>,
    Sender(from): Sender,
    body: Bytes,
) -> Result<Response, Problem> {
    let now = audit.kernel.clock.now();
    // What nobody has signed costs no write, and counts for whoever sent it alone.
    let rubbish = |answer| match audit.brought.rubbish(from, now) {
        true => answer,
        false => Err(too_many()),
    };
    if body.len() > LONGEST_BODY {
        return rubbish(Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Die Anfrage ist zu groß.",
            "The request is too large.",
        )));
    }
    if audit.policy.logs().is_empty() {
        return Ok(refused(Refusal::UnknownLog));
    }
    let Ok(body) = std::str::from_utf8(&body) else {
        return rubbish(Ok(refused(Refusal::Malformed)));
    };
    match audit.add_checkpoint(body).await {
        Ok(Ok(line)) => Ok(plain(StatusCode::OK, "text/plain; charset=utf-8", line)),
        Ok(Err(Refusal::TooMany)) | Err(AuditError::Append(AppendError::KeptChanged)) => {
            Err(too_many())
        }
        Ok(Err(refusal @ (Refusal::Malformed | Refusal::NotSigned | Refusal::UnknownLog))) => {
            rubbish(Ok(refused(refusal)))
        }
        Ok(Err(refusal)) => Ok(refused(refusal)),
        Err(error) => Err(error.into()),
    }
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many",
        "Gerade kommen zu viele Prüfstände an. Bitte versuchen Sie es in einer Minute noch einmal.",
        "Too many checkpoints are coming in. Please try again in a minute.",
    )
    .retry_after(60)
}

/// The statuses and bodies of c2sp.org/tlog-witness.
fn refused(refusal: Refusal) -> Response {
    const PLAIN: &str = "text/plain; charset=utf-8";
    let (status, text) = match refusal {
        Refusal::Conflict(size) => {
            return plain(
                StatusCode::CONFLICT,
                "text/x.tlog.size",
                format!("{size}\n"),
            );
        }
        Refusal::Malformed => (
            StatusCode::BAD_REQUEST,
            "not a request to add a checkpoint: old size, proof, empty line, signed checkpoint\n",
        ),
        Refusal::NotSigned => (
            StatusCode::FORBIDDEN,
            "no signature of a key that is trusted for this log\n",
        ),
        Refusal::UnknownLog => (StatusCode::NOT_FOUND, "this log is not witnessed here\n"),
        Refusal::Inconsistent => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "the proof does not show that the log has only grown\n",
        ),
        Refusal::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            "too many checkpoints of this log; wait a minute\n",
        ),
    };
    plain(status, PLAIN, text.to_owned())
}

fn plain(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
