//! The edges' side: control links (mutual TLS) and work connections (60 bytes of proof) on one port, told apart by their first byte.
//! No handshake runs in the accept loop, and whoever has proved nothing counts against limits of their own.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use relay_wire::frame::{Frame, Refusal};
use relay_wire::{Hex, HostName, LinkId, LinkKey, LinkKeys, PROLOGUE_LENGTH, Prologue};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::directory::School;
use crate::frames::{receive, send};
use crate::limits::{AddressKey, Rate, Truncated};
use crate::link::{Bounds, Link, Order, Parked, Unwanted};
use crate::metrics::Refused;
use crate::socket;
use crate::state::{State, unix_time};

/// The first byte of a TLS connection; a work connection begins otherwise.
const TLS_HANDSHAKE: u8 = 22;
/// Peers of one address that may be unproven at once: several schools may stand behind one, each filling its pool.
const UNPROVEN_PER_ADDRESS: usize = 512;
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Accepts until the relay stops.
pub(crate) async fn serve(state: Arc<State>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = state.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            tokio::time::sleep(EXHAUSTED).await;
            continue;
        };
        let key = AddressKey::of(from.ip());
        match state
            .bounds
            .unproven_by_address
            .enter(key, UNPROVEN_PER_ADDRESS)
        {
            None => state.metrics.refuse(Refused::Address),
            Some(place) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    let proven = prove(&state, stream, from).await;
                    drop(place);
                    match proven {
                        Ok(Some(link)) => converse(&state, link).await,
                        Ok(None) => {}
                        Err(reason) => state.metrics.refuse(reason),
                    }
                });
            }
        }
    }
}

/// A link whose hello was accepted.
struct Accepted {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
    school: Arc<School>,
    link: Arc<Link>,
    orders: mpsc::Receiver<Order>,
    from: SocketAddr,
}

/// Lets the peer prove itself within its time. Work connections are parked here; a link is handed back.
async fn prove(
    state: &State,
    stream: TcpStream,
    from: SocketAddr,
) -> Result<Option<Accepted>, Refused> {
    let mut wait = state.bounds.unproven.enter();
    let until = Instant::now() + state.config.times.prove();
    let proving = async {
        socket::prepare(&stream).map_err(|_| Refused::UnprovenLink)?;
        let mut first = [0; 1];
        match stream.peek(&mut first).await {
            Ok(1) if first == [TLS_HANDSHAKE] => accept_link(state, stream, from)
                .await
                .map_err(|_| Refused::UnprovenLink),
            Ok(1) => park(state, stream).await.map(|()| None),
            _ => Err(Refused::UnprovenLink),
        }
    };
    tokio::select! {
        () = wait.evicted() => Err(Refused::Evicted),
        proven = timeout_at(until, proving) => proven.unwrap_or(Err(Refused::UnprovenLink)),
    }
}

async fn park(state: &State, mut stream: TcpStream) -> Result<(), Refused> {
    let mut bytes = [0; PROLOGUE_LENGTH];
    stream
        .read_exact(&mut bytes)
        .await
        .map_err(|_| Refused::UnprovenLink)?;
    let prologue = Prologue::decode(&bytes).map_err(|_| Refused::UnprovenLink)?;
    let link = state.link(&prologue.link).ok_or(Refused::UnprovenLink)?;
    prologue
        .verify(&link.keys)
        .map_err(|_| Refused::UnprovenLink)?;
    match link.park(Parked {
        stream,
        counter: prologue.counter,
    }) {
        Ok(()) => {
            state.metrics.parked.fetch_add(1, Relaxed);
            Ok(())
        }
        Err(Unwanted::Replay) => {
            tracing::warn!(link = %prologue.link, "a work connection was repeated; both are closed");
            Err(Refused::Replay)
        }
        Err(Unwanted::Limit) => Err(Refused::WorkLimit),
        Err(Unwanted::Gone) => Err(Refused::UnprovenLink),
    }
}

async fn accept_link(
    state: &State,
    stream: TcpStream,
    from: SocketAddr,
) -> io::Result<Option<Accepted>> {
    let mut stream = TlsAcceptor::from(Arc::clone(&state.authority.link))
        .accept(stream)
        .await?;
    let mut buffer = Vec::new();
    let hello = receive::<Frame>(&mut stream, &mut buffer).await?;
    match greet(state, &stream, hello, from) {
        Ok((school, link, orders)) => {
            let welcome = Frame::Welcome {
                link: link.keys.link(),
                relay: state.config.id.clone(),
                time: u64::try_from(unix_time().as_millis()).unwrap_or_default(),
                ceiling: state.config.limits.parked,
            };
            let accepted = Accepted {
                stream,
                buffer,
                school,
                link,
                orders,
                from,
            };
            // From here on the link is known; whatever happens, `converse` puts it away again.
            Ok(Some(accepted.send(&welcome).await))
        }
        Err(reason) => {
            send(&mut stream, &Frame::Refused { reason }).await?;
            let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
            tracing::warn!(from = %Truncated(from.ip()), ?reason, "a link was refused");
            Ok(None)
        }
    }
}

impl Accepted {
    async fn send(mut self, frame: &Frame) -> Self {
        if send(&mut self.stream, frame).await.is_err() {
            self.link.end();
        }
        self
    }
}

