//! The edge on NATS: says that it is there, and brings a link where a relay asks for one. Never a payload byte, never anything about
//! a visitor; and when NATS is away, the links that stand do not notice.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, HeaderMap, Message};
use futures::StreamExt;
use relay_wire::SchoolId;
use relay_wire::nats::{self as subjects, Dial, Dialled, Presence};
use tokio::time::sleep;

use super::backoff::fraction;
use super::links::Links;
use super::{Control, NatsConfig};

const RHYTHM: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_secs(2);
/// How soon a change of the connection shows in the status.
const WATCH: Duration = Duration::from_millis(500);

/// Runs until the way out stops. Connecting, and connecting again, is the client's own work and never ends.
pub(super) async fn serve(links: &Links, settings: NatsConfig, control: &Control) {
    let shared = links.shared();
    let Some(url) = settings
        .url
        .clone()
        .or_else(|| shared.identity.grant.nats.clone())
    else {
        tracing::info!("no NATS: neither configured nor named by the relay");
        return;
    };
    let client = loop {
        match connect(links, &settings, &url).await {
            Ok(client) => break client,
            Err(error) => {
                tracing::error!(%error, "NATS is not used until this is mended");
                sleep(RETRY).await;
            }
        }
    };
    let school = shared.identity.grant.school.clone();
    let _ = control.set((client.clone(), school));
    tokio::join!(
        answer(links, &client),
        announce(links, &client),
        watch(links, &client)
    );
}

async fn connect(
    links: &Links,
    settings: &NatsConfig,
    url: &str,
) -> Result<Client, async_nats::ConnectError> {
    let school = &links.shared().identity.grant.school;
    let mut options = ConnectOptions::new()
        .name(format!("edge {school}"))
        .custom_inbox_prefix(subjects::inbox(school))
        .max_reconnects(None)
        .retry_on_initial_connect()
        .reconnect_delay_callback(|attempt| {
            Duration::from_millis(50 << attempt.min(6))
                .mul_f64(0.5 + fraction())
                .min(RETRY)
        })
        .event_callback(|event| async move { tracing::info!(%event, "NATS") });
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.clone());
    }
    options.connect(url).await
}

/// Asks the relays as witnesses. Status and body are those of HTTP.
pub(super) async fn ask_witness(
    client: &Client,
    school: &SchoolId,
    key: &str,
    body: String,
) -> Option<(u16, String)> {
    if client.connection_state() != State::Connected {
        return None;
    }
    let mut headers = HeaderMap::new();
    headers.insert(subjects::WITNESS_KEY, key);
    let subject = subjects::witness(school);
    let asked = client.request_with_headers(subject, headers, body.into());
    let reply = asked.await.ok()?;
    let status = reply.headers.as_ref()?.get(subjects::WITNESS_STATUS)?;
    let body = String::from_utf8(reply.payload.to_vec()).ok()?;
    Some((status.as_str().parse().ok()?, body))
}

/// One fixed subscription; the client renews it after each reconnect.
async fn answer(links: &Links, client: &Client) {
    let subject = subjects::dial(&links.shared().identity.grant.school);
    let Ok(mut requests) = client.subscribe(subject).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        let dialling = dial(links, &request);
        if let (Some(reply), Ok(body)) = (request.reply, serde_json::to_vec(&Dialled { dialling }))
        {
            let _ = client.publish(reply, body.into()).await;
        }
    }
}

/// Whoever asks can at worst make us knock at a few doors: a relay is believed only under the pinned authority.
fn dial(links: &Links, request: &Message) -> bool {
    let Ok(dial) = serde_json::from_slice::<Dial>(&request.payload) else {
        return false;
    };
    tracing::info!(relay = %dial.relay, "a relay asks for a link");
    links.bring(&dial.link)
}

async fn announce(links: &Links, client: &Client) {
    let shared = links.shared();
    loop {
        let status = shared.status.borrow().clone();
        let presence = Presence {
            school: shared.identity.grant.school.clone(),
            build: shared.config.build.clone(),
            relays: status.relays,
            parked: u32::try_from(status.parked).unwrap_or(u32::MAX),
        };
        // Only while connected: what piles up in the meantime would be old news all at once.
        if client.connection_state() == State::Connected
            && let Ok(body) = serde_json::to_vec(&presence)
        {
            let _ = client
                .publish(subjects::presence(&presence.school), body.into())
                .await;
        }
        sleep(RHYTHM.mul_f64(0.8 + 0.4 * fraction())).await;
    }
}

async fn watch(links: &Links, client: &Client) {
    loop {
        let connected = client.connection_state() == State::Connected;
        links.shared().status.send_if_modified(|status| {
            let changed = status.nats != connected;
            status.nats = connected;
            changed
        });
        sleep(WATCH).await;
    }
}
