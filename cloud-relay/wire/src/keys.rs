//! Keys of one link. Everything comes from the TLS exporter of the control link (RFC 8446, section 7.5) and dies with it.

use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use crate::LinkId;

/// Label under which both ends export the link's secret; the link id is the exporter's context.
const EXPORTER: &[u8] = b"EXPORTER-schulhof-link/1";

/// The secret of one link, from which the key of each work connection follows.
pub struct LinkKeys {
    link: LinkId,
    root: Prk,
}

/// The keys of work connection number `counter`; each is used once.
pub struct WorkKey {
    /// Proves the right to park a work connection.
    pub(crate) prologue: [u8; 32],
    /// Seals the header that activates it.
    pub(crate) header: [u8; 32],
    /// Binds the seal to this link and number.
    pub(crate) context: [u8; 24],
}

impl LinkKeys {
    /// Label for `export_keying_material`; pass the link id as context and 32 bytes as output.
    pub const EXPORTER: &'static [u8] = EXPORTER;

    /// Takes the exporter's output.
    #[must_use]
    pub fn new(link: LinkId, exported: &[u8; 32]) -> Self {
        Self {
            link,
            root: Salt::new(HKDF_SHA256, b"schulhof-link/1").extract(exported),
        }
    }

    /// The link these keys belong to.
    #[must_use]
    pub fn link(&self) -> LinkId {
        self.link
    }

    /// The keys of one work connection.
    #[must_use]
    pub fn work(&self, counter: u64) -> WorkKey {
        let mut context = [0; 24];
        let (link, number) = context.split_at_mut(16);
        link.copy_from_slice(&self.link.0);
        number.copy_from_slice(&counter.to_be_bytes());
        WorkKey {
            prologue: self.expand(b"work prologue", &context),
            header: self.expand(b"work header", &context),
            context,
        }
    }

    fn expand(&self, purpose: &[u8], context: &[u8]) -> [u8; 32] {
        let mut key = [0; 32];
        let info = [purpose, context];
        let filled = self
            .root
            .expand(&info, Length32)
            .and_then(|okm| okm.fill(&mut key));
        assert!(filled.is_ok(), "HKDF-SHA256 yields 32 bytes for any input");
        key
    }
}

struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}
