//! Strips: what is never cut by the end of a page. A block becomes strips of known height.

use crate::block::{Block, Column};
use crate::face::Faces;
use crate::lines::lines;
use crate::sheet::{
    BODY, BOTTOM, Colour, GROUND, HEAD, HEADING, LEAD, LINE, MEASURE, NAME, NOTE, Style, TITLE,
    TOP, TYPED,
};
use std::rc::Rc;

/// Between columns.
const GAP: f32 = 12.0;
/// Above and below a row's text.
const PADDING: f32 = 3.5;
/// The share of the width that names of facts get.
const NAMES: f32 = 0.3;
/// Around lines to be typed.
const INSET: f32 = 8.0;

/// Something drawn. `x` is from the left margin; `y` from the top of its strip, and later of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A line of text; `y` is its baseline.
    Text {
        x: f32,
        y: f32,
        style: Style,
        text: String,
    },
    /// A filled rectangle.
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
}

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strip {
    /// Space above, but for the top of a page.
    pub(crate) before: f32,
    pub(crate) height: f32,
    pub(crate) marks: Vec<Mark>,
    /// Whether it stays with the next.
    pub(crate) keeps: bool,
    /// What is repeated above it at the top of a page.
    pub(crate) head: Option<Rc<Strip>>,
}

/// The strips of a block; none for a new page.
pub(crate) fn strips(block: &Block, faces: &Faces) -> Vec<Strip> {
    match block {
        Block::Title(text) => running(text, TITLE, 0.0, true, faces),
        Block::Lead(text) => running(text, LEAD, 6.0, false, faces),
        Block::Heading(text) => running(text, HEADING, 20.0, true, faces),
        Block::Paragraph(text) => running(text, BODY, 6.0, false, faces),
        Block::Note(text) => running(text, NOTE, 6.0, false, faces),
        Block::Facts(facts) => {
            let columns = [column(NAMES, NAME), column(1.0 - NAMES, BODY)];
            let rows = facts
                .iter()
                .map(|(name, value)| vec![name.as_str(), value.as_str()]);
            let rows = rows.flat_map(|cells| row(&cells, &columns, faces));
            first_apart(rows.collect(), 6.0)
        }
        Block::Table { columns, rows } => table(columns, rows, faces),
        Block::Typed(text) => typed(text, faces),
        Block::NewPage => Vec::new(),
    }
}

/// Where the baseline is in a line whose top is at `top`.
fn baseline(top: f32, style: Style) -> f32 {
    top + style.leading / 2.0 + style.size * 0.36
}

/// Running text: a strip a line; neither its first nor its last line stands alone on a page.
fn running(text: &str, style: Style, before: f32, keeps: bool, faces: &Faces) -> Vec<Strip> {
    let lines = lines(text, style, MEASURE, faces);
    let last = lines.len() - 1;
    let strips = lines.into_iter().enumerate().map(|(index, text)| Strip {
        before: if index == 0 { before } else { 0.0 },
        height: style.leading,
        marks: vec![Mark::Text {
            x: 0.0,
            y: baseline(0.0, style),
            style,
            text,
        }],
        keeps: keeps || (index < last && (index == 0 || index + 1 == last)),
        head: None,
    });
    strips.collect()
}

/// A column as rows need it.
#[derive(Clone, Copy)]
struct Set {
    share: f32,
    style: Style,
    is_number: bool,
}

fn column(share: f32, style: Style) -> Set {
    Set {
        share,
        style,
        is_number: false,
    }
}

fn table(columns: &[Column], rows: &[Vec<String>], faces: &Faces) -> Vec<Strip> {
    let set = |style| {
        let sets = columns.iter().map(move |column| Set {
            share: column.share,
            style,
            is_number: column.is_number,
        });
        sets.collect::<Vec<_>>()
    };
    let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
    let mut strips = row(&titles, &set(HEAD), faces);
    let Some(head) = strips.first_mut() else {
        return strips;
    };
    head.marks.retain(|mark| matches!(mark, Mark::Text { .. }));
    head.keeps = true;
    let head = Rc::new(head.clone());
    for cells in rows {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        strips.extend(row(&cells, &set(BODY), faces).into_iter().map(|mut strip| {
            strip.head = Some(Rc::clone(&head));
            strip
        }));
    }
    first_apart(strips, 8.0)
}

/// One row with a hairline above; several strips only when it is longer than a page.
fn row(cells: &[&str], columns: &[Set], faces: &Faces) -> Vec<Strip> {
    let mut left = 0.0;
    let mut places = Vec::with_capacity(columns.len());
    for (index, set) in columns.iter().enumerate() {
        let share = set.share * MEASURE;
        let gap = if index + 1 == columns.len() { 0.0 } else { GAP };
        let text = cells.get(index).copied().unwrap_or_default();
        places.push((
            *set,
            left,
            share - gap,
            lines(text, set.style, share - gap, faces),
        ));
        left += share;
    }
    let leading = columns.iter().map(|set| set.style.leading);
    let leading = leading.fold(1.0, f32::max);
    let most = ((BOTTOM - TOP) / 2.0 / leading).floor() as usize;
    let longest = places.iter().map(|(.., lines)| lines.len()).max();
    let parts = longest.unwrap_or(1).div_ceil(most);
    let part = |part: usize| {
        let mut strip = Strip::default();
        let mut longest = 0.0_f32;
        for (set, x, width, lines) in &places {
            let lines = lines.iter().skip(part * most).take(most);
            let mut top = PADDING;
            for text in lines {
                let free = width - faces.width(text, set.style);
                strip.marks.push(Mark::Text {
                    x: x + if set.is_number { free } else { 0.0 },
                    y: baseline(top, set.style),
                    style: set.style,
                    text: text.clone(),
                });
                top += set.style.leading;
            }
            longest = longest.max(top);
        }
        if part == 0 {
            strip.marks.push(bar(0.0, 0.0, MEASURE, 0.6, LINE));
        }
        strip.height = longest + PADDING;
        strip
    };
    (0..parts).map(part).collect()
}

fn bar(x: f32, y: f32, width: f32, height: f32, colour: Colour) -> Mark {
    Mark::Bar {
        x,
        y,
        width,
        height,
        colour,
    }
}

/// Lines as they stand, together on one ground.
fn typed(text: &[String], faces: &Faces) -> Vec<Strip> {
    let lines: Vec<String> = text
        .iter()
        .flat_map(|text| lines(text, TYPED, MEASURE - 2.0 * INSET, faces))
        .collect();
    let last = lines.len().saturating_sub(1);
    let strips = lines.into_iter().enumerate().map(|(index, text)| {
        let top = if index == 0 { INSET } else { 0.0 };
        let below = if index == last { INSET } else { 0.0 };
        let height = top + TYPED.leading + below;
        Strip {
            before: if index == 0 { 8.0 } else { 0.0 },
            height,
            marks: vec![
                bar(0.0, 0.0, MEASURE, height + 0.2, GROUND),
                Mark::Text {
                    x: INSET,
                    y: baseline(top, TYPED),
                    style: TYPED,
                    text,
                },
            ],
            keeps: index < last,
            head: None,
        }
    });
    strips.collect()
}

fn first_apart(mut strips: Vec<Strip>, before: f32) -> Vec<Strip> {
    if let Some(first) = strips.first_mut() {
        first.before = before;
    }
    strips
}
