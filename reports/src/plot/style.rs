//! Colours, and what tells things apart without them: markers, dashes and textures.

use plotters::style::RGBColor;

/// The palette of Okabe and Ito, ordered so that the first ones differ most also in grey; black is
/// left out because it vanishes on a dark page.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xc4, 0xb5, 0x1f),
];

/// The colour of a series.
pub(super) const fn colour(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// Shape of the points of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Down,
    Cross,
}

const MARKERS: [Marker; 6] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::Down,
    Marker::Cross,
];

/// The marker of a series; with [`colour`], the first 42 series all look different.
pub(super) fn marker(index: usize) -> Marker {
    MARKERS[index % MARKERS.len()]
}

/// Strokes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Long,
    Short,
    Dotted,
}

impl Dash {
    /// Stroke and gap, pixels; `None` for an unbroken line.
    pub(super) fn lengths(self) -> Option<(i32, i32)> {
        match self {
            Dash::Solid => None,
            Dash::Long => Some((12, 5)),
            Dash::Short => Some((6, 4)),
            Dash::Dotted => Some((2, 4)),
        }
    }
}

const DASHES: [Dash; 4] = [Dash::Solid, Dash::Long, Dash::Short, Dash::Dotted];

/// The strokes of a series.
pub(super) fn dash(index: usize) -> Dash {
    DASHES[index % DASHES.len()]
}

/// Lines on a filled area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texture {
    Plain,
    Rising,
    Falling,
    Upright,
    Level,
    Crossed,
}

const TEXTURES: [Texture; 6] = [
    Texture::Plain,
    Texture::Rising,
    Texture::Falling,
    Texture::Crossed,
    Texture::Level,
    Texture::Upright,
];

/// How an area is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) colour: RGBColor,
    pub(super) texture: Texture,
}

/// The paint of a series of areas; the first 42 all look different.
pub(super) fn paint(index: usize) -> Paint {
    Paint { colour: colour(index), texture: TEXTURES[index % TEXTURES.len()] }
}

/// Paint of a phase, by its index: setup, offline, online.
pub(super) const PHASES: [Paint; 3] = [
    Paint { colour: RGBColor(0xcc, 0x79, 0xa7), texture: Texture::Falling },
    Paint { colour: RGBColor(0xe6, 0x9f, 0x00), texture: Texture::Rising },
    Paint { colour: RGBColor(0x00, 0x72, 0xb2), texture: Texture::Plain },
];

/// A sequential scale from pale to dark blue, `share` in [0, 1]; readable in grey.
pub(super) fn heat(share: f64) -> RGBColor {
    const STOPS: [(f64, f64, f64); 4] =
        [(222.0, 235.0, 247.0), (146.0, 197.0, 222.0), (33.0, 113.0, 181.0), (8.0, 40.0, 92.0)];
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let at = (place as usize).min(STOPS.len() - 2);
    let (low, high, part) = (STOPS[at], STOPS[at + 1], place - at as f64);
    let mix = |a: f64, b: f64| (a + (b - a) * part).round() as u8;
    RGBColor(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}
