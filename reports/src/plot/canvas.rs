use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use super::style::Marker;

/// Colour of text and axes.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Colour of secondary text.
pub const FAINT: RGBColor = RGBColor(0x59, 0x59, 0x59);
/// Colour of grid lines.
pub const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
/// Colour of the background.
pub const PAPER: RGBColor = RGBColor(0xfe, 0xfe, 0xfe);

/// Size of axis labels and legends, pixels.
pub(super) const SMALL: i32 = 12;
/// Size of titles, pixels.
pub(super) const LARGE: i32 = 15;

/// Width of a figure, pixels.
pub(super) const WIDTH: i32 = 640;

/// A point, pixels from the upper left corner.
pub(super) type At = (i32, i32);

/// A picture under construction.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Font {
    pub(super) size: i32,
    pub(super) colour: RGBColor,
    pub(super) bold: bool,
    pub(super) anchor: HPos,
}

impl Font {
    pub(super) const LABEL: Font =
        Font { size: SMALL, colour: INK, bold: false, anchor: HPos::Left };

    pub(super) fn right(self) -> Self {
        Font { anchor: HPos::Right, ..self }
    }

    pub(super) fn centred(self) -> Self {
        Font { anchor: HPos::Center, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Font { bold: true, ..self }
    }

    pub(super) fn coloured(self, colour: RGBColor) -> Self {
        Font { colour, ..self }
    }

    pub(super) fn sized(self, size: i32) -> Self {
        Font { size, ..self }
    }
}

/// Width of a text, pixels: an upper estimate, because no font is at hand.
pub(super) fn width_of(text: &str, size: i32) -> i32 {
    (text.chars().count() as f64 * f64::from(size) * 0.58).ceil() as i32
}

/// Cuts a text so that it takes at most `width` pixels.
pub(super) fn fit(text: &str, width: i32, size: i32) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if width_of(&cut, size) + 2 * size > width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

/// Breaks a text at spaces into lines of at most `width` pixels.
fn broken(text: &str, width: i32, size: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| fit(line, width, size)).collect()
}

/// Draws a picture with its title in the upper left corner. The drawing starts at height 36 and
/// ends at `height`; a title of several lines moves it down.
pub(super) fn picture(
    height: i32,
    title: &str,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    const LINE: i32 = 19;
    // Bold text is wider.
    let lines = broken(title, WIDTH - 24, LARGE + 1);
    let extra = (lines.len().max(1) as i32 - 1) * LINE;
    let mut svg = String::new();
    {
        let size = (WIDTH as u32, (height + extra).max(1) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER).map_err(failed)?;
        let (_, below) = area.split_vertically(extra);
        let (whole, canvas) = (Canvas { area }, Canvas { area: below });
        for (at, line) in lines.iter().enumerate() {
            let font = Font::LABEL.bold().sized(LARGE);
            whole.text((12, 20 + at as i32 * LINE), line, font)?;
        }
        draw(&canvas)?;
        whole.area.present().map_err(failed)?;
    }
    Ok(svg.replacen("<svg ", "<svg role=\"img\" ", 1))
}

impl Canvas<'_> {
    /// A line through points.
    pub(super) fn line(
        &self,
        points: &[At],
        colour: RGBColor,
        width: u32,
    ) -> Result<(), PlotError> {
        let style = colour.stroke_width(width);
        self.area.draw(&PathElement::new(points.to_vec(), style)).map_err(failed)
    }

    /// A filled rectangle between two corners.
    pub(super) fn bar(&self, from: At, to: At, colour: RGBColor) -> Result<(), PlotError> {
        self.area.draw(&Rectangle::new([from, to], colour.filled())).map_err(failed)
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&self, from: At, to: At, colour: RGBColor) -> Result<(), PlotError> {
        self.area.draw(&Rectangle::new([from, to], colour)).map_err(failed)
    }

    /// A rectangle filled with diagonal lines: something that has no figure.
    pub(super) fn hatch(&self, from: At, to: At, colour: RGBColor) -> Result<(), PlotError> {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        let mut start = -height + 5;
        while start < width {
            // The line x - from.x = start + (to.y - y), cut to the rectangle.
            let (left, right) = (start.max(0), (start + height).min(width));
            let y = |x: i32| to.1 - (x - start);
            let ends = [(from.0 + left, y(left)), (from.0 + right, y(right))];
            self.line(&ends, colour, 1)?;
            start += 5;
        }
        self.frame(from, to, colour)
    }

    /// Text whose middle is at this height.
    pub(super) fn text(&self, at: At, text: &str, font: Font) -> Result<(), PlotError> {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        // The backend divides sizes by 1.24.
        let style = ("sans-serif", f64::from(font.size) * 1.24, style)
            .into_font()
            .color(&font.colour)
            .pos(Pos::new(font.anchor, VPos::Center));
        self.area.draw(&Text::new(text, at, style)).map_err(failed)
    }

    /// A marker of a series, on a rim of paper so that it stands out from what is below it.
    pub(super) fn marker(
        &self,
        (x, y): At,
        marker: Marker,
        radius: i32,
        colour: RGBColor,
    ) -> Result<(), PlotError> {
        let shape = |r: i32| match marker {
            Marker::Circle => Vec::new(),
            Marker::Square => vec![(-r, -r), (r, -r), (r, r), (-r, r)],
            Marker::Triangle => vec![(0, -r - 1), (r + 1, r), (-r - 1, r)],
            Marker::Down => vec![(0, r + 1), (r + 1, -r), (-r - 1, -r)],
            Marker::Diamond => vec![(0, -r - 2), (r + 2, 0), (0, r + 2), (-r - 2, 0)],
            Marker::Cross => {
                let a = r / 2;
                let (b, c) = (r + 1, a - 1);
                vec![
                    (-b, -c),
                    (-c, -c),
                    (-c, -b),
                    (c, -b),
                    (c, -c),
                    (b, -c),
                    (b, c),
                    (c, c),
                    (c, b),
                    (-c, b),
                    (-c, c),
                    (-b, c),
                ]
            }
        };
        for (radius, colour) in [(radius + 1, PAPER), (radius, colour)] {
            if marker == Marker::Circle {
                let circle = Circle::new((x, y), radius, colour.filled());
                self.area.draw(&circle).map_err(failed)?;
            } else {
                let points: Vec<At> =
                    shape(radius).into_iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
                self.area.draw(&Polygon::new(points, colour)).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn failed(error: DrawingAreaErrorKind<std::io::Error>) -> PlotError {
    PlotError(error.to_string())
}
