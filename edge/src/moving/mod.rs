//! Moving a school to another machine. The new one prints a code and receives; the old one pulls everything over while it serves,
//! stops taking commands for some seconds, seals the log for the new one's key, and hands over the rest.
//!
//! Two writes decide. On the old machine it is the log's last event: before it the old one goes on by itself whatever happens, after it
//! it never writes again. On the new one it is the file that says so: before it nothing is served there, after it the new one finishes
//! alone. Everything else can be done twice.

mod back;
mod code;
mod desk;
mod objects;
mod receive;
mod remote;
mod secrets;
mod send;
mod server;
mod tls;
mod wire;
mod work;

pub use back::take_back;
pub use code::{Code, CodeError};
pub use receive::{Options, Receiving};
pub(crate) use remote::Remote;
pub use send::{Handed, finish_destroying, send_sealed};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Called before each step that changes something durable, or asks the other machine. An error stops there, as a power cut would: for
/// drills.
pub type Point = Arc<dyn Fn(&'static str) -> std::io::Result<()> + Send + Sync>;

/// What a house knows of its move; cheap to clone.
#[derive(Clone, Default)]
pub struct Moving {
    turn: Arc<tokio::sync::Mutex<()>>,
    over: Arc<AtomicBool>,
}

impl Moving {
    /// Whether the school has moved, and this machine has nothing left to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}
