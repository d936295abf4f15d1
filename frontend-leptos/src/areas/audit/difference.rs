//! One row of a comparison: what it was, what it is, and which fields differ, in words.

use super::field::{Reader, without_ids};
use crate::parts::text;
use crate::store::directory;
use crate::words::{Words, fill, words};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The fields by which a row is called, the most telling first.
const NAMING: [&str; 6] = ["name", "person", "author", "group", "kind", "by"];

/// A row's key in its view.
pub(super) fn difference_key(row: &Value) -> String {
    let key = row.get("key").and_then(Value::as_str);
    key.unwrap_or_default().to_owned()
}

fn change_text(change: &str, words: &Words) -> (&'static str, &'static str) {
    match change {
        "new" => ("chip ok", words.compare.new),
        "gone" => ("chip bad", words.compare.gone),
        "changed" => ("chip warn", words.compare.changed),
        _ => ("chip plain", words.compare.same),
    }
}

/// Draws a row as `/api/audit/compare` tells it.
pub(super) fn difference_row(row: &Value, withheld: &[String]) -> AnyView {
    let words = words();
    let reader = Reader {
        directory: directory(),
        words,
    };
    let what = row
        .get("change")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let what = what.to_owned();
    let mut fields: Vec<&str> = Vec::new();
    for field in row
        .get("fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        fields.extend(field.as_str());
    }
    let (class, change) = change_text(&what, words);
    let mut named: Vec<&str> = Vec::new();
    for field in &fields {
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
    let sides = ["before", "after"].map(|side| row.get(side).and_then(Value::as_object).cloned());
    let sides = Arc::new(sides);
    let mut lines = Vec::new();
    let which = [0, 1].map(|side| sides.get(side).is_some_and(Option::is_some));
    for name in without_ids(names(&sides)) {
        let differs = fields.contains(&name.as_str());
        let hides = withheld.contains(&name);
        lines.push(line(&sides, name, differs, hides, reader));
    }
    let title = title(&sides, &difference_key(row), withheld, reader);
    view! {
        <section class="difference" data-change=what>
            <header class="difference-head">
                <h3>{title}</h3>
                <span class=class>{change}</span>
                {changed}
            </header>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words.compare.field}</th>
                        {which[0].then(|| view! { <th scope="col" class="side-one">{words.compare.one}</th> })}
                        {which[1].then(|| view! { <th scope="col" class="side-other">{words.compare.other}</th> })}
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
    // A side on which there is no row has no cells: that it is new or gone is said once above.
    let cell = |side: usize, class: &'static str, label: &'static str| {
        if sides.get(side).is_none_or(Option::is_none) {
            return ().into_any();
        }
        let (sides, name) = (sides.clone(), name.clone());
        let said = text(move || match sides.get(side).and_then(Option::as_ref) {
            Some(row) => reader.field(row, &name, hides),
            None => String::new(),
        });
        view! { <td class=class data-label=label>{said}</td> }.into_any()
    };
    let one = cell(0, "side-one", words.compare.one);
    let other = cell(1, "side-other", words.compare.other);
    let label = words.columns.named(&name).to_owned();
    let mark = match differs {
        true => view! { <span class="differs">{words.compare.changed}</span> }.into_any(),
        false => ().into_any(),
    };
    view! {
        <tr class:differing=differs>
            <th scope="row">{label} " " {mark}</th>
            {one}
            {other}
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
