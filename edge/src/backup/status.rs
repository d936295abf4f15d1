//! What is known of the backups: how far they go and when they last succeeded. It lies in a small file, so that a restart forgets
//! nothing; a data directory that was restored knows of none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "backup.json";

/// Something that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When, in milliseconds since 1970, UTC.
    pub at: u64,
    /// Up to which position.
    pub position: u64,
}

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Whether the running server brings its backup somewhere by itself.
    #[serde(skip_deserializing)]
    pub continuous: bool,
    /// The last time that everything up to a position was in the backup.
    pub pushed: Option<Moment>,
    /// The last time that a restoration was tried and the restored log led to the checkpoint's root.
    pub drilled: Option<Moment>,
    /// That root, in hexadecimal digits.
    #[serde(default)]
    pub drilled_root: Option<String>,
    /// How often in a row it has failed to bring the backup; 0 when all is well.
    #[serde(skip_deserializing)]
    pub failures: u32,
    /// Whether the last try to restore failed.
    #[serde(default)]
    pub drill_failed: bool,
}

impl Status {
    pub(super) fn read(data: &Path) -> Self {
        let bytes = std::fs::read(data.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// What cannot be written is told again by the next success.
    pub(super) fn write(&self, data: &Path) {
        let beside = data.join("backup.json.new");
        let json = serde_json::to_vec(self).unwrap_or_default();
        let written =
            std::fs::write(&beside, json).and_then(|()| std::fs::rename(&beside, data.join(FILE)));
        if let Err(error) = written {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what is known of the backup was not written down"
            );
        }
    }

    pub(super) fn pushed(&mut self, at: u64, position: u64) {
        self.pushed = Some(Moment { at, position });
        self.failures = 0;
    }
}
