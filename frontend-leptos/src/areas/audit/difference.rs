//! One row of a comparison: what it was, what it is, and which fields differ, in words.

use super::field::Reader;
use crate::parts::text;
use crate::store::directory;
use crate::words::{Words, fill, words};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    New,
    Gone,
    Changed,
    Same,
}

/// A row as it was and as it is.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Difference {
    pub(super) key: String,
    change: Change,
    fields: Vec<String>,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
}

/// The fields by which a row is called, the most telling first.
const NAMING: [&str; 6] = ["name", "person", "author", "group", "kind", "by"];

fn change_text(change: Change, words: &Words) -> (&'static str, &'static str) {
    match change {
        Change::New => ("chip ok", words.compare.new),
        Change::Gone => ("chip bad", words.compare.gone),
        Change::Changed => ("chip warn", words.compare.changed),
        Change::Same => ("chip plain", words.compare.same),
    }
}

pub(super) fn difference_row(row: Difference, withheld: Vec<String>) -> AnyView {
    let words = words();
    let reader = Reader {
        directory: directory(),
        words,
    };
    let (class, change) = change_text(row.change, words);
    let mut named: Vec<&str> = Vec::new();
    for field in &row.fields {
        named.push(words.columns.named(field));
    }
    let changed = match named.is_empty() {
        true => ().into_any(),
        false => {
            let changed = fill(
                words.compare.changed_fields,
                &[("fields", &named.join(", "))],
            );
            view! { <span class="quiet">{changed}</span> }.into_any()
        }
    };
    let sides = Arc::new([row.before, row.after]);
    let mut lines = Vec::new();
    for name in names(&sides) {
        let differs = row.fields.contains(&name);
        let hides = withheld.contains(&name);
        lines.push(line(&sides, name, differs, hides, reader));
    }
    let title = title(&sides, &row.key, &withheld, reader);
    view! {
        <section class="difference" data-change=format!("{:?}", row.change)>
            <header class="difference-head">
                <h3>{title}</h3>
                <span class=class>{change}</span>
                {changed}
            </header>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words.compare.field}</th>
                        <th scope="col" class="side-one">
                            {words.compare.one}
                        </th>
                        <th scope="col" class="side-other">
                            {words.compare.other}
                        </th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </section>
    }
    .into_any()
}

type Sides = Arc<[Option<Map<String, Value>>; 2]>;

/// What a row is called: its most telling field that is not hidden, or the beginning of its key.
fn title(sides: &Sides, key: &str, withheld: &[String], reader: Reader) -> AnyView {
    let mut name = None;
    for field in NAMING {
        let is_there = sides
            .iter()
            .flatten()
            .any(|row| row.get(field).is_some_and(|value| !value.is_null()));
        if name.is_none() && is_there && !withheld.iter().any(|hidden| hidden == field) {
            name = Some(field);
        }
    }
    let short: String = key.chars().take(8).collect();
    let sides = sides.clone();
    text(move || match (name, sides.iter().rev().flatten().next()) {
        (Some(name), Some(row)) => reader.field(row, name, false),
        _ => short.clone(),
    })
}

fn line(sides: &Sides, name: String, differs: bool, hides: bool, reader: Reader) -> AnyView {
    let words = reader.words;
    let cell = |side: usize| {
        let (sides, name) = (sides.clone(), name.clone());
        text(move || match sides.get(side).and_then(Option::as_ref) {
            Some(row) => reader.field(row, &name, hides),
            None => words.compare.absent.to_owned(),
        })
    };
    let label = words.columns.named(&name).to_owned();
    let mark = match differs {
        true => view! { <span class="differs">{words.compare.changed}</span> }.into_any(),
        false => ().into_any(),
    };
    view! {
        <tr class:differing=differs>
            <th scope="row">{label} " " {mark}</th>
            <td class="side-one" data-label=words.compare.one>
                {cell(0)}
            </td>
            <td class="side-other" data-label=words.compare.other>
                {cell(1)}
            </td>
        </tr>
    }
    .into_any()
}

/// The names of both sides' fields, in the order in which they first occur.
fn names(sides: &[Option<Map<String, Value>>; 2]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in sides.iter().flatten().flat_map(Map::keys) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}
