//! The way of an erasure: proposed with its size, agreed to by a second person, said in the log, carried out, completed.

use crate::Privacy;
use crate::aged::aged_counts;
use crate::decide::Batch;
use crate::error::PrivacyError;
use crate::needs::Settled;
use crate::package::exports;
use crate::policy::{approving, may_erase, may_watch};
use edge_kernel::keyring::BucketName;
use edge_kernel::ledger::erase::{Alone, EraseError, Survey};
use edge_kernel::ledger::{AppendError, LedgerError, Said};
use edge_kernel::{Actor, Order, SignedIn, Unit};
use events::access::NOW;
use events::accounts::Role;
use events::ids::{BatchId, BlobId, PersonId, StreamId};
use events::privacy::view::Erasures;
use events::privacy::{Approval, Approver, Counts, Depth, PrivacyCommand, PrivacyEvent, Span};
use events::{Owner, Position, Term, View};
use events_proof::tree::to_hex;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How often somebody who was overtaken decides again.
const TRIES: u32 = 4;
/// Events read at once.
const PAGE: u32 = 512;

/// The rule of what somebody asks for in a single case.
const REQUEST: &str = "request";

/// What is proposed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whom to forget.
    pub people: Vec<PersonId>,
    /// The rule, by name.
    pub rule: String,
    /// The legal basis or a reference number. It stays readable for ever: no names.
    pub basis: String,
    /// How much goes.
    pub depth: Depth,
}

/// A proposal that waits for a second person.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Planned {
    /// The batch.
    pub batch: BatchId,
    /// How much it would destroy.
    pub counts: Counts,
    /// Pass it as `at_least` to see the batch in the list.
    pub position: Position,
}

impl Privacy {
    /// Refuses whoever may not forget people.
    pub(crate) fn admit(&self, asker: SignedIn) -> Result<(), PrivacyError> {
        self.admit_by(asker, may_erase)
    }

    /// Refuses whoever may not even see what is forgotten.
    pub(crate) fn admit_to_watch(&self, asker: SignedIn) -> Result<(), PrivacyError> {
        self.admit_by(asker, may_watch)
    }

    fn admit_by(&self, asker: SignedIn, allows: fn(Role) -> bool) -> Result<(), PrivacyError> {
        let access = self.kernel.ledger.access();
        let roles = access.roles(asker.person);
        if access.is_open(asker.person, NOW) && roles.into_iter().any(allows) {
            Ok(())
        } else {
            Err(PrivacyError::NotAllowed)
        }
    }

    /// How much forgetting people would destroy. Changes nothing, and refuses whom a proposal would refuse.
    pub async fn dry_run(&self, people: &[PersonId]) -> Result<Counts, PrivacyError> {
        self.check(people)?;
        self.survey_counts(people).await
    }

    async fn survey_counts(&self, people: &[PersonId]) -> Result<Counts, PrivacyError> {
        let survey = self.survey(people).await?;
        let mut settled = Settled::default();
        for part in self.holds.iter() {
            settled += part.count(people).await?;
        }
        self.counts(&survey, people, settled).await
    }

    /// Proposes to forget people. `by` none is the operator at the console, or the nightly planner.
    pub async fn plan(&self, by: Option<PersonId>, plan: Plan) -> Result<Planned, PrivacyError> {
        self.check(&plan.people)?;
        // What a rule says is bounded where its pack is read.
        let basis = match plan.rule.as_str() {
            REQUEST => self.basis(&plan.basis, &plan.people).await?,
            _ => plan.basis,
        };
        let counts = self.survey_counts(&plan.people).await?;
        let batch = BatchId(Uuid::new_v4());
        let command = PrivacyCommand::PlanErasure {
            batch,
            people: plan.people,
            rule: plan.rule,
            basis,
            depth: plan.depth,
            by,
            counts,
        };
        let order = Order::by(by.map_or(Actor::Machine, Actor::Person));
        let done = self
            .kernel
            .execute::<Batch>(StreamId(batch.0), command, order)
            .await?;
        Ok(Planned {
            batch,
            counts,
            position: done.position,
        })
    }

