//! The archive's file. It is packed on a thread of its own, so that no task waits for the disk.

use bytes::Bytes;
use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::fs::FileExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Pieces that wait to be packed.
const WAITING: usize = 16;

enum Piece {
    /// What follows belongs to a new entry of this name.
    Entry(String, CompressionMethod),
    Bytes(Bytes),
}

/// An archive that is being written.
pub(crate) struct Archive {
    pieces: mpsc::Sender<Piece>,
    packed: JoinHandle<std::io::Result<File>>,
}

impl Archive {
    pub(crate) fn begin(file: File) -> Self {
        let (pieces, mut waiting) = mpsc::channel(WAITING);
        let packed = tokio::task::spawn_blocking(move || {
            let mut zip = ZipWriter::new(file);
            while let Some(piece) = waiting.blocking_recv() {
                match piece {
                    Piece::Entry(name, method) => {
                        let options = SimpleFileOptions::default()
                            .compression_method(method)
                            .unix_permissions(0o600)
                            .large_file(true);
                        zip.start_file(name, options)?;
                    }
                    Piece::Bytes(bytes) => zip.write_all(&bytes)?,
                }
            }
            let mut file = zip.finish()?;
            file.flush()?;
            Ok(file)
        });
        Self { pieces, packed }
    }

    /// Begins an entry of text.
    pub(crate) async fn text(&self, name: &str) {
        self.send(Piece::Entry(name.to_owned(), CompressionMethod::Deflated))
            .await;
    }

    /// Begins an entry of bytes that are mostly packed already.
    pub(crate) async fn bytes(&self, name: &str) {
        self.send(Piece::Entry(name.to_owned(), CompressionMethod::Stored))
            .await;
    }

    /// Adds to the entry that was begun last.
    pub(crate) async fn add(&self, bytes: impl Into<Bytes>) {
        self.send(Piece::Bytes(bytes.into())).await;
    }

    /// A packing that failed takes nothing more; [`Archive::finish`] tells why.
    async fn send(&self, piece: Piece) {
        let _ = self.pieces.send(piece).await;
    }

    /// The finished file.
    pub(crate) async fn finish(self) -> std::io::Result<File> {
        drop(self.pieces);
        self.packed.await.map_err(std::io::Error::other)?
    }
}

/// How long a finished archive is, in bytes.
pub(crate) fn length(mut file: &File) -> std::io::Result<u64> {
    file.seek(std::io::SeekFrom::End(0))
}

/// Reads a piece at a place; several readers do not disturb one another.
pub(crate) fn read_at(file: &File, at: u64, length: usize) -> std::io::Result<Bytes> {
    let mut piece = vec![0; length];
    file.read_exact_at(&mut piece, at)?;
    Ok(piece.into())
}
