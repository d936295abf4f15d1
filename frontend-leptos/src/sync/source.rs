//! The connection to `/api/feed`, as the browser's `EventSource` keeps it: it resumes by `Last-Event-ID` by itself.

use super::told::Told;
use crate::json;
use events::{Position, Scope};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// What came over the connection.
pub(super) enum Heard {
    /// It stands.
    Opened,
    /// Something has happened.
    Event(Box<Told>),
    /// Something has happened that this app is too old to understand, or so much that it is not told any more.
    Unreadable(Position),
    /// Nothing more for us happened up to here.
    UpTo(Position),
    /// We no longer see this circle.
    Lost(Scope),
    /// The session is over.
    End,
    /// It broke; the browser opens it again.
    Interrupted,
    /// The machine refused; the browser will not try again.
    Refused,
}

/// An open connection; it ends when this is dropped.
pub(super) struct Source {
    source: EventSource,
    _hear: Vec<Closure<dyn FnMut(MessageEvent)>>,
}

#[derive(Deserialize)]
struct UpTo {
    position: Position,
}

#[derive(Deserialize)]
struct Lost {
    scope: Scope,
}

impl Source {
    /// Opens the connection from a position on.
    pub(super) fn open(from: Position, hear: impl Fn(Heard) + 'static) -> Option<Self> {
        let source = EventSource::new(&format!("/api/feed?from={from}")).ok()?;
        let hear = Rc::new(hear);
        let mut kept = Vec::new();
        let mut on = |name: &str, turn: fn(&EventSource, &MessageEvent) -> Option<Heard>| {
            let (hear, from) = (hear.clone(), source.clone());
            let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
                if let Some(heard) = turn(&from, &message) {
                    hear(heard);
                }
            });
            source
                .add_event_listener_with_callback(name, heard.as_ref().unchecked_ref())
                .ok();
            kept.push(heard);
        };
        on("open", |_, _| Some(Heard::Opened));
        on("event", |_, message| {
            let told = message.data().as_string().and_then(Told::read);
            told.map(|told| Heard::Event(Box::new(told)))
                .or_else(|| Some(Heard::Unreadable(message.last_event_id().parse().ok()?)))
        });
        on("upto", |_, message| {
            data(message).map(|UpTo { position }| Heard::UpTo(position))
        });
        on("missed", |_, message| {
            data(message).map(|UpTo { position }| Heard::Unreadable(position))
        });
        on("lost", |_, message| {
            data(message).map(|Lost { scope }| Heard::Lost(scope))
        });
        on("end", |_, _| Some(Heard::End));
        on("error", |source, _| {
            Some(match source.ready_state() {
                EventSource::CLOSED => Heard::Refused,
                _ => Heard::Interrupted,
            })
        });
        Some(Self {
            source,
            _hear: kept,
        })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn data<T: DeserializeOwned>(message: &MessageEvent) -> Option<T> {
    json::read(&message.data().as_string()?).ok()
}
