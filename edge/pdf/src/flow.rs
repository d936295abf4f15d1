//! Laying out: strips onto pages, from top to bottom. Pure.

use crate::block::Block;
use crate::face::Faces;
use crate::sheet::{BOTTOM, TOP};
use crate::strip::{Mark, Strip, strips};

/// What is drawn on one page, measured from its left margin and its upper edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) marks: Vec<Mark>,
}

/// The pages of a document, at least one.
pub(crate) fn flow(blocks: &[Block], faces: &Faces) -> Vec<Page> {
    let mut pages = Pages::new();
    for run in blocks.split(|block| *block == Block::NewPage) {
        if !pages.is_empty() {
            pages.turn();
        }
        let strips: Vec<Strip> = run.iter().flat_map(|block| strips(block, faces)).collect();
        for index in 0..strips.len() {
            pages.place(&strips[index..]);
        }
    }
    pages.done
}

struct Pages {
    done: Vec<Page>,
    y: f32,
}

impl Pages {
    fn new() -> Self {
        Self {
            done: vec![Page::default()],
            y: TOP,
        }
    }

    fn is_empty(&self) -> bool {
        self.done.iter().all(|page| page.marks.is_empty())
    }

    fn turn(&mut self) {
        self.done.push(Page::default());
        self.y = TOP;
    }

    /// Places the first of these strips; the others are looked at for what must stay together.
    fn place(&mut self, strips: &[Strip]) {
        let Some(strip) = strips.first() else {
            return;
        };
        let is_top = self.y <= TOP;
        if !is_top && self.y + strip.before + together(strips) > BOTTOM {
            self.turn();
            if let Some(head) = &strip.head {
                self.put(head, 0.0);
            }
        }
        let before = if self.y <= TOP { 0.0 } else { strip.before };
        self.put(strip, before);
    }

    fn put(&mut self, strip: &Strip, before: f32) {
        self.y += before;
        let top = self.y;
        let marks = strip.marks.iter().cloned().map(|mark| moved(mark, top));
        if let Some(page) = self.done.last_mut() {
            page.marks.extend(marks);
        }
        self.y += strip.height;
    }
}

/// How high the first strip is with all that must stay with it; no more than half a page, so that it always fits.
fn together(strips: &[Strip]) -> f32 {
    let mut height = 0.0;
    for (index, strip) in strips.iter().enumerate() {
        let before = if index == 0 { 0.0 } else { strip.before };
        if index > 0 && height + before + strip.height > (BOTTOM - TOP) / 2.0 {
            break;
        }
        height += before + strip.height;
        if !strip.keeps {
            break;
        }
    }
    height
}

fn moved(mark: Mark, down: f32) -> Mark {
    match mark {
        Mark::Text { x, y, style, text } => Mark::Text {
            x,
            y: y + down,
            style,
            text,
        },
        Mark::Bar {
            x,
            y,
            width,
            height,
            colour,
        } => Mark::Bar {
            x,
            y: y + down,
            width,
            height,
            colour,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Column;

    fn texts(page: &Page) -> Vec<&str> {
        let texts = page.marks.iter().filter_map(|mark| match mark {
            Mark::Text { text, .. } => Some(text.as_str()),
            Mark::Bar { .. } => None,
        });
        texts.collect()
    }

    fn pages(blocks: &[Block]) -> Vec<Page> {
        flow(blocks, &Faces::open().expect("the fonts are built in"))
    }

    fn column(title: &str) -> Column {
        Column {
            title: title.into(),
            share: 0.5,
            is_number: false,
        }
    }

    #[test]
    fn a_long_table_repeats_its_head_and_cuts_no_row() {
        let cell = |index: usize| {
            format!(
                "{index:03} und eine zweite Angabe, die in dieser Spalte nicht auf eine Zeile passt"
            )
        };
        let rows = (0..120).map(|index| vec![cell(index), "x".into()]);
        let table = Block::Table {
            columns: vec![column("Was"), column("Wo")],
            rows: rows.collect(),
        };
        let pages = pages(&[Block::Title("Liste".into()), table]);
        assert!(pages.len() > 3, "{} pages", pages.len());
        for page in &pages {
            let texts = texts(page);
            assert_eq!(texts.iter().filter(|text| **text == "Was").count(), 1);
            let begun = texts
                .iter()
                .filter(|text| text.contains("und eine"))
                .count();
            let ended = texts.iter().filter(|text| text.ends_with("passt")).count();
            assert_eq!(begun, ended, "a row is cut");
        }
        let begun: Vec<&str> = pages
            .iter()
            .flat_map(texts)
            .filter(|text| text.contains("und eine"))
            .collect();
        assert_eq!(begun.len(), 120);
    }

    #[test]
    fn nothing_stands_below_the_lower_margin_and_no_heading_ends_a_page() {
        let blocks = (0..40).flat_map(|index| {
            let text = "Ein Absatz mit mehreren Zeilen. ".repeat(index % 9 + 1);
            [Block::Heading(format!("§ {index}")), Block::Paragraph(text)]
        });
        for page in pages(&blocks.collect::<Vec<_>>()) {
            let lowest = page.marks.iter().map(|mark| match mark {
                Mark::Text { y, .. } | Mark::Bar { y, .. } => *y,
            });
            assert!(lowest.fold(0.0, f32::max) <= BOTTOM);
            let last = texts(&page).last().map(|text| (*text).to_owned());
            assert!(!last.unwrap_or_default().starts_with('§'));
        }
    }

    #[test]
    fn a_cell_longer_than_a_page_goes_on_overleaf() {
        let facts = vec![("Name".into(), "Wort ".repeat(4000))];
        let pages = pages(&[Block::Facts(facts)]);
        let words = pages.iter().flat_map(texts).flat_map(str::split_whitespace);
        assert_eq!(words.filter(|word| *word == "Wort").count(), 4000);
        assert!(pages.len() > 2);
    }
}
