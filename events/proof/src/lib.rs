//! Proofs over the log, pure: the RFC 6962 Merkle tree and C2SP signed notes. The edge makes them, a browser checks
//! them, with this same code; the independent verifier has code of its own.

pub mod note;
pub mod tree;
