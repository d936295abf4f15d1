//! This module's own tables: none. The log is what it shows, and the list of entries is a view.
