//! What this module wants answered by others: somebody who carries a question to a witness.

use std::future::Future;

/// A witness' answer, as HTTP would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// The way to the witnesses.
pub trait Way: Sync {
    /// Brings a body to `add-checkpoint` of the witness of this name in the policy; none when there was no answer.
    fn carry(&self, witness: &str, body: String) -> impl Future<Output = Option<Answer>> + Send;
}
