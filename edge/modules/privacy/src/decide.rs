//! One batch: proposed once, then withdrawn or carried out, and at last completed. Pure.

use crate::error::BatchRefusal;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use edge_kernel::ledger::erase::Survey;
use events::ids::{BatchId, PersonId};
use events::privacy::view::Stage;
use events::privacy::{Aged, Confirm, Counts, Depth, PrivacyCommand, PrivacyEvent};
use events_proof::tree::to_hex;
use serde::{Deserialize, Serialize};

/// People in one batch: a year's leavers of a large school, in halves if need be.
const MOST: usize = 500;

/// A batch as decisions need it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    /// How far it has come; none before it was proposed.
    pub stage: Option<Stage>,
    /// Whom it forgets.
    pub people: Vec<PersonId>,
    /// Which single events, when it forgets nobody.
    #[serde(default)]
    pub aged: Option<Aged>,
    /// The rule.
    pub rule: String,
    /// The legal basis.
    pub basis: String,
    /// How much goes.
    pub depth: Option<Depth>,
    /// Who proposed it; none is the machine.
    pub by: Option<PersonId>,
    /// How much it destroys.
    pub counts: Counts,
}

impl Aggregate for Batch {
    const TYPE: &'static str = "erasure";
    type Command = PrivacyCommand;
    type Event = PrivacyEvent;
    type Error = BatchRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: PrivacyCommand,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), BatchRefusal> {
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: PrivacyEvent) {
        match event {
            PrivacyEvent::ErasurePlanned {
                people,
                rule,
                basis,
                depth,
                by,
                counts,
                ..
            } => {
                *self = Self {
                    stage: Some(Stage::Planned),
                    people,
                    aged: None,
                    rule,
                    basis,
                    depth: Some(depth),
                    by,
                    counts,
                }
            }
            PrivacyEvent::AgeingPlanned {
                rule,
                basis,
                aged,
                counts,
                ..
            } => {
                *self = Self {
                    stage: Some(Stage::Planned),
                    aged: Some(aged),
                    rule,
                    basis,
                    depth: Some(Depth::Ciphertext),
                    counts,
                    ..Self::default()
                }
            }
            // A stream of exports is no batch.
            PrivacyEvent::DataExported { .. } => {}
            PrivacyEvent::ErasureWithdrawn { .. } => self.stage = Some(Stage::Withdrawn),
            PrivacyEvent::ErasureExecuted { counts, .. } => {
                self.stage = Some(Stage::Executed);
                self.counts = counts;
            }
            PrivacyEvent::ErasureCompleted { .. } => self.stage = Some(Stage::Completed),
        }
    }
}

impl Batch {
    fn decide(&self, command: PrivacyCommand) -> Result<Option<PrivacyEvent>, BatchRefusal> {
        use PrivacyCommand as C;
        match command {
            C::PlanErasure {
                batch,
                people,
                rule,
                basis,
                depth,
                by,
                counts,
            } => {
                if self.stage.is_some() {
                    return Ok(None);
                }
                if people.is_empty() || people.len() > MOST {
                    return Err(BatchRefusal::HowMany);
                }
                Ok(Some(PrivacyEvent::ErasurePlanned {
                    batch,
                    people,
                    rule,
                    basis,
                    depth,
                    by,
                    counts,
                }))
            }
            C::PlanAgeing {
                batch,
                rule,
                basis,
                aged,
                counts,
            } => match self.stage {
                Some(_) => Ok(None),
                None => Ok(Some(PrivacyEvent::AgeingPlanned {
                    batch,
                    rule,
                    basis,
                    aged,
                    counts,
                })),
            },
            C::WithdrawErasure { batch, by } => match self.stage {
                None => Err(BatchRefusal::Unknown),
                Some(Stage::Planned) => Ok(Some(PrivacyEvent::ErasureWithdrawn { batch, by })),
                Some(Stage::Withdrawn) => Ok(None),
                Some(Stage::Executed) => Err(BatchRefusal::Running),
                Some(Stage::Completed) => Err(BatchRefusal::NotWaiting),
            },
            C::ExecuteErasure {
                batch,
                confirmed_by,
                keys,
                ciphertexts,
                headers,
                counts,
                approvals,
            } => {
                match confirmed_by {
                    Some(person) => self.may_agree(person)?,
                    None => self.may_go_by_rule()?,
                }
                let depth = self.depth.unwrap_or(Depth::Key);
                let text = PrivacyEvent::hash_input(&ciphertexts, &headers);
                let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
                Ok(Some(PrivacyEvent::ErasureExecuted {
                    batch,
                    rule: self.rule.clone(),
                    basis: self.basis.clone(),
                    depth,
                    keys,
                    ciphertexts,
                    headers,
                    hash: to_hex(hash.as_ref()),
                    counts,
                    approvals,
                }))
            }
            C::CompleteErasure {
                batch,
                destroyed,
                epoch,
            } => match self.stage {
                Some(Stage::Executed) => Ok(Some(PrivacyEvent::ErasureCompleted {
                    batch,
                    destroyed,
                    epoch,
                })),
                Some(Stage::Completed) => Ok(None),
                Some(Stage::Planned | Stage::Withdrawn) => Err(BatchRefusal::NotWaiting),
                None => Err(BatchRefusal::Unknown),
            },
        }
    }

