//! Making a package: one walk through the log, then the files, then the overview.

use super::archive::Archive;
use super::concern::Concern;
use super::jobs::Ready;
use super::looks::look_at;
use super::overview::Overview;
use crate::Privacy;
use crate::error::PrivacyError;
use edge_kernel::{Actor, Order};
use events::Owner;
use events::ids::{PersonId, Pseudonym, StreamId};
use events::privacy::PrivacyEvent;
use futures::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Events read at once.
const PAGE: u32 = 512;

/// The stream that says when somebody's data were given out.
pub(crate) fn exports(person: PersonId) -> StreamId {
    StreamId::beside(person.0, b'x')
}

impl Privacy {
    /// Makes a person's package for whoever is at the console. `told` hears how far it has come, and of how much.
    pub async fn package_at_console(
        &self,
        person: PersonId,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<std::fs::File, PrivacyError> {
        self.must_be_known(person)?;
        self.record_export(Actor::Machine, person).await?;
        let ready = self.gather(person, told).await?;
        Ok(ready.into_file()?)
    }

    /// Says in the log that a person's data were given out, before they are.
    pub(crate) async fn record_export(
        &self,
        by: Actor,
        person: PersonId,
    ) -> Result<(), PrivacyError> {
        let by_person = match by {
            Actor::Person(by) => Some(by),
            Actor::Machine => None,
        };
        let event = PrivacyEvent::DataExported {
            person,
            by: by_person,
        };
        let mut unit = self.kernel.unit(Order::by(by));
        unit.event(exports(person), event.into());
        unit.commit().await?;
        Ok(())
    }

    pub(crate) async fn gather(
        &self,
        person: PersonId,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Ready, PrivacyError> {
        let archive = Archive::begin(tempfile::tempfile_in(&self.scratch)?);
        let size = self.kernel.ledger.size();
        let mut overview = Overview::of(person);
        let concern = Concern::of(person, self.pseudonyms(person));
        archive.text("events.jsonl").await;
        let mut at = 0;
        while at < size {
            let page = self.kernel.ledger.read(at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = last.position;
            let mut lines = String::new();
            for recorded in page.iter().filter(|recorded| recorded.position <= size) {
                let look = look_at(recorded, person, &self.kernel.ledger.access());
                if let Some(line) = concern.line(recorded, look.is_some(), local(recorded.at)) {
                    lines.push_str(&line);
                    overview.events += 1;
                }
                overview.apply(recorded);
                overview.looks.extend(look);
            }
            if !lines.is_empty() {
                archive.add(lines).await;
            }
            told(at.min(size), size + overview.bytes());
        }
        let mut done = size;
        let all = size + overview.bytes();
        for file in &mut overview.files {
            let length = file.blob.size;
            let Ok(content) = self.kernel.blobs.get(&file.blob, 0..length) else {
                continue;
            };
            let mut content = Box::pin(content);
            // A file that was removed for good is named, and its bytes are not there.
            let Some(Ok(first)) = content.next().await else {
                file.is_here = length == 0;
                continue;
            };
            archive.bytes(&file.path).await;
            archive.add(first).await;
            while let Some(piece) = content.next().await {
                archive.add(piece?).await;
            }
            file.is_here = true;
            done += length;
            told(done, all);
        }
        archive.text("index.html").await;
        archive.add(overview.html(&local)).await;
        let file = archive.finish().await?;
        told(all, all);
        Ok(Ready::new(file)?)
    }

    fn pseudonyms(&self, person: PersonId) -> Vec<Pseudonym> {
        let buckets = self
            .kernel
            .ledger
            .keyring()
            .buckets_of(Owner::Person(person));
        buckets.iter().map(|bucket| bucket.pseudonym).collect()
    }
}

/// A moment as the school's clocks show it.
fn local(at: events::Millis) -> String {
    let moment = i64::try_from(at)
        .ok()
        .and_then(|at| Timestamp::from_millisecond(at).ok());
    moment.map_or_else(String::new, |moment| {
        let zoned = moment.to_zoned_datetime(TimeZone::system());
        zoned.strftime("%Y-%m-%d %H:%M").to_string()
    })
}
