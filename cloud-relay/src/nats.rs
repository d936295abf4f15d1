//! The relay on NATS: hears presence and revocations, tells its load, asks edges to bring a link. Nothing here carries a visitor's
//! byte or address, and nothing here is needed by links that stand: without NATS the relay serves its own schools all the same.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, HeaderMap, Message};
use futures::StreamExt;
use relay_wire::SchoolId;
use relay_wire::nats::{
    self as subjects, ALL_PRESENCE, ALL_WITNESS, Dial, Load, Presence, REVOKE, Revoke, WITNESS_KEY,
    WITNESS_STATUS,
};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::config::Nats;
use crate::state::State;
use crate::witness::{Reply, answer_school};

/// How long a relay waits for an edge to say that it will dial.
const DIAL_ANSWER: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_secs(2);

/// NATS could not be set up; being unreachable is not an error.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The credentials file.
    #[error("reading the NATS credentials file")]
    Credentials(#[source] std::io::Error),
    /// The address or the options.
    #[error("preparing the connection to NATS")]
    Connect(#[from] async_nats::ConnectError),
    /// A message was not sent.
    #[error("sending on NATS")]
    Publish(#[source] async_nats::client::FlushError),
}

/// Runs until the relay stops. Connecting, and connecting again, is the client's own work and never ends.
pub(crate) async fn serve(state: Arc<State>, settings: Nats) {
    let client = loop {
        match connect(&settings, &state.config.id, true).await {
            Ok(client) => break client,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "NATS is not used until this is mended"
                );
                tokio::select! {
                    () = sleep(RETRY) => {}
                    () = state.stopping.cancelled() => return,
                }
            }
        }
    };
    let _ = state.nats.set(client.clone());
    tokio::join!(
        listen(&state, &client),
        witness(&state, &client),
        report(&state, &client)
    );
    // Without a server a flush waits for ever.
    let _ = tokio::time::timeout(Duration::from_secs(1), client.flush()).await;
}

async fn connect(settings: &Nats, relay: &str, wait: bool) -> Result<Client, NatsError> {
    let mut options = ConnectOptions::new()
        .name(format!("relay {relay}"))
        .max_reconnects(None)
        .reconnect_delay_callback(|attempt| Duration::from_millis(50 << attempt.min(6)).min(RETRY))
        .event_callback(|event| async move { tracing::info!(%event, "NATS") });
    if wait {
        options = options.retry_on_initial_connect();
    }
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.clone());
    }
    if let Some(file) = &settings.credentials {
        let text = tokio::fs::read_to_string(file)
            .await
            .map_err(NatsError::Credentials)?;
        options = options.credentials(&text).map_err(NatsError::Credentials)?;
    }
    Ok(options.connect(&settings.url).await?)
}

/// Two fixed subscriptions, never one per school or visitor; the client renews them after each reconnect.
async fn listen(state: &State, client: &Client) {
    let subscribed = async {
        futures::future::try_join(client.subscribe(ALL_PRESENCE), client.subscribe(REVOKE)).await
    };
    let Ok((mut presence, mut revocations)) = subscribed.await else {
        return;
    };
    loop {
        tokio::select! {
            () = state.stopping.cancelled() => return,
            Some(message) = presence.next() => note_presence(state, &message),
            Some(message) = revocations.next() => revoke(state, &message).await,
            else => return,
        }
    }
}

/// Cosigns the checkpoints that schools bring. Relays that hear the same NATS share the questions: one answers each.
async fn witness(state: &State, client: &Client) {
    let subscribed = client
        .queue_subscribe(ALL_WITNESS, "witness".to_owned())
        .await;
    let Ok(mut questions) = subscribed else {
        return;
    };
    loop {
        let question = tokio::select! {
            () = state.stopping.cancelled() => return,
            Some(question) = questions.next() => question,
            else => return,
        };
        if let Some(to) = question.reply.clone()
            && let Some(reply) = cosign(state, &question).await
        {
            let mut headers = HeaderMap::new();
            headers.insert(WITNESS_STATUS, reply.status.to_string());
            let _ = client
                .publish_with_headers(to, headers, reply.body.into())
                .await;
        }
    }
}

