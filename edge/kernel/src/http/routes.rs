//! Routes that describe themselves: the same line opens a door and writes it into the OpenAPI document, from which the
//! middleware learns which doors are open to strangers and the doors test which ones to try. What it takes and gives is
//! read off the handler's type.

use super::shape::{Gift, Gives, Shape, Told};
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use schemars::SchemaGenerator;

/// A route as the OpenAPI document shows it.
#[derive(Clone, Debug)]
pub struct Described {
    /// The method.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Whether strangers may ask.
    pub open: bool,
    /// Writes down what it takes.
    pub takes: fn(&mut SchemaGenerator, &mut Shape),
    /// Says what it gives.
    pub gives: fn(&mut SchemaGenerator) -> Gift,
    /// Whether the handler reads the body piece by piece and bounds it itself.
    pub streams: bool,
}

/// A module's routes.
pub struct Routes<S = ()> {
    router: Router<S>,
    described: Vec<Described>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            described: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// A door for reading.
    #[must_use]
    pub fn get<H: Handler<T, S> + Told<T>, T: 'static>(
        self,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::GET, MethodFilter::GET, path, summary, handler)
    }

    /// A door for asking that something be done.
    #[must_use]
    pub fn post<H: Handler<T, S> + Told<T>, T: 'static>(
        self,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, summary, handler)
    }

    /// A door for ending something.
    #[must_use]
    pub fn delete<H: Handler<T, S> + Told<T>, T: 'static>(
        self,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::DELETE, MethodFilter::DELETE, path, summary, handler)
    }

    /// Opens the door that was added last to strangers.
    #[must_use]
    pub fn open_to_strangers(mut self) -> Self {
        if let Some(last) = self.described.last_mut() {
            last.open = true;
        }
        self
    }

    /// Says what the route that was added last gives, where its handler answers with a bare response.
    #[must_use]
    pub fn answers<A: Gives>(mut self) -> Self {
        if let Some(last) = self.described.last_mut() {
            last.gives = A::gives;
        }
        self
    }

    /// The door that was added last reads its body piece by piece, and bounds it itself.
    #[must_use]
    pub fn streams(mut self) -> Self {
        if let Some(last) = self.described.last_mut() {
            last.streams = true;
        }
        self
    }

    fn add<H: Handler<T, S> + Told<T>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.router = self.router.route(path, on(filter, handler));
        self.described.push(Described {
            method,
            path,
            summary,
            open: false,
            takes: H::takes,
            gives: H::gives,
            streams: false,
        });
        self
    }

    /// Gives the handlers what they work on.
    #[must_use]
    pub fn with_state(self, state: S) -> Routes {
        Routes {
            router: self.router.with_state(state),
            described: self.described,
        }
    }
}

impl Routes {
    /// These routes and others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.described.extend(other.described);
        self
    }

    /// The router and its description.
    pub fn into_parts(self) -> (Router, Vec<Described>) {
        (self.router, self.described)
    }
}
