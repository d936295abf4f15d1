//! The module from outside: through its door and its routes, on a real kernel.

mod bad_files;
mod codes;
mod house;
mod importing;
mod memberships;
mod people_and_groups;
mod reference_school;
mod signing_in;
mod support;
