//! An edge by script, built on `relay-wire` alone: it can do all that a real one does, and what none should.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use relay_wire::enrol::{self, Answer, Grant, Request};
use relay_wire::frame::{self, Frame, Refusal};
use relay_wire::header::LENGTH_FIELD;
use relay_wire::{
    ENROL_PROTOCOL, Hex, LINK_PROTOCOL, LinkKeys, Prologue, RELAY_NAME, Token, Visitor,
    public_key_der,
};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::ring as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::visitor::blind_trust;

/// An enrolled edge.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) grant: Grant,
    key: Arc<Vec<u8>>,
}

/// A standing control link.
pub(crate) struct Link {
    pub(crate) edge: Edge,
    pub(crate) keys: Arc<LinkKeys>,
    pub(crate) stream: TlsStream<TcpStream>,
    received: Vec<u8>,
    pub(crate) next: u64,
}

/// A link with workers behind it. Dropping it ends link, parked connections and streams, as a crash would.
pub(crate) struct Serving {
    pub(crate) edge: Edge,
    pub(crate) seen: Arc<Mutex<Vec<Visitor>>>,
    /// What the relay said on the link.
    pub(crate) said: Arc<Mutex<Vec<Frame>>>,
    _tasks: JoinSet<()>,
}

pub(crate) fn new_key() -> Vec<u8> {
    Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .expect("randomness")
        .as_ref()
        .to_vec()
}

fn pair(key: &[u8]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_pkcs8(key).expect("our own key")
}

fn public(pair: &Ed25519KeyPair) -> Hex<32> {
    Hex(pair.public_key().as_ref().try_into().expect("32 bytes"))
}

impl Edge {
    pub(crate) async fn enrol(address: SocketAddr, token: &Token) -> Result<Self, enrol::Refusal> {
        Self::enrol_key(address, token, new_key()).await
    }

    /// Enrols this very key.
    pub(crate) async fn enrol_key(
        address: SocketAddr,
        token: &Token,
        key: Vec<u8>,
    ) -> Result<Self, enrol::Refusal> {
        let hashes = token.hashes();
        let answer = ask(address, |exporter| {
            let pair = pair(&key);
            Request::new(&hashes, exporter, public(&pair), |bytes| {
                Hex(pair.sign(bytes).as_ref().try_into().expect("64"))
            })
        });
        let (answer, exporter) = answer.await;
        let grant = answer.granted(&hashes.proof, &exporter)?;
        Ok(Self {
            grant,
            key: Arc::new(key),
        })
    }

    /// The same school with another key that nobody granted.
    pub(crate) fn impostor(&self) -> Self {
        Self {
            grant: self.grant.clone(),
            key: Arc::new(new_key()),
        }
    }

    pub(crate) fn public(&self) -> Hex<32> {
        public(&pair(&self.key))
    }

    /// Makes a link.
    pub(crate) async fn link(&self, epoch: u64) -> Result<Link, Refusal> {
        let hello = Frame::Hello {
            version: 1,
            build: "script".into(),
            epoch,
            names: self.grant.names.clone(),
        };
        self.link_saying(&hello).await
    }

    pub(crate) async fn link_saying(&self, hello: &Frame) -> Result<Link, Refusal> {
        let mut stream = self.connect().await;
        stream
            .write_all(&frame::encode(hello).expect("short"))
            .await
            .expect("the relay listens");
        let mut received = Vec::new();
        match receive(&mut stream, &mut received)
            .await
            .expect("the relay answers")
        {
            Frame::Welcome { link, .. } => {
                let connection = stream.get_ref().1;
                let exported =
                    connection.export_keying_material([0; 32], LinkKeys::EXPORTER, Some(&link.0));
                let keys = Arc::new(LinkKeys::new(link, &exported.expect("TLS 1.3")));
                Ok(Link {
                    edge: self.clone(),
                    keys,
                    stream,
                    received,
                    next: 0,
                })
            }
            Frame::Refused { reason } => Err(reason),
            other => panic!("an answer to hello is no {other:?}"),
        }
    }

    /// TLS to the link port, as an edge does it.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.grant.authority.as_bytes()).expect("PEM"))
            .expect("a root");
        let signing =
            provider::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(self.key.as_slice()))
                .expect("a key");
        let chain = vec![CertificateDer::from(public_key_der(&self.public()))];
        let certified = Arc::new(CertifiedKey::new(chain, signing));
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
                .with_protocol_versions(&[&TLS13])
                .expect("TLS 1.3")
                .with_root_certificates(roots)
                .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                    certified,
                )));
        config.alpn_protocols = vec![LINK_PROTOCOL.to_vec()];
        let tcp = TcpStream::connect(&self.grant.links[0])
            .await
            .expect("the relay listens");
        let name = ServerName::try_from(RELAY_NAME).expect("a name");
        TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await
            .expect("the pinned authority fits")
    }
}

