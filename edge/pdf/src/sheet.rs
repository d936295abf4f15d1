//! The sheet: A4, its margins, sizes and colours. Lengths are in points, 72 to the inch; y grows downwards.

/// The width of A4.
pub(crate) const WIDTH: f32 = 595.28;
/// Its height.
pub(crate) const HEIGHT: f32 = 841.89;
/// 25 mm, room for the holes of a folder.
pub(crate) const LEFT: f32 = 70.87;
/// 22 mm.
pub(crate) const RIGHT: f32 = 62.36;
/// 22 mm.
pub(crate) const TOP: f32 = 62.36;
/// Where text ends, 26 mm above the edge; the foot of the page is below.
pub(crate) const BOTTOM: f32 = HEIGHT - 73.7;
/// Where the foot of the page stands.
pub(crate) const FOOT: f32 = HEIGHT - 45.0;
/// The width of the text.
pub(crate) const MEASURE: f32 = WIDTH - LEFT - RIGHT;

/// Which font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];

/// Text.
pub(crate) const INK: Colour = [0x1b, 0x22, 0x2b];
/// Text of less weight; 7:1 on white.
pub(crate) const QUIET: Colour = [0x50, 0x5a, 0x66];
/// Hairlines.
pub(crate) const LINE: Colour = [0xd0, 0xd6, 0xdc];
/// Grounds.
pub(crate) const GROUND: Colour = [0xf3, 0xf5, 0xf7];
/// The one colour.
pub(crate) const ACCENT: Colour = [0x1f, 0x5b, 0x47];

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: f32,
    /// From one line to the next.
    pub(crate) leading: f32,
    pub(crate) colour: Colour,
}

const fn style(weight: Weight, size: f32, leading: f32, colour: Colour) -> Style {
    Style {
        weight,
        size,
        leading,
        colour,
    }
}

pub(crate) const TITLE: Style = style(Weight::Bold, 24.0, 30.0, INK);
pub(crate) const LEAD: Style = style(Weight::Regular, 11.5, 17.5, QUIET);
pub(crate) const HEADING: Style = style(Weight::Bold, 11.5, 16.0, ACCENT);
pub(crate) const BODY: Style = style(Weight::Regular, 9.5, 14.0, INK);
pub(crate) const NAME: Style = style(Weight::Regular, 9.5, 14.0, QUIET);
pub(crate) const HEAD: Style = style(Weight::Bold, 8.5, 12.0, QUIET);
pub(crate) const NOTE: Style = style(Weight::Regular, 8.0, 11.5, QUIET);
pub(crate) const TYPED: Style = style(Weight::Regular, 8.0, 11.5, INK);
