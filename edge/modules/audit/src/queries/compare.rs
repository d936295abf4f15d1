//! Two states of one view: folded in one walk through the log, matched row by row.

use super::{Moment, covers, position_of, withhold};
use crate::Audit;
use crate::decide::Asked;
use crate::error::AuditError;
use events::{Key, Millis, Position};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) view: String,
    pub(crate) moments: [Moment; 2],
    /// Rows that are the same on both sides, too.
    pub(crate) all: bool,
    pub(crate) after: Option<Key>,
    pub(crate) limit: usize,
}

/// One of the two states.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Side {
    /// Up to which position it was folded.
    pub(crate) until: Position,
    /// When the event of that position happened; 0 before the first.
    pub(crate) at: Millis,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// It is on the later side only.
    New,
    /// It is on the earlier side only.
    Gone,
    /// Some of its fields differ.
    Changed,
    /// It is the same.
    Same,
}

/// A row of both sides.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Difference {
    pub(crate) key: Key,
    pub(crate) change: Change,
    /// The fields that differ, by name; also those that are withheld, for that something changed the log's headers tell as well.
    pub(crate) fields: Vec<String>,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// How many rows of each kind there are in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counted {
    pub(crate) new: usize,
    pub(crate) gone: usize,
    pub(crate) changed: usize,
    pub(crate) same: usize,
}

/// A page of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    /// The earlier, then the later.
    pub(crate) sides: [Side; 2],
    pub(crate) counted: Counted,
    pub(crate) rows: Vec<Difference>,
    pub(crate) next: Option<Key>,
}

impl Audit {
    /// Compares. Waits for its turn; whoever no longer waits for the answer stops the fold at its next page.
    pub(crate) async fn compare(
        &self,
        asked: &Comparison,
        consent: Option<&Asked>,
        progress: impl Fn(Position, Position) + Send + Sync,
    ) -> Result<Compared, AuditError> {
        let mut moments = Vec::with_capacity(2);
        for moment in asked.moments {
            moments.push(position_of(&self.kernel, moment).await?);
        }
        moments.sort_unstable();
        let [first, second] = [0, 1].map(|side| moments.get(side).copied().unwrap_or_default());
        let mut folded = events::views::named(&asked.view).ok_or(AuditError::NoSuchView)?;
        let _turn = self.replays.acquire().await;
        let mut at = 0;
        let mut fold = |event: &events::Recorded| {
            folded.fold(event);
            at = event.at;
            if event.position.is_multiple_of(4096) {
                progress(event.position, second);
            }
        };
        self.kernel.ledger.fold_all(0, first, &mut fold).await?;
        let mut sides = [Side { until: first, at }, Side { until: second, at }];
        // Rows are shared, so that the second state costs no copy of the first.
        let before = folded.clone();
        let mut fold = |event: &events::Recorded| {
            folded.fold(event);
            at = event.at;
            if event.position.is_multiple_of(4096) {
                progress(event.position, second);
            }
        };
        self.kernel
            .ledger
            .fold_all(first, second, &mut fold)
            .await?;
        sides[1].at = at;
        let open = |row: &Value, side: Side| {
            consent.is_none_or(|asked_for| covers(asked_for, &asked.view, row, side.at))
        };
        let mut compared = Compared {
            sides,
            counted: Counted::default(),
            rows: Vec::new(),
            next: None,
        };
        let keys: BTreeSet<&Key> = before.keys().chain(folded.keys()).collect();
        for key in keys {
            // Most rows of most comparisons: they need not be written down to be counted.
            if consent.is_none() && !asked.all && before.has_same(&folded, key) {
                compared.counted.same += 1;
                continue;
            }
            let row = |side: &events::views::AnyFolded, which: Side| {
                let row = side.row(key);
                row.filter(|row| open(row, which))
            };
            let pair = (row(&before, sides[0]), row(&folded, sides[1]));
            let Some(difference) = difference(key, pair) else {
                continue;
            };
            compared.take(difference, asked, consent.is_none());
        }
        Ok(compared)
    }
}

