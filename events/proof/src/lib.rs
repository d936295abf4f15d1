//! What the kernel and an auditor's or a returning browser must agree on: the Merkle tree of RFC 6962, the signed notes of C2SP,
//! and what witnesses are asked and answer. Pure; native and WASM. The relay and `schulhof-verify` use code of their own.

pub mod cosignature;
pub mod handover;
pub mod note;
pub mod tree;
pub mod witness;
