//! Why: a log is read by people who may not read what it would say, is copied into tickets, and is never erased. So no log
//! line carries a name, a login, an address, a body or a secret, and libraries print nothing at all. The check looks at the
//! fields and the `{placeholders}` of log macros, not at their prose: "a password was changed" is a fine line.

use super::Complaint;
use super::house::{File, House};
use anyhow::Result;

const MACROS: [&str; 7] = [
    "trace!(",
    "debug!(",
    "info!(",
    "warn!(",
    "error!(",
    "info_span!(",
    "debug_span!(",
];
/// Values that say something about a person, or that open a door.
const PERSONAL: [&str; 22] = [
    "password",
    "passphrase",
    "secret",
    "token",
    "cookie",
    "login",
    "given_name",
    "family_name",
    "given",
    "family",
    "full_name",
    "display_name",
    "birth_date",
    "email",
    "address",
    "file_name",
    "body",
    "text",
    "subject",
    "one_time_code",
    "user_agent",
    "peer_address",
];
/// Where nothing may be printed: only the binaries' command lines speak to a terminal.
const LIBRARIES: [&str; 6] = [
    "events/src/",
    "events/proof/src/",
    "edge/kernel/src/",
    "edge/modules/",
    "edge/flows/src/",
    "cloud-relay/wire/src/",
];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for file in house
        .rust_below("edge/")
        .chain(house.rust_below("cloud-relay/"))
        .chain(house.rust_below("events/"))
    {
        if file.path.contains("/tests/") {
            continue;
        }
        complaints.extend(personal_fields(file));
        complaints.extend(prints(file));
    }
    Ok(complaints)
}

fn personal_fields(file: &File) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (at, call) in calls(&file.text) {
        for word in values_in(call).filter(|word| PERSONAL.contains(word)) {
            complaints.push(Complaint {
                place: format!("{}:{}", file.path, line_of(&file.text, at)),
                problem: format!("a log line carries `{word}`"),
                remedy: "log the id, or nothing: names, addresses, contents and secrets never go into a log",
            });
        }
    }
    complaints
}

fn prints(file: &File) -> Vec<Complaint> {
    if !LIBRARIES
        .iter()
        .any(|library| file.path.starts_with(library))
    {
        return Vec::new();
    }
    let lines = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let printing = lines.filter(|(_, line)| line.contains("println!(") || line.contains("print!("));
    printing
        .map(|(number, _)| Complaint {
            place: format!("{}:{}", file.path, number + 1),
            problem: "a library prints".into(),
            remedy: "return the text to the command line, or log it with tracing",
        })
        .collect()
}

/// Every log call: where it begins, and what stands between its brackets.
fn calls(source: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for name in MACROS {
        for (at, _) in source.match_indices(name) {
            let before = source[..at].chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let inside = &source[at + name.len()..];
            found.push((at, &inside[..closing(inside)]));
        }
    }
    found
}

/// Where the bracket closes that was open before the text began. Strings may hold brackets; those are skipped.
fn closing(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string && depth == 0 => return at,
            ')' if !in_string => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The words of a call that stand for values: everything outside its strings, and the placeholders inside them.
fn values_in(call: &str) -> impl Iterator<Item = &str> {
    let pieces = call.split('"').enumerate();
    let values = pieces.flat_map(|(number, piece)| {
        if number % 2 == 0 {
            vec![piece]
        } else {
            piece
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split(['}', ':']).next())
                .collect()
        }
    });
    values.flat_map(|value| value.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
}

fn line_of(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::{calls, values_in};

    fn words(source: &str) -> Vec<String> {
        calls(source)
            .iter()
            .flat_map(|(_, call)| values_in(call))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn fields_and_placeholders_are_values_and_prose_is_not() {
        assert_eq!(
            words(r#"info!(position = %head, "the password of {login} (changed)");"#),
            ["position", "head", "login"]
        );
    }
}