/// The subject is what the server's permissions vouch for: the school that asks.
async fn cosign(state: &State, question: &Message) -> Option<Reply> {
    let school = question.subject.split('.').nth(1)?;
    let school = SchoolId::parse(school).ok()?;
    let headers = question.headers.as_ref();
    let key = headers
        .and_then(|headers| headers.get(WITNESS_KEY))
        .map(|key| key.as_str());
    Some(answer_school(state, &school, key, &question.payload).await)
}

fn note_presence(state: &State, message: &Message) {
    let Ok(presence) = serde_json::from_slice::<Presence>(&message.payload) else {
        return;
    };
    // The subject is what the server's permissions vouch for; the body could claim anything.
    if message.subject.as_str() == subjects::presence(&presence.school) {
        let mut heard = state
            .presence
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        heard.insert(presence.school, Instant::now());
    }
}

async fn revoke(state: &State, message: &Message) {
    let Ok(revoke) = serde_json::from_slice::<Revoke>(&message.payload) else {
        return;
    };
    let revoked = async {
        let changed = state
            .store
            .revoke(&revoke.school, Some(&revoke.key))
            .await?;
        state.reload().await.map(|()| changed)
    };
    match revoked.await {
        Ok(changed) => {
            tracing::warn!(school = %revoke.school, changed, "a key was revoked through NATS")
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, school = %revoke.school, "revoking a key")
        }
    }
}

async fn report(state: &State, client: &Client) {
    let mut ticks = interval(Duration::from_millis(state.config.times.load));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = state.stopping.cancelled() => break,
            _ = ticks.tick() => publish_load(state, client).await,
        }
    }
    publish_load(state, client).await;
}

/// Only while connected: what piles up in the meantime would be old news all at once.
async fn publish_load(state: &State, client: &Client) {
    let load = Load {
        relay: state.config.id.clone(),
        visitors: state.metrics.streams_now.load(Relaxed),
        schools: state.directory.links().len() as u64,
        draining: state.draining.load(Relaxed),
    };
    if let (Some(_), Ok(body)) = (state.nats_connected(), serde_json::to_vec(&load)) {
        let _ = client
            .publish(subjects::load(&state.config.id), body.into())
            .await;
    }
}

/// Asks a school's edge, wherever it is linked, to bring a link here. Does nothing without NATS, and little when asked often.
pub(crate) fn ask_for_link(state: &State, school: &SchoolId) {
    let Some(client) = state.nats_connected() else {
        return;
    };
    if !state
        .bounds
        .dial_requests
        .take(school.clone(), Instant::now())
    {
        return;
    }
    state.metrics.dials_asked.fetch_add(1, Relaxed);
    let dial = Dial {
        relay: state.config.id.clone(),
        link: state.link_address.clone(),
    };
    let (client, subject, school) = (client.clone(), subjects::dial(school), school.clone());
    tokio::spawn(async move {
        let Ok(body) = serde_json::to_vec(&dial) else {
            return;
        };
        let answer = tokio::time::timeout(DIAL_ANSWER, client.request(subject, body.into())).await;
        let answered = matches!(answer, Ok(Ok(_)));
        tracing::info!(%school, answered, "asked for a link");
    });
}

/// Tells all relays that a key no longer counts; for the command line, so it fails when NATS is away.
pub(crate) async fn announce_revocation(
    settings: &Nats,
    relay: &str,
    revoke: &Revoke,
) -> Result<(), NatsError> {
    let client = connect(settings, relay, false).await?;
    if let Ok(body) = serde_json::to_vec(revoke) {
        // A publish error is a closed connection, which the flush meets too.
        let _ = client.publish(REVOKE, body.into()).await;
    }
    client.flush().await.map_err(NatsError::Publish)
}
