//! Every night: what the rules say is due is proposed. Nothing is deleted by it; a second person must agree.

use crate::Privacy;
use crate::ask::Plan;
use crate::error::PrivacyError;
use crate::retention::{Due, Pack, Rule, due};
use events::Scope;
use events::accounts::Role;
use events::ids::{BatchId, PersonId};
use events::privacy::view::{ErasureRow, Erasures, Stage};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// People in one proposal.
const MOST: usize = 200;
/// How far the calendar looks ahead, in days.
const AHEAD: i64 = 365;

impl Privacy {
    /// Proposes what is due today and not proposed yet. Gives the batches.
    pub async fn propose_due(&self) -> Result<Vec<BatchId>, PrivacyError> {
        let pack = &*self.rules;
        let found = self.due_until(self.kernel.clock.today()).await?;
        let mut proposed = self.age_due(&found).await?;
        let waiting = self.waiting().await?;
        let mut seen = BTreeSet::new();
        for rule in &pack.rules {
            let of_rule = found.iter().filter(|due| due.rule == rule.name);
            let people: Vec<PersonId> = of_rule
                .flat_map(|due| due.people.iter().copied())
                .filter(|person| !waiting.contains(person) && seen.insert(*person))
                .collect();
            for people in people.chunks(MOST) {
                let planned = self.plan(None, plan(pack, rule, people)).await?;
                proposed.push(planned.batch);
            }
        }
        Ok(proposed)
    }

    /// What is due within a year from today, and what is overdue.
    pub async fn calendar(&self) -> Result<Vec<Due>, PrivacyError> {
        let today = self.kernel.clock.today();
        let until = today.checked_add(AHEAD.days()).unwrap_or(today);
        self.due_until(until).await
    }

    /// The rules by which people are forgotten here.
    #[must_use]
    pub fn rules(&self) -> &Pack {
        &self.rules
    }

    /// Brings what the rules need to know up to the log's head, so that nobody who asks has to wait for it.
    pub async fn follow(&self) -> Result<(), PrivacyError> {
        let mut followed = self.followed.lock().await;
        followed.up_to_date(&self.kernel.ledger).await?;
        Ok(())
    }

    /// What is due up to and with a day. Those who keep the accounts are nobody's to forget by rule.
    async fn due_until(&self, until: Date) -> Result<Vec<Due>, PrivacyError> {
        let mut followed = self.followed.lock().await;
        let facts = followed.up_to_date(&self.kernel.ledger).await?;
        let keepers = self.kernel.ledger.access().holders(Role::Administrator);
        Ok(due(&self.rules, facts, &keepers, until))
    }

    /// Everybody in a proposal that waits for a second person, or that was withdrawn: a rule does not ask twice.
    async fn waiting(&self) -> Result<BTreeSet<PersonId>, PrivacyError> {
        let asked = self
            .every_erasure()
            .await?
            .into_iter()
            .filter(|row| matches!(row.stage, Stage::Planned | Stage::Withdrawn));
        Ok(asked.flat_map(|row| row.people).collect())
    }

    /// Every erasure that was ever proposed, as the log's head has it.
    pub(super) async fn every_erasure(&self) -> Result<Vec<ErasureRow>, PrivacyError> {
        let views = &self.kernel.views;
        views.wait(self.kernel.ledger.size()).await?;
        Ok(views.all::<Erasures>(vec![Scope::Oversight]).await?)
    }
}

fn plan(pack: &Pack, rule: &Rule, people: &[PersonId]) -> Plan {
    Plan {
        people: people.to_vec(),
        rule: format!("{}/{}", pack.name, rule.name),
        basis: rule.basis.clone(),
        depth: rule.depth,
    }
}
