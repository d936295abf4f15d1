//! What this module wants answered by others: nothing. Who belongs to which group, with which role, the kernel's access
//! knows from the log; the names of people and groups are joined by whoever shows them.