    /// Refuses people whom nobody knows any more.
    pub(crate) fn must_be_known(&self, person: PersonId) -> Result<(), PrivacyError> {
        let keyring = self.kernel.ledger.keyring();
        match keyring.buckets_of(Owner::Person(person)).is_empty() {
            true => Err(PrivacyError::NoSuchPerson),
            false => Ok(()),
        }
    }

    /// Everybody is known, and an administrator is left.
    fn check(&self, people: &[PersonId]) -> Result<(), PrivacyError> {
        people
            .iter()
            .try_for_each(|person| self.must_be_known(*person))?;
        let administrators = self.kernel.ledger.access().holders(Role::Administrator);
        if administrators.iter().all(|one| people.contains(one)) {
            return Err(PrivacyError::LastAdministrator);
        }
        Ok(())
    }

    /// Takes a proposal back.
    pub async fn withdraw(
        &self,
        by: Option<PersonId>,
        batch: BatchId,
    ) -> Result<Position, PrivacyError> {
        let command = PrivacyCommand::WithdrawErasure { batch, by };
        let order = Order::by(by.map_or(Actor::Machine, Actor::Person));
        let done = self
            .kernel
            .execute::<Batch>(StreamId(batch.0), command, order)
            .await?;
        Ok(done.position)
    }

    /// A second person agrees: the log says what may be missing from now on. Nothing is destroyed before it has;
    /// [`Privacy::carry_out`] then does.
    pub async fn agree(&self, person: PersonId, batch: BatchId) -> Result<Position, PrivacyError> {
        self.agree_as(Some(person), batch).await
    }

    /// The same; by nobody when a rule is enough.
    pub(crate) async fn agree_as(
        &self,
        person: Option<PersonId>,
        batch: BatchId,
    ) -> Result<Position, PrivacyError> {
        let _one = self.acting.lock().await;
        let mut tries = 0;
        loop {
            match self.say(person, batch).await {
                Err(PrivacyError::Append(AppendError::Conflict { .. })) if tries < TRIES => {
                    tries += 1;
                }
                said => return said,
            }
        }
    }

    async fn say(
        &self,
        person: Option<PersonId>,
        batch: BatchId,
    ) -> Result<Position, PrivacyError> {
        let (state, _) = self.kernel.load::<Batch>(StreamId(batch.0)).await?;
        match person {
            Some(person) => state.may_agree(person)?,
            None => state.may_go_by_rule()?,
        }
        self.check(&state.people)?;
        let approvals = self.approvals(batch, person).await?;
        let mut unit = self
            .kernel
            .unit(Order::by(person.map_or(Actor::Machine, Actor::Person)));
        let (survey, counts) = match &state.aged {
            Some(aged) => {
                let survey = self.survey_aged(aged).await?;
                let counts = aged_counts(&survey);
                (survey, counts)
            }
            None => {
                let survey = self.survey(&state.people).await?;
                let settled = self.settle(&mut unit, &state.people).await?;
                let counts = self.counts(&survey, &state.people, settled).await?;
                (survey, counts)
            }
        };
        let command = PrivacyCommand::ExecuteErasure {
            batch,
            confirmed_by: person,
            keys: survey.keys.iter().map(|key| to_hex(key)).collect(),
            ciphertexts: survey.ciphertexts,
            headers: match state.depth {
                Some(Depth::Header) => survey.headers,
                Some(Depth::Key | Depth::Ciphertext) | None => Vec::new(),
            },
            counts,
            approvals,
        };
        unit.command::<Batch>(StreamId(batch.0), command).await?;
        Ok(unit.commit().await?.last)
    }

    async fn approvals(
        &self,
        batch: BatchId,
        person: Option<PersonId>,
    ) -> Result<Vec<Approval>, PrivacyError> {
        self.kernel.views.wait(self.kernel.ledger.size()).await?;
        let row = self
            .kernel
            .views
            .row::<Erasures>(&batch.to_string())
            .await?;
        let mut approvals = Vec::with_capacity(2);
        if let Some(row) = row {
            let by = match row.planned_by {
                None => Approver::Operator,
                Some(planner) => {
                    let roles = self.kernel.ledger.access().roles(planner);
                    let role = approving(&roles).unwrap_or(Role::Administrator);
                    self.approver(planner, role).await?
                }
            };
            approvals.push(Approval {
                by,
                at: row.planned,
            });
        }
        if let Some(person) = person {
            let roles = self.kernel.ledger.access().roles(person);
            let role = approving(&roles).ok_or(PrivacyError::NotAllowed)?;
            approvals.push(Approval {
                by: self.approver(person, role).await?,
                at: self.kernel.clock.now(),
            });
        }
        Ok(approvals)
    }

