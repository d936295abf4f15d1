//! Splice pipes, lent only while bytes are in flight. An idle stream owns none; all pipes of one user share a small kernel budget,
//! and beyond it new pipes silently shrink to two pages, which is slower than copying.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// The pool.
#[derive(Debug)]
pub(crate) struct Pipes {
    size: usize,
    most: usize,
    borrowed: AtomicUsize,
    free: Mutex<Vec<Pipe>>,
}

/// An empty pipe of the pool's size.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) read: OwnedFd,
    pub(crate) write: OwnedFd,
}

/// A pipe on loan. Give it back with [`Loan::give_back`] only when it is empty; dropped, it is closed with what is in it.
#[derive(Debug)]
pub(crate) struct Loan<'a> {
    pipes: &'a Pipes,
    pipe: Option<Pipe>,
}

impl Pipes {
    pub(crate) fn new(size: usize, most: usize) -> Self {
        Self {
            size,
            most,
            borrowed: AtomicUsize::new(0),
            free: Mutex::default(),
        }
    }

    /// Bytes that one pipe takes at most.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Pipes on loan now.
    pub(crate) fn borrowed(&self) -> usize {
        self.borrowed.load(Relaxed)
    }

    /// A pipe, unless all are on loan or the kernel has none: then copy instead.
    pub(crate) fn borrow(&self) -> Option<Loan<'_>> {
        if self.borrowed.fetch_add(1, Relaxed) >= self.most {
            self.borrowed.fetch_sub(1, Relaxed);
            return None;
        }
        let free = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let pipe = free.or_else(|| self.open());
        if pipe.is_none() {
            self.borrowed.fetch_sub(1, Relaxed);
        }
        pipe.map(|pipe| Loan {
            pipes: self,
            pipe: Some(pipe),
        })
    }

    fn open(&self) -> Option<Pipe> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
        fcntl_setpipe_size(&write, self.size).ok()?;
        Some(Pipe { read, write })
    }
}

impl Loan<'_> {
    pub(crate) fn pipe(&self) -> Option<&Pipe> {
        self.pipe.as_ref()
    }

    pub(crate) fn give_back(mut self) {
        if let Some(pipe) = self.pipe.take() {
            self.pipes
                .free
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(pipe);
        }
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.pipes.borrowed.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Pipes;

    #[test]
    fn no_more_pipes_are_lent_than_allowed_and_an_empty_one_is_used_again() {
        let pipes = Pipes::new(64 * 1024, 1);
        let loan = pipes.borrow().expect("the first");
        assert!(pipes.borrow().is_none());
        loan.give_back();
        assert_eq!(pipes.borrowed(), 0);
        assert!(pipes.borrow().is_some());
        assert_eq!(pipes.borrowed(), 0, "a dropped loan counts no longer");
    }
}
