//! Single events that have grown old: proposed by the month, and carried out at once where the rule itself is enough.

use crate::Privacy;
use crate::error::PrivacyError;
use crate::retention::{Due, Rule, moment, windows};
use events::ids::BatchId;
use events::privacy::view::{ErasureRow, Stage};
use events::privacy::{Aged, Confirm};
use jiff::civil::Date;

/// Events in one batch: what the log says of them stays below a megabyte.
const MOST: u64 = 50_000;

impl Privacy {
    /// Proposes what is due of single events and not proposed yet, and carries out what needs nobody's consent.
    pub(super) async fn age_due(&self, found: &[Due]) -> Result<Vec<BatchId>, PrivacyError> {
        let mut proposed = self.left_to_rules().await?;
        for batch in &proposed {
            self.go_by_rule(*batch).await?;
        }
        for (rule, aged) in self.aged_due(found).await? {
            let name = format!("{}/{}", self.rules.name, rule.name);
            let needs_nobody = aged.confirm == Confirm::Rule;
            let planned = self.plan_aged(name, rule.basis.clone(), aged).await?;
            proposed.push(planned.batch);
            if needs_nobody {
                self.go_by_rule(planned.batch).await?;
            }
        }
        Ok(proposed)
    }

    async fn go_by_rule(&self, batch: BatchId) -> Result<(), PrivacyError> {
        self.agree_by_rule(batch).await?;
        self.carry_out(batch, &|_| Ok(())).await.map(|_| ())
    }

    /// What was proposed for a rule to agree to, and cut off before it had: nobody else agrees to it, and it is not proposed again.
    async fn left_to_rules(&self) -> Result<Vec<BatchId>, PrivacyError> {
        let waits_for_a_rule = |row: &ErasureRow| {
            let confirm = row.aged.as_ref().map(|aged| aged.confirm);
            row.stage == Stage::Planned && confirm == Some(Confirm::Rule)
        };
        let mut left = self.every_erasure().await?;
        left.retain(waits_for_a_rule);
        Ok(left.into_iter().map(|row| row.batch).collect())
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