    /// Whether the rule alone is enough.
    pub(crate) fn may_go_by_rule(&self) -> Result<(), BatchRefusal> {
        let is_enough = self.aged.as_ref().map(|aged| aged.confirm) == Some(Confirm::Rule);
        match (self.stage, is_enough) {
            (Some(Stage::Planned), true) => Ok(()),
            (Some(Stage::Planned), false) => Err(BatchRefusal::NeedsPerson),
            (None, _) => Err(BatchRefusal::Unknown),
            (Some(Stage::Executed), _) => Err(BatchRefusal::Running),
            (Some(Stage::Withdrawn | Stage::Completed), _) => Err(BatchRefusal::NotWaiting),
        }
    }

    /// Whether somebody may agree: neither who proposed it nor whom it concerns.
    pub(crate) fn may_agree(&self, person: PersonId) -> Result<(), BatchRefusal> {
        match self.stage {
            None => Err(BatchRefusal::Unknown),
            Some(Stage::Executed) => Err(BatchRefusal::Running),
            Some(Stage::Withdrawn | Stage::Completed) => Err(BatchRefusal::NotWaiting),
            Some(Stage::Planned) if self.by == Some(person) => Err(BatchRefusal::SamePerson),
            Some(Stage::Planned) if self.people.contains(&person) => Err(BatchRefusal::Concerned),
            Some(Stage::Planned) => Ok(()),
        }
    }
}

