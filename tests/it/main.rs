//! Schulhof from outside: through HTTP, on the command line, and when things break.

mod backup;
mod browser;
mod console;
mod crash;
mod disk;
mod doors;
mod feed;
mod moving;
mod privacy;
mod problems;
mod relay;
mod restart;
mod support;
mod tamper;
mod witness;
