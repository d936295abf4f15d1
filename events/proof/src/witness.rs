//! The body of `add-checkpoint` (c2sp.org/tlog-witness): which size the witness is thought to know, the proof from there, and
//! the signed checkpoint. Pure; who sends it where is the hosts' affair.

use crate::tree::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Hashes that a proof may have: a tree of 2⁶³ leaves needs no more.
const LONGEST_PROOF: usize = 63;

/// A checkpoint brought to a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the tree that the witness is thought to know; 0 for none.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed note.
    pub note: String,
}

impl AddCheckpoint {
    /// The body as it travels.
    #[must_use]
    pub fn body(&self) -> String {
        let proof: String = self
            .proof
            .iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect();
        format!("old {}\n{proof}\n{}", self.old, self.note)
    }

    /// Reads a body; none when it has not the form.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = lines.next()?.strip_prefix("old ")?;
        let canonical = old == "0" || !old.starts_with(['0', '+']);
        let old = old.parse().ok().filter(|_| canonical)?;
        let decode = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let proof: Vec<Hash> = lines.map(decode).collect::<Option<_>>()?;
        (proof.len() <= LONGEST_PROOF).then(|| Self {
            old,
            proof,
            note: note.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_goes_there_and_back() {
        for proof in [vec![], vec![[1; 32], [2; 32]]] {
            let asked = AddCheckpoint {
                old: 7,
                proof,
                note: "log\n9\nroot\n\n\u{2014} log sig\n".into(),
            };
            assert_eq!(AddCheckpoint::parse(&asked.body()), Some(asked));
        }
    }

    #[test]
    fn what_has_not_the_form_is_not_read() {
        let many = format!("old 1\n{}\nnote\n", "AAAA\n".repeat(70));
        for body in [
            "",
            "old 1\n",
            "new 1\n\nnote",
            "old 01\n\nnote",
            "old +1\n\nnote",
            "old -1\n\nnote",
            "old 1\nno hash\n\nnote",
            &many,
        ] {
            assert_eq!(AddCheckpoint::parse(body), None, "{body:?}");
        }
    }
}
