//! Stacked bars: one per protocol, one panel per sweep point.

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::{BarPanel, BarRow, Data, Scale};
use super::panels::{Entry, MOST_POINTS, Sign, at_points, chosen, legend, legend_height};
use super::style::Paint;
use super::{Figure, Medium, PlotError, Scenario};
use crate::distinct::alike;
use crate::stats::Group;
use crate::units::Unit;

/// Panels in one figure.
const PANELS: usize = 6;
/// Height of a bar with its gap.
const ROW: i32 = 26;
/// Width of the hatched stub that stands for what is not priced.
const STUB: i32 = 22;

/// What is stacked.
pub(super) struct Stack {
    /// What the figure's name ends in.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) axis: &'static str,
    pub(super) unit: Unit,
    /// Names and paints of the parts, from left to right.
    pub(super) parts: Vec<(&'static str, Paint)>,
    pub(super) caption: &'static str,
}

/// One bar.
pub(super) struct Bar {
    pub(super) protocol: String,
    /// What its parts show.
    pub(super) parts: Vec<u64>,
    /// What its label shows; need not be the sum of the parts.
    pub(super) total: u64,
    /// Parts that have no price.
    pub(super) unpriced: Vec<usize>,
}

/// The bars of sweep points at which all figures are equal.
struct Panel {
    points: Vec<usize>,
    bars: Vec<Bar>,
}

/// Figures of one stack: a bar for each group that has one.
pub(super) fn figures(
    scenario: &Scenario<'_>,
    stack: &Stack,
    bar: impl Fn(&Group<'_>) -> Option<Bar>,
) -> Result<Vec<Figure>, PlotError> {
    let panel = |point: usize| {
        let groups = scenario.protocols.iter().filter_map(|name| scenario.correct(point, name));
        Panel { points: vec![point], bars: groups.filter_map(&bar).collect() }
    };
    let panels = (0..scenario.points.len()).map(panel);
    let mut panels: Vec<Panel> =
        panels.filter(|panel| panel.bars.iter().any(|bar| bar.total > 0)).collect();
    join_equal(&mut panels);
    let all: Vec<usize> = (0..panels.len()).collect();
    let (shown, left_out) = chosen(&all, MOST_POINTS);
    let mut figures = Vec::new();
    for at in shown.chunks(PANELS) {
        let panels: Vec<&Panel> = at.iter().map(|at| &panels[*at]).collect();
        figures.extend(figure(scenario, stack, &panels, &left_out)?);
    }
    Ok(figures)
}

/// Makes one panel of those that show the same.
fn join_equal(panels: &mut Vec<Panel>) {
    let figures = |panel: &Panel| -> Vec<(String, Vec<u64>, u64)> {
        panel.bars.iter().map(|bar| (bar.protocol.clone(), bar.parts.clone(), bar.total)).collect()
    };
    let equal = alike(&panels.iter().map(figures).collect::<Vec<_>>());
    let mut all: Vec<Option<Panel>> = panels.drain(..).map(Some).collect();
    for members in equal {
        let points = members.iter().flat_map(|at| all[*at].iter().flat_map(|one| &one.points));
        let points: Vec<usize> = points.copied().collect();
        panels.extend(all[members[0]].take().map(|first| Panel { points, ..first }));
    }
}

fn figure(
    scenario: &Scenario<'_>,
    stack: &Stack,
    panels: &[&Panel],
    left_out: &str,
) -> Result<Option<Figure>, PlotError> {
    let bars = || panels.iter().flat_map(|panel| &panel.bars);
    if bars().next().is_none() {
        return Ok(None);
    }
    let entries = entries(stack, bars());
    let title = format!("{}{}", scenario.prefix, stack.title);
    let medium = scenario.medium;
    let top = 36 + legend_height(&entries, medium);
    let heading = |panel: &Panel| at_points(scenario, &panel.points);
    let height_of = |panel: &Panel| {
        8 + i32::from(!heading(panel).is_empty()) * 20 + panel.bars.len() as i32 * ROW + 28
    };
    let height: i32 = top + panels.iter().map(|panel| height_of(panel)).sum::<i32>() + 24;
    let names = bars().map(|bar| width_of(&name(bar, medium), SMALL)).max().unwrap_or(0);
    let svg = picture(medium, height, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        let mut y = top;
        for panel in panels {
            draw(canvas, (24 + names, y), stack, &heading(panel), panel)?;
            y += height_of(panel);
        }
        let middle = (24 + names + medium.width()) / 2;
        canvas.text((middle, height - 14), stack.axis, Font::LABEL.centred().coloured(FAINT))
    })?;
    let mut caption = stack.caption.to_owned();
    if panels.len() > 1 {
        caption += " Each panel has its own scale.";
    }
    if bars().any(|bar| !bar.unpriced.is_empty()) {
        caption += " A hatched end says that an ideal functionality stands in for the phase, so it \
                    has no price: its length means nothing.";
    }
    caption += left_out;
    let name = format!("{}-{}", scenario.points[0].scenario, stack.name);
    let data = data(stack, panels, &heading);
    Ok(Some(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data }))
}

