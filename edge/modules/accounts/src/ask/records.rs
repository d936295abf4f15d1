//! What the office knows of somebody, read by those who keep the accounts: told to whom it is about, once a day.

use crate::{Accounts, AccountsError};
use edge_kernel::{Order, SignedIn};
use events::accounts::{AccountsEvent, Role};
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Millis};
use std::collections::HashSet;

/// The tag of the stream of somebody's readings beside their account.
const STREAM: u8 = b'r';
/// People on a page up to which each of them is told. A longer page is a list, of which everybody is told as one.
const EACH: usize = 20;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Who has read whose record today. Lost at a restart: then the same reading is told once more.
#[derive(Debug, Default)]
pub(crate) struct ReadToday {
    day: Millis,
    told: HashSet<(PersonId, Option<PersonId>)>,
}

impl ReadToday {
    /// What has not been told yet on the day of this moment.
    fn untold(
        &mut self,
        reader: PersonId,
        people: &[PersonId],
        now: Millis,
    ) -> Vec<Option<PersonId>> {
        if self.day != now / DAY {
            *self = Self {
                day: now / DAY,
                told: HashSet::new(),
            };
        }
        let read: Vec<Option<PersonId>> = match people.len() {
            0..=EACH => people.iter().copied().map(Some).collect(),
            _ => vec![None],
        };
        // Oneself is nobody else.
        let is_new = |person: &Option<PersonId>| {
            *person != Some(reader) && !self.told.contains(&(reader, *person))
        };
        read.into_iter().filter(is_new).collect()
    }

    fn tell(&mut self, reader: PersonId, read: &[Option<PersonId>]) {
        let read = read.iter().map(|person| (reader, *person));
        self.told.extend(read);
    }
}

impl Accounts {
    /// Records that somebody is about to see the records of these people.
    pub(crate) async fn record_reading(
        &self,
        reader: SignedIn,
        people: &[PersonId],
    ) -> Result<(), AccountsError> {
        // Held until it is appended, so that asking twice at once is told once.
        let mut today = self.read_today.lock().await;
        let read = today.untold(reader.person, people, self.kernel.clock.now());
        if read.is_empty() {
            return Ok(());
        }
        let roles = self.kernel.ledger.access().roles(reader.person);
        let role = match roles.contains(&Role::Administrator) {
            true => Role::Administrator,
            false => Role::Head,
        };
        let mut unit = self.kernel.unit(Order::by(reader.actor()));
        for person in &read {
            let event = AccountsEvent::RecordRead {
                by: reader.person,
                role,
                person: *person,
            };
            let stream = StreamId::beside(reader.person.0, STREAM);
            unit.event(stream, AnyEvent::Accounts(event));
        }
        unit.commit().await?;
        today.tell(reader.person, &read);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_reading_is_told_once_a_day_and_a_long_list_as_one() {
        let person = |n| PersonId(Uuid::from_u128(n));
        let (head, paul, pia) = (person(1), person(2), person(3));
        let mut today = ReadToday::default();
        let new = today.untold(head, &[paul, pia, head], DAY);
        assert_eq!(new, [Some(paul), Some(pia)]);
        today.tell(head, &new);
        assert!(today.untold(head, &[paul], 2 * DAY - 1).is_empty());
        assert_eq!(today.untold(head, &[paul], 2 * DAY), [Some(paul)]);
        let many: Vec<PersonId> = (10..40).map(person).collect();
        assert_eq!(today.untold(head, &many, 2 * DAY), [None]);
        assert!(today.untold(head, &[], 2 * DAY).is_empty());
    }
}
