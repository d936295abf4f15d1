//! Writing laid-out pages as PDF/A-3: krilla draws, and refuses whatever such a document must not have.

use crate::error::PdfError;
use crate::face::Faces;
use crate::flow::Page;
use crate::sheet::{
    ACCENT, Colour, FOOT, HEIGHT, LEFT, MEASURE, NOTE, QUIET, Style, WIDTH, Weight,
};
use crate::strip::Mark;
use crate::{About, Attachment};
use jiff::Timestamp;
use jiff::tz::Offset;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::TextDirection;
use krilla::{SerializeSettings, color};

/// The bar at the head of the first page: 28 mm of colour.
const BAR: (f32, f32, f32) = (34.0, 79.4, 3.0);

pub(crate) fn write(
    about: &About,
    pages: &[Page],
    attachments: &[Attachment],
    faces: &Faces,
) -> Result<Vec<u8>, PdfError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_U)
        .finish()
        .map_err(|error| PdfError::Write(format!("{error:?}")))?;
    let mut document = krilla::Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let written = date(about.written)?;
    let title = faces.printable(&about.title);
    document.set_metadata(
        Metadata::new()
            .title(title.clone())
            .language(about.language.to_owned())
            .creator("Schulhof".to_owned())
            .creation_date(written),
    );
    for attachment in attachments {
        let embedded = document.embed_file(EmbeddedFile {
            path: attachment.name.clone(),
            mime_type: MimeType::new(attachment.media_type),
            description: Some(attachment.description.clone()),
            association_kind: AssociationKind::Data,
            data: attachment.bytes.clone().into(),
            modification_date: Some(written),
            compress: Some(true),
            location: None,
        });
        embedded.ok_or_else(|| PdfError::Write("two attachments of one name".to_owned()))?;
    }
    for (index, marks) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT)
            .ok_or_else(|| PdfError::Write("the size of a page".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        if index == 0 {
            let (y, width, height) = BAR;
            fill(&mut surface, (LEFT, y, width, height), ACCENT);
        }
        for mark in &marks.marks {
            draw(&mut surface, mark, faces);
        }
        let number = about
            .pages
            .replace("{pages}", &pages.len().to_string())
            .replace("{page}", &(index + 1).to_string());
        foot(&mut surface, &title, &number, faces);
        surface.finish();
        page.finish();
    }
    document
        .finish()
        .map_err(|error| PdfError::Write(format!("{error:?}")))
}

fn date(at: u64) -> Result<DateTime, PdfError> {
    let at = i64::try_from(at).map_err(|_| PdfError::Date)?;
    let moment = Timestamp::from_millisecond(at).map_err(|_| PdfError::Date)?;
    let moment = Offset::UTC.to_datetime(moment);
    let small = |number: i8| u8::try_from(number).map_err(|_| PdfError::Date);
    Ok(
        DateTime::new(u16::try_from(moment.year()).map_err(|_| PdfError::Date)?)
            .month(small(moment.month())?)
            .day(small(moment.day())?)
            .hour(small(moment.hour())?)
            .minute(small(moment.minute())?)
            .second(small(moment.second())?)
            .utc_offset_hour(0)
            .utc_offset_minute(0),
    )
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, faces: &Faces) {
    match mark {
        Mark::Text { x, y, style, text } => set(surface, (LEFT + x, *y), text, *style, faces),
        Mark::Bar {
            x,
            y,
            width,
            height,
            colour,
        } => fill(surface, (LEFT + x, *y, *width, *height), *colour),
    }
}

/// The title on the left, the page's number on the right.
fn foot(surface: &mut Surface<'_>, title: &str, number: &str, faces: &Faces) {
    let style = Style {
        weight: Weight::Regular,
        colour: QUIET,
        ..NOTE
    };
    set(surface, (LEFT, FOOT), title, style, faces);
    let free = MEASURE - faces.width(number, style);
    set(surface, (LEFT + free, FOOT), number, style, faces);
}

fn set(surface: &mut Surface<'_>, at: (f32, f32), text: &str, style: Style, faces: &Faces) {
    paint(surface, style.colour);
    surface.draw_text(
        Point::from_xy(at.0, at.1),
        faces.font(style.weight),
        style.size,
        text,
        false,
        TextDirection::LeftToRight,
    );
}

fn fill(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32), colour: Colour) {
    let Some(area) = Rect::from_xywh(x, y, width, height) else {
        return;
    };
    let mut path = PathBuilder::new();
    path.push_rect(area);
    if let Some(path) = path.finish() {
        paint(surface, colour);
        surface.draw_path(&path);
    }
}

fn paint(surface: &mut Surface<'_>, [red, green, blue]: Colour) {
    surface.set_fill(Some(Fill {
        paint: color::rgb::Color::new(red, green, blue).into(),
        ..Fill::default()
    }));
}

#[cfg(test)]
mod tests {
    use crate::{About, Attachment, Block, Document};

    fn document(written: u64) -> Document {
        let mut document = Document::new(About {
            title: "Löschbescheinigung".into(),
            language: "de",
            written,
            pages: "Seite {page} von {pages}",
        });
        document.add(Block::Title("Löschbescheinigung".into()));
        document.add(Block::Paragraph("Şükrü, Łukasz \u{4e2d} und „Ömer“".into()));
        document.attach(Attachment {
            name: "a.json".into(),
            media_type: "application/json",
            description: "die Angaben".into(),
            bytes: b"{}".to_vec(),
        });
        document
    }

    #[test]
    fn the_same_document_is_the_same_bytes() {
        let one = document(1_800_000_000_000).to_bytes().expect("is written");
        let other = document(1_800_000_000_000).to_bytes().expect("is written");
        assert_eq!(one, other);
        assert!(one.starts_with(b"%PDF-1.7"));
        assert!(
            one.len() < 60_000,
            "{} bytes: are fonts cut down?",
            one.len()
        );
    }

    #[test]
    fn a_date_outside_the_calendar_is_refused_and_does_not_panic() {
        assert!(document(u64::MAX).to_bytes().is_err());
        assert!(document(u64::MAX >> 2).to_bytes().is_err());
    }
}
