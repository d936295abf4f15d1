//! The two ends of `cargo xtask bench relay`: a school's machine, whole, with one large file in it, and a visitor who downloads it.
//! Each is a process of its own, as it would be, and so is the relay between them, whose processor time is told apart. Downloads
//! over the school's own network and through the relay take turns, one stream each. Prints one line of JSON.

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use edge::Config;
use edge::config::Relay;
use edge_kernel::Clock;
use events::accounts::PersonName;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_rustls::TlsConnector;

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

/// What a visitor must know to download the school's file.
#[derive(Serialize, Deserialize)]
struct School {
    /// Where HTTPS is answered on the school's network.
    direct: SocketAddr,
    /// The session of somebody who may see the file.
    cookie: String,
    /// Path of the file's bytes.
    path: String,
}

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
    let (_process, school) = start_school().await?;
    let bytes = arguments.size * MEBIBYTE;
    let authority = arguments.folder.join("school/tls/ca.pem");
    let direct = school.direct;
    let visitor = Visitor::new(&authority, &arguments.name, &school)?;
    // The first one through the relay waits until the school has joined it, and both fill the caches.
    visitor.download(direct, bytes).await?;
    visitor.download(arguments.front, bytes).await?;
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

/// The school's process, which ends with the handle, and what it holds ready.
async fn start_school() -> Result<(Child, School)> {
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
    let line = line.context("the school ended before it was reachable")?;
    Ok((school, serde_json::from_str(&line)?))
}

/// Founds a school with one file in its founder's own space, and joins it to the relay.
async fn be_the_school(arguments: &Arguments) -> Result<()> {
    let data = arguments.folder.join("school");
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        https: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        names: vec![arguments.name.clone()],
        relay: Relay {
            enrol: Some(arguments.enrol.clone()),
            token: Some(arguments.token.clone()),
            ..Relay::default()
        },
        ..Config::default()
    };
    let running = edge::start(&data, config, Clock::System, &|_, _, _| {}).await?;
    let name = PersonName {
        given: "Anke".to_owned(),
        family: "Amtmann".to_owned(),
    };
    let accounts = &running.house.accounts;
    let founded = accounts.found("Schule am Test", FOUNDER, name, FOUNDER_PASSWORD);
    founded.await?;
    // The flow that gives everybody a space runs beside the school; the file waits for it.
    let house = &running.house;
    edge_flows::catch_up(&house.kernel, &house.files, &house.messenger).await?;
    let founder = Api::new(running.http);
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = School {
        direct: running.https.context("HTTPS was asked for")?,
        cookie: founder.cookie().context("signing in sets a cookie")?,
        path: upload(&founder, arguments.size * MEBIBYTE).await?,
    };
    println!("{}", serde_json::to_string(&school)?);
    // The visitor never writes: its end is ours.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    running.stop().await;
    Ok(())
}

/// Puts a file of so many bytes into the founder's own space; gives the path to download it.
async fn upload(founder: &Api, size: usize) -> Result<String> {
    let session = founder.get("/api/session").await.ok();
    let space = session["own_space"]
        .as_str()
        .context("the founder has a space")?;
    // Bytes that no compression makes fewer of, and that are the same in every run.
    let mut state = 1_u64;
    let content: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take(size / 8)
    .flatten()
    .collect();
    let uploaded = founder.upload(space, "Film.mp4", &content).await.ok();
    let node = uploaded["node"]
        .as_str()
        .context("an upload names its node")?;
    Ok(format!("/api/files/spaces/{space}/nodes/{node}/content"))
}

struct Visitor {
    connector: TlsConnector,
    name: ServerName<'static>,
    request: String,
}

impl Visitor {
    fn new(authority: &Path, name: &str, school: &School) -> Result<Self> {
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
            request: format!(
                "GET {} HTTP/1.1\r\nHost: {name}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
                school.path, school.cookie
            ),
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
        stream.write_all(self.request.as_bytes()).await?;
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
