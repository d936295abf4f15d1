//! What a document is made of.

/// A piece of a document, the full width of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The document's title, large.
    Title(String),
    /// What it is in a sentence, below the title.
    Lead(String),
    /// A heading; it stays with what follows.
    Heading(String),
    /// Running text.
    Paragraph(String),
    /// Notes: small and quiet.
    Note(String),
    /// Names on the left, values on the right. A row is not cut by the end of a page.
    Facts(Vec<(String, String)>),
    /// Columns with a head that is repeated on every page.
    Table {
        /// The columns.
        columns: Vec<Column>,
        /// Their cells, row by row; missing cells are empty.
        rows: Vec<Vec<String>>,
    },
    /// Lines to be typed as they stand, on a quiet ground.
    Typed(Vec<String>),
    /// What follows begins on a new page.
    NewPage,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What stands in its head.
    pub title: String,
    /// Its share of the width; all shares together are the whole.
    pub share: f32,
    /// Whether it holds numbers, which stand right.
    pub is_number: bool,
}
