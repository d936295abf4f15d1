//! A listener to the live feed: reads server-sent events as a browser does (WHATWG HTML, section 9.2), with a deadline for
//! each.

use crate::api::Api;
use futures::StreamExt as _;
use reqwest::Method;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

type Bytes = Pin<Box<dyn futures::Stream<Item = reqwest::Result<Vec<u8>>> + Send>>;

/// An open feed.
pub struct Feed {
    bytes: Bytes,
    read: Vec<u8>,
}

/// One message of the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// `event`, `lost`, `upto` or `end`.
    pub name: String,
    /// The position up to which the feed has come with it.
    pub id: Option<u64>,
    /// What it says.
    pub data: Value,
}

/// What listening for a while led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Told(Told),
    /// Nothing until the deadline.
    Silence,
    /// The feed has ended.
    End,
}

impl Feed {
    /// Opens the feed from a position on.
    pub async fn from(api: &Api, position: u64) -> Self {
        Self::open(api.request(Method::GET, &format!("/api/feed?from={position}"))).await
    }

    /// Opens the feed as a browser does that reconnects: the address is the old one, the header wins.
    pub async fn resumed(api: &Api, position: u64, last: u64) -> Self {
        let request = api.request(Method::GET, &format!("/api/feed?from={position}"));
        Self::open(request.header("last-event-id", last.to_string())).await
    }

    async fn open(request: reqwest::RequestBuilder) -> Self {
        // A feed lives as long as its reader; the client's usual limit is for answers that end.
        let response = request
            .timeout(Duration::from_secs(600))
            .send()
            .await
            .expect("the feed answers");
        assert_eq!(response.status().as_u16(), 200, "the feed opens");
        let bytes = response
            .bytes_stream()
            .map(|piece| piece.map(|piece| piece.to_vec()));
        Self {
            bytes: Box::pin(bytes),
            read: Vec::new(),
        }
    }

    /// The next message, if it comes in time.
    pub async fn next(&mut self, within: Duration) -> Heard {
        let deadline = Instant::now() + within;
        loop {
            if let Some(told) = self.take() {
                return Heard::Told(told);
            }
            match in_time(deadline, self.bytes.next()).await {
                None => return Heard::Silence,
                Some(Some(Ok(piece))) => self.read.extend(piece),
                Some(Some(Err(_)) | None) => return Heard::End,
            }
        }
    }

    /// The first message that is wanted, with those before it.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn until(&mut self, within: Duration, wanted: impl Fn(&Told) -> bool) -> Vec<Told> {
        let deadline = Instant::now() + within;
        let mut heard = Vec::new();
        loop {
            match self
                .next(deadline.saturating_duration_since(Instant::now()))
                .await
            {
                Heard::Told(told) => {
                    heard.push(told);
                    if heard.last().is_some_and(&wanted) {
                        return heard;
                    }
                }
                other => panic!("{other:?} instead of what was wanted, after {heard:#?}"),
            }
        }
    }

    /// One whole message of what was read; comments and empty ones are skipped.
    fn take(&mut self) -> Option<Told> {
        loop {
            let end = self.read.windows(2).position(|two| two == b"\n\n")?;
            let block: Vec<u8> = self.read.drain(..end + 2).collect();
            let told = parse(&String::from_utf8_lossy(&block));
            if told.is_some() {
                return told;
            }
        }
    }
}

fn parse(block: &str) -> Option<Told> {
    let (mut name, mut id, mut data) = (None, None, Vec::new());
    for (field, value) in block.lines().filter_map(|line| line.split_once(':')) {
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = Some(value.to_owned()),
            "id" => id = value.parse().ok(),
            "data" => data.push(value),
            _ => {}
        }
    }
    if data.is_empty() {
        return None;
    }
    let data = serde_json::from_str(&data.join("\n")).unwrap_or(Value::Null);
    Some(Told {
        name: name.unwrap_or_else(|| "message".to_owned()),
        id,
        data,
    })
}

async fn in_time<T>(deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout_at(deadline, future).await.ok()
}

impl Told {
    /// The text of a message that was sent, if this tells of one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.data
            .pointer("/event/messenger/MessageSent/text")?
            .as_str()
    }

    /// The scope that was lost, if this tells of a loss.
    #[must_use]
    pub fn lost(&self) -> Option<&str> {
        (self.name == "lost")
            .then(|| self.data["scope"].as_str())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::{Told, parse};
    use serde_json::json;

    #[test]
    fn a_message_has_a_name_an_id_and_data_and_a_comment_has_none() {
        let told = parse("event: upto\nid: 7\ndata: {\"position\":7}\n\n");
        let expected = Told {
            name: "upto".into(),
            id: Some(7),
            data: json!({ "position": 7 }),
        };
        assert_eq!(told, Some(expected));
        assert_eq!(parse(": still here\n\n"), None);
    }
}
