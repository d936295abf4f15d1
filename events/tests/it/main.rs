//! What the shared language promises: the laws of the folds, of access, and that what is written today is read for ever.

mod access;
mod codec;
mod digests;
mod golden;
mod invented;
mod laws;
mod names;
mod numbers;
mod samples;
mod stories;
