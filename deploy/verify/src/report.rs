//! What verification found, for people and for machines.

use serde::Serialize;
use std::fmt;

/// Problems listed; after so many the picture is clear.
const LISTED: usize = 100;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The position in the log; 0 when it is not at one.
    pub position: u64,
    /// The file, from the export's directory; empty when it is in none.
    pub file: String,
    /// The byte in that file, where one can be told.
    pub offset: Option<u64>,
    /// What.
    pub what: String,
}

/// What verification found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Events in the export.
    pub size: u64,
    /// The root over them in hexadecimal; none when it cannot be told because something could not be read.
    pub root: Option<String>,
    /// Whether everything verifies.
    pub ok: bool,
    /// What is wrong; at most 100.
    pub problems: Vec<Problem>,
    /// Whether the log's key came from the export itself.
    #[serde(skip)]
    pub trusts_its_own_key: bool,
    /// The name of each witness asked for, with the size of the newest checkpoint that it cosigned.
    #[serde(skip)]
    pub cosigned: Vec<(String, u64)>,
}

/// Collects problems up to the number that is listed.
#[derive(Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.0.len() < LISTED {
            self.0.push(problem);
        }
    }

    pub(crate) fn append(&mut self, problems: Vec<Problem>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    /// Something is wrong at a position, or at none when it is 0.
    pub(crate) fn at(&mut self, position: u64, what: impl Into<String>) {
        self.add(Problem {
            position,
            file: String::new(),
            offset: None,
            what: what.into(),
        });
    }

    /// Something is wrong with a file.
    pub(crate) fn file(&mut self, file: &str, what: impl Into<String>) {
        self.add(Problem {
            position: 0,
            file: file.to_owned(),
            offset: None,
            what: what.into(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.0
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.position > 0 {
            write!(f, "position {}: ", self.position)?;
        }
        f.write_str(&self.what)?;
        match (self.file.as_str(), self.offset) {
            ("", _) => Ok(()),
            (file, None) => write!(f, " ({file})"),
            (file, Some(offset)) => write!(f, " ({file}, byte {offset})"),
        }
    }
}
