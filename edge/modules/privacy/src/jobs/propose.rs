//! Every night: what the rules say is due is proposed. Nothing is deleted by it; a second person must agree.

use crate::Privacy;
use crate::ask::Plan;
use crate::error::PrivacyError;
use crate::retention::{Due, Facts, Pack, Rule, due};
use edge_kernel::keyring::BucketName;
use events::accounts::Role;
use events::ids::{BatchId, PersonId};
use events::privacy::view::{Erasures, Stage};
use events::{Owner, Scope};
use jiff::ToSpan;
use std::collections::BTreeSet;

/// People in one proposal.
const MOST: usize = 200;
/// How far the calendar looks ahead, in days.
const AHEAD: i64 = 365;

impl Privacy {
    /// Proposes what is due today and not proposed yet. Gives the batches.
    pub async fn propose_due(&self) -> Result<Vec<BatchId>, PrivacyError> {
        let pack = &*self.rules;
        let today = self.kernel.clock.today();
        let facts = self.facts().await?;
        let waiting = self.waiting().await?;
        let mut proposed = Vec::new();
        let mut seen = BTreeSet::new();
        let found = due(pack, &facts, today);
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
        let pack = &*self.rules;
        let today = self.kernel.clock.today();
        let until = today.checked_add(AHEAD.days()).unwrap_or(today);
        Ok(due(pack, &self.facts().await?, until))
    }

    /// What rules need to know of everybody who is not forgotten. Those who keep the accounts are nobody's to forget by rule.
    async fn facts(&self) -> Result<Facts, PrivacyError> {
        let mut facts = Facts::default();
        let size = self.kernel.ledger.size();
        self.kernel
            .ledger
            .fold_all(0, size, |event| facts.apply(event))
            .await?;
        let administrators = self.kernel.ledger.access().holders(Role::Administrator);
        let keyring = self.kernel.ledger.keyring();
        facts.0.retain(|person, _| {
            let owner = Owner::Person(*person);
            let standing = BucketName::of(owner, events::Term::Standing, "accounts", 0);
            keyring.get(&standing).is_some() && !administrators.contains(person)
        });
        Ok(facts)
    }

    /// Everybody in a proposal that waits for a second person, or that was withdrawn: a rule does not ask twice.
    async fn waiting(&self) -> Result<BTreeSet<PersonId>, PrivacyError> {
        self.kernel.views.wait(self.kernel.ledger.size()).await?;
        let rows = self
            .kernel
            .views
            .all::<Erasures>(vec![Scope::Administration])
            .await?;
        let asked = rows
            .into_iter()
            .filter(|row| matches!(row.stage, Stage::Planned | Stage::Withdrawn));
        Ok(asked.flat_map(|row| row.people).collect())
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
