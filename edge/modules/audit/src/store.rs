//! What this module keeps beside the log: how far witnesses have cosigned it, and how far other schools' logs had come when this
//! machine cosigned them. Times are milliseconds since 1970, UTC.

use crate::error::AuditError;
use edge_kernel::database::{Value, query};
use edge_kernel::ledger::LedgerError;
use edge_kernel::{Actor, Kernel, Order, Unit};
use events::Millis;
use events_proof::note::Checkpoint;
use events_proof::tree::Hash;

const MOST_HANDOVERS: usize = 256;

/// A witness of this log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) key: String,
    pub(crate) since: Millis,
    pub(crate) size: u64,
    pub(crate) at: Option<Millis>,
}

fn unread(source: sqlx::Error) -> AuditError {
    AuditError::Ledger(LedgerError::Database {
        doing: "read",
        source,
    })
}

fn number(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

pub(crate) async fn witnesses(kernel: &Kernel) -> Result<Vec<Kept>, AuditError> {
    let rows = query("SELECT key, since, size, at FROM audit_witness_kept")
        .fetch_all(kernel.ledger.kept())
        .await
        .map_err(unread)?;
    let kept = rows.iter().map(|row| {
        Ok(Kept {
            key: row.try_get(0)?,
            since: number(row.try_get(1)?),
            size: number(row.try_get(2)?),
            at: row.try_get::<Option<i64>>(3)?.map(number),
        })
    });
    kept.collect::<sqlx::Result<_>>().map_err(unread)
}

/// Notes that a witness is asked from now on.
pub(crate) async fn first_asked(kernel: &Kernel, key: &str, now: Millis) -> Result<(), AuditError> {
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    unit.keep(
        "INSERT INTO audit_witness_kept (key, since, size) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
        [key.into(), now.into()],
    );
    unit.commit().await?;
    Ok(())
}

pub(crate) fn cosigned(unit: &mut Unit<'_>, key: &str, size: u64, at: Millis) {
    unit.keep(
        "UPDATE audit_witness_kept SET size = ?1, at = CASE WHEN at > ?2 THEN at ELSE ?2 END WHERE key = ?3",
        [size.into(), at.into(), key.into()],
    );
}

/// How far another school's log had come.
pub(crate) async fn witnessed(
    kernel: &Kernel,
    origin: &str,
) -> Result<Option<(u64, Hash)>, AuditError> {
    let row = query("SELECT size, root FROM audit_witnessed_kept WHERE origin = ?")
        .bind(origin)
        .fetch_optional(kernel.ledger.kept())
        .await
        .map_err(unread)?;
    let Some(row) = row else { return Ok(None) };
    let read = || {
        let root: &[u8] = row.try_get(1)?;
        let root = Hash::try_from(root).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok((number(row.try_get(0)?), root))
    };
    read().map(Some).map_err(unread)
}

/// Puts a checkpoint in the place of the known one; the unit is refused when that has changed meanwhile, or the key that has signed it
/// has handed over.
pub(crate) fn remember(
    unit: &mut Unit<'_>,
    checkpoint: &Checkpoint,
    key: &str,
    known: Option<(u64, Hash)>,
) {
    let now: [Value; 2] = [checkpoint.size.into(), checkpoint.root.to_vec().into()];
    let origin = Value::from(checkpoint.origin.as_str());
    match known {
        None => {
            let [size, root] = now;
            unit.keep_exactly(
                1,
                "INSERT INTO audit_witnessed_kept (origin, size, root) VALUES (?, ?, ?)",
                [origin, size, root],
            );
        }
        Some((size, root)) => {
            let before: [Value; 3] = [size.into(), root.to_vec().into(), key.into()];
            unit.keep_exactly(
                1,
                "UPDATE audit_witnessed_kept SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ?
                 AND NOT EXISTS (SELECT 1 FROM audit_handover_kept AS handed
                     WHERE handed.origin = audit_witnessed_kept.origin AND handed.key = ?)",
                now.into_iter().chain([origin]).chain(before),
            );
        }
    }
}

/// The key that a key of another school's log has handed over to in the end, which may be itself.
pub(crate) async fn successor(
    kernel: &Kernel,
    origin: &str,
    key: &str,
) -> Result<String, AuditError> {
    let mut key = key.to_owned();
    // A school moves every few years; more handovers than this go in circles, and lead to nobody.
    for _ in 0..MOST_HANDOVERS {
        let sql = "SELECT successor FROM audit_handover_kept WHERE origin = ? AND key = ?";
        let row = query(sql)
            .bind(origin)
            .bind(key.as_str())
            .fetch_optional(kernel.ledger.kept())
            .await
            .map_err(unread)?;
        match row {
            Some(row) => key = row.try_get(0).map_err(unread)?,
            None => break,
        }
    }
    Ok(key)
}

/// Believes a successor in the place of a key from now on; the unit is refused when the log is not remembered as it was handed over.
pub(crate) fn hand_over(unit: &mut Unit<'_>, at: &Checkpoint, key: &str, successor: &str) {
    let keys: [Value; 2] = [key.into(), successor.into()];
    let log: [Value; 3] = [
        at.origin.as_str().into(),
        at.size.into(),
        at.root.to_vec().into(),
    ];
    unit.keep_exactly(
        1,
        "INSERT INTO audit_handover_kept (key, successor, origin)
         SELECT ?, ?, origin FROM audit_witnessed_kept WHERE origin = ? AND size = ? AND root = ?",
        keys.into_iter().chain(log),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use edge_kernel::Clock;
    use edge_kernel::ledger::AppendError;
    use edge_kernel::views::Registry;

    const ORIGIN: &str = "schulhof/other";

    fn at(size: u64) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root: [7; 32],
        }
    }

    /// Of machines that share a log, one may witness what the other has just heard the last of.
    #[tokio::test]
    async fn a_key_that_hands_over_while_its_checkpoint_is_judged_takes_the_log_no_further() {
        let folder = tempfile::tempdir().expect("a directory");
        let views = Registry::default();
        let kernel = Kernel::open(folder.path(), Clock::System, views, &|_, _, _| {}).await;
        let kernel = kernel.expect("opens");
        let unit = || kernel.unit(Order::by(Actor::Machine));
        let mut first = unit();
        remember(&mut first, &at(3), "before", None);
        first.commit().await.expect("is remembered");
        let known = witnessed(&kernel, ORIGIN).await.expect("reads");
        let (mut grown, mut handed) = (unit(), unit());
        remember(&mut grown, &at(4), "before", known);
        hand_over(&mut handed, &at(3), "before", "after");
        handed.commit().await.expect("hands over");
        let refused = grown.commit().await;
        assert!(matches!(refused, Err(AppendError::KeptChanged)));
        let mut grown = unit();
        remember(&mut grown, &at(4), "after", known);
        grown.commit().await.expect("the next key goes on");
    }
}
