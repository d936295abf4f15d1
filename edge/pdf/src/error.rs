//! Why there is no document.

/// A document could not be made. None of these is the reader's doing.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// An embedded font does not read.
    #[error("reading the font that is built in")]
    Font,
    /// The date of the document is none.
    #[error("the document is dated outside the calendar")]
    Date,
    /// The library refused: something is not fit for PDF/A.
    #[error("writing the document: {0}")]
    Write(String),
}
