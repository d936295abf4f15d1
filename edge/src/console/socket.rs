//! The socket between the console and the running server: one command as a JSON line, then JSON lines of progress and
//! at last the answer. The socket's mode lets only the owner of the data directory speak. What changes the school is carried
//! out also when whoever asked has gone.

use super::{Answer, Command, Progress, Tell, carry_out};
use crate::house::House;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
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

/// Opens the socket; one left behind by a crash is replaced, since the directory's lock says that nobody else is here. It
/// is made in a directory that only its owner may enter, and moved to its place once its mode is right.
pub(crate) fn listen(data: &Path) -> Result<UnixListener> {
    let path = path(data);
    let nursery = data.join("console.new");
    match std::fs::remove_dir_all(&nursery) {
        Ok(()) => {}
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("removing {}", nursery.display()));
        }
    }
    let made = make(&nursery, &path).with_context(|| format!("opening {}", path.display()));
    // Left behind, it does no harm: the next start removes it.
    let _ = std::fs::remove_dir(&nursery);
    made
}

fn make(nursery: &Path, path: &Path) -> std::io::Result<UnixListener> {
    std::fs::DirBuilder::new().mode(0o700).create(nursery)?;
    let unborn = nursery.join("s");
    let listener = UnixListener::bind(&unborn)?;
    std::fs::set_permissions(&unborn, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&unborn, path)?;
    Ok(listener)
}

/// Serves commands until stopped.
pub(crate) async fn serve(listener: UnixListener, house: House, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors: asking again at once would only burn time.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let house = house.clone();
        let stop = stop.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &house, &stop).await {
                tracing::warn!(error = %error, "a console command was cut off");
            }
        });
    }
}

async fn converse(stream: UnixStream, house: &House, stop: &CancellationToken) -> Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut asked = BufReader::new(reading.take(COMMAND));
    tokio::select! {
        read = asked.read_line(&mut line) => read?,
        () = stop.cancelled() => return Ok(()),
    };
    let command: Command = serde_json::from_str(&line).context("reading a command")?;
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let goes_on = command.goes_on_alone();
    let (at, until) = (house.clone(), stop.clone());
    let mut work = tokio::spawn(async move {
        let tell = Tell::Remote(sender);
        tokio::select! {
            answer = carry_out(&at, command, &tell) => Some(answer),
            () = until.cancelled() => None,
        }
    });
    let told = async {
        loop {
            tokio::select! {
                biased;
                Some(progress) = told.recv() => write(&mut writing, &Frame::Progress(progress)).await?,
                answer = &mut work => match answer? {
                    Some(answer) => return write(&mut writing, &Frame::Answer(answer)).await,
                    // We stop; whoever asked is told by the end of the connection.
                    None => return Ok(()),
                },
            }
        }
    };
    let told = told.await;
    match goes_on {
        true => told.context("its console has gone; it is carried out all the same"),
        false => {
            work.abort();
            told
        }
    }
}

async fn write(writing: &mut (impl AsyncWriteExt + Unpin), frame: &Frame) -> Result<()> {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    Ok(writing.write_all(&line).await?)
}

/// Whether a server runs on a data directory.
pub(super) async fn is_served(data: &Path) -> bool {
    UnixStream::connect(path(data)).await.is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_socket_is_its_owners_alone_and_replaces_one_left_behind() {
        let data = tempfile::tempdir().expect("a directory");
        drop(listen(data.path()).expect("opens"));
        let listener = listen(data.path()).expect("opens again");
        let mode = std::fs::metadata(path(data.path()))
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let (asked, accepted) =
            tokio::join!(UnixStream::connect(path(data.path())), listener.accept());
        assert!(asked.is_ok() && accepted.is_ok());
        assert!(!data.path().join("console.new").exists());
    }
}
