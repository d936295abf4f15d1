//! Lets an invented school live: goes through its happenings in order of time, with the clock set to each, and does through
//! the modules' doors what its people did.

use super::Known;
use crate::generator::{Chance, Document, Happening, Place, School, What};
use anyhow::{Context as _, Result};
use bytes::Bytes;
use edge::House;
use edge_files::{Upload, group_space, own_space};
use edge_kernel::{Actor, Order};
use edge_messenger::group_room;
use events::files::FilesCommand;
use events::ids::{MessageId, NodeId, PersonId, RoomId, SpaceId};
use events::messenger::RoomCommand;
use futures::stream;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Central European time in winter, the whole year: an invented school needs no table of time zones.
const HOURS_FROM_UTC: i8 = 1;
/// Messages of each room that the shown people have still to read.
const UNREAD: u64 = 2;

/// Milliseconds since 1970 of a moment on the school's clocks.
pub(super) fn millis(at: DateTime) -> u64 {
    let moment = Offset::constant(HOURS_FROM_UTC).to_timestamp(at);
    moment.map_or(0, |moment| {
        u64::try_from(moment.as_millisecond()).unwrap_or_default()
    })
}

/// Everything that happened, and who of the shown people has read how much of it.
pub(super) async fn live(
    house: &House,
    school: &School,
    known: &Known,
    shown: &[(&str, usize)],
    seed: u64,
    told: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<()> {
    let ids = Chance::new(seed).for_purpose("ids");
    let mut life = Life {
        house,
        known,
        ids,
        folders: BTreeMap::new(),
        said: BTreeMap::new(),
    };
    let total = school.happenings.len() as u64;
    for (number, happening) in (0_u64..).zip(&school.happenings) {
        house.kernel.clock.set(millis(happening.at));
        life.happen(happening)
            .await
            .with_context(|| format!("happening {number} of the invented school"))?;
        if number.is_multiple_of(500) {
            told("weeks", number, total);
        }
    }
    for (_, number) in shown {
        life.read_up(known.people[*number]).await?;
    }
    Ok(())
}

struct Life<'a> {
    house: &'a House,
    known: &'a Known,
    ids: Chance,
    folders: BTreeMap<(SpaceId, &'static str), NodeId>,
    said: BTreeMap<RoomId, u64>,
}

impl Life<'_> {
    async fn happen(&mut self, happening: &Happening) -> Result<()> {
        let by = self.known.people[happening.by];
        match &happening.what {
            What::Said(text) => {
                let room = self.room(by, happening.place).await?;
                self.say(by, room, text).await
            }
            What::Stored { folder, document } => {
                let space = match happening.place {
                    Place::Group(group) => group_space(self.known.groups[group]),
                    Place::Own | Place::Between(_) => own_space(by),
                };
                self.store(by, space, folder, document).await
            }
        }
    }

    async fn room(&self, by: PersonId, place: Place) -> Result<RoomId> {
        match place {
            Place::Group(group) => Ok(group_room(self.known.groups[group])),
            Place::Between(other) => {
                let opened = self
                    .house
                    .messenger
                    .direct(by, self.known.people[other], order(by))
                    .await;
                Ok(opened.context("beginning a conversation")?.room)
            }
            Place::Own => anyhow::bail!("nobody talks to themselves"),
        }
    }

    async fn say(&mut self, by: PersonId, room: RoomId, text: &str) -> Result<()> {
        let message = MessageId(self.ids.id());
        let command = RoomCommand::SendMessage {
            message,
            author: by,
            text: text.to_owned(),
        };
        let said = self.house.messenger.command(by, room, command, order(by));
        said.await.context("sending a message")?;
        *self.said.entry(room).or_default() += 1;
        Ok(())
    }

    /// A person has read all their rooms but for the last messages.
    async fn read_up(&self, person: PersonId) -> Result<()> {
        for (room, said) in &self.said {
            if self.house.messenger.rights_in(person, *room).is_ok() {
                let up_to = said.saturating_sub(UNREAD);
                let read = self
                    .house
                    .messenger
                    .mark_read(person, *room, up_to, order(person));
                read.await.context("reading a room")?;
            }
        }
        Ok(())
    }

    async fn store(
        &mut self,
        by: PersonId,
        space: SpaceId,
        folder: &'static str,
        document: &Document,
    ) -> Result<()> {
        let parent = self.folder(by, space, folder).await?;
        let upload = Upload {
            space,
            node: NodeId(self.ids.id()),
            parent: Some(parent),
            name: document.name.clone(),
            media_type: document.media_type().to_owned(),
        };
        let bytes = stream::iter([Ok::<_, Infallible>(Bytes::from(document.bytes()))]);
        self.house
            .files
            .upload(by, upload, bytes, order(by))
            .await
            .context("storing a file")?;
        Ok(())
    }

    async fn folder(&mut self, by: PersonId, space: SpaceId, name: &'static str) -> Result<NodeId> {
        if let Some(node) = self.folders.get(&(space, name)) {
            return Ok(*node);
        }
        let node = NodeId(self.ids.id());
        let command = FilesCommand::AddFolder {
            node,
            parent: None,
            name: name.to_owned(),
            author: by,
        };
        self.house
            .files
            .command(by, space, command, order(by))
            .await
            .context("making a folder")?;
        self.folders.insert((space, name), node);
        Ok(node)
    }
}

fn order(by: PersonId) -> Order {
    Order::by(Actor::Person(by))
}

#[cfg(test)]
mod tests {
    use super::millis;
    use jiff::civil::date;

    #[test]
    fn noon_at_school_is_eleven_in_utc() {
        assert_eq!(millis(date(1970, 1, 1).at(12, 0, 0, 0)), 11 * 3_600_000);
    }
}
