use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::style::{Dash, Marker, Paint, Texture};
use super::{Medium, PlotError};

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

/// Distance of the lines of a texture, pixels.
const SPACING: i32 = 5;

/// A point, pixels from the upper left corner.
pub(super) type At = (i32, i32);

/// A picture under construction.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    medium: Medium,
    /// What belongs to a series, by the number that stands in its [`OPENS`].
    groups: &'a RefCell<Vec<Group>>,
}

/// What belongs to one protocol, or to another series, and what to say of it.
struct Group {
    series: String,
    tip: String,
}

/// Text that marks where a group begins, before its number, and where one ends. The backend knows
/// no groups; these characters are for private use and taken out of all other texts.
const OPENS: char = '\u{E000}';
const CLOSES: char = '\u{E001}';

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
/// ends at `height`; a title of several lines moves it down, and one without (on paper) up.
pub(super) fn picture(
    medium: Medium,
    height: i32,
    title: &str,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    const LINE: i32 = 19;
    // Bold text is wider.
    let lines = match medium {
        Medium::Screen => broken(title, medium.width() - 24, LARGE + 1),
        Medium::OneColumn | Medium::TwoColumns => Vec::new(),
    };
    let extra = match lines.len() as i32 {
        0 => 8 - 36,
        count => (count - 1) * LINE,
    };
    let (mut svg, groups) = (String::new(), RefCell::new(Vec::new()));
    let size = (medium.width() as u32, (height + extra).max(1) as u32);
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER).map_err(failed)?;
        let (width, height) = (size.0 as i32, size.1 as i32);
        let below = area.clone().shrink((0, extra), (width, height - extra));
        let canvas = |area| Canvas { area, medium, groups: &groups };
        let (whole, canvas) = (canvas(area), canvas(below));
        for (at, line) in lines.iter().enumerate() {
            let font = Font::LABEL.bold().sized(LARGE);
            whole.text((12, 20 + at as i32 * LINE), line, font)?;
        }
        draw(&canvas)?;
        whole.area.present().map_err(failed)?;
    }
    Ok(finished(&svg, medium, size, &groups.into_inner()))
}

/// What the backend wrote, with real groups, a size on paper, and without what goes without saying.
fn finished(svg: &str, medium: Medium, (width, height): (u32, u32), groups: &[Group]) -> String {
    let mut text = String::with_capacity(svg.len());
    let mut lines = svg.lines().peekable();
    while let Some(line) = lines.next() {
        let mark = lines.peek().and_then(|next| next.strip_prefix([OPENS, CLOSES]));
        match mark.map(str::parse::<usize>) {
            Some(number) => {
                match number.ok().and_then(|number| groups.get(number)) {
                    Some(Group { series, tip }) => {
                        let (series, tip) = (escape(series), escape(tip));
                        text += &format!("<g data-series=\"{series}\"><title>{tip}</title>\n");
                    }
                    None => text += "</g>\n",
                }
                // The mark itself, and the end of its text.
                lines.next();
                lines.next();
            }
            None => {
                text += &line.replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>");
                text.push('\n');
            }
        }
    }
    let head = match medium.inches() {
        None => format!("<svg role=\"img\" width=\"{width}\" height=\"{height}\""),
        Some(inches) => {
            let high = inches * f64::from(height) / f64::from(width);
            format!("<svg role=\"img\" width=\"{inches}in\" height=\"{high:.3}in\"")
        }
    };
    text.replacen(&format!("<svg width=\"{width}\" height=\"{height}\""), &head, 1)
}

/// Text inside XML.
fn escape(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    readable(&plain.replace('"', "&quot;"))
}

/// Text without characters that draw nothing.
fn readable(text: &str) -> String {
    let shown = |c: char| !c.is_control() && c != OPENS && c != CLOSES;
    text.chars().map(|c| if shown(c) { c } else { ' ' }).collect()
}

impl Canvas<'_> {
    /// What it is drawn for.
    pub(super) fn medium(&self) -> Medium {
        self.medium
    }

    /// Width of the picture, pixels.
    pub(super) fn width(&self) -> i32 {
        self.medium.width()
    }

    /// Draws what belongs to a series, usually a protocol: a page can highlight all of it, and says
    /// `tip` of it.
    pub(super) fn group(
        &self,
        series: &str,
        tip: &str,
        draw: impl FnOnce() -> Result<(), PlotError>,
    ) -> Result<(), PlotError> {
        let mark = |text: String| {
            let style = ("sans-serif", 1).into_font().color(&INK);
            self.area.draw(&Text::new(text, (0, 0), style)).map_err(failed)
        };
        let number = self.groups.borrow().len();
        self.groups.borrow_mut().push(Group { series: series.to_owned(), tip: tip.to_owned() });
        mark(format!("{OPENS}{number}"))?;
        draw()?;
        mark(CLOSES.to_string())
    }

    /// A line through points, in strokes that tell it apart without its colour.
    pub(super) fn dashed(
        &self,
        points: &[At],
        colour: RGBColor,
        width: u32,
        dash: Dash,
    ) -> Result<(), PlotError> {
        let Some((stroke, gap)) = dash.lengths() else { return self.line(points, colour, width) };
        let style = colour.stroke_width(width);
        let line = DashedPathElement::new(points.to_vec(), stroke, gap, style);
        self.area.draw(&line).map_err(failed)
    }

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

    /// A rectangle between two corners in a colour and a texture, so that it is told apart in grey.
    pub(super) fn paint(&self, from: At, to: At, paint: Paint) -> Result<(), PlotError> {
        self.bar(from, to, paint.colour)?;
        match paint.texture {
            Texture::Plain => Ok(()),
            Texture::Rising => self.diagonals(from, to, PAPER, false),
            Texture::Falling => self.diagonals(from, to, PAPER, true),
            Texture::Crossed => {
                self.diagonals(from, to, PAPER, false)?;
                self.diagonals(from, to, PAPER, true)
            }
            Texture::Upright => {
                let places = (from.0 + 3..to.0).step_by(SPACING as usize);
                places.map(|x| [(x, from.1), (x, to.1)]).try_for_each(|l| self.line(&l, PAPER, 1))
            }
            Texture::Level => {
                let places = (from.1 + 3..to.1).step_by(SPACING as usize);
                places.map(|y| [(from.0, y), (to.0, y)]).try_for_each(|l| self.line(&l, PAPER, 1))
            }
        }
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
        self.diagonals(from, to, colour, false)?;
        self.frame(from, to, colour)
    }

    /// Diagonal lines that fill a rectangle.
    fn diagonals(
        &self,
        from: At,
        to: At,
        colour: RGBColor,
        falling: bool,
    ) -> Result<(), PlotError> {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        for start in (-height + SPACING..width).step_by(SPACING as usize) {
            // The line x - from.x = start + (to.y - y), cut to the rectangle.
            let (left, right) = (start.max(0), (start + height).min(width));
            let up = |x: i32| if falling { from.1 + (x - start) } else { to.1 - (x - start) };
            let ends = [(from.0 + left, up(left)), (from.0 + right, up(right))];
            self.line(&ends, colour, 1)?;
        }
        Ok(())
    }

    /// Text whose middle is at this height.
    pub(super) fn text(&self, at: At, text: &str, font: Font) -> Result<(), PlotError> {
        let text = readable(text);
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
