//! Reads what `write.rs` wrote, straight from the opened bytes. Whatever the bytes are, it ends with a value or an error, holds
//! no more than they do, and descends no deeper than [`DEEPEST`]. It is strict: a value has one form, and any other is refused.

use super::head::{
    self, ARRAY, BYTES, CUT, FALSE, MAP, NEGATIVE, NULL, TEXT, TRUE, UNDEFINED, UNSIGNED,
};
use super::{Error, PLACE, padding};
use serde::Deserialize;
use serde::de::value::{U32Deserializer, U64Deserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

/// How deep a value may be nested. Events are three deep; the bound is for a type that one day contains itself.
const DEEPEST: u8 = 32;

pub(super) fn join<'de, T: Deserialize<'de>>(
    structure: &'de [u8],
    personal: Option<&'de [u8]>,
) -> Result<T, Error> {
    let mut reader = Reader {
        rest: structure,
        personal: personal.unwrap_or_default(),
        places: None,
        inside: false,
        deeper: DEEPEST,
    };
    if personal.is_some() {
        let places = head::take(&mut reader.personal, ARRAY)?;
        if places == 0 {
            return Err(Error::new("a personal part that holds nothing"));
        }
        reader.places = Some(places);
    }
    let value = T::deserialize(&mut reader)?;
    padding::check(structure, reader.rest)?;
    if let Some(personal) = personal {
        padding::check(personal, reader.personal)?;
    }
    match reader.places {
        None | Some(0) => Ok(value),
        Some(_) => Err(Error::new("more personal values than places for them")),
    }
}

struct Reader<'de> {
    /// What is being read: the structure, or the personal values while one of them is read.
    rest: &'de [u8],
    /// The other of the two.
    personal: &'de [u8],
    /// How many personal values are still to come; none when the whole part is gone, and all are forgotten.
    places: Option<u64>,
    inside: bool,
    deeper: u8,
}

impl<'de> Reader<'de> {
    /// The next byte, without taking it.
    fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or(CUT)
    }

    fn simple(&mut self, byte: u8) -> Result<(), Error> {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                Ok(())
            }
            Some(_) => Err(Error::new("an item has the wrong type")),
            None => Err(CUT),
        }
    }

    fn unsigned(&mut self) -> Result<u64, Error> {
        head::take(&mut self.rest, UNSIGNED)
    }

    fn string(&mut self, major: u8) -> Result<&'de [u8], Error> {
        let length = head::take(&mut self.rest, major)?;
        let length = usize::try_from(length).map_err(|_| CUT)?;
        let (string, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(string)
    }

    /// The number of items or fields that follow. Each is at least a byte long, so a count beyond the bytes is a lie.
    fn count(&mut self, major: u8) -> Result<usize, Error> {
        let count = head::take(&mut self.rest, major)?;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= self.rest.len())
            .ok_or(CUT)
    }

    fn descend<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.deeper = self
            .deeper
            .checked_sub(1)
            .ok_or(Error::new("an item is nested too deep"))?;
        let value = read(self)?;
        self.deeper += 1;
        Ok(value)
    }

    fn items<V: Visitor<'de>>(
        &mut self,
        expected: Option<usize>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let left = self.count(ARRAY)?;
        if expected.is_some_and(|expected| expected != left) {
            return Err(Error::new("a list has the wrong length"));
        }
        self.descend(|reader| {
            let mut items = Items { reader, left };
            let value = visitor.visit_seq(&mut items)?;
            match items.left {
                0 => Ok(value),
                _ => Err(Error::new("a list is longer than what is made of it")),
            }
        })
    }

    /// Fields are in the order of their numbers. Fields that are missing at the end came after the event; a number that is
    /// not known here is an error, as what it says would be lost.
    fn fields<V: Visitor<'de>>(&mut self, known: usize, visitor: V) -> Result<V::Value, Error> {
        let left = self.count(MAP)?;
        if left > known {
            return Err(Error::new("a field is newer than this program"));
        }
        self.descend(|reader| {
            let next = 0;
            visitor.visit_map(Fields { reader, left, next })
        })
    }

    /// The value of a place: none when it is forgotten.
    fn place<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        self.simple(UNDEFINED)?;
        let Some(places) = &mut self.places else {
            return visitor.visit_none();
        };
        *places = places
            .checked_sub(1)
            .ok_or(Error::new("more places than personal values"))?;
        if self.inside {
            return Err(Error::new("a personal value within a personal value"));
        }
        self.inside = true;
        std::mem::swap(&mut self.rest, &mut self.personal);
        let value = if self.peek()? == UNDEFINED {
            self.simple(UNDEFINED)?;
            visitor.visit_none()
        } else {
            visitor.visit_some(&mut *self)
        };
        std::mem::swap(&mut self.rest, &mut self.personal);
        self.inside = false;
        value
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            if self.peek()? >> 5 == NEGATIVE {
                let below = head::take(&mut self.rest, NEGATIVE)?;
                let below = i64::try_from(below).map_err(|_| Error::new("a number is out of its range"))?;
                return visitor.visit_i64(!below);
            }
            visitor.visit_u64(self.unsigned()?)
        })*
    };
}

macro_rules! refused {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::new("an item that the log does not hold, or that is newer than this program"))
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    numbers! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
    }

    refused! {
        deserialize_any deserialize_ignored_any deserialize_identifier
        deserialize_f32 deserialize_f64 deserialize_char deserialize_map
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let yes = self.peek()? == TRUE;
        self.simple(if yes { TRUE } else { FALSE })?;
        visitor.visit_bool(yes)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = std::str::from_utf8(self.string(TEXT)?)
            .map_err(|_| Error::new("a text is not UTF-8"))?;
        visitor.visit_borrowed_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.string(BYTES)?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == NULL {
            self.simple(NULL)?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.simple(NULL)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == PLACE {
            self.place(visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.items(None, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.items(Some(length), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.items(Some(length), visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.peek()? >> 5 == UNSIGNED {
            let number = u32::try_from(self.unsigned()?)
                .map_err(|_| Error::new("a variant is newer than this program"))?;
            let number: U32Deserializer<Error> = number.into_deserializer();
            return visitor.visit_enum(number);
        }
        if head::take(&mut self.rest, MAP)? != 1 {
            return Err(Error::new("a variant is not a map of one entry"));
        }
        self.descend(|reader| visitor.visit_enum(Variant(reader)))
    }
}

struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

struct Fields<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
    /// The least number that the next field may have.
    next: u64,
}

impl<'de> de::MapAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let number = self.reader.unsigned()?;
        if number < self.next {
            return Err(Error::new("fields are not in the order of their numbers"));
        }
        self.next = number.saturating_add(1);
        let number: U64Deserializer<Error> = number.into_deserializer();
        seed.deserialize(number).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant with content.
struct Variant<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let number: U64Deserializer<Error> = self.0.unsigned()?.into_deserializer();
        Ok((seed.deserialize(number)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Err(Error::new("a variant has content that it should not have"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.items(Some(length), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.fields(fields.len(), visitor)
    }
}
