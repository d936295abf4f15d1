//! Sequences of events for property tests: a small school that is plausible to begin with, and then whatever chance brings,
//! also what no module would ever decide. The ids are few, so that events meet each other.

mod chance;

pub(crate) use chance::any_event;
use chance::numbers;
use events::accounts::{AccountsEvent, GroupKind, PersonName, Role};
use events::files::FilesEvent;
use events::ids::*;
use events::messenger::MessengerEvent;
use events::scope::Audience;
use events::{AnyEvent, Codec, Personal, Recorded, access};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

/// Part of every personal text in a story, so that a leak is found by looking for it.
pub(crate) const MARK: &str = "vertraulich";
/// The year of every birth date in a story, and of nothing else.
pub(crate) const BIRTH_YEAR: u16 = 1111;
/// How many different ids of each sort there are.
pub(crate) const FEW: u128 = 4;

/// The n-th id of a sort; sorts differ, so that a mix-up shows.
pub(crate) fn id(sort: u128, n: u128) -> Uuid {
    Uuid::from_u128(sort << 64 | n)
}

pub(crate) fn person(n: u128) -> PersonId {
    PersonId(id(0xa, n))
}

pub(crate) fn group(n: u128) -> GroupId {
    GroupId(id(0xb, n))
}

pub(crate) fn space(n: u128) -> SpaceId {
    SpaceId(id(0xc, n))
}

pub(crate) fn room(n: u128) -> RoomId {
    RoomId(id(0xd, n))
}

/// What each of the first events of a plausible school is about.
fn opening() -> Vec<AnyEvent> {
    let mut events: Vec<AnyEvent> = vec![
        AccountsEvent::SchoolFounded {
            name: "Schule am Deich".into(),
        }
        .into(),
    ];
    for n in 0..FEW {
        let roles = match n {
            0 => vec![Role::Administrator, Role::Auditor],
            1 => vec![Role::Teacher],
            _ => vec![Role::Pupil],
        };
        let name = PersonName {
            given: format!("Erika {MARK}"),
            family: format!("Muster-{MARK}"),
        };
        events.push(
            AccountsEvent::PersonAdded {
                person: person(n),
                name: Personal::new(name),
                roles,
            }
            .into(),
        );
        let (space, room, group) = (space(n), room(n), group(n));
        let kind = GroupKind::Class;
        let name = format!("{n}a");
        let audience = Audience::Group(group);
        events.extend([
            AccountsEvent::GroupAdded {
                group,
                name,
                kind,
                year: 2026,
            }
            .into(),
            FilesEvent::SpaceOpened { space, audience }.into(),
            MessengerEvent::RoomOpened { room, audience }.into(),
        ]);
    }
    events
}

/// An event with what the envelope adds: how far it is from the event before, when, and its place in its stream.
fn enveloped() -> impl Strategy<Value = (AnyEvent, u64, u64, u32)> {
    (any_event(), 1u64..4, numbers(), any::<u32>())
}

/// Up to eighty events in the order of their positions, with gaps, as somebody sees them who may not see all.
pub(crate) fn stories() -> impl Strategy<Value = Vec<Recorded>> {
    (any::<bool>(), vec(enveloped(), 0..60)).prop_map(|(plausible, chance)| {
        let opening = if plausible { opening() } else { Vec::new() };
        let opening = opening.into_iter().map(|event| (event, 1, 7, 1));
        let mut position = 0;
        opening
            .chain(chance)
            .map(|(event, step, at, version)| {
                position += step;
                Recorded {
                    position,
                    at,
                    stream: StreamId(id(0x13, u128::from(version % 4))),
                    version,
                    actor: Pseudonym(id(0x14, u128::from(version % 3))),
                    event,
                }
            })
            .collect()
    })
}

/// The same event as the log hands it out once the key of its personal part is gone.
pub(crate) fn forgotten(recorded: &Recorded) -> Recorded {
    let (structure, _) = recorded.event.encode().expect("an event can be written");
    let (kind, schema) = (recorded.event.kind().0, recorded.event.schema());
    let event =
        AnyEvent::decode(Codec::TODAY, kind, schema, &structure, None).expect("and read again");
    Recorded {
        event,
        ..recorded.clone()
    }
}

/// Access after all of a story.
pub(crate) fn access_after(story: &[Recorded]) -> access::Access {
    let mut access = access::Access::default();
    for event in story {
        access.apply(event);
    }
    access
}
