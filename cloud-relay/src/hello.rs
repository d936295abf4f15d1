//! Reads the server name out of a TLS ClientHello (RFC 8446, section 4.1.2; RFC 6066, section 3), and nothing else.
//!
//! Pure and bounded: at most [`LONGEST`] bytes, each looked at once per layer however they are cut into segments and records.
//! Whatever is doubled, torn or unclear is refused: two readers of an unclear hello could see two schools.

use relay_wire::HostName;

/// No ClientHello with its record headers may be longer.
pub const LONGEST: usize = 16 * 1024;

const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const HOST_NAME: u8 = 0;

/// A ClientHello on its way in.
#[derive(Debug, Default)]
pub struct Hello {
    received: Vec<u8>,
    /// Where the next record header begins.
    walked: usize,
    /// The handshake message, where it spans several records.
    gathered: Vec<u8>,
}

/// What is known after some more bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Not whole yet.
    More,
    /// Whole; the visitor asks for this name.
    Name(HostName),
    /// No further bytes can make this acceptable.
    Refused(Alert),
}

/// TLS alerts the relay sends (RFC 8446, section 6); all fatal, all before any key exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// Not a ClientHello, or a torn one.
    DecodeError,
    /// No name, an unclear name, or none that is served here.
    UnrecognizedName,
}

impl Alert {
    /// The alert as a TLS record.
    #[must_use]
    pub fn record(self) -> [u8; 7] {
        let description = match self {
            Self::DecodeError => 50,
            Self::UnrecognizedName => 112,
        };
        [21, 3, 3, 0, 2, 2, description]
    }
}

impl Hello {
    /// The bytes as they came, for the school.
    #[must_use]
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    /// How many more bytes may be taken.
    #[must_use]
    pub fn room(&self) -> usize {
        LONGEST - self.received.len()
    }

    /// Takes the next bytes; more than [`Hello::room`] are refused.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        if bytes.len() > self.room() {
            return Progress::Refused(Alert::DecodeError);
        }
        self.received.extend_from_slice(bytes);
        match self.walk() {
            Ok(None) if self.room() == 0 => Progress::Refused(Alert::DecodeError),
            Ok(None) => Progress::More,
            Ok(Some(name)) => Progress::Name(name),
            Err(alert) => Progress::Refused(alert),
        }
    }

    fn walk(&mut self) -> Result<Option<HostName>, Alert> {
        while let Some(record) = record(self.received.get(self.walked..).unwrap_or_default())? {
            self.walked += 5 + record.len();
            if self.gathered.is_empty()
                && let Some(message) = message(record)?
            {
                return server_name(message).map(Some);
            }
            self.gathered.extend_from_slice(record);
            if let Some(message) = message(&self.gathered)? {
                return server_name(message).map(Some);
            }
        }
        Ok(None)
    }
}

/// The content of the first record, when it is whole.
fn record(bytes: &[u8]) -> Result<Option<&[u8]>, Alert> {
    if bytes.first().is_some_and(|kind| *kind != HANDSHAKE_RECORD)
        || bytes.get(1).is_some_and(|major| *major != 3)
    {
        return Err(Alert::DecodeError);
    }
    let Some((header, rest)) = bytes.split_first_chunk::<5>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
    // Empty handshake records are forbidden (RFC 8446, section 5.1) and would cost a walk each.
    if length == 0 || length > LONGEST - 5 {
        return Err(Alert::DecodeError);
    }
    Ok(rest.get(..length))
}

/// The body of the ClientHello, when it is whole. Bytes behind it in the same records are refused.
fn message(bytes: &[u8]) -> Result<Option<&[u8]>, Alert> {
    if bytes.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
        return Err(Alert::DecodeError);
    }
    let Some((header, body)) = bytes.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
    if length > LONGEST || body.len() > length {
        return Err(Alert::DecodeError);
    }
    Ok(Some(body).filter(|body| body.len() == length))
}

fn server_name(body: &[u8]) -> Result<HostName, Alert> {
    let extensions = extensions(body).ok_or(Alert::DecodeError)?;
    let mut rest = extensions;
    let mut found = None;
    while !rest.is_empty() {
        let (kind, content) = extension(&mut rest).ok_or(Alert::DecodeError)?;
        if kind == SERVER_NAME && found.replace(content).is_some() {
            return Err(Alert::UnrecognizedName);
        }
    }
    found
        .and_then(only_host_name)
        .ok_or(Alert::UnrecognizedName)
}

/// Steps over version, random, session id, cipher suites and compression methods.
fn extensions(mut body: &[u8]) -> Option<&[u8]> {
    take(&mut body, 2 + 32)?;
    let session = take_short(&mut body)?;
    let suites = take_long(&mut body)?;
    let compression = take_short(&mut body)?;
    if session.len() > 32 || suites.is_empty() || suites.len() % 2 == 1 || compression.is_empty() {
        return None;
    }
    if body.is_empty() {
        return Some(body);
    }
    let extensions = take_long(&mut body)?;
    body.is_empty().then_some(extensions)
}

fn extension<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let kind = take(rest, 2)?;
    Some((u16::from_be_bytes(kind.try_into().ok()?), take_long(rest)?))
}

/// Exactly one name, of the only kind there is.
fn only_host_name(mut content: &[u8]) -> Option<HostName> {
    let mut list = take_long(&mut content)?;
    let kind = take(&mut list, 1)?;
    let name = take_long(&mut list)?;
    if !content.is_empty() || !list.is_empty() || kind != [HOST_NAME] {
        return None;
    }
    HostName::parse(std::str::from_utf8(name).ok()?).ok()
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// A field with one byte of length in front.
fn take_short<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(bytes, 1)?.first().copied()?;
    take(bytes, usize::from(length))
}

/// A field with two bytes of length in front.
fn take_long<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(bytes, 2)?.try_into().ok()?;
    take(bytes, usize::from(u16::from_be_bytes(length)))
}
