//! The binary `schulhof`: arguments in, exit status out.

use clap::Parser;
use edge::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One provider for every TLS in the process; installing fails only when it is already there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    cli.run()
}
