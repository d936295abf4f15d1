//! The fonts: Noto Sans, regular and bold, under the SIL Open Font License 1.1. They have the letters of every language that
//! is written in Latin, Greek or Cyrillic. What they lack is shown as a question mark, never left out.

use crate::error::PdfError;
use crate::sheet::{Style, Weight};
use krilla::text::Font;
use rustybuzz::{Face, UnicodeBuffer};

/// Both fonts, for measuring and for writing.
pub(crate) struct Faces {
    regular: (Face<'static>, Font),
    bold: (Face<'static>, Font),
}

impl Faces {
    pub(crate) fn open() -> Result<Self, PdfError> {
        let open = |bytes: &'static [u8]| {
            let face = Face::from_slice(bytes, 0).ok_or(PdfError::Font)?;
            let font = Font::new(bytes.into(), 0).ok_or(PdfError::Font)?;
            Ok((face, font))
        };
        Ok(Self {
            regular: open(notosans::REGULAR_TTF)?,
            bold: open(notosans::BOLD_TTF)?,
        })
    }

    fn of(&self, weight: Weight) -> &(Face<'static>, Font) {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(crate) fn font(&self, weight: Weight) -> Font {
        self.of(weight).1.clone()
    }

    /// How wide a text is when it is set, in points.
    #[expect(clippy::cast_precision_loss, reason = "advances are small numbers")]
    pub(crate) fn width(&self, text: &str, style: Style) -> f32 {
        let face = &self.of(style.weight).0;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        let shaped = rustybuzz::shape(face, &[], buffer);
        let advances = shaped.glyph_positions().iter();
        let advance: i32 = advances.map(|glyph| glyph.x_advance).sum();
        advance as f32 / face.units_per_em() as f32 * style.size
    }

    /// A text as these fonts can show it: white space is a space, and what they lack is a question mark.
    pub(crate) fn printable(&self, text: &str) -> String {
        let shown = text.chars().map(|letter| match letter {
            _ if letter.is_whitespace() && letter != '\u{a0}' => ' ',
            _ if letter.is_control() => '?',
            _ if self.regular.0.glyph_index(letter).is_none() => '?',
            _ => letter,
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_all_over_the_schoolyard_can_be_printed() {
        let faces = Faces::open().expect("the fonts are built in");
        for name in [
            "Müßig Straße ÄÖÜẞ",
            "Żółć Łukasz Wiśniewska Ćma",
            "Şükrü Yıldırım İğdır Çağ",
            "Nguyễn Thị Hương",
            "Дмитро Їжак",
            "Ελένη",
            "„Zitat“ – § 17 … €",
        ] {
            assert_eq!(faces.printable(name), name);
            let is_bold_too = name
                .chars()
                .all(|letter| faces.bold.0.glyph_index(letter).is_some());
            assert!(is_bold_too, "{name}");
        }
    }

    #[test]
    fn what_the_fonts_lack_is_seen_to_be_missing() {
        let faces = Faces::open().expect("the fonts are built in");
        assert_eq!(faces.printable("a\u{7}b\tc\u{4e2d}"), "a?b c?");
    }
}
