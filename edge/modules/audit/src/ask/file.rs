//! Reading what is in a file under a consent: found as it was, covered, recorded, and only then handed out.

use super::inspection::stream;
use crate::Audit;
use crate::decide::Inspection;
use crate::error::{AuditError, InspectionRefusal as Refusal};
use crate::queries::covers;
use axum::response::Response;
use edge_kernel::http::Problem;
use edge_kernel::{Order, SignedIn};
use events::Position;
use events::audit::InspectionCommand;
use events::files::BlobRef;
use events::files::view::{FileRow, NodeKind};
use events::ids::{InspectionId, NodeId, SpaceId};

/// The file that somebody asks to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileAsked {
    pub(crate) inspection: InspectionId,
    pub(crate) space: SpaceId,
    pub(crate) node: NodeId,
    /// As of which position it was shown to them.
    pub(crate) until: Position,
}

impl Audit {
    /// Hands a file out under a consent. Whoever added it is told by name, before its first byte leaves the machine. A file that
    /// nobody can open is no reading.
    pub(crate) async fn read_file(
        &self,
        asker: SignedIn,
        asked: FileAsked,
    ) -> Result<Response, Problem> {
        let consent = self.consent(asker, asked.inspection, "files").await?;
        if asked.until > self.kernel.ledger.size() {
            return Err(AuditError::NoSuchPosition(self.kernel.ledger.size()).into());
        }
        let found = self.shelf.at(asked.space, asked.node, asked.until).await?;
        let row = found.ok_or(Refusal::NoSuchFile)?;
        let value = serde_json::to_value(&row).unwrap_or_default();
        if !covers(&consent, "files", &value, row.changed) {
            return Err(Refusal::NoSuchFile.into());
        }
        let (name, blob) = opened(&row)?;
        let command = InspectionCommand::RecordFile {
            reader: asker.person,
            space: asked.space,
            node: asked.node,
            author: row.author,
            name: row.name.clone(),
            until: asked.until,
            now: self.kernel.clock.now(),
        };
        let order = Order::by(asker.actor());
        self.kernel
            .execute::<Inspection>(stream(asked.inspection), command, order)
            .await
            .map_err(AuditError::from)?;
        self.shelf.hand_out(name, blob).await
    }
}

/// What a file is called and how to open it; refused once its key is gone.
fn opened(row: &FileRow) -> Result<(String, BlobRef), Refusal> {
    let NodeKind::File(blob) = &row.kind else {
        return Err(Refusal::NoSuchFile);
    };
    match (row.name.get(), blob.key.get()) {
        (Some(name), Some(_)) => Ok((name.clone(), blob.clone())),
        _ => Err(Refusal::FileErased),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Personal;
    use events::ids::{BlobId, PersonId};
    use events::personal::Withheld;
    use uuid::Uuid;

    fn row(kind: NodeKind, name: Personal<String>) -> FileRow {
        FileRow {
            node: NodeId(Uuid::nil()),
            space: SpaceId(Uuid::nil()),
            parent: None,
            name,
            kind,
            author: PersonId(Uuid::nil()),
            changed: 1,
            deleted: None,
        }
    }

    fn file(key: Option<&str>) -> NodeKind {
        let none = || serde_json::from_value(serde_json::Value::Null).expect("nothing");
        let key = key.map_or_else(none, |key| Withheld::new(key.to_owned()));
        NodeKind::File(BlobRef {
            blob: BlobId(Uuid::nil()),
            size: 3,
            media_type: "text/plain".to_owned(),
            sha256: String::new(),
            key,
        })
    }

    #[test]
    fn a_file_opens_while_its_key_is_there_and_a_folder_never_does() {
        let name = || Personal::new("Brief.txt".to_owned());
        assert!(opened(&row(file(Some("00")), name())).is_ok());
        assert_eq!(
            opened(&row(file(None), Personal::forgotten())).err(),
            Some(Refusal::FileErased)
        );
        assert_eq!(
            opened(&row(NodeKind::Folder, name())).err(),
            Some(Refusal::NoSuchFile)
        );
    }
}
