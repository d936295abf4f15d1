//! Cells that a spreadsheet would run as a formula: recognised when they come in, made harmless when they go out.

use std::borrow::Cow;

/// Whether a spreadsheet may take the cell for a formula (OWASP, CSV injection).
#[must_use]
pub fn is_formula_like(cell: &str) -> bool {
    // The wide forms are what a Japanese input method types; spreadsheets accept them as well.
    cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// The cell as it may stand in an exported CSV file: text stays text. Every exported value passes through here.
#[must_use]
pub fn neutral_cell(cell: &str) -> Cow<'_, str> {
    if is_formula_like(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::neutral_cell;

    #[test]
    fn an_exported_formula_is_text() {
        assert_eq!(neutral_cell("=cmd|'/c calc'!A0"), "'=cmd|'/c calc'!A0");
        assert_eq!(neutral_cell("@SUM(1+1)"), "'@SUM(1+1)");
        assert_eq!(neutral_cell("\t=1"), "'\t=1");
    }

    #[test]
    fn an_ordinary_name_is_exported_as_it_is() {
        assert_eq!(neutral_cell("Anna-Lena"), "Anna-Lena");
        assert_eq!(neutral_cell(""), "");
    }
}