/// One question at the enrolment endpoint.
pub(crate) async fn ask(
    address: SocketAddr,
    question: impl FnOnce(&[u8; 32]) -> Request,
) -> (Answer, [u8; 32]) {
    let tcp = TcpStream::connect(address)
        .await
        .expect("the relay listens");
    let config = blind_trust(&[&TLS13], &[ENROL_PROTOCOL]);
    let name = ServerName::try_from(RELAY_NAME).expect("a name");
    let mut stream = TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .expect("TLS");
    let exporter = stream
        .get_ref()
        .1
        .export_keying_material([0; 32], enrol::EXPORTER, None)
        .expect("TLS 1.3");
    stream
        .write_all(&frame::encode(&question(&exporter)).expect("short"))
        .await
        .expect("it listens");
    let mut received = Vec::new();
    loop {
        if let Some(answer) = frame::decode(&mut received).expect("a frame") {
            return (answer, exporter);
        }
        assert_ne!(
            stream.read_buf(&mut received).await.expect("an answer"),
            0,
            "the relay closed without an answer"
        );
    }
}

async fn receive(
    stream: &mut TlsStream<TcpStream>,
    received: &mut Vec<u8>,
) -> std::io::Result<Frame> {
    loop {
        if let Some(frame) = frame::decode(received).expect("the relay sends good frames") {
            return Ok(frame);
        }
        if stream.read_buf(received).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

impl Link {
    pub(crate) async fn frame(&mut self) -> std::io::Result<Frame> {
        receive(&mut self.stream, &mut self.received).await
    }

    pub(crate) fn work_address(&self) -> String {
        self.edge.grant.links[0].clone()
    }

    /// Parks one work connection; its number.
    pub(crate) async fn park(&mut self) -> (TcpStream, u64) {
        let counter = self.next;
        self.next += 1;
        (
            park(&self.work_address(), &self.keys, counter).await,
            counter,
        )
    }

    /// Keeps the link, and `workers` parked connections that serve one visitor after another.
    pub(crate) async fn serve(mut self, workers: u64) -> Serving {
        let edge = self.edge.clone();
        let (seen, said) = (Arc::default(), Arc::default());
        let acceptor = acceptor(&edge);
        let mut tasks = JoinSet::new();
        for index in 0..workers {
            let worker = Worker {
                address: self.work_address(),
                keys: Arc::clone(&self.keys),
                acceptor: acceptor.clone(),
                school: edge.grant.school.to_string(),
                seen: Arc::clone(&seen),
            };
            tasks.spawn(worker.run(self.next + index, workers));
        }
        let log: Arc<Mutex<Vec<Frame>>> = Arc::clone(&said);
        tasks.spawn(async move {
            while let Ok(frame) = self.frame().await {
                if let Frame::Ping { sent } = frame {
                    let pong = frame::encode(&Frame::Pong { sent }).expect("short");
                    if self.stream.write_all(&pong).await.is_err() {
                        return;
                    }
                }
                log.lock().expect("no test panics here").push(frame);
            }
        });
        Serving {
            edge,
            seen,
            said,
            _tasks: tasks,
        }
    }
}

struct Worker {
    address: String,
    keys: Arc<LinkKeys>,
    acceptor: TlsAcceptor,
    school: String,
    seen: Arc<Mutex<Vec<Visitor>>>,
}

impl Worker {
    /// Parks, serves, parks again; numbers are its own, `step` apart.
    async fn run(self, first: u64, step: u64) {
        let mut streams = JoinSet::new();
        for counter in (first..).step_by(usize::try_from(step).expect("small")) {
            let mut work = park(&self.address, &self.keys, counter).await;
            let Some(visitor) = header(&mut work, &self.keys, counter).await else {
                return;
            };
            self.seen.lock().expect("no test panics here").push(visitor);
            let (acceptor, school) = (self.acceptor.clone(), self.school.clone());
            streams.spawn(async move {
                let Ok(mut stream) = acceptor.accept(work).await else {
                    return;
                };
                let _ = greet_and_echo(&mut stream, &school).await;
            });
        }
    }
}

async fn greet_and_echo(
    stream: &mut tokio_rustls::server::TlsStream<TcpStream>,
    school: &str,
) -> std::io::Result<()> {
    stream
        .write_all(format!("this is {school}\n").as_bytes())
        .await?;
    stream.flush().await?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..count]).await?;
        stream.flush().await?;
    }
}

/// Opens a work connection with a good prologue.
pub(crate) async fn park(address: &str, keys: &LinkKeys, counter: u64) -> TcpStream {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the relay listens");
    stream
        .write_all(&Prologue::encode(keys, counter))
        .await
        .expect("it takes 60 bytes");
    stream
}

/// Waits for the header on a parked connection; nothing when the relay closes it.
pub(crate) async fn header(work: &mut TcpStream, keys: &LinkKeys, counter: u64) -> Option<Visitor> {
    let mut length = [0; LENGTH_FIELD];
    work.read_exact(&mut length).await.ok()?;
    let mut sealed = vec![0; usize::from(u16::from_be_bytes(length))];
    work.read_exact(&mut sealed).await.ok()?;
    Some(Visitor::open(keys, counter, &sealed).expect("the relay seals for this link and number"))
}

fn acceptor(edge: &Edge) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let names: Vec<_> = edge.grant.names.iter().map(ToString::to_string).collect();
    let certificate = CertificateParams::new(names)
        .and_then(|params| params.self_signed(&key))
        .expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("they fit");
    TlsAcceptor::from(Arc::new(config))
}
