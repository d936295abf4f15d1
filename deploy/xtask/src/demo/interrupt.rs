//! Ctrl-C and its relatives: noticed, so that children are stopped in order instead of being torn down with us.

use anyhow::{Context as _, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody wants us to end.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen. A second signal ends us at once; the kernel then kills the children.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn listen() -> Result<Self> {
        let wanted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&wanted))
                .context("listening for signals")?;
            signal_hook::flag::register(signal, Arc::clone(&wanted))
                .context("listening for signals")?;
        }
        Ok(Self(wanted))
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// # Errors
    /// When somebody wants us to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_wanted() {
            bail!("interrupted");
        }
        Ok(())
    }
}
