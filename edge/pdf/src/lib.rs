//! Documents on paper: certificates today, letters and lists tomorrow. Blocks go in, an A4 document comes out that says the
//! same in fifty years (PDF/A-3): fonts embedded, no colour that depends on a printer, the same bytes for the same document.
//!
//! It knows nothing of the school; what a document says is its module's matter. Laying out is pure and apart from writing.

mod block;
mod error;
mod face;
mod flow;
mod lines;
mod sheet;
mod strip;
mod write;

pub use block::{Block, Column};
pub use error::PdfError;

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    about: About,
    blocks: Vec<Block>,
    attachments: Vec<Attachment>,
}

/// What a document says of itself to the programs that show or keep it.
#[derive(Clone, Debug)]
pub struct About {
    /// Its title, also at the foot of every page.
    pub title: String,
    /// Its main language, as in `de`.
    pub language: &'static str,
    /// When what it says was true, in milliseconds since 1970, UTC. Not the time of printing, so that a copy is equal.
    pub written: u64,
    /// "Page 1 of 2" in its language; `{page}` and `{pages}` are replaced.
    pub pages: &'static str,
}

/// A file that travels inside the document.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is, for people.
    pub description: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Document {
    /// An empty document.
    #[must_use]
    pub fn new(about: About) -> Self {
        Self {
            about,
            blocks: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// Adds a block below the others.
    pub fn add(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a file that travels inside.
    pub fn attach(&mut self, attachment: Attachment) {
        self.attachments.push(attachment);
    }

    /// The finished document.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PdfError> {
        let faces = face::Faces::open()?;
        let pages = flow::flow(&self.blocks, &faces);
        write::write(&self.about, &pages, &self.attachments, &faces)
    }
}
