//! What several figures share: legends, axes, and which sweep points to draw.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{At, Canvas, FAINT, Font, GRID, INK, SMALL, fit, width_of};
use super::style::{Dash, Marker, Paint};
use super::{Figure, Medium, PlotError, Scenario};
use crate::distinct::alike;

/// Most sweep points that one kind of figure is drawn for.
pub(super) const MOST_POINTS: usize = 12;

/// Most figures of one kind for one scenario, where each distinct view has one.
const MOST_FIGURES: usize = 3;

/// Height of a line of legend.
const LINE: i32 = 20;

/// The sign before an entry of a legend.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    /// A line with markers.
    Series(Marker, Dash),
    /// A line without.
    Line,
    /// A marker with its interval.
    Interval(Marker),
    /// A filled square.
    Area(Paint),
    /// A hatched square.
    Hatched,
}

/// An entry of a legend.
pub(super) struct Entry {
    pub(super) sign: Sign,
    pub(super) colour: RGBColor,
    pub(super) label: String,
    /// The series that it stands for, if a page can highlight it.
    pub(super) series: Option<String>,
}

impl Entry {
    /// A filled square.
    pub(super) fn area(paint: Paint, label: &str) -> Self {
        let (sign, colour) = (Sign::Area(paint), paint.colour);
        Entry { sign, colour, label: label.to_owned(), series: None }
    }

    fn label(&self, medium: Medium) -> String {
        fit(&self.label, medium.width() - 80, SMALL)
    }

    fn width(&self, medium: Medium) -> i32 {
        52 + width_of(&self.label(medium), SMALL)
    }
}

/// Entries with their places, and the height that they take.
fn placed(entries: &[Entry], medium: Medium) -> (Vec<(At, &Entry)>, i32) {
    let (mut x, mut y, mut places) = (14, 0, Vec::new());
    for entry in entries {
        if x > 14 && x + entry.width(medium) - 20 > medium.width() - 14 {
            (x, y) = (14, y + LINE);
        }
        places.push(((x, y), entry));
        x += entry.width(medium);
    }
    (places, y + LINE)
}

/// Height of a legend, pixels.
pub(super) fn legend_height(entries: &[Entry], medium: Medium) -> i32 {
    placed(entries, medium).1
}

/// Draws a legend from this height downwards; lines wrap, so nothing is cut off.
pub(super) fn legend(canvas: &Canvas<'_>, top: i32, entries: &[Entry]) -> Result<(), PlotError> {
    for ((x, y), entry) in placed(entries, canvas.medium()).0 {
        let at = (x, top + y + LINE / 2);
        match &entry.series {
            Some(series) => canvas.group(series, &entry.label, || draw_entry(canvas, at, entry))?,
            None => draw_entry(canvas, at, entry)?,
        }
    }
    Ok(())
}

fn draw_entry(canvas: &Canvas<'_>, (x, middle): At, entry: &Entry) -> Result<(), PlotError> {
    let square = [(x + 12, middle - 6), (x + 25, middle + 6)];
    match entry.sign {
        Sign::Series(marker, dash) => {
            canvas.dashed(&[(x, middle), (x + 26, middle)], entry.colour, 2, dash)?;
            canvas.marker((x + 13, middle), marker, 5, entry.colour)?;
        }
        Sign::Line => canvas.line(&[(x, middle), (x + 26, middle)], entry.colour, 2)?,
        Sign::Interval(marker) => {
            whisker(canvas, x + 13, (middle + 8, middle - 8), entry.colour)?;
            canvas.marker((x + 13, middle), marker, 5, entry.colour)?;
        }
        Sign::Area(paint) => canvas.paint(square[0], square[1], paint)?,
        Sign::Hatched => canvas.hatch(square[0], square[1], entry.colour)?,
    }
    canvas.text((x + 32, middle), &entry.label(canvas.medium()), Font::LABEL)
}

/// Draws the grid and the labels of an upright axis over the width of a figure, and its name above;
/// returns where the area of the plot begins. It ends 28 pixels before the edge.
pub(super) fn upright(canvas: &Canvas<'_>, axis: &Axis, name: &str) -> Result<i32, PlotError> {
    let labels: Vec<String> = axis.ticks().iter().map(|tick| axis.label(*tick)).collect();
    let widest = labels.iter().map(|label| width_of(label, SMALL)).max().unwrap_or(0);
    let (left, right) = (24 + widest, canvas.width() - 28);
    let mut free = i32::MAX;
    for (tick, label) in axis.ticks().iter().zip(&labels) {
        let y = axis.place(*tick);
        // Over many decades there is no room for all.
        if y <= free {
            canvas.line(&[(left, y), (right, y)], GRID, 1)?;
            canvas.text((left - 8, y), label, Font::LABEL.right())?;
            free = y - SMALL - 2;
        }
    }
    let scale = if axis.log { ", logarithmic" } else { "" };
    let place = (12, axis.to - 14);
    canvas.text(place, &format!("{name}{scale}"), Font::LABEL.coloured(FAINT))?;
    Ok(left)
}

