//! Past states of views, one alone or two compared: metadata for auditors, and content for whoever has a consent to read it. Both
//! are logged before they are given out.

use crate::ask::Reading;
use crate::policy::content_of;
use crate::queries::{Comparison, Counted, Difference, Moment, Side};
use crate::{Audit, AuditError};
use axum::Json;
use axum::extract::State;
use edge_kernel::SignedIn;
use edge_kernel::http::{Asker, Problem, QueryOf};
use edge_kernel::views::Found;
use events::audit::Looked;
use events::ids::{InspectionId, SessionId};
use events::{Millis, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of a replay on one page.
const ROWS: usize = 200;
/// Rows of a comparison on one page: each page folds the log again.
const DIFFERENCES: usize = 500;

fn moment(position: Option<Position>, time: Option<Millis>) -> Result<Moment, AuditError> {
    match (position, time) {
        (Some(position), None) => Ok(Moment::Position(position)),
        (None, Some(time)) => Ok(Moment::Time(time)),
        (None, None) | (Some(_), Some(_)) => Err(AuditError::WhichMoment),
    }
}

/// The fields of a view that are left out: none under a consent, which shows less rows and those whole.
fn withheld(view: &str, consent: Option<InspectionId>) -> &'static [&'static str] {
    match consent {
        Some(_) => &[],
        None => content_of(view),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayAsked {
    view: String,
    until: Option<Position>,
    time: Option<Millis>,
    after: Option<String>,
    limit: Option<usize>,
    /// The consent under which content is read.
    inspection: Option<InspectionId>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ReplayAnswer {
    view: String,
    until: Position,
    time: Option<Millis>,
    rows: Vec<Found<Value>>,
    total: usize,
    next: Option<String>,
    /// The fields that are empty because they are withheld.
    withheld: &'static [&'static str],
}

pub(super) async fn replayed(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    QueryOf(asked): QueryOf<ReplayAsked>,
) -> Result<Json<ReplayAnswer>, Problem> {
    let consent = match asked.inspection {
        Some(inspection) => Some(audit.consent(asker, inspection, &asked.view).await?),
        None => {
            audit.admit(asker)?;
            None
        }
    };
    let moment = moment(asked.until, asked.time)?;
    let replay = audit
        .replay_for_page(&asked.view, moment, consent.as_ref())
        .await?;
    let reading = Reading {
        view: &asked.view,
        until: replay.until,
        after: asked.after.clone(),
    };
    audit
        .read(asker, asked.inspection, reading, asked.time)
        .await?;
    let total = replay.rows.len();
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, 500);
    let (rows, next) = page_of(replay.rows, asked.after.as_deref(), limit);
    Ok(Json(ReplayAnswer {
        withheld: withheld(&asked.view, asked.inspection),
        view: asked.view,
        until: replay.until,
        time: asked.time,
        rows,
        total,
        next,
    }))
}

/// The rows behind a key, as they are read: what is numbered within something by its numbers, a tenth message after the second.
fn page_of(
    rows: BTreeMap<String, Value>,
    after: Option<&str>,
    limit: usize,
) -> (Vec<Found<Value>>, Option<String>) {
    let mut rows: Vec<(String, Value)> = rows.into_iter().collect();
    rows.sort_by(|(one, _), (other, _)| place(one).cmp(&place(other)));
    let is_before = |key: &str| after.is_some_and(|after| place(key) <= place(after));
    let mut rest = rows.into_iter().skip_while(|(key, _)| is_before(key));
    let page = rest.by_ref().take(limit);
    let rows: Vec<Found<Value>> = page.map(|(key, row)| Found { key, row }).collect();
    let next = rest.next().and(rows.last()).map(|last| last.key.clone());
    (rows, next)
}

/// Where a row stands: within what, its number there, and its key, by which no two are the same.
fn place(key: &str) -> (&str, u64, &str) {
    let (within, number) = key.rsplit_once('/').unwrap_or(("", key));
    match number.parse() {
        Ok(number) => (within, number, key),
        Err(_) => (key, 0, key),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareAsked {
    view: String,
    /// One state by its position …
    one: Option<Position>,
    /// … or by its time in milliseconds since 1970, UTC.
    one_time: Option<Millis>,
    /// The other state by its position …
    other: Option<Position>,
    /// … or by its time.
    other_time: Option<Millis>,
    /// Rows that are the same in both, too.
    #[serde(default)]
    all: bool,
    after: Option<String>,
    limit: Option<usize>,
    /// The consent under which content is read.
    inspection: Option<InspectionId>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CompareAnswer {
    /// The earlier state, then the later one.
    sides: [Side; 2],
    counted: Counted,
    rows: Vec<Difference>,
    next: Option<String>,
    /// The fields that are empty because they are withheld.
    withheld: &'static [&'static str],
}

pub(super) async fn compared(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    QueryOf(asked): QueryOf<CompareAsked>,
) -> Result<Json<CompareAnswer>, Problem> {
    let consent = match asked.inspection {
        Some(inspection) => Some(audit.consent(asker, inspection, &asked.view).await?),
        None => {
            audit.admit(asker)?;
            None
        }
    };
    let comparison = Comparison {
        moments: [
            moment(asked.one, asked.one_time)?,
            moment(asked.other, asked.other_time)?,
        ],
        view: asked.view,
        all: asked.all,
        after: asked.after,
        limit: asked.limit.unwrap_or(DIFFERENCES).clamp(1, DIFFERENCES),
    };
    let compared = {
        let at_work = audit.working.begin(asker.session);
        let progress = |done, of| at_work.tell(done, of);
        audit
            .compare(&comparison, consent.as_ref(), progress)
            .await?
    };
    for side in compared.sides {
        let reading = Reading {
            view: &comparison.view,
            until: side.until,
            after: comparison.after.clone(),
        };
        // Under a consent the page is one reading; the later state tells how far it went.
        if asked.inspection.is_none() || side == compared.sides[1] {
            audit.read(asker, asked.inspection, reading, None).await?;
        }
    }
    Ok(Json(CompareAnswer {
        withheld: withheld(&comparison.view, asked.inspection),
        sides: compared.sides,
        counted: compared.counted,
        rows: compared.rows,
        next: compared.next,
    }))
}

impl Audit {
    /// Records a page before it is given out: as a reading of content under a consent, or as a look at metadata.
    async fn read(
        &self,
        asker: SignedIn,
        consent: Option<InspectionId>,
        reading: Reading<'_>,
        time: Option<Millis>,
    ) -> Result<(), AuditError> {
        match consent {
            Some(inspection) => self.record_reading(asker, inspection, reading).await?,
            None => {
                let looked = Looked::AtView {
                    view: reading.view.to_owned(),
                    until: reading.until,
                    time,
                };
                self.record(asker.person, looked).await?
            }
        };
        Ok(())
    }
}

#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
pub(super) struct Progress {
    /// Up to which position it is folded.
    done: Position,
    /// To which position it goes; 0 while it waits for its turn or nothing is being compared.
    of: Position,
}

pub(super) async fn working(
    State(audit): State<Audit>,
    Asker(asker): Asker,
) -> Result<Json<Progress>, Problem> {
    Ok(Json(audit.working.of(asker.session)))
}

/// How far the comparisons that are being made have come, by sign-in.
#[derive(Clone, Default)]
pub(crate) struct Working(Arc<Mutex<HashMap<SessionId, Progress>>>);

impl Working {
    fn begin(&self, session: SessionId) -> AtWork {
        let at_work = AtWork {
            working: self.clone(),
            session,
        };
        at_work.tell(0, 0);
        at_work
    }

    fn of(&self, session: SessionId) -> Progress {
        let working = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        working.get(&session).copied().unwrap_or_default()
    }
}

/// A comparison that is being made; dropped with the request when its reader leaves.
struct AtWork {
    working: Working,
    session: SessionId,
}

impl AtWork {
    fn tell(&self, done: Position, of: Position) {
        let mut working = self
            .working
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        working.insert(self.session, Progress { done, of });
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut working = self
            .working
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        working.remove(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_to_its_own_sign_in_while_the_work_goes_on() {
        let working = Working::default();
        let [one, other] = [1, 2].map(|n| SessionId(uuid::Uuid::from_u128(n)));
        let at_work = working.begin(one);
        at_work.tell(4, 9);
        assert_eq!(working.of(one).of, 9);
        assert_eq!(working.of(other).of, 0);
        drop(at_work);
        assert_eq!(working.of(one).of, 0);
    }

    #[test]
    fn a_state_is_named_by_a_position_or_a_time() {
        assert_eq!(moment(Some(3), None).ok(), Some(Moment::Position(3)));
        assert_eq!(moment(None, Some(3)).ok(), Some(Moment::Time(3)));
        assert!(moment(None, None).is_err() && moment(Some(3), Some(3)).is_err());
    }

    #[test]
    fn messages_come_in_the_order_of_their_numbers_page_by_page() {
        let numbers = [1, 2, 9, 10, 11, 100];
        let keys = |room: &str| numbers.map(|number| format!("{room}/{number}"));
        let mut wanted = keys("a").to_vec();
        wanted.extend(keys("b"));
        wanted.push("neither".to_owned());
        let rows = wanted.iter().map(|key| (key.clone(), Value::Null));
        let rows: BTreeMap<String, Value> = rows.collect();
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let (page, next) = page_of(rows.clone(), after.as_deref(), 5);
            seen.extend(page.into_iter().map(|found| found.key));
            if next.is_none() {
                break;
            }
            after = next;
        }
        assert_eq!(seen, wanted);
    }
}
