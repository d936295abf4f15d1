//! Days of the reference school: 416,187 visits in a hundred of them, 13,000 on the peak day. Whoever comes signs in, reads five
//! rooms, sends three messages, stores a file, and signs out. The events go to the ledger past the modules' doors, as their number is
//! what matters: files that they tell of have no content.

use super::{Wish, seed};
use crate::generator::Chance;
use anyhow::{Context as _, Result};
use edge_kernel::{Actor, Kernel, Order};
use events::accounts::{AccountsEvent, EndReason, Role, Way};
use events::files::{BlobRef, FilesEvent};
use events::ids::{BlobId, MessageId, NodeId, PersonId, RoomId, SessionId, SpaceId, StreamId};
use events::messenger::MessengerEvent;
use events::messenger::view::Rooms;
use events::{AnyEvent, Personal, Scope, Withheld};
use futures::{StreamExt, TryStreamExt};
use jiff::civil::date;
use std::collections::HashMap;
use std::path::Path;
use uuid::Uuid;

/// How many days there are.
pub const DAYS: u64 = 100;
const PEOPLE: u32 = 1750;
/// Where they begin: 2026-09-01, 07:00 UTC.
pub const MORNING: u64 = 1_788_246_000_000;
/// What the school saw in its first hundred days, and on the fullest of them.
const VISITS: u64 = 416_187;
const PEAK: u64 = 13_000;
const MILLIS_A_DAY: u64 = 24 * 60 * 60 * 1000;
/// People whose visits are carried out at the same time.
const TOGETHER: usize = 64;

/// Founds the reference school in a directory, as it is before the first day.
///
/// # Errors
/// When the directory cannot be used.
pub async fn found(data: &Path) -> Result<()> {
    let wish = Wish {
        seed: 1,
        people: PEOPLE,
        everybody: false,
        today: date(2026, 8, 31),
    };
    seed(data, wish, &|_, _, _| {}).await
}

/// Where a person may read, write and store.
struct Places {
    person: PersonId,
    rooms: Vec<RoomId>,
    spaces: Vec<SpaceId>,
}

/// A seeded school on its way through the days.
pub struct Days<'a> {
    kernel: &'a Kernel,
    people: Vec<Places>,
    said: HashMap<RoomId, u64>,
    chance: Chance,
    thin: u64,
    stores: bool,
}

impl<'a> Days<'a> {
    /// Before the first day of a school that is seeded and open. Of the visits one in `thin` takes place.
    ///
    /// # Errors
    /// When the rooms cannot be read.
    pub async fn before(kernel: &'a Kernel, thin: u64) -> Result<Self> {
        let people = places(kernel);
        let rooms = kernel
            .views
            .all::<Rooms>(room_scopes(&people))
            .await
            .context("reading the rooms")?;
        let said = rooms.iter().map(|row| (row.room, row.last)).collect();
        Ok(Self {
            kernel,
            people,
            said,
            chance: Chance::new(1),
            thin,
            stores: true,
        })
    }

    /// Nobody stores a file, for a school whose every file must be there.
    #[must_use]
    pub fn without_files(self) -> Self {
        Self {
            stores: false,
            ..self
        }
    }

    /// Lets a day pass, on the kernel's clock.
    ///
    /// # Errors
    /// When the ledger refuses something.
    pub async fn pass(&mut self, day: u64) -> Result<()> {
        self.kernel.clock.set(MORNING + day * MILLIS_A_DAY);
        let units = (0..visits(day) / self.thin).map(|_| {
            let places = self.chance.pick(&self.people);
            let events = visit(places, &mut self.chance, &mut self.said, self.stores);
            let mut unit = self.kernel.unit(Order::by(Actor::Person(places.person)));
            for (stream, event) in events {
                unit.event(stream, event);
            }
            unit.commit()
        });
        futures::stream::iter(units)
            .buffer_unordered(TOGETHER)
            .try_for_each(async |_| Ok(()))
            .await
            .context("a visit")
    }
}

/// How many come on a day: the fullest is the first Monday, the others are alike but for the weekends.
fn visits(day: u64) -> u64 {
    const BUSY: u64 = 6;
    let is_weekend = |day: u64| matches!(day % 7, 4 | 5);
    let weekends = (0..DAYS).filter(|day| is_weekend(*day)).count() as u64;
    let others = DAYS - weekends - 1;
    // On a day of a weekend a quarter of the others' visits.
    let usual = (VISITS - PEAK) * 4 / (others * 4 + weekends);
    match day {
        BUSY => PEAK,
        day if is_weekend(day) => usual / 4,
        _ => usual,
    }
}

