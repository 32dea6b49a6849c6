//! Heat maps: payload by ordered pair of nodes, one panel per protocol.

use plotters::style::RGBColor;

use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::{self, Data, MatrixPanel};
use super::panels::{distinct_figures, titled};
use super::{Figure, Medium, PlotError, Scenario, style};
use crate::record::Record;
use crate::units::Unit;

/// Range of the colours beyond which they go by the logarithm.
const LOGARITHMIC: f64 = 100.0;
/// Nodes of the largest matrix that is drawn: a larger one does not fit the page.
const MAX_NODES: usize = 128;
/// Space between panels.
const GAP: i32 = 24;
/// Text on a pale and on a dark cell; fixed, also on a dark page.
const ON_PALE: RGBColor = RGBColor(0x11, 0x11, 0x11);
const ON_DARK: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// The matrix of one protocol: payload from row to column, `None` where nothing is sent.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Panel {
    protocol: String,
    nodes: usize,
    computing: usize,
    bytes: Vec<Option<u64>>,
}

/// From bytes to a share of the colour scale.
struct Scale {
    min: f64,
    max: f64,
    log: bool,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    distinct_figures(
        scenario,
        |point| panels(scenario, point),
        |points, panels, left_out| figure(scenario, points, panels, left_out),
    )
}

fn panels(scenario: &Scenario<'_>, point: usize) -> Vec<Panel> {
    let panel = |protocol: &&str| {
        let group = scenario.correct(point, protocol)?;
        let record = group.first();
        let nodes = record.nodes as usize;
        if nodes > MAX_NODES {
            return None;
        }
        let mut bytes = vec![None; nodes * nodes];
        for link in record.links.as_ref()? {
            let of = |record: &Record| {
                let links = record.links.as_ref()?;
                let same = links.iter().find(|row| (row.from, row.to) == (link.from, link.to));
                Some(same.map_or(0, |row| row.bytes))
            };
            let (from, to) = (link.from.index(), link.to.index());
            let median = group.summary(of).map_or(0, |summary| summary.median);
            if from < nodes && to < nodes && median > 0 {
                bytes[from * nodes + to] = Some(median);
            }
        }
        let protocol = (*protocol).to_owned();
        let computing = record.n as usize;
        bytes.iter().any(Option::is_some).then_some(Panel { protocol, nodes, computing, bytes })
    };
    scenario.protocols.iter().filter_map(panel).collect()
}

impl Panel {
    /// Edge of a cell, pixels: with room for a figure where the nodes are few.
    fn cell(&self, medium: Medium) -> i32 {
        let wished = match self.nodes {
            0..=6 => 50,
            7..=12 => 27,
            nodes => (330 / nodes as i32).max(4),
        };
        // What remains beside the labels and the margins.
        let room = (medium.width() - 72) / self.nodes.max(1) as i32;
        wished.min(room.max(2))
    }

    fn heading(&self, medium: Medium) -> String {
        fit(&self.protocol, medium.width() / 2, SMALL + 1)
    }

    fn width(&self, medium: Medium) -> i32 {
        let heading = width_of(&self.heading(medium), SMALL) + 8;
        (44 + self.nodes as i32 * self.cell(medium)).max(heading)
    }

    fn height(&self, medium: Medium) -> i32 {
        64 + self.nodes as i32 * self.cell(medium)
    }
}

impl Scale {
    fn of(panels: &[Panel]) -> Self {
        let values = || panels.iter().flat_map(|panel| panel.bytes.iter().flatten());
        let min = *values().min().unwrap_or(&1) as f64;
        let max = *values().max().unwrap_or(&1) as f64;
        Scale { min, max, log: max / min >= LOGARITHMIC }
    }

    fn share(&self, bytes: f64) -> f64 {
        if self.log {
            (bytes / self.min).ln() / (self.max / self.min).ln()
        } else {
            bytes / self.max
        }
    }

    /// The value at a share of the scale.
    fn value(&self, share: f64) -> f64 {
        if self.log { self.min * (self.max / self.min).powf(share) } else { self.max * share }
    }
}

fn figure(
    scenario: &Scenario<'_>,
    points: &[usize],
    panels: &[Panel],
    left_out: &str,
) -> Result<Figure, PlotError> {
    let title = titled(scenario, "Bytes by link", points);
    let scale = Scale::of(panels);
    let medium = scenario.medium;
    let (places, bottom) = places(panels, medium);
    let svg = picture(medium, bottom + 56, &title, |canvas| {
        for (panel, place) in panels.iter().zip(&places) {
            let draw = || draw(canvas, *place, panel, &scale);
            canvas.group(&panel.protocol, &panel.protocol, draw)?;
        }
        draw_scale(canvas, bottom + 8, &scale)
    })?;
    let mut caption = "Median payload over the correct repetitions, from the node of the row to \
                       the node of the column. All panels share one scale; an empty cell means \
                       that nothing is sent."
        .to_owned();
    if panels.iter().any(|panel| panel.nodes > panel.computing) {
        caption += " Nodes beyond the line are clients.";
    }
    caption += left_out;
    let name = format!("{}-bytes-by-link", scenario.points[0].scenario);
    let panel = |panel: &Panel| MatrixPanel {
        heading: panel.protocol.clone(),
        side: panel.nodes,
        cells: panel.bytes.clone(),
    };
    let value = data::Scale {
        name: "payload".to_owned(),
        unit: Unit::Bytes,
        log: scale.log,
        words: Vec::new(),
    };
    let data = Data::Matrix {
        value,
        rows: "from".to_owned(),
        columns: "to".to_owned(),
        panels: panels.iter().map(panel).collect(),
    };
    Ok(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data })
}

