//! `people` at the console: previewing, committing and taking back a roster.

use super::{Answer, changes};
use crate::house::House;
use anyhow::{Context, Result, bail};
use edge_accounts::AccountsError;
use edge_accounts::roster::{ChangeSet, Note, Source};
use edge_kernel::{Actor, Order};
use events::ids::ImportId;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// How an import is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    pub(crate) content: Vec<u8>,
    pub(crate) source: String,
    pub(crate) apply: bool,
    pub(crate) confirm_leavers: bool,
    pub(crate) all: bool,
    pub(crate) json: bool,
}

/// Shows what a roster would change; with `apply`, commits it.
pub(super) async fn import(house: &House, asked: Import) -> Result<Answer> {
    let Import {
        content,
        source,
        apply,
        confirm_leavers,
        all,
        json,
    } = asked;
    let source: Source = source
        .parse()
        .map_err(|error| anyhow::anyhow!("--source: {error}"))?;
    let set = house
        .accounts
        .preview_import(Actor::Machine, content, source)
        .await
        .context("reading the roster")?;
    let mut answer = Answer::default();
    if apply && !set.is_empty() {
        let order = Order::by(Actor::Machine);
        let applied = house
            .accounts
            .apply_import(order, set.id, confirm_leavers)
            .await;
        if let Err(error @ AccountsError::ConfirmLeavers { .. }) = &applied {
            bail!("nothing was committed: {error}. If they do, say so with --confirm-leavers");
        }
        applied.context("committing the roster")?;
    }
    answer.out = if json {
        serde_json::to_string_pretty(&set)? + "\n"
    } else {
        in_words(&set, apply, all)
    };
    // A file of which no line could be used is a failure, whatever else it says.
    let nothing_usable =
        !set.refused.is_empty() && set.is_empty() && set.unchanged == 0 && set.doubtful.is_empty();
    answer.status = u8::from(nothing_usable);
    Ok(answer)
}

fn in_words(set: &ChangeSet, applied: bool, all: bool) -> String {
    let mut text = String::new();
    let counts = [
        ("new", set.new.len()),
        ("changed", set.changed.len()),
        ("moved to another class", set.moved.len()),
        ("renamed", set.renamed.len()),
        ("leaving", set.leaving.len()),
        ("doubtful, not applied", set.doubtful.len()),
        ("unchanged", set.unchanged),
        ("guardians", set.guardians.len()),
        ("groups", set.groups.len()),
    ];
    for (what, count) in counts {
        let _ = writeln!(text, "{count:>6} {what}");
    }
    text += &changes::in_words(set, all);
    list(&mut text, "Warnings", &set.warnings);
    list(&mut text, "Lines not taken over", &set.refused);
    let _ = match (applied, set.is_empty()) {
        (_, true) => writeln!(text, "Nothing changes."),
        (true, false) => writeln!(
            text,
            "Committed as {}; `schulhof people undo {}` takes it back.",
            set.id, set.id
        ),
        (false, false) if set.confirm_leavers.needed => {
            writeln!(
                text,
                "Nothing was written. --apply commits it, and needs --confirm-leavers: many people are missing."
            )
        }
        (false, false) => writeln!(text, "Nothing was written; --apply commits it."),
    };
    text
}

fn list(text: &mut String, title: &str, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for note in notes {
        let _ = writeln!(text, "  {}", note.text.en);
    }
}

/// Takes a committed change set back.
pub(super) async fn undo(house: &House, id: &str, json: bool) -> Result<Answer> {
    let id: ImportId = id
        .parse()
        .context("the id is the one that `people import --apply` printed")?;
    let undone = house
        .accounts
        .undo_import(Order::by(Actor::Machine), id)
        .await
        .context("taking the import back")?;
    if json {
        return Ok(Answer::done(serde_json::to_string_pretty(&undone)? + "\n"));
    }
    let mut text = String::from("The import is taken back.\n");
    if !undone.kept.is_empty() {
        let _ = writeln!(
            text,
            "{} people or groups stay as they are, because something was built on them:",
            undone.kept.len()
        );
        for kept in &undone.kept {
            let which = kept
                .person
                .map(|id| format!("person {id}"))
                .or(kept.group.map(|id| format!("group {id}")));
            let _ = writeln!(text, "  {}: {:?}", which.unwrap_or_default(), kept.reason);
        }
    }
    Ok(Answer::done(text))
}
