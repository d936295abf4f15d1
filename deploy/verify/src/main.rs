//! `schulhof-verify DIR`: verifies an export of the log. Exit status 0 only when everything verifies.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use schulhof_verify::{Options, Report, verify};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Verifies an export of a Schulhof log without any of Schulhof's own code.
#[derive(Parser)]
#[command(name = "schulhof-verify", version, about)]
struct Arguments {
    /// The export, as `schulhof audit export --out DIR` wrote it.
    directory: PathBuf,
    /// The log's verifier key, name+id+key, known from elsewhere; by default the export's own is believed.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    /// The verifier key of a witness who must have cosigned; may be given several times.
    #[arg(long, value_name = "VKEY")]
    witness: Vec<String>,
    /// Segments checked at once; by default as many as there are processors.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// For machines.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.json && !arguments.directory.is_dir() {
        let directory = arguments.directory.display();
        eprintln!(
            "schulhof-verify: there is no directory {directory}; name the one that `schulhof audit export --out` has written"
        );
        return ExitCode::FAILURE;
    }
    let options = Options {
        key: arguments.key,
        witnesses: arguments.witness,
        threads: arguments.threads,
    };
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(0)
    } else {
        eprintln!("verifying the export …");
        ProgressBar::hidden()
    };
    let style = ProgressStyle::with_template("verifying the export {bar:32} {pos}/{len} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let report = verify(&arguments.directory, &options, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let text = if arguments.json {
        serde_json::to_string(&report).unwrap_or_default() + "\n"
    } else {
        for_people(&report)
    };
    // A reader that has closed its end wants no more; that is no failure of the verification.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(u8::from(!report.ok))
}

fn for_people(report: &Report) -> String {
    if !report.ok {
        let lines = report
            .problems
            .iter()
            .map(|problem| format!("  {problem}\n"));
        let lines: String = lines.collect();
        return format!("The export does not verify:\n{lines}");
    }
    let root = report.root.as_deref().unwrap_or_default();
    let mut text = format!("{} events verified; root {root}\n", report.size);
    for (witness, size) in &report.cosigned {
        text += &format!("cosigned by {witness} up to {size} events\n");
    }
    text += "Files named README* and FORMAT* only explain the export: their text is not covered.\n";
    if report.trusts_its_own_key {
        text += "The key came with the export itself. Compare verifier.key with the key that you know from elsewhere, or give that with --key.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_which_files_nothing_vouches_for() {
        let text = for_people(&Report {
            size: 1,
            root: None,
            ok: true,
            problems: Vec::new(),
            trusts_its_own_key: false,
            cosigned: Vec::new(),
        });
        assert!(text.contains("README* and FORMAT*"), "{text}");
    }
}
