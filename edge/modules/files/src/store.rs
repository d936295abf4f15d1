//! This module has no tables of its own: spaces live in the log, bytes in the kernel's blob store, listings in the views.
//! So there is nothing here to back up, to move or to erase that the kernel does not know of.
