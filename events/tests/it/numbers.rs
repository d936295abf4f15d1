//! The numbers for names that the log's bytes use, as `golden/numbers.json`: what an auditor needs to read them without this
//! program, and what keeps a field or a variant from being given the number of another. serde knows them: each type is asked
//! what it would read, variant by variant.

use crate::golden::{folder, settle};
use crate::samples::every_event;
use events::accounts::AccountsEvent;
use events::audit::AuditEvent;
use events::files::FilesEvent;
use events::messenger::MessengerEvent;
use events::privacy::PrivacyEvent;
use serde::de::value::{Error, U32Deserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;

type Numbered<T> = BTreeMap<u32, T>;

/// Everything that has a number.
#[derive(Serialize, Deserialize, Default, Clone)]
pub(crate) struct Numbers {
    about: Vec<String>,
    /// Which type an event is of, by the hundreds of the kind in the header.
    pub(crate) events: BTreeMap<u16, String>,
    pub(crate) types: BTreeMap<String, Described>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Described {
    Fields(Numbered<Field>),
    Variants(Numbered<Variant>),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) r#type: String,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<u16>,
    pub(crate) content: Option<Content>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// The content is a value of this type.
    Value(String),
    /// The content is a list of values, one of each of these types.
    List(Vec<String>),
    /// The content is a map from number to value.
    Fields(Numbered<Field>),
}

const ABOUT: [&str; 7] = [
    "How to read an event of body codec 2. Its parts, once opened, are CBOR (RFC 8949): a value, then nulls up to the part's length.",
    "The first part is the structure: a value of the type that `events` gives for the hundreds of the kind in the header.",
    "A type with fields is a map from number to value. A type with variants is a number, or a map of one number to its content.",
    "`undefined` in the structure is the place of a personal value. Those are the second part: a list in the order of their places.",
    "In that list `undefined` is a value that was forgotten before it was written, `null` one that is known to be nothing.",
    "`id` is a UUID as 16 bytes; `optional` may be null; `list of` is an array. Every other type is described under its name.",
    "Numbers are never given to another name. Written by UPDATE_GOLDEN=1 cargo test -p events.",
];

/// A variant's name and content; nothing as long as nobody asked for the content.
type Asked = (&'static str, Option<Option<Content>>);

/// What serde has told so far.
#[derive(Default)]
struct World {
    structs: BTreeMap<String, Numbered<Field>>,
    enums: BTreeMap<String, Vec<Asked>>,
    /// Which variant is asked for where none is missing, so that all are met that lead to one that is.
    round: usize,
}

impl World {
    fn ask<T: DeserializeOwned>(world: &RefCell<Self>) {
        for round in 0..10_000 {
            world.borrow_mut().round = round;
            let asked = Asking::about(world, |asking| T::deserialize(asking));
            asked.1.expect("every type takes the answers given here");
            let enums = &world.borrow().enums;
            if enums
                .values()
                .flatten()
                .all(|(_, content)| content.is_some())
            {
                return;
            }
        }
        panic!("a variant is never asked for: {:?}", world.borrow().enums);
    }
}

pub(crate) fn numbers() -> Numbers {
    let world = RefCell::default();
    World::ask::<AccountsEvent>(&world);
    World::ask::<FilesEvent>(&world);
    World::ask::<MessengerEvent>(&world);
    World::ask::<AuditEvent>(&world);
    World::ask::<PrivacyEvent>(&world);
    let World { structs, enums, .. } = world.into_inner();
    let kinds: BTreeMap<&str, u16> = every_event()
        .iter()
        .map(|event| (event.kind().1, event.kind().0.0))
        .collect();
    let fields = structs
        .into_iter()
        .map(|(name, fields)| (name, Described::Fields(fields)));
    let variants = enums.into_iter().map(|(name, variants)| {
        let is_event = name.ends_with("Event");
        let variants = (0..).zip(variants).map(|(number, (name, content))| {
            let kind = is_event.then(|| kinds[name]);
            let (name, content) = (name.to_owned(), content.flatten());
            let variant = Variant {
                name,
                kind,
                content,
            };
            (number, variant)
        });
        (name, Described::Variants(variants.collect()))
    });
    let events = [
        "AccountsEvent",
        "FilesEvent",
        "MessengerEvent",
        "AuditEvent",
        "PrivacyEvent",
    ];
    Numbers {
        about: ABOUT.map(str::to_owned).to_vec(),
        events: (1..).zip(events.map(str::to_owned)).collect(),
        types: fields.chain(variants).collect(),
    }
}

/// What was committed and is not as it was: a number with another name or another type, or none any more.
fn changed(committed: &Numbers, now: &Numbers) -> Vec<String> {
    fn compare<T: PartialEq>(
        of: &str,
        was: &Numbered<T>,
        is: &Numbered<T>,
        found: &mut Vec<String>,
    ) {
        let changed = was
            .iter()
            .filter(|(number, was)| is.get(number) != Some(was));
        found.extend(changed.map(|(number, _)| format!("{of}, number {number}")));
    }
    let mut found = Vec::new();
    for (name, was) in &committed.types {
        match (was, now.types.get(name)) {
            (Described::Fields(was), Some(Described::Fields(is))) => {
                compare(name, was, is, &mut found);
            }
            (Described::Variants(was), Some(Described::Variants(is))) => {
                for (number, was) in was {
                    let of = format!("{name}::{}", was.name);
                    match (&was.content, is.get(number)) {
                        (
                            Some(Content::Fields(was)),
                            Some(Variant {
                                name,
                                content: Some(Content::Fields(is)),
                                ..
                            }),
                        ) if of.ends_with(&format!("::{name}")) => {
                            compare(&of, was, is, &mut found);
                        }
                        (_, is) if is == Some(was) => {}
                        _ => found.push(format!("{of}, number {number}")),
                    }
                }
            }
            _ => found.push(name.clone()),
        }
    }
    found
}

#[test]
fn no_number_is_ever_given_to_another_name() {
    let path = folder().join("numbers.json");
    let now = numbers();
    if let Ok(text) = fs::read_to_string(&path) {
        let committed: Numbers = serde_json::from_str(&text).expect("it was written here");
        let changed = changed(&committed, &now);
        assert!(
            changed.is_empty(),
            "{changed:?} would be read from old logs as something else. Fields and variants are numbered as they are declared: \
             put new ones last, remove none, and let appended fields be `Option`. For another shape raise `Described::schema` \
             and read the old one in `AnyEvent::decode`."
        );
    }
    let text = serde_json::to_string_pretty(&now).expect("numbers are JSON");
    settle(&path, &(text + "\n"));
}

#[test]
fn a_field_that_moved_is_noticed_and_one_that_was_appended_is_not() {
    let now = numbers();
    let mut moved = now.clone();
    let mut appended = now.clone();
    let Some(Described::Fields(fields)) = moved.types.get_mut("PersonName") else {
        panic!("names have fields");
    };
    let family = fields
        .insert(0, fields[&1].clone())
        .expect("there were two");
    fields.insert(1, family);
    assert_eq!(
        changed(&now, &moved),
        ["PersonName, number 0", "PersonName, number 1"]
    );
    let Some(Described::Variants(roles)) = appended.types.get_mut("Role") else {
        panic!("roles are variants");
    };
    let guest = Variant {
        name: "guest".into(),
        kind: None,
        content: None,
    };
    roles.insert(7, guest);
    assert_eq!(changed(&now, &appended), [""; 0]);
    assert_eq!(changed(&appended, &now), ["Role::guest, number 7"]);
}

/// Answers a type's questions with anything, and notes what it asks for.
struct Asking<'a> {
    world: &'a RefCell<World>,
    said: &'a RefCell<String>,
}

impl<'a> Asking<'a> {
    /// What a type calls itself, and what it makes of the answers.
    fn about<T>(world: &'a RefCell<World>, ask: impl FnOnce(Asking<'_>) -> T) -> (String, T) {
        let said = RefCell::default();
        let made = ask(Asking { world, said: &said });
        (said.into_inner(), made)
    }

    fn say(&self, name: impl Into<String>) {
        self.said.replace(name.into());
    }

    fn prefix(&self, prefix: &str) {
        let name = self.said.take();
        self.say(format!("{prefix} {name}"));
    }

    fn inner(&self) -> Asking<'a> {
        Asking { ..*self }
    }
}

