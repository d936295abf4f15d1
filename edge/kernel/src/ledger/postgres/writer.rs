//! The writer of a log that several machines may share. While nobody else appends, it writes ahead (`ahead.rs`): a batch is staged
//! upon what this machine has written itself and is one way there and back, and the next is staged meanwhile. Where others append
//! too, and for what lies beside the log, it takes its turn (`turn.rs`). Nothing is answered before it is known what became of it.

use super::ahead::{Leaving, arrival};
use super::say::say;
use crate::database::{Connection, Server};
use crate::ledger::Published;
use crate::ledger::batch::{Answer, Asked, Batch};
use crate::ledger::error::AppendError;
use crate::ledger::writer::{Request, TAKEN, Waiting, Writer, again, from_sqlx};
use events::Position;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// A connection that was silent for so long may be dead; taking a turn finds out before anything is sent whose fate would be unknown.
const SILENCE: Duration = Duration::from_secs(5);

/// The writer, what it was asked, and how far it has come with it.
pub(super) struct Serving {
    pub(super) writer: Writer,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) waiting: Waiting,
    /// What is staged and not on its way yet.
    pub(super) batch: Batch,
    pub(super) leaving: Option<Leaving>,
    /// For looking up what memory does not hold, beside a batch on its way.
    pub(super) lookup: Option<Connection>,
    /// When the server last answered on the connection that writes.
    pub(super) answered: Instant,
    heard: watch::Receiver<Position>,
    said: watch::Sender<Position>,
}

impl Writer {
    /// Serves requests until every sender is gone.
    pub(in crate::ledger) async fn run_on_server(
        self,
        server: Server,
        requests: mpsc::Receiver<Request>,
        heard: watch::Receiver<Position>,
    ) {
        let (said, sizes) = watch::channel(0);
        let saying = tokio::spawn(say(server, sizes));
        let mut serving = Serving {
            batch: self.gather(),
            writer: self,
            requests,
            waiting: Waiting::default(),
            leaving: None,
            lookup: None,
            answered: Instant::now(),
            heard,
            said,
        };
        serving.run().await;
        let Serving { writer, said, .. } = serving;
        if let Err(error) = writer.close_on_server().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot save the log's heads at the end"
            );
        }
        // What was written last is said as well.
        drop(said);
        let _ = saying.await;
    }

    async fn close_on_server(mut self) -> Result<(), AppendError> {
        self.db = Some(self.connection().await.map_err(from_sqlx)?);
        self.close().await
    }

    /// The connection that writes, connected anew when it is gone.
    pub(super) async fn connection(&mut self) -> sqlx::Result<Connection> {
        if let Some(db) = self.db.take() {
            return Ok(db);
        }
        let Some(server) = &self.server else {
            return Err(sqlx::Error::WorkerCrashed);
        };
        let connected = server.connect(self.is_durable).await;
        self.shared.reached(connected.is_ok());
        connected
    }

    /// Keeps a connection for the next time, if nothing went wrong on it.
    pub(super) fn give_back(&mut self, db: Connection, is_sound: bool) {
        self.db = is_sound.then_some(db);
    }
}

impl Serving {
    async fn run(&mut self) {
        let mut taken = Vec::with_capacity(TAKEN);
        let mut is_open = true;
        while is_open || self.leaving.is_some() || !self.waiting.is_empty() {
            let is_idle = self.leaving.is_none();
            let has_work = is_idle && !self.waiting.is_empty();
            let has_room = !self.batch.is_full() && self.waiting.appends.len() < TAKEN;
            tokio::select! {
                biased;
                written = arrival(&mut self.leaving) => {
                    if let Some(left) = self.leaving.take() {
                        let answered = left.batch.answers.len();
                        self.arrived(left, written).await;
                        self.await_return(answered, &mut taken).await;
                    }
                }
                count = self.requests.recv_many(&mut taken, TAKEN), if is_open && has_room && !has_work => {
                    is_open = count > 0;
                }
                () = std::future::ready(()), if has_work => {}
                size = news(&mut self.heard), if is_idle => self.look_around(size).await,
            }
            self.take(&mut taken);
            self.go_on().await;
        }
    }

    /// Takes what has come. Gives how much.
    fn take(&mut self, taken: &mut Vec<Request>) -> usize {
        while taken.len() < TAKEN
            && let Ok(request) = self.requests.try_recv()
        {
            taken.push(request);
        }
        let count = taken.len();
        for request in taken.drain(..) {
            match request {
                Request::Append(append, to) => self.waiting.appends.push_back((append, to)),
                other => self.waiting.others.push_back(other),
            }
        }
        count
    }

