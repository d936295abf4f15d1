//! A unit of work: commands to one or more aggregates that are decided, sealed and appended together.
//!
//! Aggregates are `cqrs-es` aggregates. Their history comes from the ledger, or from a small cache of what was decided
//! last; whoever decided on a stale picture is told so by the ledger and decides again.

use crate::Kernel;
use crate::actor::Actor;
use crate::cache::Era;
use crate::ledger::{Append, AppendError, Appended, Claim, Kept, LedgerError, Value, seal_all};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use events::ids::StreamId;
use events::{AnyEvent, Position};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An aggregate that the kernel can carry: pure, without services, its events part of the shared language.
pub trait Decides:
    Aggregate<Services = (), Event: Into<AnyEvent> + TryFrom<AnyEvent>> + Clone + 'static
{
}

impl<A> Decides for A where
    A: Aggregate<Services = (), Event: Into<AnyEvent> + TryFrom<AnyEvent>> + Clone + 'static
{
}

/// A command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<E: std::error::Error + 'static> {
    /// The aggregate refused it, and says why.
    #[error(transparent)]
    Refused(E),
    /// The log refused the append.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The aggregate's history could not be read.
    #[error("cannot read what was decided before")]
    Read(#[from] LedgerError),
}

/// What a command led to.
#[derive(Clone, Debug)]
pub struct Done<Event> {
    /// The head's position after it: pass it as `at_least` to read what was written.
    pub position: Position,
    /// What happened; empty when the command changed nothing, or had been carried out before.
    pub events: Vec<Event>,
}

/// What travels with a command besides itself.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who asks.
    pub actor: Actor,
    /// A key under which the same request is carried out once only.
    pub once: Option<Vec<u8>>,
    /// The event that this follows from; 0 for none.
    pub cause: Position,
}

impl Order {
    /// An order by somebody, without more.
    #[must_use]
    pub fn by(actor: Actor) -> Self {
        Self {
            actor,
            once: None,
            cause: 0,
        }
    }

    /// Carried out once only under this key; keys of different people never meet.
    #[must_use]
    pub fn once(mut self, key: Option<uuid::Uuid>) -> Self {
        let person = match self.actor {
            Actor::Machine => uuid::Uuid::nil(),
            Actor::Person(person) => person.0,
        };
        self.once = key.map(|key| [person.as_bytes().as_slice(), key.as_bytes()].concat());
        self
    }

    /// Follows from an event.
    #[must_use]
    pub fn because_of(mut self, position: Position) -> Self {
        self.cause = position;
        self
    }
}

/// An aggregate at a version, as one unit has brought it so far.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) version: u32,
    aggregate: Arc<dyn Any + Send + Sync>,
}

impl Known {
    pub(crate) fn of<A: Any + Send + Sync>(version: u32, aggregate: A) -> Self {
        Self {
            version,
            aggregate: Arc::new(aggregate),
        }
    }
}

/// Work that is appended as one, or not at all.
pub struct Unit<'a> {
    kernel: &'a Kernel,
    /// When it began to read aggregates.
    era: Era,
    order: Order,
    expected: BTreeMap<StreamId, u32>,
    known: BTreeMap<StreamId, Known>,
    staged: Vec<(StreamId, AnyEvent)>,
    claims: Vec<Claim>,
    kept: Vec<Kept>,
}

