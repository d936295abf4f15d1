//! The two ends of `cargo xtask bench relay`: a visitor, and a school's machine that answers with zeros, over the TLS and HTTP
//! of the real one. Each is a process of its own, as it would be, and so is the relay between them, whose processor time
//! is told apart. Direct and relayed downloads over one stream take turns. Prints one line of JSON.

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use clap::Parser;
use edge::relay::serve::Server;
use edge::relay::{Enrolment, PoolBounds, RelayConfig};
use edge::tls::Certificates;
use futures::{StreamExt as _, stream};
use relay_wire::Token;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

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
    /// Be the school, until standard input ends
    #[arg(long, hide = true)]
    school: bool,
}

const MEBIBYTE: usize = 1 << 20;
const PIECE: usize = 64 * 1024;
/// How long the school may take to appear at the relay.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.school {
        be_the_school(&arguments).await
    } else {
        visit(&arguments).await
    }
}

async fn visit(arguments: &Arguments) -> Result<()> {
    let (_school, direct) = start_school().await?;
    let bytes = arguments.size * MEBIBYTE;
    let visitor = Visitor::new(&arguments.folder.join("tls/ca.pem"), &arguments.name)?;
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

/// The school's process, which ends with the handle, and where it is reached directly.
async fn start_school() -> Result<(Child, SocketAddr)> {
    let mut school = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .arg("--school")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("starting the school's process")?;
    let output = school
        .stdout
        .take()
        .context("the school's output is ours")?;
    let line = BufReader::new(output).lines().next_line().await?;
    let direct = line.context("the school ended before it was reachable")?;
    Ok((school, direct.parse()?))
}

async fn be_the_school(arguments: &Arguments) -> Result<()> {
    let certificates = Certificates::open(
        &arguments.folder.join("tls"),
        std::slice::from_ref(&arguments.name),
    )?;
    let certificates = Arc::new(certificates);
    let size = arguments.size * MEBIBYTE;
    let router = Router::new().route("/", get(move || async move { zeros(size) }));
    let server = Server::new(router, certificates, CancellationToken::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let direct = listener.local_addr()?;
    tokio::spawn(server.clone().listener(listener));
    join_relay(arguments, server).await?;
    println!("{direct}");
    // The visitor never writes: its end is ours.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// A body of so many zeros, in pieces as files are sent.
fn zeros(size: usize) -> impl IntoResponse {
    let piece = Bytes::from(vec![0_u8; PIECE]);
    let pieces = stream::repeat(piece)
        .take(size / PIECE)
        .map(Ok::<_, Infallible>);
    ([(CONTENT_LENGTH, size)], Body::from_stream(pieces))
}

async fn join_relay(arguments: &Arguments, server: Server) -> Result<()> {
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
    let (link, visitors) = edge::relay::start(config)
        .await
        .context("joining the relay")?;
    let mut status = link.watch();
    tokio::spawn(server.visitors(link, visitors));
    let reachable = status.wait_for(|status| status.is_reachable() && status.parked > 0);
    tokio::time::timeout(PATIENCE, reachable)
        .await
        .context("the school did not appear at the relay in time")??;
    Ok(())
}

struct Visitor {
    connector: TlsConnector,
    name: ServerName<'static>,
    host: String,
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
            host: name.to_owned(),
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
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.host
        );
        stream.write_all(request.as_bytes()).await?;
        let (began, mut received, mut block) = (Instant::now(), 0, vec![0_u8; 256 * 1024]);
        // The head of the answer is some hundred bytes of half a gibibyte.
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
