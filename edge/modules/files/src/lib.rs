//! edge-files.
