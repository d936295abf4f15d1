//! events-proof.
