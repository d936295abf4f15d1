//! What this module wants answered by others: nothing. It reads the log, which everybody writes.
