//! What a route takes and gives, read off its handler's type, so that the OpenAPI document cannot say anything else.

use super::{Asker, IdempotencyKey, JsonOf, PathOf, QueryOf, Searched, Sender, ViewQuery};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{Response, Sse};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// What a route takes beside what its path names.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The parameters of the query, as an object's properties.
    pub query: Option<Schema>,
    /// The headers that mean something.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Option<Content>,
}

/// A header that a route takes.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says, and how it is written.
    pub description: &'static str,
    /// Whether the route refuses requests without it.
    pub required: bool,
}

/// Bytes of some kind.
#[derive(Clone, Debug)]
pub struct Content {
    /// Their media type.
    pub media_type: &'static str,
    /// Their schema, where they are JSON.
    pub schema: Option<Schema>,
}

/// What a route gives when all is well.
#[derive(Clone, Debug)]
pub enum Gift {
    /// Something.
    Content(Content),
    /// Nothing, with status 204.
    Nothing,
    /// The handler's type does not tell; the route must.
    Untold,
}

/// A part of a request that a handler takes.
pub trait Takes {
    /// Writes down what it takes.
    fn takes(_schemas: &mut SchemaGenerator, _shape: &mut Shape) {}
}

/// An answer.
pub trait Gives {
    /// What it gives.
    fn gives(schemas: &mut SchemaGenerator) -> Gift;
}

/// Bytes as they were stored, for routes whose handlers answer with a bare [`Response`].
#[derive(Clone, Copy, Debug)]
pub enum Octets {}

/// Text as protocols have it that are not JSON, for the same.
#[derive(Clone, Copy, Debug)]
pub enum PlainText {}

/// Status 204, for the same.
#[derive(Clone, Copy, Debug)]
pub enum Nothing {}

impl<S> Takes for State<S> {}
impl Takes for Asker {}
impl Takes for Sender {}
impl Takes for HeaderMap {}
impl Takes for Method {}
// What a path takes, the path says.
impl<T> Takes for PathOf<T> {}

impl Takes for IdempotencyKey {
    fn takes(_schemas: &mut SchemaGenerator, shape: &mut Shape) {
        shape.headers.push(Header {
            name: "Idempotency-Key",
            description: "A UUID. The same request sent again under the same key is carried out once.",
            required: false,
        });
    }
}

impl<T: JsonSchema> Takes for QueryOf<T> {
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
        shape.query = Some(T::json_schema(schemas));
    }
}

impl Takes for ViewQuery {
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
        QueryOf::<Self>::takes(schemas, shape);
        Searched::takes(schemas, shape);
    }
}

impl Takes for Searched {
    fn takes(_schemas: &mut SchemaGenerator, shape: &mut Shape) {
        shape.headers.push(Header {
            name: "X-Search",
            description: "Words that the rows contain: UTF-8, percent-encoded.",
            required: false,
        });
    }
}

impl<T: JsonSchema> Takes for JsonOf<T> {
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
        shape.body = Some(Content::json::<T>(schemas));
    }
}

impl Takes for Body {
    fn takes(_schemas: &mut SchemaGenerator, shape: &mut Shape) {
        shape.body = Some(Content::OCTETS);
    }
}

impl Takes for Bytes {
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
        Body::takes(schemas, shape);
    }
}

impl Content {
    const OCTETS: Self = Self {
        media_type: "application/octet-stream",
        schema: None,
    };

    fn json<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Self {
        Self {
            media_type: "application/json",
            schema: Some(schemas.subschema_for::<T>()),
        }
    }
}

impl<T: JsonSchema> Gives for Json<T> {
    fn gives(schemas: &mut SchemaGenerator) -> Gift {
        Gift::Content(Content::json::<T>(schemas))
    }
}

impl<T> Gives for Sse<T> {
    fn gives(_schemas: &mut SchemaGenerator) -> Gift {
        Gift::Content(Content {
            media_type: "text/event-stream",
            schema: None,
        })
    }
}

impl Gives for Octets {
    fn gives(_schemas: &mut SchemaGenerator) -> Gift {
        Gift::Content(Content::OCTETS)
    }
}

impl Gives for PlainText {
    fn gives(_schemas: &mut SchemaGenerator) -> Gift {
        Gift::Content(Content {
            media_type: "text/plain",
            schema: None,
        })
    }
}

impl Gives for Nothing {
    fn gives(_schemas: &mut SchemaGenerator) -> Gift {
        Gift::Nothing
    }
}

impl Gives for Response {
    fn gives(_schemas: &mut SchemaGenerator) -> Gift {
        Gift::Untold
    }
}

/// A handler whose type tells what it takes and gives. `T` is what axum calls the handler's `T`: a marker, then its arguments.
pub trait Told<T> {
    /// What it takes.
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape);
    /// What it gives.
    fn gives(schemas: &mut SchemaGenerator) -> Gift;
}

// Functions of one to seven arguments; no function can be written for all of them at once.
macro_rules! told {
    ($($taken:ident)+) => {
        impl<H, F, A, E, M, $($taken),+> Told<(M, $($taken,)+)> for H
        where
            H: FnOnce($($taken),+) -> F,
            F: Future<Output = Result<A, E>>,
            A: Gives,
            $($taken: Takes,)+
        {
            fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
                $($taken::takes(schemas, shape);)+
            }

            fn gives(schemas: &mut SchemaGenerator) -> Gift {
                A::gives(schemas)
            }
        }
    };
}

told!(A1);
told!(A1 A2);
told!(A1 A2 A3);
told!(A1 A2 A3 A4);
told!(A1 A2 A3 A4 A5);
told!(A1 A2 A3 A4 A5 A6);
told!(A1 A2 A3 A4 A5 A6 A7);
