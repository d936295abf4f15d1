//! Schulhof from outside: through HTTP, on the command line, and when things break.

mod backup;
mod browser;
mod console;
mod crash;
mod disk;
mod doors;
mod entries;
mod feed;
mod inspection;
mod moving;
mod privacy;
mod problems;
mod relay;
mod restart;
mod server;
mod support;
mod tamper;
mod witness;