impl Kernel {
    /// Begins a unit of work.
    #[must_use]
    pub fn unit(&self, order: Order) -> Unit<'_> {
        Unit {
            kernel: self,
            era: self.cache.era(),
            order,
            expected: BTreeMap::new(),
            known: BTreeMap::new(),
            staged: Vec::new(),
            claims: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Carries out one command on one aggregate; decides again when somebody else was first. Commands to one stream wait
    /// for one another here, so that they seldom are.
    pub async fn execute<A: Decides>(
        &self,
        stream: StreamId,
        command: A::Command,
        order: Order,
    ) -> Result<Done<A::Event>, ExecuteError<A::Error>>
    where
        A::Command: Clone,
    {
        let turn = self.turns.of(stream);
        let _turn = turn.lock().await;
        let mut tries = 0;
        loop {
            let mut unit = self.unit(order.clone());
            let decided = unit.command::<A>(stream, command.clone()).await;
            let events = match decided {
                Err(ExecuteError::Refused(refusal)) => {
                    return self.done_before(&order, refusal).await;
                }
                decided => decided?,
            };
            match unit.commit().await {
                Ok(appended) if appended.repeated => {
                    return Ok(Done {
                        position: appended.last,
                        events: Vec::new(),
                    });
                }
                Ok(appended) => {
                    return Ok(Done {
                        position: appended.last,
                        events,
                    });
                }
                Err(AppendError::Conflict { .. }) if tries < 3 => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A request that comes again meets what it did itself, and may be refused for it: it gets its first answer.
    async fn done_before<Event, E: std::error::Error + 'static>(
        &self,
        order: &Order,
        refusal: E,
    ) -> Result<Done<Event>, ExecuteError<E>> {
        let before = match &order.once {
            Some(key) => self.ledger.done_before(&self.once_hash(key)).await?,
            None => None,
        };
        let done = before.map(|appended| Done {
            position: appended.last,
            events: Vec::new(),
        });
        done.ok_or(ExecuteError::Refused(refusal))
    }

    /// An aggregate as it is now.
    pub async fn load<A: Decides>(&self, stream: StreamId) -> Result<(A, u32), LedgerError> {
        // Whoever was cut off while their command was written has not brought the cache up to date.
        let newest = self.ledger.recent_version(stream);
        if let Some(known) = self.cache.get(stream)
            && newest.is_none_or(|version| version == known.version)
            && let Some(aggregate) = known.aggregate.downcast_ref::<A>()
        {
            return Ok((aggregate.clone(), known.version));
        }
        let era = self.cache.era();
        let mut aggregate = A::default();
        let mut version = 0;
        for recorded in self.ledger.stream(stream).await? {
            version = recorded.version;
            if let Ok(event) = A::Event::try_from(recorded.event) {
                aggregate.apply(event);
            }
        }
        if version > 0 {
            let known = Known::of(version, aggregate.clone());
            self.cache.put(stream, known, era);
        }
        Ok((aggregate, version))
    }
}

impl Unit<'_> {
    /// Decides a command upon an aggregate as this unit has left it, and stages what happened.
    pub async fn command<A: Decides>(
        &mut self,
        stream: StreamId,
        command: A::Command,
    ) -> Result<Vec<A::Event>, ExecuteError<A::Error>> {
        let (mut aggregate, mut version) = self.aggregate::<A>(stream).await?;
        let sink = EventSink::default();
        aggregate
            .handle(command, &(), &sink)
            .await
            .map_err(ExecuteError::Refused)?;
        let events = sink.collect().await;
        for event in &events {
            version += 1;
            self.staged.push((stream, event.clone().into()));
        }
        self.known.insert(stream, Known::of(version, aggregate));
        Ok(events)
    }

    /// An aggregate as this unit has left it, with its version.
    pub async fn aggregate<A: Decides>(
        &mut self,
        stream: StreamId,
    ) -> Result<(A, u32), LedgerError> {
        let found = self.known.get(&stream).and_then(|known| {
            known
                .aggregate
                .downcast_ref::<A>()
                .map(|aggregate| (aggregate.clone(), known.version))
        });
        if let Some(found) = found {
            return Ok(found);
        }
        let (aggregate, version) = self.kernel.load::<A>(stream).await?;
        self.expected.insert(stream, version);
        Ok((aggregate, version))
    }

    /// Stages what was decided elsewhere upon an aggregate of a known version; `aggregate` is as the events have left it.
    pub(crate) fn decided<A: Decides>(
        &mut self,
        stream: StreamId,
        version: u32,
        aggregate: A,
        events: &[A::Event],
    ) {
        self.expected.insert(stream, version);
        self.staged
            .extend(events.iter().map(|event| (stream, event.clone().into())));
        let version = version + u32::try_from(events.len()).unwrap_or(u32::MAX);
        self.known.insert(stream, Known::of(version, aggregate));
    }

    /// Stages an event of a stream that has no aggregate to decide it, such as a note about the school.
    pub fn event(&mut self, stream: StreamId, event: AnyEvent) {
        self.staged.push((stream, event));
    }

    /// Claims a value that must be unique within its scope. It is stored as a keyed hash.
    pub fn claim(&mut self, scope: &'static str, value: &str) {
        let value = self.kernel.claim_hash(scope, value);
        self.claims.push(Claim::Take { scope, value });
    }

    /// Gives a claimed value back.
    pub fn release(&mut self, scope: &'static str, value: &str) {
        let value = self.kernel.claim_hash(scope, value);
        self.claims.push(Claim::Release { scope, value });
    }

    /// Runs a statement on a `_kept` table in the same transaction.
    pub fn keep(&mut self, sql: &'static str, arguments: impl IntoIterator<Item = Value>) {
        self.kept.push(Kept {
            sql,
            arguments: arguments.into_iter().collect(),
            rows: None,
        });
    }

    /// The same, refusing the whole unit unless exactly so many rows change.
    pub fn keep_exactly(
        &mut self,
        rows: u64,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Value>,
    ) {
        self.kept.push(Kept {
            sql,
            arguments: arguments.into_iter().collect(),
            rows: Some(rows),
        });
    }

    /// Whether nothing was staged so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.staged.is_empty() && self.kept.is_empty() && self.claims.is_empty()
    }

    /// How many events are staged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.staged.len()
    }

    /// Appends everything, or nothing. A unit in which nothing happened costs nothing.
    pub async fn commit(self) -> Result<Appended, AppendError> {
        let Self {
            kernel,
            era,
            order,
            expected,
            known,
            staged,
            claims,
            kept,
        } = self;
        if staged.is_empty() && claims.is_empty() && kept.is_empty() {
            let size = kernel.ledger.size();
            return Ok(Appended {
                first: size + 1,
                last: size,
                repeated: false,
            });
        }
        let year = kernel.clock.school_year();
        let sealed = seal_all(kernel.ledger.keyring(), year, order.actor, &staged).await?;
        let append = Append {
            expected: expected.into_iter().collect(),
            sealed,
            typed: staged.into_iter().map(|(_, event)| event).collect(),
            claims,
            kept,
            once: order.once.map(|key| kernel.once_hash(&key)),
            cause: order.cause,
            seals: None,
        };
        let outcome = kernel.ledger.append(append).await;
        for (stream, known) in known {
            match &outcome {
                Ok(appended) if !appended.repeated && known.version > 0 => {
                    kernel.cache.put(stream, known, era)
                }
                Ok(_) | Err(_) => kernel.cache.forget(stream),
            }
        }
        outcome
    }
}

/// The kind of an event as `cqrs-es` names it, for stores that speak its language.
pub(crate) fn metadata_of<E: DomainEvent>(
    position: Position,
    event: &E,
) -> std::collections::HashMap<String, String> {
    [
        ("position".to_owned(), position.to_string()),
        ("type".to_owned(), event.event_type()),
    ]
    .into()
}
