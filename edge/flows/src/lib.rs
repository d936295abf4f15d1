//! edge-flows.
