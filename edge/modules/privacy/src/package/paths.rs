//! Names of files as a package has them: as paths, and as addresses within it.

/// A name that every file system takes.
pub(super) fn portable(name: &str) -> String {
    let is_kept = |letter: &char| !letter.is_control() && !r#"/\:*?"<>|"#.contains(*letter);
    let name: String = name
        .chars()
        .map(|letter| if is_kept(&letter) { letter } else { '_' })
        .collect();
    name.trim_end_matches(['.', ' ']).to_owned()
}

/// A path as an address within the package.
pub(super) fn link(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                link.push(char::from(byte));
            }
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}