    /// Lets those who were answered just now ask again before the next batch leaves, for as long as any of them are about to: else
    /// half of them would wait for the commit of the other half, and the disk be waited for twice as often. Nobody waits for time to pass.
    async fn await_return(&mut self, answered: usize, taken: &mut Vec<Request>) {
        let mut returned = 0;
        while returned < answered {
            tokio::task::yield_now().await;
            let count = self.take(taken);
            if count == 0 {
                return;
            }
            returned += count;
            if !self.needs_a_turn() {
                self.stage_ahead().await;
            }
        }
    }

    async fn go_on(&mut self) {
        if self.leaving.is_some() {
            // What needs a turn waits for the batch before to arrive, and whatever comes after it waits with it.
            if !self.needs_a_turn() {
                self.stage_ahead().await;
            }
            return;
        }
        while let Some(request) = self.waiting.others.pop_front() {
            self.serve(request).await;
            self.batch = self.writer.gather();
        }
        if self.heard.has_changed().unwrap_or_default() {
            let size = *self.heard.borrow_and_update();
            self.look_around(size).await;
        }
        if !self.needs_a_turn() {
            self.stage_ahead().await;
            if self.batch.has_events() {
                return self.send();
            }
        }
        self.put_back();
        if !self.waiting.appends.is_empty() {
            self.take_a_turn().await;
        }
    }

    fn needs_a_turn(&self) -> bool {
        let Writer {
            turns, db, naming, ..
        } = &self.writer;
        let is_ready = self.leaving.is_some()
            || db.is_some() && !naming.is_closed() && self.answered.elapsed() < SILENCE;
        let mut waiting = self.waiting.appends.iter();
        !turns.is_alone()
            || !is_ready
            || self.writer.shared.is_stopped()
            || waiting.any(|(append, _)| append.touches_beside())
    }

    /// Serves what is no append. It may find that others have appended, so nothing is staged meanwhile.
    async fn serve(&mut self, request: Request) {
        self.put_back();
        match self.sound_connection().await {
            Ok(db) => {
                self.writer.db = Some(db);
                self.writer.serve_beside(request).await;
                // What failed on it may have broken it; whoever uses it next notices.
            }
            Err(error) => request.refuse(from_sqlx(error)),
        }
    }

    /// The connection that writes, connected anew also when it was cut while nobody used it.
    async fn sound_connection(&mut self) -> sqlx::Result<Connection> {
        let mut db = self.writer.connection().await?;
        match db.run("SELECT 1").await {
            Ok(()) => Ok(db),
            Err(_) => self.writer.connection().await,
        }
    }

    /// Looks for what others have appended, if there may be any. Failures are told where they are met; the next look tries again.
    async fn look_around(&mut self, heard: Position) {
        if heard <= self.writer.durable.size() {
            return;
        }
        self.put_back();
        if let Err(error) = self.writer.look(heard).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot see what other machines have appended"
            );
        }
        self.batch = self.writer.gather();
    }

    /// Lets what is staged and not sent wait again, before everything else, to be staged anew. The log may move on after that.
    pub(super) fn put_back(&mut self) {
        self.writer.naming.take_back_given();
        let batch = std::mem::replace(&mut self.batch, self.writer.gather());
        self.wait_again(batch);
    }

    pub(super) fn wait_again(&mut self, batch: Batch) {
        let mut asked: Vec<Asked> = batch.take_back().collect();
        while let Some(one) = asked.pop() {
            self.waiting.appends.push_front(one);
        }
    }

    /// Takes over what is durable, and answers.
    pub(super) fn settle(&mut self, batch: Batch) {
        let writer = &mut self.writer;
        writer.durable = batch.tiles.frontier().clone();
        writer.heads.put_all(batch.heads);
        if let Some(last) = batch.published.last().map(|event| event.position) {
            writer
                .shared
                .publish(Published::from(batch.published), last);
            self.said.send_replace(last);
        }
        self.answered = Instant::now();
        batch.answers.into_iter().for_each(Answer::send);
    }

    /// Tells everybody who waits that it cannot be done.
    pub(super) fn refuse_waiting(&mut self, error: &AppendError) {
        for (_, to) in self.waiting.appends.drain(..) {
            let _ = to.send(Err(again(error)));
        }
    }
}

/// What is heard next; never, when nobody listens.
async fn news(heard: &mut watch::Receiver<Position>) -> Position {
    match heard.changed().await {
        Ok(()) => *heard.borrow_and_update(),
        Err(_) => std::future::pending().await,
    }
}
