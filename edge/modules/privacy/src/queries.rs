//! What is asked of erasures: the list, and the certificate of one.

use crate::Privacy;
use crate::certificate::{Certificate, Head, SignedCertificate};
use crate::error::PrivacyError;
use edge_kernel::SignedIn;
use edge_kernel::http::{Problem, ViewQuery, answer_view};
use edge_kernel::views::Page;
use events::ids::{BatchId, StreamId};
use events::privacy::PrivacyEvent;
use events::privacy::view::{ErasureRow, Erasures, Stage};
use events::{AnyEvent, Scope};
use events_proof::tree::to_hex;

impl Privacy {
    pub(crate) async fn erasures(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<ErasureRow>, Problem> {
        self.admit_to_watch(asker)?;
        let usual = vec![Scope::Oversight];
        answer_view::<Erasures>(&self.kernel, asker, query, usual).await
    }

    /// The certificate of an erasure, over the log as it is now. It names nobody.
    pub async fn certificate(&self, batch: BatchId) -> Result<Certificate, PrivacyError> {
        self.kernel.views.wait(self.kernel.ledger.size()).await?;
        let row = self
            .kernel
            .views
            .row::<Erasures>(&batch.to_string())
            .await?;
        let row = row.ok_or(crate::BatchRefusal::Unknown)?;
        let destroyed = row.destroyed.ok_or(match row.stage {
            Stage::Planned | Stage::Withdrawn => PrivacyError::NotAgreed,
            Stage::Executed | Stage::Completed => PrivacyError::NotCompleted,
        })?;
        let said = self.said(batch).await?;
        let said = said.ok_or(PrivacyError::NotCompleted)?;
        let PrivacyEvent::ErasureExecuted {
            keys,
            ciphertexts,
            headers,
            hash,
            ..
        } = said.event
        else {
            return Err(PrivacyError::NotCompleted);
        };
        let epoch = match row.aged {
            Some(_) => None,
            None => self.epoch(batch).await?,
        };
        let (size, root) = self.kernel.ledger.root().await?;
        let before = said.position.saturating_sub(1);
        let before = Head {
            size: before,
            root: to_hex(&self.kernel.ledger.root_at(before).await?),
        };
        Ok(Certificate {
            format: Certificate::FORMAT,
            batch,
            rule: row.rule,
            basis: row.basis,
            depth: row.depth,
            people: row.people.len(),
            position: said.position,
            executed: row.executed.map_or(0, |(_, at)| at),
            approvals: row.approvals,
            destroyed,
            keys,
            ciphertexts,
            headers,
            hash,
            before,
            size,
            root,
            epoch,
            backups: Certificate::backups(epoch),
            events: row.aged,
        })
    }

    /// How often the keyring had been written anew when a batch was completed.
    async fn epoch(&self, batch: BatchId) -> Result<Option<u32>, PrivacyError> {
        let events = self.kernel.ledger.stream(StreamId(batch.0)).await?;
        Ok(events.iter().find_map(|recorded| match &recorded.event {
            AnyEvent::Privacy(PrivacyEvent::ErasureCompleted { epoch, .. }) => Some(*epoch),
            _ => None,
        }))
    }

    /// The same, signed by the log's key as a note, with the key to check it by.
    pub async fn signed_certificate(
        &self,
        batch: BatchId,
    ) -> Result<SignedCertificate, PrivacyError> {
        let certificate = self.certificate(batch).await?;
        let note = self.kernel.ledger.sign_note(&certificate.text());
        Ok(SignedCertificate {
            certificate,
            note,
            key: self.kernel.ledger.verifier_key(),
        })
    }
}