    async fn approver(&self, person: PersonId, role: Role) -> Result<Approver, PrivacyError> {
        let name = BucketName::of(
            Owner::Person(person),
            Term::Yearly,
            <Erasures as View>::MODULE,
            self.kernel.clock.school_year(),
        );
        let buckets = self.kernel.ledger.keyring().buckets(&[name]).await;
        let buckets = buckets.map_err(EraseError::from)?;
        let pseudonym = buckets.first().map(|bucket| bucket.pseudonym);
        Ok(
            pseudonym.map_or(Approver::Operator, |pseudonym| Approver::Person {
                role,
                pseudonym,
            }),
        )
    }

    /// Stages in a unit that every part lets go of people.
    pub(crate) async fn settle(
        &self,
        unit: &mut Unit<'_>,
        people: &[PersonId],
    ) -> Result<Settled, PrivacyError> {
        let mut settled = Settled::default();
        for part in self.holds.iter() {
            settled += part.settle(unit, people).await?;
        }
        Ok(settled)
    }

    /// Where the log says that a batch is carried out; none before somebody has agreed.
    pub(crate) async fn said(&self, batch: BatchId) -> Result<Option<Said>, LedgerError> {
        let said = self.kernel.ledger.erasures().await?;
        Ok(said
            .into_iter()
            .find(|said| said.event.batch() == Some(batch)))
    }

    async fn survey(&self, people: &[PersonId]) -> Result<Survey, PrivacyError> {
        let owners: Vec<Owner> = people.iter().copied().map(Owner::Person).collect();
        Ok(self.kernel.survey(&owners, &self.alone(people)).await?)
    }

    /// What concerns people alone.
    pub(crate) fn alone(&self, people: &[PersonId]) -> Alone {
        let mut alone = Alone::default();
        for person in people {
            alone.streams.insert(exports(*person));
            self.holds
                .iter()
                .for_each(|part| part.alone(*person, &mut alone));
        }
        alone
    }

    pub(crate) async fn counts(
        &self,
        survey: &Survey,
        people: &[PersonId],
        settled: Settled,
    ) -> Result<Counts, PrivacyError> {
        Ok(Counts {
            keys: survey.keys.len() as u64,
            events: survey.events,
            blobs: self.files(&survey.ciphertexts, people).await?.len() as u64,
            claims: settled.claims,
            rows: settled.rows,
        })
    }

    pub(crate) async fn remove_files(
        &self,
        said: &Said,
        people: &[PersonId],
    ) -> Result<(), EraseError> {
        let PrivacyEvent::ErasureExecuted { ciphertexts, .. } = &said.event else {
            return Ok(());
        };
        if people.is_empty() {
            return Ok(());
        }
        for blob in self.files(ciphertexts, people).await? {
            self.kernel.blobs.forget(blob).await?;
        }
        Ok(())
    }

    /// The stored files that events in these spans name and that go with the people.
    async fn files(
        &self,
        spans: &[Span],
        people: &[PersonId],
    ) -> Result<BTreeSet<BlobId>, LedgerError> {
        let mut blobs = BTreeSet::new();
        for Span(first, last) in spans {
            let mut at = first - 1;
            while at < *last {
                let events = self.kernel.ledger.read(at, PAGE).await?;
                let Some(end) = events.last().map(|event| event.position) else {
                    break;
                };
                let within = events.iter().filter(|event| event.position <= *last);
                let parts = within
                    .flat_map(|event| self.holds.iter().map(move |part| part.blob(event, people)));
                blobs.extend(parts.flatten());
                at = end;
            }
        }
        Ok(blobs)
    }
}
