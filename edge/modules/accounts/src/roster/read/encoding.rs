//! Encodings: the file's, or each line's own where files were glued together.
//!
//! Real files mix UTF-8 and Windows-1252 line by line, so a line that is no UTF-8 is read in the old way and said so.

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::{Encoding, ISO_8859_15, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::super::note::{FileRefused, Note, NoteCode, Notes};

/// How much of a file without a byte order mark is looked at to recognise UTF-16.
const SAMPLE_BYTES: usize = 4096;

/// A file's text: lines end in `\n` alone, whatever they ended in before, so that lines count as in an editor.
pub(super) struct Decoded {
    pub(super) text: String,
    /// Lines with bytes that are no characters.
    pub(super) unreadable: BTreeSet<usize>,
    pub(super) warnings: Notes,
}

/// Decodes a whole file.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, FileRefused> {
    let decoded = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => decode_lines(rest),
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, UTF_16LE),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, UTF_16BE),
        _ => match utf16_without_mark(bytes) {
            Some(encoding) => decode_utf16(bytes, encoding),
            None => decode_lines(bytes),
        },
    };
    refuse_control_characters(&decoded.text)?;
    Ok(decoded)
}

/// Latin text in UTF-16 has a zero in nearly every second byte, and nearly none in the others.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(SAMPLE_BYTES))?;
    let pairs = sample.len() / 2;
    let zeros_at = |parity| {
        sample
            .iter()
            .skip(parity)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (first, second) = (zeros_at(0), zeros_at(1));
    if pairs == 0 {
        None
    } else if second * 10 >= pairs * 7 && first * 10 <= pairs {
        Some(UTF_16LE)
    } else if first * 10 >= pairs * 7 && second * 10 <= pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn decode_utf16(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let mut decoded = Decoded {
        text: String::with_capacity(text.len()),
        unreadable: BTreeSet::new(),
        warnings: Notes::default(),
    };
    for (index, line) in Lines(text.as_bytes()).enumerate() {
        // Lines are cut at ASCII bytes, so every piece of valid UTF-8 is valid UTF-8.
        decoded.push(index + 1, &String::from_utf8_lossy(line));
    }
    decoded
}

fn decode_lines(bytes: &[u8]) -> Decoded {
    let mut decoded = Decoded {
        text: String::with_capacity(bytes.len()),
        unreadable: BTreeSet::new(),
        warnings: Notes::default(),
    };
    let (mut has_utf8, mut old) = (false, Vec::new());
    for (index, raw) in Lines(bytes).enumerate() {
        let (line, encoding) = decode_line(raw);
        match encoding {
            Some(encoding) => old.push((index + 1, encoding)),
            None => has_utf8 |= !raw.is_ascii(),
        }
        decoded.push(index + 1, &line);
    }
    decoded.note_old_encodings(has_utf8, &old);
    decoded
}

/// The line, and the old encoding it was read in when it is no UTF-8.
fn decode_line(raw: &[u8]) -> (Cow<'_, str>, Option<&'static Encoding>) {
    if let Ok(line) = std::str::from_utf8(raw) {
        return (Cow::Borrowed(line), None);
    }
    let encoding = if is_iso_8859_15(raw) {
        ISO_8859_15
    } else {
        WINDOWS_1252
    };
    (encoding.decode_without_bom_handling(raw).0, Some(encoding))
}

/// The two old encodings differ in a few bytes: what is a letter (Š š Ž ž Œ œ Ÿ) in ISO-8859-15 is a sign (¦ ¨ ´ ¸ ¼ ½ ¾) in Windows-1252.
/// A sign next to a letter is therefore a letter, but for the accent that people type for an apostrophe (D´Angelo).
fn is_iso_8859_15(raw: &[u8]) -> bool {
    let is_letter =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0xc0);
    let only_windows = raw.iter().any(|byte| (0x80..=0x9f).contains(byte));
    !only_windows
        && raw.iter().enumerate().any(|(at, byte)| {
            let before = at.checked_sub(1).and_then(|at| raw.get(at));
            let after = raw.get(at + 1);
            match byte {
                0xa6 | 0xa8 | 0xb8 | 0xbc | 0xbd | 0xbe => is_letter(before) || is_letter(after),
                0xb4 => !is_letter(before) && is_letter(after),
                _ => false,
            }
        })
}

impl Decoded {
    fn push(&mut self, number: usize, line: &str) {
        // U+FFFD stands for what could not be decoded; C1 controls are bytes that Windows-1252 leaves undefined.
        if line.contains(|c: char| c == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&c)) {
            self.unreadable.insert(number);
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One remark where the whole file is old, one per line where it is mixed.
    fn note_old_encodings(&mut self, has_utf8: bool, old: &[(usize, &'static Encoding)]) {
        if has_utf8 {
            self.warnings.extend(old.iter().map(|(line, encoding)| {
                Note::with(Some(*line), NoteCode::LineEncoding, encoding.name())
            }));
        } else if let Some((line, encoding)) = old.first() {
            self.warnings.push(Note::with(
                Some(*line),
                NoteCode::OtherEncoding,
                encoding.name(),
            ));
        }
    }
}

/// Control characters do not occur in text; a file that has them is a program's file. (0x1A ended files under DOS.)
fn refuse_control_characters(text: &str) -> Result<(), FileRefused> {
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x19 | 0x1b..=0x1f | 0x7f);
    match text.as_bytes().iter().position(is_binary) {
        None => Ok(()),
        Some(at) => {
            let line = 1 + text
                .as_bytes()
                .iter()
                .take(at)
                .filter(|byte| **byte == b'\n')
                .count();
            Err(FileRefused::at(line, NoteCode::ControlCharacters, ""))
        }
    }
}

/// Physical lines, ended by LF, CRLF or CR alone.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = self
            .0
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r'))
            .unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at(end);
        self.0 = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.get(1..))
            .unwrap_or_default();
        Some(line)
    }
}
