//! The two ends of `cargo xtask bench relay`: a visitor, and a school's machine that answers with zeros. Both live here; the
//! relay between them is a process of its own, so that its processor time can be told apart. Direct and relayed downloads
//! over one TLS stream take turns. Prints one line of JSON.

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use edge::relay::{Enrolment, PoolBounds, RelayConfig};
use edge::tls::Certificates;
use relay_wire::Token;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

#[derive(Parser)]
struct Arguments {
    /// Where the relay takes enrolments
    #[arg(long)]
    enrol: String,
    /// The token to enrol with
    #[arg(long)]
    token: String,
    /// Where the relay takes visitors
    #[arg(long)]
    front: SocketAddr,
    /// The relay's process
    #[arg(long)]
    process: u32,
    /// The name under which visitors ask for the school
    #[arg(long)]
    name: String,
    #[arg(long)]
    folder: PathBuf,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Mebibytes per download
    #[arg(long, default_value_t = 512)]
    size: usize,
}

const MEBIBYTE: usize = 1 << 20;
/// How long the school may take to appear at the relay.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let bytes = arguments.size * MEBIBYTE;
    let certificates = Certificates::open(
        &arguments.folder.join("tls"),
        std::slice::from_ref(&arguments.name),
    )?;
    let school = School {
        acceptor: TlsAcceptor::from(http_less(&certificates)),
        bytes,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let direct = listener.local_addr()?;
    tokio::spawn(school.clone().listen(listener));
    join_relay(&arguments, &school).await?;
    let visitor = Visitor::new(certificates.authority_file(), &arguments.name)?;
    let (mut straight, mut relayed, mut processor, mut ratios) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        let directly = visitor.download(direct, bytes).await?;
        let before = processor_seconds(arguments.process)?;
        let through = visitor.download(arguments.front, bytes).await?;
        let spent = processor_seconds(arguments.process)? - before;
        straight.push(directly);
        relayed.push(through);
        // Neighbours in time are compared, so that a busy minute weighs on both.
        ratios.push(through / directly);
        processor.push(spent * 1024.0 / arguments.size as f64);
    }
    let report = json!({
        "direct": median(straight),
        "relayed": median(relayed),
        "ratio": median(ratios),
        "processor_seconds_per_gib": median(processor),
    });
    println!("{report}");
    Ok(())
}

/// The same TLS as the school's machine speaks, but no application protocol: only bytes are counted here.
fn http_less(certificates: &Certificates) -> Arc<ServerConfig> {
    let mut config = (*certificates.server_config()).clone();
    config.alpn_protocols.clear();
    Arc::new(config)
}

/// Answers each visitor with so many zeros.
#[derive(Clone)]
struct School {
    acceptor: TlsAcceptor,
    bytes: usize,
}

impl School {
    async fn listen(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(self.clone().answer(stream));
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Ok(mut stream) = self.acceptor.accept(stream).await else {
            return;
        };
        let block = vec![0_u8; 64 * 1024];
        let mut left = self.bytes;
        while left > 0 {
            let part = left.min(block.len());
            if stream.write_all(&block[..part]).await.is_err() {
                return;
            }
            left -= part;
        }
        let _ = stream.shutdown().await;
    }
}

async fn join_relay(arguments: &Arguments, school: &School) -> Result<()> {
    let token: Token = Token::parse(&arguments.token).context("reading the token")?;
    let config = RelayConfig {
        directory: arguments.folder.join("relay"),
        enrolment: Some(Enrolment {
            address: arguments.enrol.clone(),
            token,
        }),
        nats: None,
        pool: PoolBounds::default(),
        build: "bench".into(),
    };
    let (link, mut visitors) = edge::relay::start(config)
        .await
        .context("joining the relay")?;
    let school = school.clone();
    let mut status = link.watch();
    tokio::spawn(async move {
        // The link lives as long as somebody takes its visitors.
        let _link = link;
        while let Some(visitor) = visitors.recv().await {
            tokio::spawn(school.clone().answer(visitor.stream));
        }
    });
    let reachable = status.wait_for(|status| status.is_reachable() && status.parked > 0);
    tokio::time::timeout(PATIENCE, reachable)
        .await
        .context("the school did not appear at the relay in time")??;
    Ok(())
}

struct Visitor {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Visitor {
    fn new(authority: &Path, name: &str) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(
            rustls::pki_types::CertificateDer::from_pem_file(authority)
                .context("reading the school's authority")?,
        )?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(name.to_owned())?,
        })
    }

    /// Mebibytes per second over one stream.
    async fn download(&self, from: SocketAddr, bytes: usize) -> Result<f64> {
        let stream = TcpStream::connect(from).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let mut stream = self
            .connector
            .connect(self.name.clone(), stream)
            .await
            .context("making TLS with the school")?;
        let (began, mut received, mut block) = (Instant::now(), 0, vec![0_u8; 256 * 1024]);
        while received < bytes {
            let read = stream.read(&mut block).await.context("downloading")?;
            ensure!(
                read > 0,
                "the download ended after {received} of {bytes} bytes"
            );
            received += read;
        }
        Ok(bytes as f64 / MEBIBYTE as f64 / began.elapsed().as_secs_f64())
    }
}

/// What a process has spent so far, in user and system time: fields 14 and 15 of its `stat`, in ticks of 10 ms.
fn processor_seconds(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))
        .context("reading the relay's processor time")?;
    let fields = stat
        .rsplit_once(')')
        .map(|(_, after)| after.split_whitespace())
        .context("the relay's stat is malformed")?;
    let ticks: Vec<f64> = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