type Greeted = (Arc<School>, Arc<Link>, mpsc::Receiver<Order>);

fn greet(
    state: &State,
    stream: &TlsStream<TcpStream>,
    hello: Option<Frame>,
    from: SocketAddr,
) -> Result<Greeted, Refusal> {
    let Some(Frame::Hello {
        version: 1,
        build,
        epoch,
        names,
    }) = hello
    else {
        return Err(Refusal::Hello);
    };
    let key = peer_key(stream).ok_or(Refusal::UnknownKey)?;
    if !state.bounds.links.take(key, Instant::now().into_std()) {
        return Err(Refusal::Rate);
    }
    let school = state.directory.by_key(&key).ok_or(Refusal::UnknownKey)?;
    let keys = export(stream).ok_or(Refusal::Hello)?;
    let granted = |name: &HostName| {
        state
            .directory
            .by_name(name)
            .is_some_and(|owner| Arc::ptr_eq(&owner, &school))
    };
    let names: HashSet<_> = names.into_iter().filter(granted).collect();
    let limits = &state.config.limits;
    let bounds = Bounds {
        parked: usize::from(limits.parked),
        dials: Rate::per_second(limits.dials_per_second),
        wants: Rate::per_second(limits.cold_dials_per_second),
    };
    let (link, orders) = Link::new(keys, epoch, names, bounds);
    let link = Arc::new(link);
    // Known by its id before the edge hears it, so that no work connection can come too early.
    state
        .links
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(link.keys.link(), Arc::clone(&link));
    match school.attach(&link) {
        Ok(took_over) => {
            state.metrics.links.fetch_add(1, Relaxed);
            state
                .metrics
                .takeovers
                .fetch_add(u64::from(took_over), Relaxed);
            let build: String = build
                .chars()
                .filter(|letter| letter.is_ascii_graphic())
                .take(40)
                .collect();
            tracing::info!(school = %school.id, from = %Truncated(from.ip()), epoch, build, took_over, "link stands");
            Ok((school, link, orders))
        }
        Err(refusal) => {
            forget(state, &link);
            Err(refusal)
        }
    }
}

fn peer_key(stream: &TlsStream<TcpStream>) -> Option<LinkKey> {
    let (_, connection) = stream.get_ref();
    relay_wire::public_key_from_der(connection.peer_certificates()?.first()?)
}

fn export(stream: &TlsStream<TcpStream>) -> Option<LinkKeys> {
    let (_, connection) = stream.get_ref();
    let mut id: LinkId = Hex([0; 16]);
    SystemRandom::new().fill(&mut id.0).ok()?;
    let exported = connection
        .export_keying_material([0; 32], LinkKeys::EXPORTER, Some(&id.0))
        .ok()?;
    Some(LinkKeys::new(id, &exported))
}

fn forget(state: &State, link: &Link) {
    state
        .links
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&link.keys.link());
}

/// Keeps the link until either side ends it, then puts it away.
async fn converse(state: &State, mut accepted: Accepted) {
    let own = state
        .bounds
        .own_addresses
        .enter(AddressKey::of(accepted.from.ip()), usize::MAX);
    let ended = talk(state, &mut accepted).await;
    accepted.link.end();
    accepted.school.detach(&accepted.link);
    forget(state, &accepted.link);
    drop(own);
    let school = &accepted.school.id;
    match ended {
        Ok(why) => tracing::info!(%school, why, "link ended"),
        Err(error) => tracing::info!(%school, %error, "link broke"),
    }
}

async fn talk(state: &State, accepted: &mut Accepted) -> io::Result<&'static str> {
    let Accepted {
        stream,
        buffer,
        link,
        orders,
        ..
    } = accepted;
    let mut ticks = interval(state.config.times.ping());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent_for = 0;
    loop {
        tokio::select! {
            // In this order: what is to be said goes out before the link ends, and a talkative edge silences no ping.
            biased;
            Some(order) = orders.recv() => {
                if let Some(why) = obey(stream, order).await? {
                    return Ok(why);
                }
            }
            () = link.gone.cancelled() => return Ok("it was no longer wanted"),
            _ = ticks.tick() => {
                silent_for += 1;
                if silent_for > 3 {
                    return Ok("the edge fell silent");
                }
                state.metrics.dead_parked.fetch_add(link.sweep() as u64, Relaxed);
                send(stream, &Frame::Ping { sent: u64::try_from(unix_time().as_millis()).unwrap_or_default() }).await?;
            }
            frame = receive::<Frame>(stream, buffer) => match frame? {
                None => return Ok("the edge closed it"),
                Some(frame) => {
                    silent_for = 0;
                    if let Frame::Ping { sent } = frame {
                        send(stream, &Frame::Pong { sent }).await?;
                    }
                }
            },
        }
    }
}

/// Passes an order to the edge; says why when it was the last.
async fn obey(stream: &mut TlsStream<TcpStream>, order: Order) -> io::Result<Option<&'static str>> {
    match order {
        Order::Want => send(stream, &Frame::Want { count: 1 }).await.map(|()| None),
        Order::Drain => send(stream, &Frame::Drain {}).await.map(|()| None),
        Order::Close(reason) => {
            send(stream, &Frame::Refused { reason }).await?;
            let _ = tokio::io::AsyncWriteExt::shutdown(stream).await;
            Ok(Some("the relay closed it"))
        }
    }
}
