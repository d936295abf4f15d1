//! A few days of a school in short: everything that writes to the log, in an order in which the steps meet one another's
//! traces. Every step can be asked for again under its key.

use edge_kernel::ledger::erase::{Alone, EraseError};
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::{Actor, Kernel, Order, Unit};
use events::ids::{BatchId, MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::privacy::{Counts, Depth, PrivacyEvent};
use events::{AnyEvent, Owner, Personal};
use events_proof::tree::to_hex;
use faulty_disk::Disk;
use uuid::Uuid;

/// A step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    /// Somebody says something, asked for under a key.
    Say(u128),
    /// The same without a key: nobody asks again.
    SayOnce(u128),
    /// Several say long things at once, in one unit.
    SayMuch(u128, u128),
    /// A value is claimed and a row kept with what is said.
    Claim(u128),
    /// The head is signed.
    Checkpoint,
    /// A person is forgotten.
    Erase(u128, Depth),
    /// The school closes, and opens again.
    Reopen,
}

/// The steps in order. A step's place is its number.
pub(crate) const SCRIPT: [Deed; 19] = [
    Deed::Say(1),
    Deed::Claim(2),
    Deed::SayOnce(3),
    Deed::SayMuch(2, 3),
    Deed::Checkpoint,
    Deed::Say(4),
    Deed::Claim(1),
    Deed::Erase(2, Depth::Key),
    Deed::SayOnce(1),
    Deed::Reopen,
    Deed::Say(3),
    Deed::Erase(3, Depth::Ciphertext),
    Deed::Say(1),
    Deed::Claim(5),
    Deed::Erase(4, Depth::Header),
    Deed::SayMuch(1, 5),
    Deed::Checkpoint,
    Deed::Reopen,
    Deed::Say(5),
];

/// A step failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Erase(#[from] EraseError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Deed {
    /// Whether nobody asks again when it fails.
    pub(crate) fn is_asked_once(self) -> bool {
        matches!(self, Self::SayOnce(_))
    }

    /// What is said with it, by whom, and how.
    pub(crate) fn said(self, number: usize) -> Vec<(u128, String)> {
        let text = |which: usize, length| format!("{number}/{which} {}", "xyz".repeat(length));
        match self {
            Self::Say(who) | Self::SayOnce(who) | Self::Claim(who) => vec![(who, text(0, 5))],
            Self::SayMuch(one, other) => {
                let of = |which| if which % 2 == 0 { one } else { other };
                let said = (0..6).map(|which| (of(which), text(which, 4000)));
                said.collect()
            }
            Self::Checkpoint | Self::Erase(..) | Self::Reopen => Vec::new(),
        }
    }

    /// Carries it out, for the first time or again. Closing and opening is for whoever holds the kernel.
    pub(crate) async fn carry_out(
        self,
        number: usize,
        kernel: &Kernel,
        disk: &Disk,
    ) -> Result<(), Failed> {
        match self {
            Self::Checkpoint => Ok(kernel.ledger.checkpoint().await?),
            Self::Erase(who, depth) => erase(number, who, depth, kernel, disk).await,
            Self::Reopen => Ok(()),
            Self::Say(_) | Self::SayOnce(_) | Self::SayMuch(..) | Self::Claim(_) => {
                let mut unit = kernel.unit(self.order(number));
                for (who, text) in self.said(number) {
                    say(&mut unit, who, text);
                }
                if let Self::Claim(_) = self {
                    unit.claim("login", &number.to_string());
                    let sql =
                        "INSERT INTO accounts_guess_kept (key, failures, last) VALUES (?, 1, 1)";
                    unit.keep_exactly(1, sql, [number.to_le_bytes().to_vec().into()]);
                }
                Ok(unit.commit().await.map(|_| ())?)
            }
        }
    }

    fn order(self, number: usize) -> Order {
        let key = (!self.is_asked_once()).then(|| Uuid::from_u128(number as u128));
        Order::by(Actor::Machine).once(key)
    }
}

fn room(who: u128) -> RoomId {
    RoomId(Uuid::from_u128(who << 32))
}

fn say(unit: &mut Unit<'_>, who: u128, text: String) {
    let sent = MessengerEvent::MessageSent {
        room: room(who),
        number: 1,
        message: MessageId(Uuid::new_v4()),
        author: PersonId(Uuid::from_u128(who)),
        text: Personal::new(text),
    };
    unit.event(StreamId(room(who).0), AnyEvent::Messenger(sent));
}

/// The log says it once; it is done until it is done.
async fn erase(
    number: usize,
    who: u128,
    depth: Depth,
    kernel: &Kernel,
    disk: &Disk,
) -> Result<(), Failed> {
    let batch = BatchId(Uuid::from_u128(number as u128));
    let alone = Alone {
        streams: [StreamId(room(who).0)].into(),
        ..Alone::default()
    };
    let owner = Owner::Person(PersonId(Uuid::from_u128(who)));
    let survey = kernel.survey(&[owner], &alone).await?;
    let event = PrivacyEvent::ErasureExecuted {
        batch,
        rule: String::new(),
        basis: String::new(),
        depth,
        keys: survey.keys.iter().map(|key| to_hex(key)).collect(),
        ciphertexts: survey.ciphertexts,
        headers: match depth {
            Depth::Header => survey.headers,
            _ => Vec::new(),
        },
        hash: String::new(),
        counts: Counts::default(),
        approvals: Vec::new(),
    };
    let key = Some(Uuid::from_u128(number as u128));
    let mut unit = kernel.unit(Order::by(Actor::Machine).once(key));
    unit.event(StreamId(batch.0), AnyEvent::Privacy(event));
    unit.commit().await?;
    let said = kernel.ledger.erasures().await?;
    let said = said.iter().find(|said| said.event.batch() == Some(batch));
    let said = said.expect("what was appended is said");
    let nothing_else = async { Ok(()) };
    kernel.erase(said, nothing_else, &|_| disk.point()).await?;
    kernel.leave_nothing(&|_| disk.point()).await?;
    Ok(())
}
