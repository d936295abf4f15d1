//! Writes a value through serde as deterministic CBOR: fields and variants are numbered as they are declared, which serde
//! knows anyway, so that no event type has to say anything about it.

use super::head::{
    self, ARRAY, BYTES, FALSE, MAP, NEGATIVE, NULL, TEXT, TRUE, UNDEFINED, UNSIGNED,
};
use super::{Error, PLACE, padding};
use serde::ser::{self, Serialize};
use std::cell::Cell;

thread_local! {
    static SEALING: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn is_sealing() -> bool {
    SEALING.get()
}

/// Says for as long as it lives that this thread writes for the log, whatever serde does then.
struct Sealing;

impl Sealing {
    fn begin() -> Self {
        SEALING.set(true);
        Self
    }
}

impl Drop for Sealing {
    fn drop(&mut self) {
        SEALING.set(false);
    }
}

pub(super) fn split<T: Serialize>(value: &T) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
    let _sealing = Sealing::begin();
    let mut writer = Writer {
        out: Vec::with_capacity(128),
        personal: Vec::new(),
        places: 0,
        inside: false,
    };
    value.serialize(&mut writer)?;
    padding::pad(&mut writer.out);
    let personal = (writer.places > 0).then(|| {
        let mut part = Vec::with_capacity(writer.personal.len() + 40);
        head::put(&mut part, ARRAY, writer.places);
        part.extend_from_slice(&writer.personal);
        padding::pad(&mut part);
        part
    });
    Ok((writer.out, personal))
}

struct Writer {
    /// What is being written: the structure, or the personal values while one of them is written.
    out: Vec<u8>,
    /// The other of the two.
    personal: Vec<u8>,
    places: u64,
    inside: bool,
}

impl Writer {
    /// Leaves a place in the structure and writes the value, or that it is forgotten, to the personal part.
    fn place<T: Serialize + ?Sized>(&mut self, value: Option<&T>) -> Result<(), Error> {
        if self.inside {
            return Err(Error::new("a personal value within a personal value"));
        }
        self.out.push(UNDEFINED);
        self.places += 1;
        self.inside = true;
        std::mem::swap(&mut self.out, &mut self.personal);
        let written = match value {
            Some(value) => value.serialize(&mut *self),
            None => {
                self.out.push(UNDEFINED);
                Ok(())
            }
        };
        std::mem::swap(&mut self.out, &mut self.personal);
        self.inside = false;
        written
    }

    /// A variant with content is a map of one entry: its number and its content.
    fn variant(&mut self, number: u32) {
        head::put(&mut self.out, MAP, 1);
        head::put(&mut self.out, UNSIGNED, u64::from(number));
    }

    fn fields(&mut self, count: usize) -> Fields<'_> {
        head::put(&mut self.out, MAP, count as u64);
        Fields {
            writer: self,
            number: 0,
        }
    }

    fn items(&mut self, count: usize) -> Items<'_> {
        head::put(&mut self.out, ARRAY, count as u64);
        Items(self)
    }
}

macro_rules! refused {
    ($($method:ident($type:ty);)*) => {
        $(fn $method(self, _: $type) -> Result<(), Error> {
            Err(Error::new("the log holds neither fractions nor single characters nor numbers beyond 64 bits"))
        })*
    };
}

macro_rules! number {
    ($($method:ident($type:ty) as $wide:ident;)*) => {
        $(fn $method(self, number: $type) -> Result<(), Error> {
            self.$wide(number.into())
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = ser::Impossible<(), Error>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    refused! {
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
    }

    number! {
        serialize_u8(u8) as serialize_u64;
        serialize_u16(u16) as serialize_u64;
        serialize_u32(u32) as serialize_u64;
        serialize_i8(i8) as serialize_i64;
        serialize_i16(i16) as serialize_i64;
        serialize_i32(i32) as serialize_i64;
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_u64(self, number: u64) -> Result<(), Error> {
        head::put(&mut self.out, UNSIGNED, number);
        Ok(())
    }

    fn serialize_i64(self, number: i64) -> Result<(), Error> {
        match u64::try_from(number) {
            Ok(number) => head::put(&mut self.out, UNSIGNED, number),
            Err(_) => head::put(&mut self.out, NEGATIVE, !number as u64),
        }
        Ok(())
    }

    fn serialize_bool(self, yes: bool) -> Result<(), Error> {
        self.out.push(if yes { TRUE } else { FALSE });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        head::put(&mut self.out, TEXT, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        head::put(&mut self.out, BYTES, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.out.push(NULL);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Error> {
        if name == PLACE {
            self.place::<()>(None)
        } else {
            self.serialize_none()
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        if name == PLACE {
            self.place(Some(value))
        } else {
            value.serialize(self)
        }
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
    ) -> Result<(), Error> {
        self.serialize_u32(number)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(number);
        value.serialize(self)
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Items<'a>, Error> {
        let count = count.ok_or(Error::new("a list of unknown length"))?;
        Ok(self.items(count))
    }

    fn serialize_tuple(self, count: usize) -> Result<Items<'a>, Error> {
        Ok(self.items(count))
    }

    fn serialize_tuple_struct(self, _: &'static str, count: usize) -> Result<Items<'a>, Error> {
        Ok(self.items(count))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        count: usize,
    ) -> Result<Items<'a>, Error> {
        self.variant(number);
        Ok(self.items(count))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Err(Error::new("the log holds no maps; use a list"))
    }

    fn serialize_struct(self, _: &'static str, count: usize) -> Result<Fields<'a>, Error> {
        Ok(self.fields(count))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        number: u32,
        _: &'static str,
        count: usize,
    ) -> Result<Fields<'a>, Error> {
        self.variant(number);
        Ok(self.fields(count))
    }
}

struct Items<'a>(&'a mut Writer);

macro_rules! items {
    ($($trait:ident::$method:ident;)*) => {
        $(impl ser::$trait for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        })*
    };
}

items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

struct Fields<'a> {
    writer: &'a mut Writer,
    number: u64,
}

macro_rules! fields {
    ($($trait:ident)*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                _: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                head::put(&mut self.writer.out, UNSIGNED, self.number);
                self.number += 1;
                value.serialize(&mut *self.writer)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), Error> {
                self.number += 1;
                Ok(())
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }
