//! Files for the owner of a data directory alone; their content is on the disk when what writes them returns.

use std::fs::File;
use std::io::{ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file in the place of another, whole or not at all; durable when it returns.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let replaced = write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if replaced.is_err() {
        // It may be a secret, which nobody would look for there.
        let _ = std::fs::remove_file(&beside);
    }
    replaced.and_then(|()| sync(path.parent().unwrap_or(Path::new(""))))
}

/// Makes what was named, renamed or removed in a directory durable, as far as its file system can: some that are shared over a network
/// have no such wish for directories.
pub(crate) fn sync(directory: &Path) -> Result<()> {
    let here = directory.as_os_str().is_empty();
    let directory = if here { Path::new(".") } else { directory };
    match File::open(directory)?.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_replaced_is_whole_its_owners_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().expect("a directory of our own");
        let path = folder.path().join("some.key");
        for text in ["before", "after"] {
            replace(&path, text.as_bytes()).expect("writes");
            assert_eq!(std::fs::read_to_string(&path).expect("reads"), text);
        }
        let found = path.metadata().expect("is there").permissions();
        assert_eq!(found.mode() & 0o777, 0o600);
        let names = std::fs::read_dir(folder.path()).expect("lists");
        assert_eq!(names.count(), 1);
        sync(Path::new("")).expect("is the directory that we are in");
    }

    #[test]
    fn what_could_not_be_put_into_its_place_is_not_left_beside() {
        let folder = tempfile::tempdir().expect("a directory of our own");
        let path = folder.path().join("some.key");
        std::fs::create_dir(&path).expect("is in the way");
        replace(&path, b"a secret").expect_err("a folder is no file");
        assert!(!folder.path().join("some.key.new").exists());
    }
}
