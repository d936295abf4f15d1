//! The messenger from outside: through the module's routes, on a real kernel in a directory of its own.

mod access;
mod direct;
mod messages;
mod reads;
mod support;
