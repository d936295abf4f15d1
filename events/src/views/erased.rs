//! A view without its type: the same functions behind pointers, so that a host of many views is compiled once. Where every
//! byte travels, as in the browser, a host for each view would be a sixteenth of the program.

use crate::fold::{Key, Place, Touched, View};
use crate::recorded::Recorded;
use serde::Serialize;
use serde_json::Value;
use std::any::Any;
use std::sync::Arc;

/// A row whose type only its view knows; copies are the same row.
#[derive(Clone)]
pub struct AnyRow(Arc<dyn Any + Send + Sync>);

impl AnyRow {
    /// Leaves out the type.
    pub fn new<R: Send + Sync + 'static>(row: R) -> Self {
        Self(Arc::new(row))
    }

    /// The row in its type.
    ///
    /// # Panics
    /// When the row is of another type: a host has mixed up its views.
    #[must_use]
    pub fn as_row<R: 'static>(&self) -> &R {
        let row = self.0.downcast_ref();
        row.expect("a view is given its own rows")
    }

    fn into_row<R: Clone + Send + Sync + 'static>(self) -> R {
        let row = self.0.downcast();
        Arc::unwrap_or_clone(row.expect("a view is given its own rows"))
    }
}

/// [`View::apply`] on rows without their type.
pub type Apply = fn(&Recorded, Vec<(Key, AnyRow)>) -> Touched<AnyRow>;

/// A view's functions.
pub struct AnyView {
    /// [`View::NAME`].
    pub name: &'static str,
    /// [`View::MODULE`].
    pub module: &'static str,
    /// [`View::keys`].
    pub keys: fn(&Recorded) -> Vec<Key>,
    /// [`View::apply`]: takes the touched rows, gives them as they are afterwards.
    pub apply: Apply,
    /// [`View::place`].
    pub place: fn(&AnyRow) -> Place,
    /// Whether two rows are equal.
    pub equal: fn(&AnyRow, &AnyRow) -> bool,
    /// A row as JSON with its keys in order at every depth.
    pub write: fn(&AnyRow) -> Value,
}

impl AnyView {
    /// The functions of a view.
    #[must_use]
    pub const fn of<V: View>() -> &'static Self {
        const {
            &Self {
                name: V::NAME,
                module: V::MODULE,
                keys: V::keys,
                apply: apply::<V>,
                place: |row| V::place(row.as_row()),
                equal: |one, other| one.as_row::<V::Row>() == other.as_row::<V::Row>(),
                write: |row| sorted(row.as_row::<V::Row>()),
            }
        }
    }
}

// Loops, not `collect`, which would be compiled for every view with all that it can do besides.
fn apply<V: View>(event: &Recorded, rows: Vec<(Key, AnyRow)>) -> Touched<AnyRow> {
    let mut typed = Touched::default();
    for (key, row) in rows {
        typed.put(key, row.into_row::<V::Row>());
    }
    V::apply(event, &mut typed);
    let mut after = Touched::default();
    for (key, row) in typed.into_rows() {
        after.put(key, AnyRow::new(row));
    }
    after
}

/// A row as JSON with its keys in order at every depth, whatever some other part of the program has switched on in
/// `serde_json`: the order of an object's keys is a feature that any dependency can change.
fn sorted<R: Serialize>(row: &R) -> Value {
    let mut json = serde_json::to_value(row).unwrap_or(Value::Null);
    json.sort_all_objects();
    json
}
