//! edge-audit.