/// An erasure that is said once more, because the log was restored from before it.
pub(crate) fn said_again(
    batch: BatchId,
    people: Vec<PersonId>,
    depth: Depth,
    survey: Survey,
    counts: Counts,
) -> [PrivacyEvent; 2] {
    let rule = "restored".to_owned();
    let basis = "Sicherung von vor der Löschung eingespielt".to_owned();
    let headers = match depth {
        Depth::Header => survey.headers,
        Depth::Key | Depth::Ciphertext => Vec::new(),
    };
    let text = PrivacyEvent::hash_input(&survey.ciphertexts, &headers);
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    [
        PrivacyEvent::ErasurePlanned {
            batch,
            people,
            rule: rule.clone(),
            basis: basis.clone(),
            depth,
            by: None,
            counts,
        },
        PrivacyEvent::ErasureExecuted {
            batch,
            rule,
            basis,
            depth,
            keys: survey.keys.iter().map(|key| to_hex(key)).collect(),
            ciphertexts: survey.ciphertexts,
            headers,
            hash: to_hex(hash.as_ref()),
            counts,
            approvals: Vec::new(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const BATCH: BatchId = BatchId(Uuid::from_u128(1));
    const PUPIL: PersonId = PersonId(Uuid::from_u128(2));
    const HEAD: PersonId = PersonId(Uuid::from_u128(3));
    const OFFICE: PersonId = PersonId(Uuid::from_u128(4));

    fn plan(people: Vec<PersonId>) -> PrivacyCommand {
        PrivacyCommand::PlanErasure {
            batch: BATCH,
            people,
            rule: "leavers".into(),
            basis: "Art. 17".into(),
            depth: Depth::Key,
            by: Some(OFFICE),
            counts: Counts::default(),
        }
    }

    fn agree(person: PersonId) -> PrivacyCommand {
        PrivacyCommand::ExecuteErasure {
            batch: BATCH,
            confirmed_by: Some(person),
            keys: Vec::new(),
            ciphertexts: Vec::new(),
            headers: Vec::new(),
            counts: Counts::default(),
            approvals: Vec::new(),
        }
    }

    fn given(commands: Vec<PrivacyCommand>) -> Batch {
        let mut batch = Batch::default();
        for command in commands {
            let event = batch.decide(command).expect("is not refused");
            batch.apply(event.expect("happens"));
        }
        batch
    }

    #[test]
    fn four_eyes_are_two_people_and_neither_is_the_one_to_be_forgotten() {
        let batch = given(vec![plan(vec![PUPIL])]);
        assert_eq!(batch.decide(agree(OFFICE)), Err(BatchRefusal::SamePerson));
        assert_eq!(batch.decide(agree(PUPIL)), Err(BatchRefusal::Concerned));
        assert!(matches!(
            batch.decide(agree(HEAD)),
            Ok(Some(PrivacyEvent::ErasureExecuted { .. }))
        ));
    }

    #[test]
    fn a_batch_is_carried_out_once_and_not_after_it_was_withdrawn() {
        let withdraw = PrivacyCommand::WithdrawErasure {
            batch: BATCH,
            by: None,
        };
        let withdrawn = given(vec![plan(vec![PUPIL]), withdraw.clone()]);
        assert_eq!(withdrawn.decide(agree(HEAD)), Err(BatchRefusal::NotWaiting));
        let executed = given(vec![plan(vec![PUPIL]), agree(HEAD)]);
        assert_eq!(executed.decide(agree(HEAD)), Err(BatchRefusal::Running));
        assert_eq!(executed.decide(withdraw), Err(BatchRefusal::Running));
    }

    #[test]
    fn a_batch_names_somebody_and_not_the_whole_town() {
        let empty = Batch::default();
        assert_eq!(empty.decide(plan(Vec::new())), Err(BatchRefusal::HowMany));
        assert_eq!(
            empty.decide(plan(vec![PUPIL; 501])),
            Err(BatchRefusal::HowMany)
        );
    }

    fn plan_aged(confirm: Confirm) -> PrivacyCommand {
        PrivacyCommand::PlanAgeing {
            batch: BATCH,
            rule: "sign-ins".into(),
            basis: "Art. 5".into(),
            aged: Aged {
                kind: "SignedIn".into(),
                from: 0,
                before: 1,
                confirm,
            },
            counts: Counts::default(),
        }
    }

    #[test]
    fn only_a_rule_that_says_so_goes_without_a_person_and_never_over_people() {
        let by_rule = PrivacyCommand::ExecuteErasure {
            batch: BATCH,
            confirmed_by: None,
            keys: Vec::new(),
            ciphertexts: Vec::new(),
            headers: Vec::new(),
            counts: Counts::default(),
            approvals: Vec::new(),
        };
        let goes = given(vec![plan_aged(Confirm::Rule)]).decide(by_rule.clone());
        assert!(matches!(
            goes,
            Ok(Some(PrivacyEvent::ErasureExecuted {
                depth: Depth::Ciphertext,
                ..
            }))
        ));
        for waits in [plan_aged(Confirm::Person), plan(vec![PUPIL])] {
            let batch = given(vec![waits]);
            assert_eq!(
                batch.decide(by_rule.clone()),
                Err(BatchRefusal::NeedsPerson)
            );
            assert!(batch.decide(agree(HEAD)).is_ok());
        }
        assert_eq!(
            given(vec![plan_aged(Confirm::Rule), by_rule.clone()]).decide(by_rule),
            Err(BatchRefusal::Running)
        );
    }
}
