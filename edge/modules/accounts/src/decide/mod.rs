//! What may happen to people and groups: pure aggregates. Who may ask is the policy's business; names that must be unique,
//! secrets and what several aggregates must agree on is the asking's.

mod group;
mod person;

pub(crate) use group::{Days, Group, ToGroup};
pub(crate) use person::{Person, ToPerson};