fn places(kernel: &Kernel) -> Vec<Places> {
    let access = kernel.ledger.access();
    let roles = [Role::Pupil, Role::Teacher];
    let people = roles.into_iter().flat_map(|role| access.holders(role));
    let places = people.map(|person| Places {
        person,
        rooms: access.rooms_of(person),
        spaces: access.spaces_of(person),
    });
    places
        .filter(|places| !places.rooms.is_empty() && !places.spaces.is_empty())
        .collect()
}

fn room_scopes(people: &[Places]) -> Vec<Scope> {
    let rooms = people.iter().flat_map(|places| &places.rooms);
    let mut scopes: Vec<Scope> = rooms.map(|room| Scope::Room(*room)).collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// A visit: in, five rooms read, three messages, a file stored, every second one renamed or deleted, out.
fn visit(
    places: &Places,
    chance: &mut Chance,
    said: &mut HashMap<RoomId, u64>,
    stores: bool,
) -> Vec<(StreamId, AnyEvent)> {
    let person = places.person;
    let session = SessionId(id(chance));
    let own = StreamId(person.0);
    let way = if chance.percent(60) {
        Way::Relay
    } else {
        Way::Lan
    };
    let device = Personal::new("Firefox, Linux".to_owned());
    let mut events: Vec<(StreamId, AnyEvent)> = vec![(
        own,
        AccountsEvent::SignedIn {
            person,
            session,
            device,
            way,
        }
        .into(),
    )];
    for _ in 0..5 {
        let room = *chance.pick(&places.rooms);
        let marks = StreamId(Uuid::from_u128(person.0.as_u128() ^ room.0.as_u128()));
        let up_to = said.get(&room).copied().unwrap_or_default();
        let read = MessengerEvent::RoomRead {
            room,
            person,
            up_to,
        };
        events.push((marks, read.into()));
    }
    for _ in 0..3 {
        let room = *chance.pick(&places.rooms);
        let number = said.entry(room).or_default();
        *number += 1;
        let sent = MessengerEvent::MessageSent {
            room,
            number: *number,
            message: MessageId(id(chance)),
            author: person,
            text: Personal::new(chance.pick(&TEXTS).to_string()),
        };
        events.push((StreamId(room.0), sent.into()));
    }
    if stores {
        events.extend(store(places, chance));
    }
    let ended = AccountsEvent::SessionEnded {
        person,
        session,
        reason: EndReason::SignedOut,
    };
    events.push((own, ended.into()));
    events
}

fn store(places: &Places, chance: &mut Chance) -> Vec<(StreamId, AnyEvent)> {
    let space = *chance.pick(&places.spaces);
    let (node, author) = (NodeId(id(chance)), places.person);
    let name = |number: usize| Personal::new(format!("Arbeitsblatt {number}.pdf"));
    let blob = BlobRef {
        blob: BlobId(id(chance)),
        size: 20_000 + chance.below(400_000) as u64,
        media_type: "application/pdf".into(),
        sha256: format!("{:032x}{:032x}", chance.draw(), chance.draw()),
        key: Withheld::new(format!("{:032x}{:032x}", chance.draw(), chance.draw())),
    };
    let added = FilesEvent::FileAdded {
        space,
        node,
        parent: None,
        name: name(chance.below(10_000)),
        author,
        blob,
    };
    let then = match chance.below(4) {
        0 => Some(FilesEvent::NodeRenamed {
            space,
            node,
            name: name(chance.below(10_000)),
            author,
        }),
        1 => Some(FilesEvent::NodeDeleted {
            space,
            node,
            by: author,
        }),
        _ => None,
    };
    let events = std::iter::once(added).chain(then);
    events
        .map(|event| (StreamId(space.0), event.into()))
        .collect()
}

const TEXTS: [&str; 4] = [
    "Ja, das passt.",
    "Morgen bitte an die Turnschuhe denken, wir gehen bei gutem Wetter auf den Sportplatz.",
    "Ich bin krank und komme heute nicht.",
    "Die Aufgaben auf Seite 47 sind bis Freitag fertig; wer nicht weiterkommt, fragt bitte vorher hier nach und nicht erst in der Stunde.",
];

fn id(chance: &mut Chance) -> Uuid {
    let (high, low) = (u128::from(chance.draw()), u128::from(chance.draw()));
    uuid::Builder::from_u128(high << 64 | low)
        .with_version(uuid::Version::Random)
        .into_uuid()
}
