//! The socket between the console and the running server: one command as a JSON line, then JSON lines of progress and
//! at last the answer. The socket's mode lets only the owner of the data directory speak.

use super::{Answer, Command, Progress, Tell, carry_out};
use crate::house::House;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// A command with a roster of 32 MiB, its bytes written as JSON numbers.
const COMMAND: u64 = 160 << 20;

#[derive(Serialize, Deserialize)]
enum Frame {
    Progress(Progress),
    Answer(Answer),
}

fn path(data: &Path) -> PathBuf {
    data.join("console.sock")
}

/// Opens the socket; one left behind by a crash is replaced, since the directory's lock says that nobody else is here.
pub(crate) fn listen(data: &Path) -> Result<UnixListener> {
    let path = path(data);
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("removing {}", path.display())),
    }
    let listener =
        UnixListener::bind(&path).with_context(|| format!("opening {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("protecting {}", path.display()))?;
    Ok(listener)
}

/// Serves commands until stopped.
pub(crate) async fn serve(listener: UnixListener, house: House, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let house = house.clone();
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = converse(stream, &house) => if let Err(error) = served {
                    tracing::warn!(error = %error, "a console command was cut off");
                },
                () = stop.cancelled() => {}
            }
        });
    }
}

async fn converse(stream: UnixStream, house: &House) -> Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reading.take(COMMAND))
        .read_line(&mut line)
        .await?;
    let command: Command = serde_json::from_str(&line).context("reading a command")?;
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let tell = Tell::Remote(sender);
    let mut work = std::pin::pin!(carry_out(house, command, &tell));
    let answer = loop {
        tokio::select! {
            biased;
            Some(progress) = told.recv() => write(&mut writing, &Frame::Progress(progress)).await?,
            answer = &mut work => break answer,
        }
    };
    write(&mut writing, &Frame::Answer(answer)).await
}

async fn write(writing: &mut (impl AsyncWriteExt + Unpin), frame: &Frame) -> Result<()> {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    Ok(writing.write_all(&line).await?)
}

/// Asks the running server; none when there is no server.
pub(crate) async fn ask(data: &Path, command: &Command, tell: &Tell) -> Result<Option<Answer>> {
    let Ok(stream) = UnixStream::connect(path(data)).await else {
        return Ok(None);
    };
    let (reading, mut writing) = stream.into_split();
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    writing
        .write_all(&line)
        .await
        .context("asking the running server")?;
    let mut lines = BufReader::new(reading).lines();
    while let Some(line) = lines
        .next_line()
        .await
        .context("listening to the running server")?
    {
        match serde_json::from_str(&line)
            .context("understanding the running server; is it of another version?")?
        {
            Frame::Progress(Progress { what, done, of }) => tell.progress(&what, done, of),
            Frame::Answer(answer) => return Ok(Some(answer)),
        }
    }
    anyhow::bail!("the running server ended before it answered; look at its log and ask again")
}
