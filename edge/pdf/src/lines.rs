//! Breaking text into lines that fit a width: at spaces, and within a word only when it is wider than the line.

use crate::face::Faces;
use crate::sheet::Style;

/// The lines of a text, at least one. A line feed ends a line.
pub(crate) fn lines(text: &str, style: Style, width: f32, faces: &Faces) -> Vec<String> {
    let paragraphs = text.split('\n');
    paragraphs
        .flat_map(|text| lines_of_one(&faces.printable(text), style, width, faces))
        .collect()
}

fn lines_of_one(text: &str, style: Style, width: f32, faces: &Faces) -> Vec<String> {
    let space = faces.width(" ", style);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut filled = 0.0;
    let words = text.split(' ').filter(|word| !word.is_empty());
    for piece in words.flat_map(|word| pieces(word, style, width, faces)) {
        let wide = faces.width(&piece, style);
        if !line.is_empty() && filled + space + wide > width {
            lines.push(std::mem::take(&mut line));
            filled = 0.0;
        }
        if !line.is_empty() {
            line.push(' ');
            filled += space;
        }
        line.push_str(&piece);
        filled += wide;
    }
    lines.push(line);
    lines
}

/// A word, in pieces that each fit a line.
fn pieces(word: &str, style: Style, width: f32, faces: &Faces) -> Vec<String> {
    if faces.width(word, style) <= width {
        return vec![word.to_owned()];
    }
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut filled = 0.0;
    for letter in word.chars() {
        let wide = faces.width(letter.encode_utf8(&mut [0; 4]), style);
        if filled + wide > width && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            filled = 0.0;
        }
        piece.push(letter);
        filled += wide;
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::BODY;

    #[test]
    fn every_line_fits_and_nothing_is_lost() {
        let faces = Faces::open().expect("the fonts are built in");
        let text = "Die Schlüssel sind vernichtet, und 0123456789abcdef0123456789abcdef0123456789abcdef bleibt.";
        for width in [60.0, 120.0, 300.0] {
            let lines = lines(text, BODY, width, &faces);
            let widest = lines.iter().map(|line| faces.width(line, BODY));
            assert!(widest.fold(0.0, f32::max) <= width + 1.0, "{lines:?}");
            let put_together = lines.concat().replace(' ', "");
            assert_eq!(put_together, text.replace(' ', ""));
        }
    }

    #[test]
    fn a_line_feed_ends_a_line_and_an_empty_text_is_one_line() {
        let faces = Faces::open().expect("the fonts are built in");
        assert_eq!(lines("a\nb", BODY, 100.0, &faces), ["a", "b"]);
        assert_eq!(lines("", BODY, 100.0, &faces), [""]);
    }
}
