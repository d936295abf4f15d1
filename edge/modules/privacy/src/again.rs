//! A log restored from before an erasure lacks the event that says it. The keys are gone all the same, and the keyring
//! remembers how deep that erasure went: what came back with the backup goes again, as deep, and once.

use crate::Privacy;
use crate::error::PrivacyError;
use edge_kernel::keyring::KeyId;
use edge_kernel::ledger::Said;
use edge_kernel::ledger::erase::{Alone, Survey};
use edge_kernel::{Actor, Order, Unit};
use events::access::NOW;
use events::ids::{BatchId, PersonId, Pseudonym, StreamId};
use events::privacy::{Depth, PrivacyEvent};
use events_proof::tree::from_hex;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

impl Privacy {
    /// Says again what this log does not know of; one batch for each depth, all in one append: which erasures are behind its end is
    /// known only as long as it has not grown. What it has said once it knows.
    pub(crate) async fn say_again(&self) -> Result<(), PrivacyError> {
        let ledger = &self.kernel.ledger;
        let destroyed = ledger.keyring().destroyed_after(ledger.size());
        if destroyed.is_empty() {
            return Ok(());
        }
        let known: HashSet<KeyId> = ledger.erasures().await?.iter().flat_map(keys).collect();
        let mut unknown: BTreeMap<Depth, HashSet<KeyId>> = BTreeMap::new();
        for (key, depth) in destroyed {
            if !known.contains(&key) {
                unknown.entry(depth).or_default().insert(key);
            }
        }
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        let mut settled = HashSet::new();
        for (depth, keys) in unknown {
            self.say_depth_again(&mut unit, depth, keys, &mut settled)
                .await?;
        }
        unit.commit().await?;
        Ok(())
    }

    /// Stages it for one depth. Whoever is among `settled` was let go of already.
    async fn say_depth_again(
        &self,
        unit: &mut Unit<'_>,
        depth: Depth,
        keys: HashSet<KeyId>,
        settled: &mut HashSet<PersonId>,
    ) -> Result<(), PrivacyError> {
        let kernel = &self.kernel;
        let mut survey = kernel
            .survey_keys(keys, &HashSet::new(), &Alone::default())
            .await?;
        let mut people = self.people_in(&survey).await?;
        people.retain(|person| settled.insert(*person));
        if depth == Depth::Header {
            // Whom the keyring does not know any more it has forgotten.
            let keyring = kernel.ledger.keyring();
            let mut actors = std::mem::take(&mut survey.actors);
            actors.retain(|actor| *actor != Pseudonym::MACHINE && keyring.person(*actor).is_none());
            let keys = survey.keys.iter().copied().collect();
            let alone = self.alone(&people);
            survey = kernel.survey_keys(keys, &actors, &alone).await?;
        }
        let batch = BatchId(Uuid::new_v4());
        let let_go = self.settle(unit, &people).await?;
        let counts = self.counts(&survey, &people, let_go).await?;
        for event in crate::decide::said_again(batch, people, depth, survey, counts) {
            unit.event(StreamId(batch.0), event.into());
        }
        Ok(())
    }

    /// The people whose own streams hold something under the keys: accounts that are known here, and those of whom something is
    /// kept beside the log.
    async fn people_in(&self, survey: &Survey) -> Result<Vec<PersonId>, PrivacyError> {
        let mut people = Vec::new();
        for part in self.holds.iter() {
            people.extend(part.strangers().await?);
        }
        people.retain(|person| survey.streams.contains(&StreamId(person.0)));
        let access = self.kernel.ledger.access();
        let streams = survey.streams.iter().map(|stream| PersonId(stream.0));
        people.extend(streams.filter(|person| access.is_open(*person, NOW)));
        people.sort_unstable();
        people.dedup();
        Ok(people)
    }
}

/// The keys that an erasure names.
fn keys(said: &Said) -> Vec<KeyId> {
    let PrivacyEvent::ErasureExecuted { keys, .. } = &said.event else {
        return Vec::new();
    };
    let keys = keys.iter();
    keys.filter_map(|key| KeyId::try_from(from_hex(key)?).ok())
        .collect()
}