/// Asks one value after the other; the names of their types are collected.
struct Parts<'a> {
    world: &'a RefCell<World>,
    left: usize,
    asked: u32,
    types: Vec<String>,
}

impl<'a> Parts<'a> {
    fn new(world: &'a RefCell<World>, left: usize) -> Self {
        Self {
            world,
            left,
            asked: 0,
            types: Vec::new(),
        }
    }

    fn ask<'de, S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (name, made) = Asking::about(self.world, |asking| seed.deserialize(asking));
        self.types.push(name);
        made
    }

    fn fields(self, names: &[&str]) -> Numbered<Field> {
        let fields = names.iter().zip(self.types);
        let fields = fields.map(|(name, r#type)| Field {
            name: (*name).to_owned(),
            r#type,
        });
        (0..).zip(fields).collect()
    }
}

impl<'de> de::SeqAccess<'de> for &mut Parts<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.ask(seed).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for &mut Parts<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.asked += 1;
        let number: U32Deserializer<Error> = (self.asked - 1).into_deserializer();
        seed.deserialize(number).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        self.ask(seed)
    }
}

struct OneVariant<'a> {
    asking: Asking<'a>,
    of: &'static str,
    number: usize,
}

impl OneVariant<'_> {
    fn note(&self, content: Option<Content>) {
        let mut world = self.asking.world.borrow_mut();
        let variants = world.enums.get_mut(self.of).expect("it was entered before");
        variants[self.number].1 = Some(content);
    }
}

