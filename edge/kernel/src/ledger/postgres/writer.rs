//! The writer of a log that several machines may share. It gathers whatever waits, locks the head, catches up, stages upon what it
//! finds and commits; the next batch is gathered meanwhile and staged when the lock is held again. Nothing is answered before it
//! is known what became of the commit, also when the connection broke while it was under way.

use super::super::append::{Append, Appended};
use super::super::batch::Batch;
use super::super::error::AppendError;
use super::super::names::Naming;
use super::super::writer::{
    Outcome, Request, TAKEN, Waiting, Writer, again, ends_batch, from_sqlx,
};
use super::Found;
use crate::database::{Connection, query};
use events::Position;
use sqlx::AssertSqlSafe;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// One way there and back: the transaction begins, the head is locked, and the transaction has a number by which one can ask
/// what became of it.
const BEGIN: &str =
    "BEGIN; SELECT size, pg_current_xact_id()::text FROM kernel_head WHERE id = 1 FOR UPDATE";
/// Tries to reach a server that was there a moment ago, before those who wait are told.
const TRIES: u32 = 6;
/// Pause before the second of them; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

type Asked = (Append, Outcome<Appended>);

impl Writer {
    /// Serves requests until every sender is gone.
    pub(in crate::ledger) async fn run_on_server(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        mut heard: watch::Receiver<Position>,
    ) {
        let mut waiting = Waiting::default();
        let mut taken = Vec::with_capacity(TAKEN);
        let mut is_open = true;
        while is_open || !waiting.is_empty() {
            tokio::select! {
                biased;
                count = requests.recv_many(&mut taken, TAKEN), if is_open && waiting.is_empty() => {
                    is_open = count > 0;
                }
                () = std::future::ready(()), if !waiting.is_empty() => {}
                size = news(&mut heard) => self.look_around(size).await,
            }
            while taken.len() < TAKEN
                && let Ok(request) = requests.try_recv()
            {
                taken.push(request);
            }
            for request in taken.drain(..) {
                match request {
                    Request::Append(append, answer) => waiting.appends.push_back((append, answer)),
                    other => waiting.others.push_back(other),
                }
            }
            while let Some(request) = waiting.others.pop_front() {
                self.serve_on_server(request).await;
            }
            if !waiting.appends.is_empty() {
                self.write_next(&mut waiting, &requests).await;
            }
        }
        if let Err(error) = self.close_on_server().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot save the log's heads at the end"
            );
        }
    }

    /// Failures are told where they are met; the next look tries again.
    async fn look_around(&mut self, heard: Position) {
        if let Err(error) = self.look(heard).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot see what other machines have appended"
            );
        }
    }

    async fn serve_on_server(&mut self, request: Request) {
        match self.connection().await {
            Ok(db) => {
                self.db = Some(db);
                self.serve_beside(request).await;
                // What failed on it may have broken it; the next request notices at little cost.
            }
            Err(error) => request.refuse(from_sqlx(error)),
        }
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

    /// Begins a transaction that holds the head, with memory where the log is. Gives its number.
    pub(in crate::ledger) async fn begin_at_head(
        &mut self,
    ) -> Result<(Connection, String), AppendError> {
        let mut tries = if self.shared.is_reached() { TRIES } else { 1 };
        let mut pause = PAUSE;
        loop {
            let error = match self.try_begin().await {
                Err(AppendError::Database(error)) => error,
                begun_or_refused => return begun_or_refused,
            };
            tries -= 1;
            if tries == 0 {
                self.shared.reached(false);
                return Err(AppendError::Database(error));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn try_begin(&mut self) -> Result<(Connection, String), AppendError> {
        let mut db = self.connection().await.map_err(from_sqlx)?;
        let begun = lock(&mut db).await.map_err(from_sqlx);
        let outcome = match begun {
            Ok((size, number)) => {
                let mut caught_up = Ok(());
                if size != self.durable.size() {
                    caught_up = self.catch_up(&mut db).await;
                }
                if caught_up.is_ok() && self.naming.is_closed() {
                    let loaded = Naming::load(&mut db).await.map_err(from_sqlx);
                    caught_up = loaded.map(|naming| self.naming = naming);
                }
                caught_up.map(|()| number)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(number) => {
                self.shared.reached(true);
                Ok((db, number))
            }
            Err(error) => {
                let is_back = db.run("ROLLBACK").await.is_ok();
                self.give_back(db, is_back);
                Err(error)
            }
        }
    }

    async fn write_next(&mut self, waiting: &mut Waiting, requests: &mpsc::Receiver<Request>) {
        if self.shared.is_stopped() {
            return refuse(waiting.appends.drain(..), &AppendError::Stopped);
        }
        let (mut db, number) = match self.begin_at_head().await {
            Ok(begun) => begun,
            Err(error) => return refuse(waiting.appends.drain(..), &error),
        };
        let mut batch = self.gather();
        batch.is_begun = true;
        let has_kept = self.stage_waiting(waiting, &mut batch, &mut db).await;
        let outcome = match has_kept {
            Ok(has_kept) => {
                let commit = batch.commit(self.naming.take(), self.streams_at);
                let changes = has_kept || commit.head.is_some() || !commit.once.is_empty();
                let written = commit.write_to_server(&mut db).await;
                match (written, changes) {
                    (Ok(()), true) => self.commit(db, number, requests).await,
                    (Ok(()), false) => self.roll_back(db, Ok(())).await,
                    (Err(error), _) => self.roll_back(db, Err(from_sqlx(error))).await,
                }
            }
            Err(error) => self.roll_back(db, Err(error)).await,
        };
        if outcome.is_err() {
            // Numbers that were given and not written must not be used; the next batch reads them anew.
            self.naming.give_no_more();
        }
        self.settle(batch, outcome);
    }

    /// Stages what waits. Gives whether something was kept beside the log.
    async fn stage_waiting(
        &mut self,
        waiting: &mut Waiting,
        batch: &mut Batch,
        db: &mut Connection,
    ) -> Result<bool, AppendError> {
        let asked = waiting.appends.iter().map(|(append, _)| append);
        let found = Found::look_up(db, &self.heads, asked).await;
        let mut has_kept = false;
        let mut broken = None;
        match found {
            Ok(found) => batch.found = Some(found),
            Err(error) => broken = Some(from_sqlx(error)),
        }
        while !batch.is_full()
            && let Some((append, answer)) = waiting.appends.pop_front()
        {
            if let Some(error) = &broken {
                batch.answers.push((answer, Err(again(error))));
                continue;
            }
            let touches = append.touches_beside();
            let outcome = self.stage(append, batch, None, db).await;
            has_kept |= touches && outcome.is_ok();
            broken = outcome
                .as_ref()
                .err()
                .filter(|error| ends_batch(error))
                .map(again);
            batch.answers.push((answer, outcome));
        }
        broken.map_or(Ok(has_kept), Err)
    }

    async fn roll_back(
        &mut self,
        mut db: Connection,
        outcome: Result<(), AppendError>,
    ) -> Result<(), AppendError> {
        let is_back = db.run("ROLLBACK").await.is_ok();
        self.give_back(db, is_back);
        outcome
    }

    /// Commits. When it is not known what became of that, the server is asked by the transaction's number until it says so.
    async fn commit(
        &mut self,
        mut db: Connection,
        number: String,
        requests: &mpsc::Receiver<Request>,
    ) -> Result<(), AppendError> {
        let error = match db.run("COMMIT").await {
            Ok(()) => {
                self.give_back(db, true);
                return Ok(());
            }
            Err(error) => error,
        };
        drop(db);
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a commit was cut off; the server is asked what became of it"
        );
        let mut pause = PAUSE;
        loop {
            match self.became_of(&number).await {
                Ok(Some(true)) => return Ok(()),
                Ok(Some(false)) => return Err(from_sqlx(error)),
                // It is still at it.
                Ok(None) => {}
                Err(unknown) if requests.is_closed() && requests.is_empty() => {
                    tracing::error!(
                        error = &unknown as &dyn std::error::Error,
                        "what became of a commit is not known"
                    );
                    return Err(AppendError::Stopped);
                }
                Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Whether a transaction was committed; none while it is under way.
    async fn became_of(&mut self, number: &str) -> sqlx::Result<Option<bool>> {
        let mut db = self.connection().await?;
        let digits = number
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>();
        let sql = format!("SELECT pg_xact_status('{digits}'::xid8)");
        let row = query(AssertSqlSafe(sql)).fetch_one(&mut db).await?;
        let status = row.try_get::<Option<&str>>(0)?;
        let known = match status {
            Some("committed") => Some(true),
            Some("in progress") => None,
            Some(_) => Some(false),
            // The server has forgotten it, which takes it millions of transactions.
            None => {
                self.shared.stop();
                Some(false)
            }
        };
        self.give_back(db, true);
        Ok(known)
    }

    /// Takes over what is durable, and answers.
    fn settle(&mut self, batch: Batch, outcome: Result<(), AppendError>) {
        let mut answers = batch.answers;
        match outcome {
            Ok(()) => {
                self.durable = batch.tiles.frontier().clone();
                self.tiles = batch.tiles;
                self.at = batch.at;
                self.heads.put_all(batch.heads);
                if let Some(last) = batch.published.last().map(|event| event.position) {
                    self.shared.publish(batch.published.into(), last);
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a batch was not written"
                );
                for (_, outcome) in &mut answers {
                    *outcome = Err(again(&error));
                }
            }
        }
        for (answer, outcome) in answers {
            let _ = answer.send(outcome);
        }
    }
}

async fn lock(db: &mut Connection) -> sqlx::Result<(Position, String)> {
    let rows = sqlx::raw_sql(BEGIN).fetch_all(db.server()?).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let size: i64 = sqlx::Row::try_get(row, 0)?;
    Ok((
        u64::try_from(size).unwrap_or_default(),
        sqlx::Row::try_get(row, 1)?,
    ))
}

/// What is heard next; never, when nobody listens.
async fn news(heard: &mut watch::Receiver<Position>) -> Position {
    match heard.changed().await {
        Ok(()) => *heard.borrow_and_update(),
        Err(_) => std::future::pending().await,
    }
}

fn refuse(asked: impl Iterator<Item = Asked>, error: &AppendError) {
    for (_, answer) in asked {
        let _ = answer.send(Err(again(error)));
    }
}
