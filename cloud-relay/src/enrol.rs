//! The enrolment endpoint: one question, one answer, one token less.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use relay_wire::enrol::{Answer, EXPORTER, Grant, Refusal, Request};
use relay_wire::{SchoolId, Token};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::frames::{receive, send};
use crate::limits::{AddressKey, Truncated};
use crate::socket;
use crate::state::{State, unix_time};
use crate::store::{Entry, Store, StoreError};

const EXHAUSTED: Duration = Duration::from_millis(50);
/// Peers of one address that may be asking at once.
const PER_ADDRESS: usize = 16;

/// Accepts until the relay stops.
pub(crate) async fn serve(state: Arc<State>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = state.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            sleep(EXHAUSTED).await;
            continue;
        };
        if let Some(place) = state
            .bounds
            .enrolling_by_address
            .enter(AddressKey::of(from.ip()), PER_ADDRESS)
        {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                let mut wait = state.bounds.unproven.enter();
                tokio::select! {
                    () = wait.evicted() => {}
                    // Whoever does not finish has asked nothing, and there is nobody to tell.
                    _ = timeout(state.config.times.prove(), answer(&state, stream, from)) => {}
                }
                drop(place);
            });
        }
    }
}

async fn answer(state: &State, stream: TcpStream, from: SocketAddr) -> io::Result<()> {
    socket::prepare(&stream)?;
    let mut stream = TlsAcceptor::from(Arc::clone(&state.authority.enrol))
        .accept(stream)
        .await?;
    let exporter = stream
        .get_ref()
        .1
        .export_keying_material([0; 32], EXPORTER, None)
        .map_err(io::Error::other)?;
    let request = receive::<Request>(&mut stream, &mut Vec::new()).await?;
    let answer = match decide(state, request, &exporter, from).await {
        Ok(answer) => answer,
        Err(reason) => {
            state.metrics.enrolments_refused.fetch_add(1, Relaxed);
            tracing::warn!(from = %Truncated(from.ip()), ?reason, "an enrolment was refused");
            Answer::Refused { reason }
        }
    };
    send(&mut stream, &answer).await?;
    stream.shutdown().await
}

async fn decide(
    state: &State,
    request: Option<Request>,
    exporter: &[u8; 32],
    from: SocketAddr,
) -> Result<Answer, Refusal> {
    if !state
        .bounds
        .enrolments
        .take(AddressKey::of(from.ip()), Instant::now().into_std())
    {
        return Err(Refusal::Rate);
    }
    let request = request.ok_or(Refusal::Malformed)?;
    let proof = state
        .store
        .proof_of(&request.lookup)
        .await
        .map_err(report)?
        .ok_or(Refusal::Unknown)?;
    if !request.is_proven(&proof, exporter) {
        return Err(Refusal::Malformed);
    }
    let entry = state
        .store
        .enrol(&request.lookup, &request.key, unix_time().as_secs())
        .await
        .map_err(report)??;
    state.reload().await.map_err(report)?;
    state.metrics.enrolled.fetch_add(1, Relaxed);
    tracing::info!(school = %entry.school, epoch = entry.epoch, from = %Truncated(from.ip()), "school enrolled");
    Answer::accept(&grant(state, entry), &proof, exporter).map_err(|_| Refusal::Malformed)
}

/// Our failure, not the edge's; it hears that it was not understood and tries again.
fn report(error: StoreError) -> Refusal {
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "enrolling a school"
    );
    Refusal::Malformed
}

fn grant(state: &State, entry: Entry) -> Grant {
    let public = &state.config.public;
    let links = if public.homes.is_empty() {
        vec![state.link_address.clone()]
    } else {
        public.homes.clone()
    };
    Grant {
        school: entry.school,
        epoch: entry.epoch,
        names: entry.names,
        links,
        port: state.visitor_port,
        authority: state.authority.pem.clone(),
        nats: public
            .nats
            .clone()
            .or_else(|| state.config.nats.as_ref().map(|nats| nats.url.clone())),
    }
}

/// Makes a token for a school and stores its hashes.
pub(crate) async fn new_token(
    store: &Store,
    school: &SchoolId,
    domain: &str,
    replaces: bool,
) -> Result<Token, TokenError> {
    let mut random = [0; 16];
    SystemRandom::new()
        .fill(&mut random)
        .map_err(|_| TokenError::Randomness)?;
    let token = Token::new(random);
    let name =
        relay_wire::HostName::parse(&format!("{school}.{domain}")).map_err(|_| TokenError::Name)?;
    store
        .add_token(
            school,
            &name,
            &token.hashes(),
            replaces,
            unix_time().as_secs(),
        )
        .await?;
    Ok(token)
}

/// No token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The system gives none.
    #[error("the system has no randomness to give")]
    Randomness,
    /// School and domain make no host name together.
    #[error("school and domain make no host name together")]
    Name,
    /// Not stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}
