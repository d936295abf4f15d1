//! `audit` at the console: verifying beside a running server, replaying, showing an entry.

use super::{Answer, Tell, has_log};
use crate::config::Config;
use crate::house::House;
use anyhow::{Context, Result, bail, ensure};
use edge_audit::{Moment, replay as fold};
use edge_kernel::ledger::entry::Entry;
use edge_kernel::ledger::verify_log;
use events::audit::Looked;
use events_proof::tree::to_hex;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Verifies the whole log, beside a running server or without one. The exit status is 0 only when everything verifies.
pub(crate) async fn verify(data: &Path, as_json: bool, tell: &Tell) -> Result<Answer> {
    let server = Config::read(data, None)?.database.server()?;
    ensure!(
        server.is_some() || has_log(data)?,
        "there is no log in {}; name the school's data directory with --data",
        data.display()
    );
    let progress = |done, of| tell.progress("verify", done, of);
    let report = verify_log(data, server.as_ref(), &progress)
        .await
        .with_context(|| format!("verifying the log in {}", data.display()))?;
    let ok = report.problems.is_empty();
    let root = to_hex(&report.root);
    let out = if as_json {
        let line =
            json!({ "size": report.size, "root": root, "ok": ok, "problems": report.problems });
        format!("{line}\n")
    } else if ok {
        format!("{} events verified; root {root}\n", report.size)
    } else {
        let mut text = String::from("The log does not verify:\n");
        for problem in &report.problems {
            let _ = writeln!(text, "  {problem}");
        }
        text.push_str("Stop the server, keep this data directory for the auditors, and restore the log from backup.\n");
        text
    };
    Ok(Answer {
        status: u8::from(!ok),
        out,
        err: String::new(),
    })
}

/// Folds one view, or counts the rows of all, up to a moment.
pub(super) async fn replay(
    house: &House,
    until: Option<String>,
    view: Option<String>,
    as_json: bool,
    tell: &Tell,
) -> Result<Answer> {
    let moment = until.as_deref().map_or(Ok(Moment::Now), moment)?;
    let names: Vec<String> = match view {
        Some(view) => vec![view],
        None => events::views::NAMES
            .iter()
            .map(ToString::to_string)
            .collect(),
    };
    // How many rows each view has is metadata, and nobody's content.
    let shows_rows = as_json || names.len() == 1;
    let mut folded = Vec::with_capacity(names.len());
    for name in names {
        let replayed = fold(&house.kernel, &name, moment, |done, of| {
            tell.progress("replay", done, of)
        })
        .await?;
        if shows_rows {
            let time = match moment {
                Moment::Time(time) => Some(time),
                Moment::Now | Moment::Position(_) => None,
            };
            let looked = Looked::AtView {
                view: name.clone(),
                until: replayed.until,
                time,
            };
            house.audit.record_at_console(looked).await?;
        } else if folded.is_empty() {
            let (from, to) = (replayed.until.min(1), replayed.until);
            let looked = Looked::AtEntries { from, to };
            house.audit.record_at_console(looked).await?;
        }
        folded.push((name, replayed.rows));
    }
    Ok(Answer::done(if as_json {
        as_json_text(folded)?
    } else {
        as_text(&folded)
    }))
}

/// One view alone is the object of its rows; several are an object of views. The rows come with sorted keys, so equal
/// state gives equal bytes.
fn as_json_text(folded: Vec<(String, BTreeMap<String, Value>)>) -> Result<String> {
    let is_one = folded.len() == 1;
    let mut views: BTreeMap<String, Value> = folded
        .into_iter()
        .map(|(name, rows)| (name, Value::Object(rows.into_iter().collect())))
        .collect();
    let shown = match views.pop_first() {
        Some((_, rows)) if is_one => rows,
        first => Value::Object(first.into_iter().chain(views).collect()),
    };
    Ok(serde_json::to_string_pretty(&shown)? + "\n")
}

fn as_text(folded: &[(String, BTreeMap<String, Value>)]) -> String {
    let mut text = String::new();
    for (name, rows) in folded {
        let _ = writeln!(text, "{name}: {} rows", rows.len());
        if folded.len() == 1 {
            for (key, row) in rows {
                let _ = writeln!(text, "{key}  {row}");
            }
        }
    }
    text
}

/// A position, or a time: RFC 3339, or a date with or without a time of day in the machine's own time zone.
fn moment(text: &str) -> Result<Moment> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Ok(Moment::Position(
            text.parse().context("the position is too large")?,
        ));
    }
    let millis = |stamp: jiff::Timestamp| u64::try_from(stamp.as_millisecond()).unwrap_or_default();
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Moment::Time(millis(stamp)));
    }
    let Ok(local) = text.parse::<DateTime>() else {
        bail!(
            "--until takes a position, or a time such as 2026-11-22, 2026-11-22T13:30 or 2026-11-22T13:30:00Z"
        );
    };
    let zoned = TimeZone::system()
        .to_ambiguous_zoned_datetime(local)
        .compatible()
        .context("there is no such moment")?;
    Ok(Moment::Time(millis(zoned.timestamp())))
}

/// Shows one entry as it is stored, its event, and the proof that it is in the log.
pub(super) async fn show(house: &House, position: u64) -> Result<Answer> {
    let size = house.kernel.ledger.size();
    let Some(proof) = house.kernel.ledger.prove(position).await? else {
        ensure!(
            !(1..=size).contains(&position),
            "entry {position} was erased, header and all; its hash stays in the log, which verifies without it"
        );
        bail!("the log has no position {position}; it ends at {size}");
    };
    let entry = Entry::decode(&proof.entry)?;
    let row = house
        .kernel
        .ledger
        .stored(position - 1, 1)
        .await?
        .into_iter()
        .next()
        .context("the row is gone")?;
    let recorded = house.kernel.ledger.open_row(&row)?;
    house.audit.record_event_at_console(&recorded).await?;
    let at = jiff::Timestamp::from_millisecond(i64::try_from(entry.at).unwrap_or_default())?;
    let shown = json!({
        "position": position,
        "at": at.to_string(),
        "time_is_rounded": entry.coarse,
        "kind": recorded.event.kind().1,
        "stream": entry.stream,
        "version": entry.version,
        "actor": entry.actor,
        "cause": entry.cause,
        "event": recorded.event,
        "entry": to_hex(&proof.entry),
        "proof": {
            "index": proof.index,
            "size": proof.size,
            "root": to_hex(&proof.root),
            "path": proof.path.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>(),
            "checkpoint": proof.checkpoint,
            "key": proof.key,
        },
    });
    Ok(Answer::done(serde_json::to_string_pretty(&shown)? + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_or_a_time_and_nothing_else() {
        assert_eq!(moment("17").ok(), Some(Moment::Position(17)));
        assert_eq!(
            moment("1970-01-01T00:00:01Z").ok(),
            Some(Moment::Time(1000))
        );
        assert!(matches!(moment("2026-11-22"), Ok(Moment::Time(_))));
        assert!(matches!(moment("2026-11-22T13:30"), Ok(Moment::Time(_))));
        for wrong in ["", "yesterday", "2026-13-01", "-5"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
