//! Devices that are known again: by a cookie with a secret and our signature, so that nobody can make up a device that counts.

use super::sessions::new_token;
use crate::Accounts;
use crate::error::AccountsError;
use crate::http::Visit;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

impl Accounts {
    /// The cookie of a new device.
    pub(super) fn new_device(&self) -> Result<String, AccountsError> {
        let secret = new_token()?;
        let signature = self.device_signature(&secret);
        Ok(format!("{secret}.{signature}"))
    }

    /// The cookie that a visit brings, when we gave it out.
    pub(super) fn known_device<'a>(&self, visit: &'a Visit) -> Option<&'a str> {
        let cookie = visit.device.as_deref()?;
        let (secret, signature) = cookie.split_once('.')?;
        let ours = self.device_signature(secret);
        bool::from(ours.as_bytes().ct_eq(signature.as_bytes())).then_some(cookie)
    }

    fn device_signature(&self, secret: &str) -> String {
        let signature = self.kernel.keyed_hash("accounts/device", secret.as_bytes());
        URL_SAFE_NO_PAD.encode(signature)
    }
}
