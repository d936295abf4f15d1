//! The ledger as `cqrs-es` sees it: an event store for one kind of aggregate. The kernel's own way of carrying commands
//! is [`crate::unit`], which also spans streams and gives positions back; this door is for the framework itself.

use crate::Kernel;
use crate::actor::Actor;
use crate::ledger::AppendError;
use crate::unit::{Decides, Order, metadata_of};
use cqrs_es::{AggregateContext, AggregateError, EventEnvelope, EventStore};
use events::ids::StreamId;
use std::collections::HashMap;
use std::marker::PhantomData;

/// The ledger as an event store for `A`; aggregate ids are stream ids written as UUIDs.
pub struct LedgerStore<A> {
    kernel: Kernel,
    actor: Actor,
    aggregate: PhantomData<fn() -> A>,
}

impl<A> LedgerStore<A> {
    /// A store whose events are caused by `actor`.
    #[must_use]
    pub fn new(kernel: Kernel, actor: Actor) -> Self {
        Self {
            kernel,
            actor,
            aggregate: PhantomData,
        }
    }
}

/// An aggregate with the stream and version it was loaded at.
pub struct LedgerContext<A> {
    stream: StreamId,
    version: u32,
    aggregate: A,
}

impl<A: Decides> AggregateContext<A> for LedgerContext<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

fn stream<E: std::error::Error>(id: &str) -> Result<StreamId, AggregateError<E>> {
    id.parse()
        .map_err(|source| AggregateError::UnexpectedError(Box::new(source)))
}

impl<A: Decides> EventStore<A> for LedgerStore<A> {
    type AC = LedgerContext<A>;

    async fn load_events(
        &self,
        id: &str,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let stream = stream(id)?;
        let recorded = self.kernel.ledger.stream(stream).await;
        let recorded =
            recorded.map_err(|source| AggregateError::DatabaseConnectionError(Box::new(source)))?;
        let envelope = |recorded: events::Recorded| {
            let payload = A::Event::try_from(recorded.event).ok()?;
            let metadata = metadata_of(recorded.position, &payload);
            Some(EventEnvelope {
                aggregate_id: id.to_owned(),
                sequence: recorded.version as usize,
                payload,
                metadata,
            })
        };
        Ok(recorded.into_iter().filter_map(envelope).collect())
    }

    async fn load_aggregate(&self, id: &str) -> Result<LedgerContext<A>, AggregateError<A::Error>> {
        let stream = stream(id)?;
        let (aggregate, version) = self
            .kernel
            .load::<A>(stream)
            .await
            .map_err(|source| AggregateError::DatabaseConnectionError(Box::new(source)))?;
        Ok(LedgerContext {
            stream,
            version,
            aggregate,
        })
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: LedgerContext<A>,
        _metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let LedgerContext {
            stream,
            version,
            aggregate,
        } = context;
        let mut unit = self.kernel.unit(Order::by(self.actor));
        unit.decided(stream, version, aggregate, &events);
        let appended = unit.commit().await.map_err(|error| match error {
            AppendError::Conflict { .. } => AggregateError::AggregateConflict,
            other => AggregateError::UnexpectedError(Box::new(other)),
        })?;
        let envelopes = (appended.first..).zip(version as usize + 1..).zip(events);
        let envelope = |((position, sequence), payload)| EventEnvelope {
            aggregate_id: stream.to_string(),
            sequence,
            metadata: metadata_of(position, &payload),
            payload,
        };
        Ok(envelopes.map(envelope).collect())
    }
}