/// Where the panels stand, in rows that fit the width, and where the last row ends.
fn places(panels: &[Panel], medium: Medium) -> (Vec<(i32, i32)>, i32) {
    let (mut x, mut y, mut lowest, mut places) = (14, 40, 40, Vec::new());
    for panel in panels {
        if x > 14 && x + panel.width(medium) > medium.width() - 14 {
            (x, y) = (14, lowest + 10);
        }
        places.push((x, y));
        x += panel.width(medium) + GAP;
        lowest = lowest.max(y + panel.height(medium));
    }
    (places, lowest)
}

fn draw(
    canvas: &Canvas<'_>,
    (x, y): (i32, i32),
    panel: &Panel,
    scale: &Scale,
) -> Result<(), PlotError> {
    let medium = canvas.medium();
    let (cell, nodes) = (panel.cell(medium), panel.nodes as i32);
    canvas.text((x, y + 8), &panel.heading(medium), Font::LABEL.bold())?;
    let (left, top) = (x + 40, y + 44);
    let (right, bottom) = (left + nodes * cell, top + nodes * cell);
    canvas.text((left, y + 25), "to", Font::LABEL.coloured(FAINT))?;
    canvas.text((x, top + cell / 2), "from", Font::LABEL.coloured(FAINT))?;
    // Labels of small cells would run into each other.
    let every = (18 + cell - 1) / cell;
    for node in (0..nodes).filter(|node| node % every == 0) {
        let (middle, font) = (node * cell + cell / 2, Font::LABEL);
        canvas.text((left + middle, top - 8), &node.to_string(), font.centred())?;
        let indent = if node == 0 { 5 } else { 6 };
        canvas.text((left - indent, top + middle), &node.to_string(), font.right())?;
    }
    for from in 0..nodes {
        for to in 0..nodes {
            let (x, y) = (left + to * cell, top + from * cell);
            let corners = ((x, y), (x + cell, y + cell));
            match panel.bytes[(from * nodes + to) as usize] {
                Some(bytes) => draw_cell(canvas, corners, bytes, scale, cell >= 44)?,
                None if from == to => canvas.hatch(corners.0, corners.1, GRID)?,
                None => canvas.frame(corners.0, corners.1, GRID)?,
            }
        }
    }
    canvas.frame((left, top), (right, bottom), INK)?;
    if panel.computing < panel.nodes {
        let split = panel.computing as i32 * cell;
        canvas.line(&[(left + split, top), (left + split, bottom)], INK, 1)?;
        canvas.line(&[(left, top + split), (right, top + split)], INK, 1)?;
    }
    Ok(())
}

fn draw_cell(
    canvas: &Canvas<'_>,
    (from, to): ((i32, i32), (i32, i32)),
    bytes: u64,
    scale: &Scale,
    with_text: bool,
) -> Result<(), PlotError> {
    let share = scale.share(bytes as f64);
    let gap = i32::from(to.0 - from.0 > 8);
    canvas.bar((from.0 + gap, from.1 + gap), to, style::heat(share))?;
    if with_text {
        let colour = if share > 0.5 { ON_DARK } else { ON_PALE };
        let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let font = Font::LABEL.sized(10).centred().coloured(colour);
        canvas.text(middle, &Unit::Bytes.show(bytes), font)?;
    }
    Ok(())
}

/// The colours with the bytes that they mean.
fn draw_scale(canvas: &Canvas<'_>, top: i32, scale: &Scale) -> Result<(), PlotError> {
    const STEPS: i32 = 60;
    let (left, right) = (54, (canvas.width() - 150).min(414));
    // Labels of a short scale would run into each other.
    let every = if right - left < 300 { 2 } else { 1 };
    for step in 0..STEPS {
        let x = left + (right - left) * step / STEPS;
        let next = left + (right - left) * (step + 1) / STEPS;
        let share = f64::from(step) / f64::from(STEPS - 1);
        canvas.bar((x, top), (next, top + 12), style::heat(share))?;
    }
    canvas.frame((left, top), (right, top + 12), INK)?;
    for quarter in 0..=4 {
        let share = f64::from(quarter) / 4.0;
        let x = left + (right - left) * quarter / 4;
        canvas.line(&[(x, top + 12), (x, top + 16)], INK, 1)?;
        if quarter % every == 0 {
            let label = Unit::Bytes.show(scale.value(share).round() as u64);
            canvas.text((x, top + 26), &label, Font::LABEL.centred())?;
        }
    }
    let title = if scale.log { "payload, logarithmic" } else { "payload" };
    canvas.text((right + 14, top + 6), title, Font::LABEL.coloured(FAINT))
}
