//! The module from outside: what an import of a whole school yields.

mod bad_files;
mod reference_school;
mod support;
