//! Tells files that are no text by their first bytes, so that the answer can say what to do instead.

use super::super::note::{FileRefused, NoteCode};
use super::MAX_FILE_BYTES;

const KNOWN: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "Excel .xlsx / LibreOffice .ods / ZIP"),
    (b"\xd0\xcf\x11\xe0", "Excel .xls"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3\0", "SQLite"),
];

/// Refuses what is too large, empty, or known to be another kind of file.
pub(super) fn refuse_what_is_no_text(bytes: &[u8]) -> Result<(), FileRefused> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileRefused::at(
            1,
            NoteCode::FileTooLarge,
            &format!("{} MiB", MAX_FILE_BYTES / 1024 / 1024),
        ));
    }
    match KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, name)) => Err(FileRefused::at(1, NoteCode::NotATable, name)),
        None => Ok(()),
    }
}
