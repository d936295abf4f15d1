//! The log is readable without this program: a reader that knows CBOR, `golden/numbers.json` and nothing else says of every
//! committed sample what the event's own type says.

use crate::golden::{Sample, folder, from_hex};
use crate::numbers::{Content, Described, Field, Numbers};
use crate::samples::every_event;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fs;

/// Any CBOR item of those that the log holds.
#[derive(Clone, Debug)]
enum Item {
    Number(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    Map(Vec<(u64, Item)>),
    Bool(bool),
    Null,
    Undefined,
}

fn item(bytes: &mut &[u8]) -> Item {
    let first = take(bytes, 1)[0];
    let argument = match first & 31 {
        small @ 0..24 => u64::from(small),
        power @ 24..28 => {
            let argument = take(bytes, 1 << (power - 24));
            argument
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        }
        _ => panic!("an indefinite length"),
    };
    let count = usize::try_from(argument).expect("it fits in memory");
    match (first >> 5, first) {
        (0, _) => Item::Number(argument),
        (2, _) => Item::Bytes(take(bytes, count).to_vec()),
        (3, _) => Item::Text(String::from_utf8(take(bytes, count).to_vec()).expect("UTF-8")),
        (4, _) => Item::List((0..count).map(|_| item(bytes)).collect()),
        (5, _) => Item::Map((0..count).map(|_| entry(bytes)).collect()),
        (_, 0xf4 | 0xf5) => Item::Bool(first == 0xf5),
        (_, 0xf6) => Item::Null,
        (_, 0xf7) => Item::Undefined,
        _ => panic!("an item of another type: {first:x}"),
    }
}

fn entry(bytes: &mut &[u8]) -> (u64, Item) {
    match item(bytes) {
        Item::Number(key) => (key, item(bytes)),
        other => panic!("{other:?} is no key"),
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

/// A part's value, after which there are only nulls.
fn part(hex: &str) -> Item {
    let bytes = from_hex(hex);
    let mut rest = bytes.as_slice();
    let value = item(&mut rest);
    while !rest.is_empty() {
        assert!(matches!(item(&mut rest), Item::Null));
    }
    value
}

struct Namer<'a> {
    numbers: &'a Numbers,
    personal: VecDeque<Item>,
}

impl Namer<'_> {
    fn name(&mut self, r#type: &str, item: Item) -> Value {
        if let Some(inner) = r#type.strip_prefix("personal ") {
            assert!(matches!(item, Item::Undefined), "a place is undefined");
            return match self.personal.pop_front() {
                Some(Item::Undefined) | None => Value::Null,
                Some(item) => self.name(inner, item),
            };
        }
        if let Some(inner) = r#type.strip_prefix("optional ") {
            return match item {
                Item::Null => Value::Null,
                item => self.name(inner, item),
            };
        }
        if let (Some(inner), Item::List(items)) = (r#type.strip_prefix("list of "), &item) {
            let items = items.iter().cloned();
            return items.map(|item| self.name(inner, item)).collect();
        }
        match (r#type, item) {
            ("number", Item::Number(number)) => json!(number),
            ("text", Item::Text(text)) => json!(text),
            ("true or false", Item::Bool(yes)) => json!(yes),
            ("id", Item::Bytes(bytes)) => {
                json!(
                    uuid::Uuid::from_slice(&bytes)
                        .expect("16 bytes")
                        .to_string()
                )
            }
            (name, item) => self.described(name, item),
        }
    }

    fn described(&mut self, name: &str, item: Item) -> Value {
        let numbers = self.numbers;
        match (&numbers.types[name], item) {
            (Described::Fields(fields), Item::Map(entries)) => self.fields(fields, entries),
            (Described::Variants(variants), Item::Number(number)) => {
                json!(variants[&(number as u32)].name)
            }
            (Described::Variants(variants), Item::Map(mut entries)) => {
                let (number, item) = entries.pop().expect("one entry");
                let variant = &variants[&(number as u32)];
                let content = match (&variant.content, item) {
                    (Some(Content::Value(inner)), item) => self.name(inner, item),
                    (Some(Content::Fields(fields)), Item::Map(entries)) => {
                        self.fields(fields, entries)
                    }
                    (Some(Content::List(types)), Item::List(items)) => {
                        let items = types.iter().zip(items);
                        items.map(|(inner, item)| self.name(inner, item)).collect()
                    }
                    other => panic!("{other:?}"),
                };
                Value::Object(Map::from_iter([(variant.name.clone(), content)]))
            }
            other => panic!("{other:?} is no {name}"),
        }
    }

    fn fields(&mut self, fields: &BTreeMap<u32, Field>, entries: Vec<(u64, Item)>) -> Value {
        let mut object = Map::new();
        for (number, item) in entries {
            let field = &fields[&(number as u32)];
            object.insert(field.name.clone(), self.name(&field.r#type, item));
        }
        Value::Object(object)
    }
}

#[test]
fn every_sample_is_read_with_the_committed_numbers_alone() {
    let text = fs::read_to_string(folder().join("numbers.json")).expect("it is committed");
    let numbers: Numbers = serde_json::from_str(&text).expect("it has this shape");
    for event in every_event() {
        let Sample {
            structure,
            personal,
            ..
        } = Sample::of(&event);
        let personal = match personal.as_deref().map(part) {
            Some(Item::List(items)) => items.into(),
            _ => VecDeque::new(),
        };
        let (numbers, r#type) = (&numbers, &numbers.events[&(event.kind().0.0 / 100)]);
        let mut namer = Namer { numbers, personal };
        let named = namer.name(r#type, part(&structure));
        let mut wire = serde_json::to_value(&event).expect("an event can be sent");
        let mut expected = wire[event.module()].take();
        // The wire withholds it; the log does not.
        if let Some(key) = expected.pointer_mut("/FileAdded/blob/key") {
            *key = json!("00".repeat(32));
        }
        assert_eq!(named, expected);
        assert!(namer.personal.is_empty());
    }
}
