//! A row that is kept up to date: held without its type, read in it. Signals, maps and requests are compiled once this way,
//! not for every view.

use crate::json::{Garbled, read_value};
use events::View;
use events::views::{AnyRow, AnyView};
use leptos::prelude::*;
use serde_json::Value;
use std::marker::PhantomData;

/// A view without its type, and how its rows are read.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) view: &'static AnyView,
    pub(crate) read: fn(Value) -> Result<AnyRow, Garbled>,
}

impl Kind {
    pub(super) fn of<V: View>() -> Self {
        Self {
            view: AnyView::of::<V>(),
            read: |value| read_value::<V::Row>(value).map(AnyRow::new),
        }
    }
}

/// What is known of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found<R> {
    /// It is being fetched.
    Asking,
    /// It is there.
    There(R),
    /// There is no such row, or it is not the reader's to see.
    Missing,
}

impl<R> Found<R> {
    /// The row, if it is there.
    pub(crate) fn row(self) -> Option<R> {
        match self {
            Self::There(row) => Some(row),
            Self::Asking | Self::Missing => None,
        }
    }

    fn as_ref(&self) -> Found<&R> {
        match self {
            Self::Asking => Found::Asking,
            Self::There(row) => Found::There(row),
            Self::Missing => Found::Missing,
        }
    }

    fn map<S>(self, change: impl FnOnce(R) -> S) -> Found<S> {
        match self {
            Self::Asking => Found::Asking,
            Self::There(row) => Found::There(change(row)),
            Self::Missing => Found::Missing,
        }
    }
}

/// A row of some view; copies are the same row.
#[derive(Clone)]
pub(super) struct Held(ArcRwSignal<Found<AnyRow>>);

impl Held {
    pub(super) fn new(found: Found<AnyRow>) -> Self {
        Self(ArcRwSignal::new(found))
    }

    pub(super) fn get_untracked(&self) -> Found<AnyRow> {
        self.0.get_untracked()
    }

    /// Shows something else, if it is something else.
    pub(super) fn set(&self, view: &AnyView, found: Found<AnyRow>) {
        let same = match (&self.get_untracked(), &found) {
            (Found::There(before), Found::There(now)) => (view.equal)(before, now),
            (Found::Asking, Found::Asking) | (Found::Missing, Found::Missing) => true,
            _ => false,
        };
        if !same {
            self.0.set(found);
        }
    }
}

/// A row that may still have to be fetched; copies are the same row.
#[derive(Clone)]
pub(crate) struct Sought<R>(Held, PhantomData<fn() -> R>);

impl<R: 'static> Sought<R> {
    pub(super) fn new(held: Held) -> Self {
        Self(held, PhantomData)
    }

    /// Looks at what is known, and tracks it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(Found<&R>) -> T) -> T {
        look(self.0.0.get().as_ref().map(AnyRow::as_row))
    }

    /// Looks at what is known.
    pub(crate) fn with_untracked<T>(&self, look: impl FnOnce(Found<&R>) -> T) -> T {
        look(self.0.get_untracked().as_ref().map(AnyRow::as_row))
    }

    /// What is known. Tracks it.
    pub(crate) fn get(&self) -> Found<R>
    where
        R: Clone,
    {
        self.with(|found| found.map(R::clone))
    }
}

/// A row that is there; copies are the same row.
#[derive(Clone)]
pub(crate) struct Row<R>(Held, PhantomData<fn() -> R>);

impl<R: Clone + 'static> Row<R> {
    pub(super) fn new(held: Held) -> Self {
        Self(held, PhantomData)
    }

    /// Looks at the row, and tracks it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&R) -> T) -> T {
        look(there(&self.0.0.get()))
    }

    /// The row. Tracks it.
    pub(crate) fn get(&self) -> R {
        self.with(R::clone)
    }

    /// The row.
    pub(crate) fn get_untracked(&self) -> R {
        there::<R>(&self.0.get_untracked()).clone()
    }
}

fn there<R: 'static>(found: &Found<AnyRow>) -> &R {
    let row = found.as_ref().row();
    row.expect("a window holds only rows that are there")
        .as_row()
}
