//! The visitors' side: reads the name out of the ClientHello, finds the school, takes a parked work connection and joins the two.
//! Never answers for a school: an unknown name and a school that is away get the same alert after the same time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use relay_wire::{HostName, Visitor};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::directory::School;
use crate::hello::{Alert, Hello, Progress};
use crate::limits::{AddressKey, Place, Truncated};
use crate::link::{Link, Parked};
use crate::metrics::Refused;
use crate::pump::{Moved, Pump, with_scratch};
use crate::state::State;
use crate::{nats, socket};

/// How long a refused visitor may take to collect the alert.
const FAREWELL: Duration = Duration::from_millis(300);
/// How long an accept loop rests when the process is out of descriptors.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Accepts until the relay stops. Nothing is read here: one slow peer must not keep the next one waiting.
pub(crate) async fn serve(state: Arc<State>, listener: TcpListener, address: SocketAddr) {
    loop {
        // At the limit nothing is accepted, and the kernel's backlog holds the rest.
        let Ok(permit) = Arc::clone(&state.bounds.visitors).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = state.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            tokio::time::sleep(EXHAUSTED).await;
            continue;
        };
        state.metrics.accepted.fetch_add(1, Relaxed);
        let began = Instant::now();
        match admit(&state, from) {
            Err(reason) => state.metrics.refuse(reason),
            Ok(place) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    visit(&state, stream, from, address, began).await;
                    drop((permit, place));
                });
            }
        }
    }
}

fn admit(state: &State, from: SocketAddr) -> Result<Place<AddressKey>, Refused> {
    let key = AddressKey::of(from.ip());
    let own = state.is_own(from.ip());
    if !own && !state.bounds.connects.take(key, Instant::now().into_std()) {
        return Err(Refused::Rate);
    }
    let limits = &state.config.limits;
    let most = if own {
        limits.per_own_address
    } else {
        limits.per_address
    };
    state
        .bounds
        .by_address
        .enter(key, most)
        .ok_or(Refused::Address)
}

async fn visit(
    state: &State,
    visitor: TcpStream,
    from: SocketAddr,
    listener: SocketAddr,
    began: Instant,
) {
    let mut wait = state.bounds.waiting.enter();
    let times = &state.config.times;
    let joining = async {
        let hello = read_hello(&visitor);
        let (hello, name) = match timeout_at(began + times.hello(), hello).await {
            Err(_) | Ok(Err(HelloError::Gone)) => return Err((Refused::SlowHello, None)),
            Ok(Err(HelloError::Refused(alert))) => return Err((reason(alert), Some(alert))),
            Ok(Ok(found)) => found,
        };
        // A hello that took its time leaves the school a moment all the same.
        let until = (began + times.hold()).max(Instant::now() + times.hold() / 4);
        let Some(school) = state.directory.by_name(&name) else {
            return Err(unknown(state, from, until).await);
        };
        let place = school
            .place()
            .ok_or((Refused::School, Some(Alert::UnrecognizedName)))?;
        let work = timeout_at(until, join(state, &school, &name, &hello, from, listener)).await;
        let work = work.map_err(|_| (Refused::NoLink, Some(Alert::UnrecognizedName)))?;
        Ok((school, place, work, hello.received().len()))
    };
    let joined = tokio::select! {
        () = wait.evicted() => Err((Refused::Evicted, None)),
        joined = joining => joined,
    };
    drop(wait);
    match joined {
        Ok((school, place, work, sent)) => {
            stream(state, &school, &visitor, &work, from, sent as u64, began).await;
            drop(place);
        }
        Err((reason, alert)) => {
            state.metrics.refuse(reason);
            if let Some(alert) = alert {
                farewell(visitor, alert).await;
            }
        }
    }
}

fn reason(alert: Alert) -> Refused {
    match alert {
        Alert::DecodeError => Refused::Malformed,
        Alert::UnrecognizedName => Refused::NoName,
    }
}

/// Whoever asks for many names that do not exist is looking for those that do, and hears nothing more.
async fn unknown(state: &State, from: SocketAddr, until: Instant) -> (Refused, Option<Alert>) {
    if !state
        .bounds
        .unknown_names
        .take(AddressKey::of(from.ip()), Instant::now().into_std())
    {
        return (Refused::Rate, None);
    }
    sleep_until(until).await;
    (Refused::UnknownName, Some(Alert::UnrecognizedName))
}

