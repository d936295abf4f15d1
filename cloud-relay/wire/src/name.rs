//! Host names as they come in from outside: normalised once, compared byte for byte ever after.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A host name in lower-case ASCII without a trailing dot: at least one label, at most 253 bytes, never an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

/// The text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host name")]
pub struct HostNameError;

impl HostName {
    /// Normalises and checks; one trailing dot is dropped, upper case is lowered, anything unclear is refused.
    ///
    /// # Errors
    /// When the text is no host name: too long, an empty label, a foreign character, or an IP address.
    pub fn parse(text: &str) -> Result<Self, HostNameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() || text.len() > 253 || !text.split('.').all(is_label) {
            return Err(HostNameError);
        }
        // An all-numeric last label is how browsers tell addresses from names (WHATWG URL, "ends in a number").
        if text
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(HostNameError);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The name of a `Host` header or an `:authority`, with its port cut off.
    ///
    /// # Errors
    /// As [`HostName::parse`]; also when the port is no number.
    pub fn from_authority(text: &str) -> Result<Self, HostNameError> {
        let (host, port) = text.split_once(':').unwrap_or((text, "0"));
        if port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(HostNameError);
        }
        Self::parse(host)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for HostName {
    type Error = HostNameError;
    fn try_from(text: String) -> Result<Self, HostNameError> {
        Self::parse(&text)
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}
