//! The Monday morning of `cargo xtask bench login`: everybody signs in within a minute, each from a browser of their own.
//! Arrivals are spread evenly and do not wait for one another; a slow answer counts from when the person came, not from
//! when we got round to them. Prints one line of JSON.

use anyhow::{Context as _, Result};
use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

#[derive(Parser)]
struct Arguments {
    /// Where the school's machine listens
    #[arg(long)]
    address: SocketAddr,
    /// The logins of everybody, as the seeder writes them
    #[arg(long)]
    logins: PathBuf,
    /// Over how many seconds they arrive
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
}

#[derive(Clone, Deserialize, Serialize)]
struct Login {
    login: String,
    password: String,
}

/// After so long a person gives up.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let text = std::fs::read_to_string(&arguments.logins).context("reading the logins")?;
    let logins: Vec<Login> = serde_json::from_str(&text).context("reading the logins")?;
    let gap = Duration::from_secs_f64(arguments.seconds / logins.len().max(1) as f64);
    let began = Instant::now();
    let mut people = tokio::task::JoinSet::new();
    let address = arguments.address;
    for (number, login) in (0_u32..).zip(logins) {
        people.spawn(arrive(address, Arc::new(login), began + gap * number));
    }
    let (mut waits, mut failed) = (Vec::new(), 0_u32);
    while let Some(outcome) = people.join_next().await {
        match outcome? {
            Some(wait) => waits.push(wait.as_secs_f64() * 1000.0),
            None => failed += 1,
        }
    }
    waits.sort_by(f64::total_cmp);
    let share = |share: f64| {
        waits
            .get(((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{}",
        json!({ "people": waits.len(), "failed": failed, "p50_ms": share(0.5), "p95_ms": share(0.95), "p99_ms": share(0.99) })
    );
    Ok(())
}

/// One person comes at a moment; how long they waited, or nothing when they could not get in.
async fn arrive(address: SocketAddr, login: Arc<Login>, at: Instant) -> Option<Duration> {
    sleep_until(at).await;
    let signed_in = timeout(PATIENCE, sign_in(address, &login)).await;
    matches!(signed_in, Ok(Ok(true))).then(|| at.elapsed())
}

async fn sign_in(address: SocketAddr, login: &Login) -> Result<bool> {
    let body = serde_json::to_string(login)?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST /api/session HTTP/1.1\r\nHost: localhost:{}\r\nX-Schulhof: 1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        address.port(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    Ok(head.starts_with("http/1.1 200") && head.contains("set-cookie: schulhof"))
}