impl<'de> de::EnumAccess<'de> for OneVariant<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let number = u32::try_from(self.number).expect("few variants");
        let number: U32Deserializer<Error> = number.into_deserializer();
        Ok((seed.deserialize(number)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for OneVariant<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.note(None);
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        let (name, made) = Asking::about(self.asking.world, |asking| seed.deserialize(asking));
        self.note(Some(Content::Value(name)));
        made
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let mut parts = Parts::new(self.asking.world, length);
        let made = visitor.visit_seq(&mut parts);
        self.note(Some(Content::List(parts.types)));
        made
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut parts = Parts::new(self.asking.world, fields.len());
        let made = visitor.visit_map(&mut parts);
        self.note(Some(Content::Fields(parts.fields(fields))));
        made
    }
}

macro_rules! plain {
    ($($name:literal: $($method:ident)* => $visit:ident($value:expr);)*) => {
        $($(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.say($name);
            visitor.$visit($value)
        })*)*
    };
}

impl<'de> de::Deserializer<'de> for Asking<'_> {
    type Error = Error;

    plain! {
        "number": deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => visit_u64(1);
        "true or false": deserialize_bool => visit_bool(true);
        // Also a date, so that dates take it.
        "text": deserialize_str deserialize_string => visit_str("2026-08-31");
        "id": deserialize_bytes deserialize_byte_buf => visit_bytes(&[0; 16]);
    }

    serde::forward_to_deserialize_any! {
        f32 f64 char unit unit_struct tuple map identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom(
            "a kind of value that the log does not hold",
        ))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let made = visitor.visit_some(self.inner());
        self.prefix("optional");
        made
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != "personal place" {
            return visitor.visit_newtype_struct(self);
        }
        let made = visitor.visit_some(self.inner());
        self.prefix("personal");
        made
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut parts = Parts::new(self.world, 1);
        let made = visitor.visit_seq(&mut parts);
        self.say(format!("list of {}", parts.types.concat()));
        made
    }

    /// A fixed number of values of one type.
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut parts = Parts::new(self.world, length);
        let made = visitor.visit_seq(&mut parts);
        parts.types.dedup();
        assert_eq!(parts.types.len(), 1, "{name} holds values of several types");
        self.say(format!("list of {}", parts.types.concat()));
        made
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut parts = Parts::new(self.world, fields.len());
        let made = visitor.visit_map(&mut parts);
        let fields = parts.fields(fields);
        self.world
            .borrow_mut()
            .structs
            .insert(name.to_owned(), fields);
        self.say(name);
        made
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let number = {
            let mut world = self.world.borrow_mut();
            let round = world.round % variants.len();
            let known = world.enums.entry(name.to_owned());
            let known =
                known.or_insert_with(|| variants.iter().map(|name| (*name, None)).collect());
            let missing = known.iter().position(|(_, content)| content.is_none());
            missing.unwrap_or(round)
        };
        self.say(name);
        visitor.visit_enum(OneVariant {
            asking: self,
            of: name,
            number,
        })
    }
}