fn data(stack: &Stack, panels: &[&Panel], heading: &impl Fn(&Panel) -> String) -> Data {
    let part = |bar: &Bar, at: usize| (!bar.unpriced.contains(&at)).then(|| bar.parts[at]);
    let row = |bar: &Bar| BarRow {
        label: bar.protocol.clone(),
        parts: (0..stack.parts.len()).map(|at| part(bar, at)).collect(),
    };
    let panel = |panel: &&Panel| BarPanel {
        heading: heading(panel),
        rows: panel.bars.iter().map(row).collect(),
    };
    let name = stack.axis.to_owned();
    Data::Bars {
        value: Scale { name, unit: stack.unit, log: false, words: Vec::new() },
        rows: "protocol".to_owned(),
        parts: stack.parts.iter().map(|(name, _)| (*name).to_owned()).collect(),
        stacked: true,
        panels: panels.iter().map(panel).collect(),
    }
}

/// The protocol's name, as much as there is room for.
fn name(bar: &Bar, medium: Medium) -> String {
    fit(&bar.protocol, medium.width().min(600) / 4, SMALL)
}

fn entries<'b>(stack: &Stack, bars: impl Iterator<Item = &'b Bar> + Clone) -> Vec<Entry> {
    let paid = |at: usize| bars.clone().any(|bar| bar.parts[at] > 0);
    let parts = stack.parts.iter().enumerate().filter(|(at, _)| paid(*at));
    let mut entries: Vec<Entry> =
        parts.map(|(_, (name, paint))| Entry::area(*paint, name)).collect();
    if bars.clone().any(|bar| !bar.unpriced.is_empty()) {
        let label = "not priced".to_owned();
        entries.push(Entry { sign: Sign::Hatched, colour: FAINT, label, series: None });
    }
    entries
}

fn label(bar: &Bar, stack: &Stack, medium: Medium) -> String {
    if medium.is_narrow() {
        return stack.unit.show(bar.total);
    }
    let unpriced = bar.unpriced.iter().map(|at| format!(" + {} not priced", stack.parts[*at].0));
    stack.unit.show(bar.total) + &unpriced.collect::<String>()
}

fn draw(
    canvas: &Canvas<'_>,
    (left, mut top): (i32, i32),
    stack: &Stack,
    heading: &str,
    panel: &Panel,
) -> Result<(), PlotError> {
    top += 8;
    if !heading.is_empty() {
        let heading = fit(heading, canvas.width() - 24, SMALL + 1);
        canvas.text((12, top + 8), &heading, Font::LABEL.bold())?;
        top += 20;
    }
    let sum = |bar: &Bar| bar.parts.iter().map(|figure| *figure as f64).sum::<f64>();
    let longest = panel.bars.iter().map(sum).fold(0.0, f64::max);
    let medium = canvas.medium();
    let labels = panel.bars.iter().map(|bar| width_of(&label(bar, stack, medium), SMALL));
    let right = medium.width() - 24 - STUB - labels.max().unwrap_or(0);
    let axis = Axis::of_bars(longest, stack.unit, left, right);
    let bottom = top + panel.bars.len() as i32 * ROW;
    for tick in axis.ticks() {
        let x = axis.place(tick);
        canvas.line(&[(x, top), (x, bottom + 4)], GRID, 1)?;
        canvas.text((x, bottom + 14), &axis.label(tick), Font::LABEL.centred())?;
    }
    for (at, bar) in panel.bars.iter().enumerate() {
        let tip = format!("{}: {}", bar.protocol, label(bar, stack, Medium::Screen));
        let draw = || draw_bar(canvas, (left, top + at as i32 * ROW), stack, &axis, bar);
        canvas.group(&bar.protocol, &tip, draw)?;
    }
    canvas.line(&[(left, top), (left, bottom + 4)], INK, 1)
}

fn draw_bar(
    canvas: &Canvas<'_>,
    (left, top): (i32, i32),
    stack: &Stack,
    axis: &Axis,
    bar: &Bar,
) -> Result<(), PlotError> {
    let (upper, lower) = (top + 4, top + ROW - 4);
    let middle = (upper + lower) / 2;
    canvas.text((left - 8, middle), &name(bar, canvas.medium()), Font::LABEL.right())?;
    let (mut sum, mut x) = (0.0, left);
    for (part, (_, paint)) in bar.parts.iter().zip(&stack.parts) {
        sum += *part as f64;
        let to = axis.place(sum);
        if to > x {
            canvas.paint((x, upper), (to, lower), *paint)?;
        }
        x = to;
    }
    if !bar.unpriced.is_empty() {
        canvas.hatch((x, upper), (x + STUB, lower), FAINT)?;
        x += STUB;
    }
    canvas.text((x + 7, middle), &label(bar, stack, canvas.medium()), Font::LABEL)
}
