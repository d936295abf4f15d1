//! Reads what the machine says into its types. `serde_json` alone would do: it compiles, for every type, reading from arrays
//! beside objects and an exact sentence for every mistake, together a twentieth of the app. Here a text becomes a `Value` once,
//! structs are objects, and whatever does not fit is just that.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};
use std::fmt;

/// The text is not of the shape that was asked for.
#[derive(Debug)]
pub(crate) struct Garbled;

/// Reads a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Garbled> {
    read_value(parse(text)?)
}

/// Reads what has been parsed.
pub(crate) fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Garbled> {
    T::deserialize(Json(value))
}

fn parse(text: &str) -> Result<Value, Garbled> {
    serde_json::from_str(text).map_err(|_| Garbled)
}

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("garbled")
    }
}

impl std::error::Error for Garbled {}

/// Every mistake is the same, so that no sentence is composed that nobody reads.
impl Error for Garbled {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }
    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }
    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
    fn missing_field(_: &'static str) -> Self {
        Self
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

struct Json(Value);

impl Json {
    fn text(self) -> Result<String, Garbled> {
        match self.0 {
            Value::String(text) => Ok(text),
            _ => Err(Garbled),
        }
    }

    fn whole(&self) -> Result<u64, Garbled> {
        self.0.as_u64().ok_or(Garbled)
    }

    fn signed(&self) -> Result<i64, Garbled> {
        self.0.as_i64().ok_or(Garbled)
    }

    fn float(&self) -> Result<f64, Garbled> {
        self.0.as_f64().ok_or(Garbled)
    }

    fn elements(self) -> Result<Elements, Garbled> {
        match self.0 {
            Value::Array(elements) => Ok(Elements(elements.into_iter())),
            _ => Err(Garbled),
        }
    }

    fn members(self) -> Result<Members, Garbled> {
        match self.0 {
            Value::Object(members) => Ok(Members::of(members)),
            _ => Err(Garbled),
        }
    }

    /// `"Name"`, or `{"Name": content}`.
    fn variant(self) -> Result<Variant, Garbled> {
        match self.0 {
            Value::String(name) => Ok(Variant {
                name,
                content: None,
            }),
            Value::Object(members) => {
                let mut members = members.into_iter();
                let (name, content) = members.next().ok_or(Garbled)?;
                let variant = Variant {
                    name,
                    content: Some(content),
                };
                members.next().is_none().then_some(variant).ok_or(Garbled)
            }
            _ => Err(Garbled),
        }
    }
}

macro_rules! numbers {
    ($($method:ident: $read:ident, $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
            visitor.$visit(self.$read()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Json {
    type Error = Garbled;

    numbers! {
        deserialize_u8: whole, visit_u64;
        deserialize_u16: whole, visit_u64;
        deserialize_u32: whole, visit_u64;
        deserialize_u64: whole, visit_u64;
        deserialize_i8: signed, visit_i64;
        deserialize_i16: signed, visit_i64;
        deserialize_i32: signed, visit_i64;
        deserialize_i64: signed, visit_i64;
        deserialize_f32: float, visit_f64;
        deserialize_f64: float, visit_f64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => Err(Garbled),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(elements) => visitor.visit_seq(Elements(elements.into_iter())),
            Value::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_bool(self.0.as_bool().ok_or(Garbled)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Self(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self.elements()?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_map(self.members()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_map(self.members()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_enum(self.variant()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct }
}

struct Elements(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Elements {
    type Error = Garbled;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Garbled> {
        let next = self.0.next();
        next.map(|value| seed.deserialize(Json(value))).transpose()
    }
}

struct Members {
    members: serde_json::map::IntoIter,
    value: Value,
}

impl Members {
    fn of(members: Map<String, Value>) -> Self {
        Self {
            members: members.into_iter(),
            value: Value::Null,
        }
    }

    fn next(&mut self) -> Option<String> {
        let (name, value) = self.members.next()?;
        self.value = value;
        Some(name)
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Garbled;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Garbled> {
        let name = self.next();
        name.map(|name| seed.deserialize(Json(Value::String(name))))
            .transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Garbled> {
        seed.deserialize(Json(self.value.take()))
    }
}

struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Garbled;
    type Variant = Content;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content), Garbled> {
        let name = seed.deserialize(Json(Value::String(self.name)))?;
        Ok((name, Content(self.content)))
    }
}

/// What stands beside a variant's name.
struct Content(Option<Value>);

impl Content {
    fn json(self) -> Result<Json, Garbled> {
        self.0.map(Json).ok_or(Garbled)
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Garbled;

    fn unit_variant(self) -> Result<(), Garbled> {
        self.0
            .is_none_or(|value| value.is_null())
            .then_some(())
            .ok_or(Garbled)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Garbled> {
        seed.deserialize(self.json()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Garbled> {
        visitor.visit_seq(self.json()?.elements()?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Garbled> {
        visitor.visit_map(self.json()?.members()?)
    }
}
