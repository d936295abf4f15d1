//! The developer's commands: `cargo xtask run`, `test`, `tidy`, `bench`, `dist` and their smaller parts `web`, `with` and `tools`.
//! This file only reads the command line; each command lives in a folder of its own.

mod bench;
mod check;
mod command;
mod demo;
mod dist;
mod http;
mod processes;
mod progress;
mod tidy;
mod tools;
mod web;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Builds, runs, tests and measures Schulhof"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and start the whole hybrid with an invented school
    Run(demo::Options),
    /// Run every check and every test; install what they need
    Test(check::Options),
    /// Look for broken rules of the house
    Tidy,
    /// Measure against the rivals, side by side
    Bench(bench::Options),
    /// Build the release binaries with the web app inside
    Dist,
    /// Build the web app only
    Web,
    /// Run a command, such as some of the tests, beside the servers that tests speak to
    With(tools::With),
    /// Fetch nats-server into target/tools and print its path
    Tools,
    /// Become another program that dies with its parent
    #[command(name = "tether", hide = true)]
    Tether(processes::Tether),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Run(options) => demo::run(&options),
        Task::Test(options) => check::run(&options),
        Task::Tidy => tidy::run(),
        Task::Bench(options) => bench::run(&options),
        Task::Dist => dist::run(),
        Task::Web => web::build().map(drop),
        Task::With(with) => tools::run_with(&with),
        Task::Tools => tools::print_nats_server(),
        Task::Tether(program) => processes::become_tethered(&program),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
