//! What is written is read back, for every event there is; and scopes survive being text.

use crate::stories::{any_event, forgotten, stories};
use events::{AnyEvent, Codec, Recorded, Scope};
use proptest::prelude::*;

/// What happens to bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(u8),
    Cut,
    Insert(u8),
    Remove,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (0u8..8).prop_map(|bit| Damage::Flip(1 << bit)),
        Just(Damage::Cut),
        any::<u8>().prop_map(Damage::Insert),
        Just(Damage::Remove),
    ]
}

impl Damage {
    fn to(&self, bytes: &mut Vec<u8>, at: prop::sample::Index) {
        let at = at.index(bytes.len());
        match self {
            Self::Flip(bits) => bytes[at] ^= bits,
            Self::Cut => bytes.truncate(at),
            Self::Insert(byte) => bytes.insert(at, *byte),
            Self::Remove => drop(bytes.remove(at)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_sealed_is_read_back(event in any_event()) {
        let (structure, personal) = event.encode().expect("an event can be written");
        let (kind, schema) = (event.kind().0, event.schema());
        let read = AnyEvent::decode(Codec::TODAY, kind, schema, &structure, personal.as_deref());
        prop_assert_eq!(read.expect("and read again"), event);
    }

    #[test]
    fn what_is_forgotten_is_written_and_read_as_forgotten(event in any_event()) {
        let recorded = Recorded {
            position: 1,
            at: 0,
            stream: events::ids::StreamId::SCHOOL,
            version: 1,
            actor: events::ids::Pseudonym::MACHINE,
            event,
        };
        let once = forgotten(&recorded);
        prop_assert_eq!(forgotten(&once), once);
    }

    #[test]
    fn under_another_kind_an_event_is_never_read_as_itself(event in any_event(), other in 100u16..600) {
        let (structure, personal) = event.encode().expect("an event can be written");
        prop_assume!(event.kind().0 != events::Kind(other));
        let read = AnyEvent::decode(Codec::TODAY, events::Kind(other), 1, &structure, personal.as_deref());
        // Two modules may have events of one shape; the seal ties a body to its kind.
        prop_assert!(read.is_err() || read.is_ok_and(|read| read.kind().0 == events::Kind(other)));
    }

    #[test]
    fn any_bytes_are_an_event_or_an_error(
        codec in prop::sample::select(vec![Codec::Json, Codec::Cbor]),
        kind in 0u16..600,
        schema in 0u16..3,
        structure in prop::collection::vec(any::<u8>(), 0..64),
        personal in prop::option::of(prop::collection::vec(any::<u8>(), 0..64)),
    ) {
        let kind = events::Kind(kind);
        let _ = AnyEvent::decode(codec, kind, schema, &structure, personal.as_deref());
    }

    #[test]
    fn a_damaged_event_is_an_error_or_the_event_that_its_bytes_say(
        event in any_event(),
        in_personal in any::<bool>(),
        at in any::<prop::sample::Index>(),
        change in damage(),
    ) {
        let (mut structure, mut personal) = event.encode().expect("an event can be written");
        match &mut personal {
            Some(personal) if in_personal => change.to(personal, at),
            _ => change.to(&mut structure, at),
        }
        let kind = event.kind().0;
        if let Ok(read) = AnyEvent::decode(Codec::Cbor, kind, 1, &structure, personal.as_deref()) {
            let written = read.encode().expect("what was read can be written");
            prop_assert_eq!(written, (structure, personal), "a value has one form only");
        }
    }

    #[test]
    fn the_wire_carries_an_event_but_not_its_secrets(story in stories()) {
        let wire = serde_json::to_string(&story).expect("events can be sent");
        let read: Vec<Recorded> = serde_json::from_str(&wire).expect("and received");
        prop_assert_eq!(serde_json::to_string(&read).expect("and sent on"), wire);
    }

    #[test]
    fn a_scope_is_read_as_it_is_written(event in any_event()) {
        for scope in event.scopes() {
            prop_assert_eq!(scope.to_string().parse::<Scope>(), Ok(scope));
        }
    }
}
