//! This module has no tables of its own: rooms and reading marks live in the log, what people see lives in the views.
//! So there is nothing here to back up, to move or to erase that the kernel does not know of.