enum HelloError {
    Gone,
    Refused(Alert),
}

async fn read_hello(visitor: &TcpStream) -> Result<(Hello, HostName), HelloError> {
    let mut hello = Hello::default();
    loop {
        visitor.readable().await.map_err(|_| HelloError::Gone)?;
        let progress = with_scratch(|buffer| {
            let room = hello.room().min(buffer.len());
            match visitor.try_read(buffer.get_mut(..room).unwrap_or_default()) {
                Ok(0) => Err(HelloError::Gone),
                Ok(count) => Ok(hello.push(buffer.get(..count).unwrap_or_default())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Progress::More),
                Err(_) => Err(HelloError::Gone),
            }
        })?;
        match progress {
            Progress::More => {}
            Progress::Name(name) => return Ok((hello, name)),
            Progress::Refused(alert) => return Err(HelloError::Refused(alert)),
        }
    }
}

/// Takes parked connections until one accepts the header and the hello, in one segment.
async fn join(
    state: &State,
    school: &Arc<School>,
    name: &HostName,
    hello: &Hello,
    from: SocketAddr,
    listener: SocketAddr,
) -> TcpStream {
    let missing = || nats::ask_for_link(state, &school.id);
    let cold = || {
        state.metrics.cold.fetch_add(1, Relaxed);
    };
    loop {
        let (link, mut parked) = school.work_connection(name, missing, cold).await;
        let mut first = activation(&link, &parked, name, from, listener);
        first.extend_from_slice(hello.received());
        if parked.stream.write_all(&first).await.is_ok() {
            return parked.stream;
        }
        state.metrics.dead_parked.fetch_add(1, Relaxed);
    }
}

fn activation(
    link: &Link,
    parked: &Parked,
    name: &HostName,
    from: SocketAddr,
    listener: SocketAddr,
) -> Vec<u8> {
    let mut id = [0; 16];
    // The id only correlates log lines of both ends; without randomness it stays zero, and the stream is none the worse.
    let _ = SystemRandom::new().fill(&mut id);
    let visitor = Visitor {
        address: from,
        listener,
        authority: name.clone(),
        id,
    };
    visitor.seal(&link.keys, parked.counter)
}

async fn stream(
    state: &State,
    school: &School,
    visitor: &TcpStream,
    work: &TcpStream,
    from: SocketAddr,
    sent: u64,
    began: Instant,
) {
    let metrics = &state.metrics;
    metrics.streams.fetch_add(1, Relaxed);
    metrics.streams_now.fetch_add(1, Relaxed);
    let moved = Moved::default();
    moved.up.store(sent, Relaxed);
    let pump = Pump {
        pipes: &state.pipes,
        stalled: state.config.times.stalled(),
    };
    if socket::prepare(visitor).is_ok() {
        let cut = school.cut();
        tokio::select! {
            // An error here is a visitor or an edge that went away; both ends close, and there is nobody to tell.
            _ = pump.run(visitor, work, &moved) => {}
            () = cut.cancelled() => {}
        }
    }
    metrics.streams_now.fetch_sub(1, Relaxed);
    let (up, down) = (moved.up.load(Relaxed), moved.down.load(Relaxed));
    metrics.bytes_up.fetch_add(up, Relaxed);
    metrics.bytes_down.fetch_add(down, Relaxed);
    metrics
        .spliced
        .fetch_add(moved.spliced.load(Relaxed), Relaxed);
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(school = %school.id, from = %Truncated(from.ip()), bytes_up = up, bytes_down = down, duration_ms, "stream ended");
}

/// Sends the alert and lets the visitor collect it: closing with unread bytes would overtake it with a reset.
async fn farewell(mut visitor: TcpStream, alert: Alert) {
    let goodbye = async {
        visitor.write_all(&alert.record()).await?;
        visitor.shutdown().await?;
        let mut ignored = [0; 512];
        while visitor.read(&mut ignored).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = timeout(FAREWELL, goodbye).await;
}