impl Compared {
    fn take(&mut self, mut difference: Difference, asked: &Comparison, withholds: bool) {
        match difference.change {
            Change::New => self.counted.new += 1,
            Change::Gone => self.counted.gone += 1,
            Change::Changed => self.counted.changed += 1,
            Change::Same => self.counted.same += 1,
        }
        let is_wanted = asked.all || difference.change != Change::Same;
        let is_behind = asked
            .after
            .as_ref()
            .is_none_or(|after| difference.key > *after);
        if !is_wanted || !is_behind {
            return;
        }
        if self.rows.len() == asked.limit {
            self.next = self.rows.last().map(|last| last.key.clone());
            return;
        }
        if withholds {
            let both = [&mut difference.before, &mut difference.after];
            for row in both.into_iter().flatten() {
                withhold(&asked.view, row);
            }
        }
        self.rows.push(difference);
    }
}

/// What became of a row; none when it is on neither side.
fn difference(key: &Key, pair: (Option<Value>, Option<Value>)) -> Option<Difference> {
    let (change, fields) = match &pair {
        (None, None) => return None,
        (None, Some(_)) => (Change::New, Vec::new()),
        (Some(_), None) => (Change::Gone, Vec::new()),
        (Some(before), Some(after)) if before == after => (Change::Same, Vec::new()),
        (Some(before), Some(after)) => (Change::Changed, differing(before, after)),
    };
    Some(Difference {
        key: key.clone(),
        change,
        fields,
        before: pair.0,
        after: pair.1,
    })
}

fn differing(before: &Value, after: &Value) -> Vec<String> {
    let names = |row: &Value| -> Vec<String> {
        let fields = row.as_object().into_iter().flatten();
        fields.map(|(name, _)| name.clone()).collect()
    };
    let all: BTreeSet<String> = names(before).into_iter().chain(names(after)).collect();
    let differs = |name: &String| before.get(name) != after.get(name);
    all.into_iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(before: Option<Value>, after: Option<Value>) -> Option<(Change, Vec<String>)> {
        let found = difference(&"k".to_owned(), (before, after));
        found.map(|found| (found.change, found.fields))
    }

    #[test]
    fn a_row_is_new_gone_changed_in_named_fields_or_the_same() {
        let row = json!({ "name": "Mia", "open": true, "roles": ["pupil"] });
        let renamed = json!({ "name": "Maja", "open": false, "roles": ["pupil"] });
        assert_eq!(change(None, None), None);
        assert_eq!(change(None, Some(row.clone())), Some((Change::New, vec![])));
        assert_eq!(
            change(Some(row.clone()), None),
            Some((Change::Gone, vec![]))
        );
        assert_eq!(
            change(Some(row.clone()), Some(row.clone())),
            Some((Change::Same, vec![]))
        );
        let fields = vec!["name".to_owned(), "open".to_owned()];
        assert_eq!(
            change(Some(row), Some(renamed)),
            Some((Change::Changed, fields))
        );
    }

    #[test]
    fn a_page_ends_where_the_next_begins_and_everything_is_counted() {
        let asked = |after: Option<&str>, all| Comparison {
            view: "files".to_owned(),
            moments: [Moment::Now, Moment::Now],
            all,
            after: after.map(str::to_owned),
            limit: 2,
        };
        let page = |asked: &Comparison| {
            let side = Side { until: 0, at: 0 };
            let mut page = Compared {
                sides: [side, side],
                counted: Counted::default(),
                rows: Vec::new(),
                next: None,
            };
            for (key, before) in [("a", 1), ("b", 2), ("c", 1), ("d", 1)] {
                let rows = [before, 2].map(|size| Some(json!({ "name": "x", "size": size })));
                let [before, after] = rows;
                let found = difference(&key.to_owned(), (before, after));
                page.take(found.expect("is there"), asked, true);
            }
            page
        };
        let keys = |page: &Compared| -> Vec<String> {
            page.rows.iter().map(|row| row.key.clone()).collect()
        };
        let first = page(&asked(None, false));
        assert_eq!(keys(&first), ["a", "c"]);
        assert_eq!(first.next.as_deref(), Some("c"));
        assert_eq!((first.counted.changed, first.counted.same), (3, 1));
        assert_eq!(
            first.rows.first().and_then(|row| row.before.clone()),
            Some(json!({ "name": null, "size": 1 })),
            "a name is content"
        );
        let last = page(&asked(Some("c"), false));
        assert_eq!((keys(&last), last.next), (vec!["d".to_owned()], None));
        assert_eq!(keys(&page(&asked(None, true))), ["a", "b"]);
    }
}
