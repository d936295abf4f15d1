//! Moves bytes between a visitor and a school. Small messages are copied through one buffer per thread; once a direction delivers
//! full buffers it is spliced through a borrowed pipe and its bytes never enter the process. Neither way keeps a buffer per stream.
//!
//! Back-pressure is TCP's own: nothing more is read while the receiver takes nothing.

use std::cell::RefCell;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rustix::pipe::{SpliceFlags, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::pipes::{Loan, Pipe, Pipes};
use crate::socket;

const BUFFER: usize = 16 * 1024;
/// Full reads in a row after which a direction is taken for a bulk transfer.
const FULL_READS: u8 = 2;
/// A burst that moved less than this is small talk again.
const BULK: u64 = 64 * 1024;
/// Bytes after which a stream lets the others of its thread run.
const TURN: u64 = 2 * 1024 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; BUFFER].into_boxed_slice());
}

/// Lends the thread's buffer; `work` must not wait.
pub(crate) fn with_scratch<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|buffer| work(buffer))
}

/// What one stream has moved.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    /// From the visitor to the school.
    pub(crate) up: AtomicU64,
    /// From the school to the visitor.
    pub(crate) down: AtomicU64,
    /// Part of both that was spliced.
    pub(crate) spliced: AtomicU64,
}

/// Means of moving bytes, shared by all streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pump<'a> {
    pub(crate) pipes: &'a Pipes,
    /// A receiver that takes nothing for so long is given up.
    pub(crate) stalled: Duration,
}

impl Pump<'_> {
    /// Runs until both directions have ended, or one fails. Once one has ended, the other must go on moving: a peer that is gone for
    /// good looks the same as one that only has no more to say.
    pub(crate) async fn run(
        self,
        visitor: &TcpStream,
        school: &TcpStream,
        moved: &Moved,
    ) -> io::Result<()> {
        let up = self.direction(visitor, school, &moved.up, &moved.spliced);
        let down = self.direction(school, visitor, &moved.down, &moved.spliced);
        tokio::pin!(up, down);
        tokio::select! {
            ended = &mut up => {
                ended?;
                self.while_moving(down, &moved.down).await
            }
            ended = &mut down => {
                ended?;
                self.while_moving(up, &moved.up).await
            }
        }
    }

    async fn while_moving(
        self,
        mut rest: impl Future<Output = io::Result<()>> + Unpin,
        moved: &AtomicU64,
    ) -> io::Result<()> {
        loop {
            let before = moved.load(Relaxed);
            match timeout(self.stalled, &mut rest).await {
                Ok(ended) => return ended,
                Err(_) if moved.load(Relaxed) > before => {}
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    async fn direction(
        self,
        from: &TcpStream,
        to: &TcpStream,
        moved: &AtomicU64,
        spliced: &AtomicU64,
    ) -> io::Result<()> {
        let mut full_reads = 0;
        loop {
            from.readable().await?;
            let loan = if full_reads >= FULL_READS {
                self.pipes.borrow()
            } else {
                None
            };
            if let Some(loan) = loan {
                let before = moved.load(Relaxed);
                let ended = self.splice_burst(from, to, loan, moved).await?;
                let burst = moved.load(Relaxed) - before;
                spliced.fetch_add(burst, Relaxed);
                if ended {
                    return socket::finish(to);
                }
                if burst < BULK {
                    full_reads = 0;
                }
                continue;
            }
            match copy(from, to)? {
                Copied::Nothing => {}
                Copied::End => return socket::finish(to),
                Copied::All(count) => {
                    moved.fetch_add(count as u64, Relaxed);
                    full_reads = if count == BUFFER {
                        full_reads.saturating_add(1)
                    } else {
                        0
                    };
                }
                Copied::Part { rest, count } => {
                    self.write_rest(to, &rest).await?;
                    moved.fetch_add(count as u64, Relaxed);
                    full_reads = if count == BUFFER {
                        full_reads.saturating_add(1)
                    } else {
                        0
                    };
                }
            }
        }
    }

    /// Splices until the sender has no more for now. True when it has ended.
    async fn splice_burst(
        self,
        from: &TcpStream,
        to: &TcpStream,
        loan: Loan<'_>,
        moved: &AtomicU64,
    ) -> io::Result<bool> {
        let Some(pipe) = loan.pipe() else {
            return Ok(false);
        };
        let mut turn = 0;
        let ended = loop {
            let count = match self.fill(from, pipe) {
                Ok(0) => break true,
                Ok(count) => count as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break false,
                Err(error) => return Err(error),
            };
            self.empty(pipe, to, count).await?;
            moved.fetch_add(count, Relaxed);
            turn += count;
            if turn >= TURN {
                turn = 0;
                tokio::task::yield_now().await;
            }
        };
        loan.give_back();
        Ok(ended)
    }

    fn fill(self, from: &TcpStream, pipe: &Pipe) -> io::Result<usize> {
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        from.try_io(Interest::READABLE, || {
            Ok(splice(
                from,
                None,
                &pipe.write,
                None,
                self.pipes.size(),
                flags,
            )?)
        })
    }

    async fn empty(self, pipe: &Pipe, to: &TcpStream, mut left: u64) -> io::Result<()> {
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        while left > 0 {
            let size = usize::try_from(left).unwrap_or(usize::MAX);
            match to.try_io(Interest::WRITABLE, || {
                Ok(splice(&pipe.read, None, to, None, size, flags)?)
            }) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => left -= count as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.writable(to).await?
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn write_rest(self, to: &TcpStream, mut rest: &[u8]) -> io::Result<()> {
        while !rest.is_empty() {
            self.writable(to).await?;
            match to.try_write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn writable(self, to: &TcpStream) -> io::Result<()> {
        timeout(self.stalled, to.writable())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

enum Copied {
    Nothing,
    End,
    All(usize),
    /// The receiver took only a part; the rest had to leave the thread's buffer.
    Part {
        rest: Vec<u8>,
        count: usize,
    },
}

fn copy(from: &TcpStream, to: &TcpStream) -> io::Result<Copied> {
    with_scratch(|buffer| {
        let count = match from.try_read(buffer) {
            Ok(0) => return Ok(Copied::End),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Copied::Nothing),
            Err(error) => return Err(error),
        };
        let read = buffer.get(..count).unwrap_or_default();
        let written = match to.try_write(read) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        match read.get(written..) {
            None | Some([]) => Ok(Copied::All(count)),
            Some(rest) => Ok(Copied::Part {
                rest: rest.to_vec(),
                count,
            }),
        }
    })
}
