//! edge-messenger.
