//! From where and on what a request comes, and the cookies that go back.

use crate::Entered;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use edge_kernel::http::{Sender, Takes};
use events::accounts::Way;
use std::convert::Infallible;
use std::net::IpAddr;

/// The cookie of a session.
const SESSION: &str = "schulhof";
/// The cookie by which a device is known again.
const DEVICE: &str = "schulhof_device";
/// Seconds that a session's cookie lives; each sign-in begins anew, the server ends it after thirty days without use.
const SESSION_AGE: u64 = 400 * 24 * 60 * 60;
/// Seconds that a device is known.
const DEVICE_AGE: u64 = 400 * 24 * 60 * 60;
/// Characters of a device's cookie as we give it out: a secret and our signature under it.
const DEVICE_LENGTH: usize = 87;

/// How a request arrived. The root puts it into every request's extensions, by listener; without it a request came
/// from the LAN, unencrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// From where.
    pub way: Way,
    /// Whether it came by TLS; cookies are then bound to TLS.
    pub secure: bool,
}

impl Default for Arrival {
    fn default() -> Self {
        Self {
            way: Way::Lan,
            secure: false,
        }
    }
}

/// What signing in needs to know about a request.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// How it arrived.
    pub arrival: Arrival,
    /// The address it comes from, where the listener knows one.
    pub(crate) from: Option<IpAddr>,
    /// The cookie by which the device is known, when it brings one; whether it is ours is for signing in to see.
    pub(crate) device: Option<String>,
    /// What the browser says it is, shortened.
    pub(crate) device_name: String,
}

impl Visit {
    /// A visit by its arrival and its headers.
    #[must_use]
    pub fn new(arrival: Arrival, headers: &HeaderMap) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Self {
            arrival,
            from: None,
            device: cookie(headers, DEVICE).filter(|device| device.len() == DEVICE_LENGTH),
            device_name: device_name(agent.unwrap_or_default()),
        }
    }

    /// The cookie that makes the browser forget the session.
    #[must_use]
    pub fn farewell(&self) -> HeaderValue {
        self.set(SESSION, "", 0)
    }

    fn set(&self, name: &str, value: &str, age: u64) -> HeaderValue {
        let secure = if self.arrival.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={age}{secure}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

impl Entered {
    /// The cookies to set: the session's, and the device's when it is new here.
    #[must_use]
    pub fn cookies(&self, visit: &Visit) -> Vec<HeaderValue> {
        let session = visit.set(SESSION, &self.token, SESSION_AGE);
        let device = self
            .device
            .as_deref()
            .map(|device| visit.set(DEVICE, device, DEVICE_AGE));
        std::iter::once(session).chain(device).collect()
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let arrival = parts
            .extensions
            .get::<Arrival>()
            .copied()
            .unwrap_or_default();
        Ok(Self {
            from: Sender::of(parts).0,
            ..Self::new(arrival, &parts.headers)
        })
    }
}

// A visit is of headers that every browser sends.
impl Takes for Visit {}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let value = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name);
    value.map(|(_, value)| value.to_owned())
}

/// "Firefox, Linux": enough to tell one's devices apart, too little to tell people apart. Order matters: Edge says
/// that it is Chrome, Chrome that it is Safari, Android that it is Linux.
fn device_name(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 8] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
        ("BSD", "BSD"),
    ];
    let named = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(sign, _)| agent.contains(sign))
            .map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_briefly() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
                "Safari, iPad",
            ),
            ("", "?"),
        ];
        for (agent, name) in cases {
            assert_eq!(device_name(agent), name);
        }
    }

    #[test]
    fn cookies_are_bound_to_tls_where_the_request_came_by_it() {
        let visit = |secure| Visit {
            arrival: Arrival {
                way: Way::Relay,
                secure,
            },
            ..Visit::default()
        };
        let text = |secure| {
            visit(secure)
                .farewell()
                .to_str()
                .map(str::to_owned)
                .expect("ASCII")
        };
        assert_eq!(
            text(false),
            "schulhof=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
        assert_eq!(
            text(true),
            "schulhof=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure"
        );
    }
}
