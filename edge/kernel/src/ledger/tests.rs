//! What needs both backends and the insides of the log.

mod same;
