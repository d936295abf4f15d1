//! Files from outside: through the module's routes, on a real kernel in a directory of its own.

mod access;
mod bytes;
mod folders;
mod support;
mod uploads;
