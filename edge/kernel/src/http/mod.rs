//! What every module's HTTP door needs: who asks, problems in the reader's language, routes that describe themselves, and
//! the one way in which views are queried. No route of its own.

mod asker;
mod input;
mod problem;
mod routes;
mod search;
mod shape;
mod view;

pub use asker::{Asker, IdempotencyKey, Sender};
pub use input::{JsonOf, PathOf, QueryOf};
pub use problem::{Language, Problem, localise};
pub use routes::{Described, Routes};
pub use search::{Searched, has_parameter, percent_decoded};
pub use shape::{Content, Gift, Gives, Header, Nothing, Octets, PlainText, Shape, Takes, Told};
pub use view::{AtLeast, ViewQuery, answer_view};
