//! edge-accounts.
