//! Single events that have grown old: proposed by the month, and carried out at once where the rule itself is enough.

use crate::Privacy;
use crate::error::PrivacyError;
use crate::retention::{Due, Rule, moment, windows};
use events::ids::BatchId;
use events::privacy::view::Stage;
use events::privacy::{Aged, Confirm};
use jiff::civil::Date;

/// Events in one batch: what the log says of them stays below a megabyte.
const MOST: u64 = 50_000;

impl Privacy {
    /// Proposes what is due of single events and not proposed yet, and carries out what needs nobody's consent.
    pub(super) async fn age_due(&self, found: &[Due]) -> Result<Vec<BatchId>, PrivacyError> {
        let mut proposed = Vec::new();
        for (rule, aged) in self.aged_due(found).await? {
            let name = format!("{}/{}", self.rules.name, rule.name);
            let needs_nobody = aged.confirm == Confirm::Rule;
            let planned = self.plan_aged(name, rule.basis.clone(), aged).await?;
            proposed.push(planned.batch);
            if needs_nobody {
                self.agree_by_rule(planned.batch).await?;
                self.carry_out(planned.batch, &|_| Ok(())).await?;
            }
        }
        Ok(proposed)
    }

    async fn aged_due(&self, found: &[Due]) -> Result<Vec<(&Rule, Aged)>, PrivacyError> {
        let asked = self.asked().await?;
        let followed = self.followed.lock().await;
        let mut due_now = Vec::new();
        for due in found {
            let rule = self.rules.rules.iter().find(|rule| rule.name == due.rule);
            let Some((rule, events)) = rule.zip(due.events.as_ref()) else {
                continue;
            };
            let is_asked = |day: Date| {
                let same = asked.iter().filter(|aged| aged.kind == events.kind);
                let at = moment(day);
                same.into_iter()
                    .any(|aged| at.is_some_and(|at| at >= aged.from && at < aged.before))
            };
            for (first, last) in windows(followed.facts(), events, MOST, is_asked) {
                let end = last.tomorrow().ok().and_then(moment);
                let Some((from, before)) = moment(first).zip(end) else {
                    continue;
                };
                let aged = Aged {
                    kind: events.kind.clone(),
                    from,
                    before,
                    confirm: rule.confirm,
                };
                due_now.push((rule, aged));
            }
        }
        Ok(due_now)
    }

    /// What waits for somebody, was withdrawn, or is being carried out: a rule does not ask twice.
    async fn asked(&self) -> Result<Vec<Aged>, PrivacyError> {
        let asked = self
            .every_erasure()
            .await?
            .into_iter()
            .filter(|row| row.stage != Stage::Completed)
            .filter_map(|row| row.aged);
        Ok(asked.collect())
    }
}