/// Draws ticks (place, label) along the lower edge of a plot, and their name below; labels that
/// would overlap are left out.
pub(super) fn level(
    canvas: &Canvas<'_>,
    bottom: i32,
    ticks: &[(i32, String)],
    name: &str,
) -> Result<(), PlotError> {
    let mut free = i32::MIN;
    for (at, label) in ticks {
        let half = width_of(label, SMALL) / 2 + 4;
        canvas.line(&[(*at, bottom), (*at, bottom + 5)], INK, 1)?;
        if at - half >= free {
            canvas.text((*at, bottom + 16), label, Font::LABEL.centred())?;
            free = at + half;
        }
    }
    let ends = ticks.first().zip(ticks.last());
    let middle = ends.map_or(canvas.width() / 2, |((first, _), (last, _))| (first + last) / 2);
    let name = fit(name, canvas.width() - 80, SMALL);
    canvas.text((middle, bottom + 38), &name, Font::LABEL.centred().coloured(FAINT))
}

/// Draws an upright bar between two heights, with a short stroke at each end.
pub(super) fn whisker(
    canvas: &Canvas<'_>,
    x: i32,
    (low, high): (i32, i32),
    colour: RGBColor,
) -> Result<(), PlotError> {
    if low == high {
        return Ok(());
    }
    canvas.line(&[(x, low), (x, high)], colour, 1)?;
    for end in [low, high] {
        canvas.line(&[(x - 4, end), (x + 4, end)], colour, 1)?;
    }
    Ok(())
}

/// The sweep points to draw: all, or evenly chosen ones with the first and the last; and a
/// sentence if some are left out.
pub(super) fn chosen(points: &[usize], most: usize) -> (Vec<usize>, String) {
    let count = points.len();
    if count <= most {
        return (points.to_vec(), String::new());
    }
    let chosen = (0..most).map(|at| points[at * (count - 1) / (most - 1).max(1)]).collect();
    (chosen, format!(" Drawn for {most} of {count} sweep points; the tables have all."))
}

/// Sweep points at which `view` gives the same, each with what it gives, in order.
fn distinct<V: Ord>(scenario: &Scenario<'_>, view: impl Fn(usize) -> V) -> Vec<(Vec<usize>, V)> {
    let views: Vec<V> = (0..scenario.points.len()).map(view).collect();
    let alike = alike(&views);
    let mut views: Vec<Option<V>> = views.into_iter().map(Some).collect();
    let one = |points: Vec<usize>| views[points[0]].take().map(|view| (points, view));
    alike.into_iter().filter_map(one).collect()
}

/// One figure for each distinct view that shows anything, as many as are worth looking at.
///
/// `view` lists the panels at a sweep point; `draw` takes the points that a figure holds for, its
/// panels, and what to say of the points that are not drawn.
pub(super) fn distinct_figures<P: Ord>(
    scenario: &Scenario<'_>,
    view: impl Fn(usize) -> Vec<P>,
    draw: impl Fn(&[usize], &[P], &str) -> Result<Figure, PlotError>,
) -> Result<Vec<Figure>, PlotError> {
    let views = distinct(scenario, view);
    let all: Vec<usize> = (0..views.len()).collect();
    let (shown, left_out) = chosen(&all, MOST_FIGURES);
    let views = shown.into_iter().map(|at| &views[at]).filter(|(_, panels)| !panels.is_empty());
    views.map(|(points, panels)| draw(points, panels, &left_out)).collect()
}

/// Names the sweep points that a panel or figure holds for; empty if it holds for all.
pub(super) fn at_points(scenario: &Scenario<'_>, points: &[usize]) -> String {
    scenario.points.name_some(points).unwrap_or_default()
}

/// A title with the sweep points that the figure holds for.
pub(super) fn titled(scenario: &Scenario<'_>, title: &str, points: &[usize]) -> String {
    match at_points(scenario, points) {
        all if all.is_empty() => format!("{}{title}", scenario.prefix),
        some => format!("{}{title}, {some}", scenario.prefix),
    }
}
