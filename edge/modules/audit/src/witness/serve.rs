//! Being a witness of other schools' logs: remember origin, size and root, cosign what only grew, refuse everything else.

use super::{Refusal, claimed_origin, is_signed, judge};
use crate::error::AuditError;
use crate::{Audit, store};
use edge_kernel::ledger::{AppendError, CosigningKey};
use edge_kernel::{Actor, Order};
use events_proof::handover::Handover;
use events_proof::note::{Checkpoint, key_name};
use events_proof::witness::AddCheckpoint;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// How often somebody else may be first before we give up: logs bring one checkpoint at a time.
const TRIES: u32 = 3;

/// Another school's log as far as it is witnessed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Served {
    /// The log's name.
    pub origin: String,
    /// The size cosigned last; 0 for never.
    pub size: u64,
}

/// The key, read when first needed: most schools witness nobody.
#[derive(Clone, Default)]
pub(crate) struct OwnKey(Arc<OnceLock<CosigningKey>>);

impl Audit {
    fn cosigning_key(&self) -> Result<&CosigningKey, AuditError> {
        if let Some(key) = self.own_key.0.get() {
            return Ok(key);
        }
        let key = self.kernel.ledger.cosigning_key()?;
        Ok(self.own_key.0.get_or_init(|| key))
    }

    /// The verifier key under which this machine cosigns other schools' logs; none when it witnesses nobody.
    pub(crate) fn own_witness_key(&self) -> Result<Option<String>, AuditError> {
        if self.policy.logs().is_empty() {
            return Ok(None);
        }
        Ok(Some(self.cosigning_key()?.verifier_key()))
    }

    /// What is witnessed here.
    pub(crate) async fn witnessed(&self) -> Result<Vec<Served>, AuditError> {
        let mut served = Vec::new();
        for key in self.policy.logs() {
            let origin = events_proof::note::key_name(key).unwrap_or_default();
            let known = store::witnessed(&self.kernel, origin).await?;
            served.push(Served {
                origin: origin.to_owned(),
                size: known.map_or(0, |(size, _)| size),
            });
        }
        Ok(served)
    }

    /// The line to answer with, once the checkpoint is remembered; or why not.
    pub(crate) async fn add_checkpoint(
        &self,
        body: &str,
    ) -> Result<Result<String, Refusal>, AuditError> {
        if body.starts_with("handover ") {
            return self.add_handover(body).await;
        }
        let Some(asked) = AddCheckpoint::parse(body) else {
            return Ok(Err(Refusal::Malformed));
        };
        let Some(origin) = claimed_origin(&asked) else {
            return Ok(Err(Refusal::Malformed));
        };
        // What nobody has signed must not wait in a neighbour's way.
        if let Err(refusal) = is_signed(&asked, &self.believed(&origin).await?) {
            return Ok(Err(refusal));
        }
        let _turn = self.witnessing.lock().await;
        for _ in 0..TRIES {
            let known = store::witnessed(&self.kernel, &origin).await?;
            let believed = self.believed(&origin).await?;
            let (checkpoint, key) = match judge(&asked, &believed, known) {
                Ok(judged) => judged,
                Err(refusal) => return Ok(Err(refusal)),
            };
            // What is remembered already is signed again without a write, whoever shows it once more.
            if known == Some((checkpoint.size, checkpoint.root)) {
                return self.cosign(&asked);
            }
            if !self.brought.step(&origin, self.kernel.clock.now()) {
                return Ok(Err(Refusal::TooMany));
            }
            let mut unit = self.kernel.unit(Order::by(Actor::Machine));
            store::remember(&mut unit, &checkpoint, key, known);
            match unit.commit().await {
                Ok(_) => return self.cosign(&asked),
                // Somebody brought another checkpoint in the meantime: judge against that.
                Err(AppendError::KeptChanged) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppendError::KeptChanged.into())
    }

    fn cosign(&self, asked: &AddCheckpoint) -> Result<Result<String, Refusal>, AuditError> {
        let seconds = self.kernel.clock.now() / 1000;
        let line = self.cosigning_key()?.cosign(&asked.note, seconds);
        Ok(line.ok_or(Refusal::Malformed))
    }

    /// The keys that are believed for a log: those that are configured, or what they have handed over to.
    async fn believed(&self, origin: &str) -> Result<Vec<String>, AuditError> {
        let configured = self.policy.logs().iter();
        let configured = configured.filter(|key| key_name(key) == Some(origin));
        let mut keys = Vec::new();
        for key in configured {
            keys.push(store::successor(&self.kernel, origin, key).await?);
        }
        Ok(keys)
    }

    /// Believes a log's next key from now on. The key of before must have been cosigned up to the handover, so that nobody can hand
    /// over a log that has gone on.
    async fn add_handover(&self, body: &str) -> Result<Result<String, Refusal>, AuditError> {
        let asked = Handover::parse(body);
        let claimed = asked.and_then(|asked| Some((Checkpoint::claimed(&asked.note)?, asked)));
        let Some((claimed, asked)) = claimed else {
            return Ok(Err(Refusal::Malformed));
        };
        let keys = self.believed(&claimed.origin).await?;
        if keys.is_empty() {
            return Ok(Err(Refusal::UnknownLog));
        }
        let mut proven = keys.iter();
        let proven = proven.find_map(|key| Some((key, asked.prove(key).ok()?)));
        let Some((key, proven)) = proven else {
            return Ok(Err(Refusal::NotSigned));
        };
        let _turn = self.witnessing.lock().await;
        // Another handover may have come first.
        if !self.believed(&claimed.origin).await?.contains(key) {
            return Ok(Err(Refusal::NotSigned));
        }
        let known = store::witnessed(&self.kernel, &claimed.origin).await?;
        let at = proven.checkpoint;
        if known != Some((at.size, at.root)) {
            return Ok(Err(Refusal::Conflict(known.map_or(0, |(size, _)| size))));
        }
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        store::hand_over(&mut unit, &at, key, &proven.successor);
        unit.commit().await?;
        Ok(Ok("\n".to_owned()))
    }
}
