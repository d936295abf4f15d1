//! Files as schools have them: worksheets as PDF, lists as text and CSV. The bytes are made when they are asked for, from
//! the document's title and lines alone.

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page of A4.
    Pdf,
    /// Plain text.
    Text,
    /// A table.
    Table,
}

/// A file that somebody stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// File name with its ending.
    pub name: String,
    /// What kind of file.
    pub kind: Kind,
    /// What it says.
    pub lines: Vec<String>,
}

impl Document {
    /// The media type that a browser would send.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.kind {
            Kind::Pdf => "application/pdf",
            Kind::Text => "text/plain",
            Kind::Table => "text/csv",
        }
    }

    /// The file's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self.kind {
            Kind::Pdf => pdf(&self.lines),
            Kind::Text => self.lines.join("\n").into_bytes(),
            Kind::Table => self.lines.join("\r\n").into_bytes(),
        }
    }
}

/// The smallest PDF that readers open without complaint: one page, one built-in font, one line under the other.
fn pdf(lines: &[String]) -> Vec<u8> {
    let mut text = b"BT /F1 14 Tf 60 780 Td 18 TL\n".to_vec();
    for line in lines {
        text.push(b'(');
        line.chars()
            .for_each(|letter| push_escaped(&mut text, letter));
        text.extend_from_slice(b") Tj T*\n");
    }
    text.extend_from_slice(b"ET");
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>";
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let mut content = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
    content.append(&mut text);
    content.extend_from_slice(b"\nendstream");
    let objects: [&[u8]; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_bytes(),
        font.as_bytes(),
        &content,
    ];
    assemble(&objects)
}

/// Objects one after the other, and behind them the table of where each begins.
fn assemble(objects: &[&[u8]]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut begins = Vec::new();
    for (number, object) in (1..).zip(objects) {
        begins.push(file.len());
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let table = file.len();
    let size = objects.len() + 1;
    file.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
    begins
        .iter()
        .for_each(|begin| file.extend_from_slice(format!("{begin:010} 00000 n \n").as_bytes()));
    file.extend_from_slice(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes(),
    );
    file
}

/// `WinAnsiEncoding` equals Latin-1 for the letters of German; what it lacks is asked about.
fn push_escaped(text: &mut Vec<u8>, letter: char) {
    if matches!(letter, '(' | ')' | '\\') {
        text.push(b'\\');
    }
    text.push(u8::try_from(u32::from(letter)).unwrap_or(b'?'));
}

#[cfg(test)]
mod tests {
    use super::{Document, Kind};

    #[test]
    fn a_worksheet_is_a_pdf_whose_table_points_to_its_objects() {
        let document = Document {
            name: "Blatt.pdf".into(),
            kind: Kind::Pdf,
            lines: vec!["Übung (leicht)".into()],
        };
        let bytes = document.bytes();
        let plain = |byte: &u8| {
            if byte.is_ascii() {
                char::from(*byte)
            } else {
                '?'
            }
        };
        let text: String = bytes.iter().map(plain).collect();
        let table: usize = text
            .lines()
            .rev()
            .nth(1)
            .and_then(|line| line.parse().ok())
            .expect("the file ends with the table's place");
        let first: usize = text[table..]
            .lines()
            .nth(3)
            .and_then(|line| line.get(..10))
            .and_then(|number| number.parse().ok())
            .expect("the table names the first object");
        assert!(text[first..].starts_with("1 0 obj"));
        assert!(bytes.windows(5).any(|five| five == b"\xdcbung"));
    }
}
