//! Time and bytes by phase: one stacked bar per protocol, one panel per sweep point.

use mpclab_sim::vocabulary::{Aggregate, MetricName, Phase};

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::{BarPanel, BarRow, Data, Scale};
use super::panels::{Entry, MOST_POINTS, Sign, at_points, chosen, legend, legend_height};
use super::{Figure, Medium, PlotError, Scenario, style};
use crate::stats::Group;
use crate::table::is_unpriced;
use crate::units::Unit;

/// Panels in one figure.
const PANELS: usize = 6;
/// Height of a bar with its gap.
const ROW: i32 = 26;
/// Width of the hatched stub that stands for what is not priced.
const STUB: i32 = 22;

/// A metric by phase.
struct Quantity {
    name: &'static str,
    title: &'static str,
    axis: &'static str,
    metric: &'static str,
    aggregate: Aggregate,
    unit: Unit,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity {
        name: "time-by-phase",
        title: "Time by phase",
        axis: "virtual time",
        metric: "time_ns",
        aggregate: Aggregate::Run,
        unit: Unit::Time,
    },
    Quantity {
        name: "bytes-by-phase",
        title: "Bytes by phase",
        axis: "payload sent, all parties",
        metric: "bytes",
        aggregate: Aggregate::Sum,
        unit: Unit::Bytes,
    },
];

/// One bar.
struct Bar {
    protocol: String,
    /// The protocol's name, as much as there is room for.
    name: String,
    /// Median of each phase.
    phases: [u64; 3],
    /// Median of the total, which need not be the sum of the medians.
    total: u64,
    unpriced: Vec<Phase>,
}

/// The bars of sweep points at which all figures are equal.
struct Panel {
    points: Vec<usize>,
    bars: Vec<Bar>,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    let mut figures = Vec::new();
    for quantity in &QUANTITIES {
        let mut panels = panels(scenario, quantity);
        join_equal(&mut panels);
        let all: Vec<usize> = (0..panels.len()).collect();
        let (shown, left_out) = chosen(&all, MOST_POINTS);
        for at in shown.chunks(PANELS) {
            let panels: Vec<&Panel> = at.iter().map(|at| &panels[*at]).collect();
            figures.extend(figure(scenario, quantity, &panels, &left_out)?);
        }
    }
    Ok(figures)
}

fn panels(scenario: &Scenario<'_>, quantity: &Quantity) -> Vec<Panel> {
    let panel = |point: usize| {
        let groups = scenario.protocols.iter().filter_map(|name| scenario.correct(point, name));
        Panel {
            points: vec![point],
            bars: groups.filter_map(|group| bar(group, quantity, scenario.medium)).collect(),
        }
    };
    let panels = (0..scenario.points.len()).map(panel);
    panels.filter(|panel| panel.bars.iter().any(|bar| bar.total > 0)).collect()
}

fn bar(group: &Group<'_>, quantity: &Quantity, medium: Medium) -> Option<Bar> {
    let metric = |phase| MetricName { phase, name: quantity.metric, aggregate: quantity.aggregate };
    let record = group.first();
    let phase = |phase| group.metric(metric(Some(phase))).map_or(0, |summary| summary.median);
    Some(Bar {
        protocol: record.key.protocol.clone(),
        name: fit(&record.key.protocol, medium.width().min(600) / 4, SMALL),
        phases: Phase::ALL.map(phase),
        total: group.metric(metric(None))?.median,
        unpriced: Phase::ALL.into_iter().filter(|phase| unpriced(record, *phase)).collect(),
    })
}

/// A dealer stands in for one of two phases; only the offline one is worth a mark, unless the
/// parties do have one.
fn unpriced(record: &crate::record::Record, phase: Phase) -> bool {
    phase == Phase::Offline && is_unpriced(record, phase)
}

/// Makes one panel of those that show the same.
fn join_equal(panels: &mut Vec<Panel>) {
    let figures = |panel: &Panel| -> Vec<(String, [u64; 3], u64)> {
        panel.bars.iter().map(|bar| (bar.protocol.clone(), bar.phases, bar.total)).collect()
    };
    let mut joined: Vec<Panel> = Vec::new();
    for panel in panels.drain(..) {
        match joined.iter_mut().find(|known| figures(known) == figures(&panel)) {
            Some(known) => known.points.extend(panel.points),
            None => joined.push(panel),
        }
    }
    *panels = joined;
}

fn figure(
    scenario: &Scenario<'_>,
    quantity: &Quantity,
    panels: &[&Panel],
    left_out: &str,
) -> Result<Option<Figure>, PlotError> {
    let bars = || panels.iter().flat_map(|panel| &panel.bars);
    if bars().next().is_none() {
        return Ok(None);
    }
    let entries = entries(bars());
    let title = format!("{}{}", scenario.prefix, quantity.title);
    let medium = scenario.medium;
    let top = 36 + legend_height(&entries, medium);
    let heading = |panel: &Panel| at_points(scenario, &panel.points);
    let height_of = |panel: &Panel| {
        8 + i32::from(!heading(panel).is_empty()) * 20 + panel.bars.len() as i32 * ROW + 28
    };
    let height: i32 = top + panels.iter().map(|panel| height_of(panel)).sum::<i32>() + 24;
    let names = bars().map(|bar| width_of(&bar.name, SMALL)).max().unwrap_or(0);
    let svg = picture(medium, height, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        let mut y = top;
        for panel in panels {
            draw(canvas, (24 + names, y), quantity, &heading(panel), panel)?;
            y += height_of(panel);
        }
        let middle = (24 + names + medium.width()) / 2;
        canvas.text((middle, height - 14), quantity.axis, Font::LABEL.centred().coloured(FAINT))
    })?;
    let mut caption =
        "Medians over the correct repetitions, by phase; the label is the median total.".to_owned();
    if panels.len() > 1 {
        caption += " Each panel has its own scale.";
    }
    if bars().any(|bar| !bar.unpriced.is_empty()) {
        caption += " A hatched end says that an ideal functionality stands in for the phase, so it \
                    has no price: its length means nothing.";
    }
    caption += left_out;
    let name = format!("{}-{}", scenario.points[0].scenario, quantity.name);
    let data = data(quantity, panels, &heading);
    Ok(Some(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data }))
}

fn data(quantity: &Quantity, panels: &[&Panel], heading: &impl Fn(&Panel) -> String) -> Data {
    let phase = |bar: &Bar, phase: Phase| {
        (!bar.unpriced.contains(&phase)).then(|| bar.phases[phase.index()])
    };
    let row = |bar: &Bar| BarRow {
        label: bar.protocol.clone(),
        parts: Phase::ALL.map(|at| phase(bar, at)).to_vec(),
    };
    let panel = |panel: &&Panel| BarPanel {
        heading: heading(panel),
        rows: panel.bars.iter().map(row).collect(),
    };
    let name = quantity.axis.to_owned();
    Data::Bars {
        value: Scale { name, unit: quantity.unit, log: false, words: Vec::new() },
        rows: "protocol".to_owned(),
        parts: Phase::ALL.map(|phase| phase.name().to_owned()).to_vec(),
        stacked: true,
        panels: panels.iter().map(panel).collect(),
    }
}

fn entries<'b>(bars: impl Iterator<Item = &'b Bar> + Clone) -> Vec<Entry> {
    let paid = |phase: &Phase| bars.clone().any(|bar| bar.phases[phase.index()] > 0);
    let phases = Phase::ALL.into_iter().filter(paid);
    let mut entries: Vec<Entry> =
        phases.map(|phase| Entry::area(style::PHASES[phase.index()], phase.name())).collect();
    if bars.clone().any(|bar| !bar.unpriced.is_empty()) {
        let label = "not priced".to_owned();
        entries.push(Entry { sign: Sign::Hatched, colour: FAINT, label, series: None });
    }
    entries
}

fn label(bar: &Bar, quantity: &Quantity, medium: Medium) -> String {
    if medium.is_narrow() {
        return quantity.unit.show(bar.total);
    }
    let unpriced = bar.unpriced.iter().map(|phase| format!(" + {phase} not priced"));
    quantity.unit.show(bar.total) + &unpriced.collect::<String>()
}

fn draw(
    canvas: &Canvas<'_>,
    (left, mut top): (i32, i32),
    quantity: &Quantity,
    heading: &str,
    panel: &Panel,
) -> Result<(), PlotError> {
    top += 8;
    if !heading.is_empty() {
        let heading = fit(heading, canvas.width() - 24, SMALL + 1);
        canvas.text((12, top + 8), &heading, Font::LABEL.bold())?;
        top += 20;
    }
    let sum = |bar: &Bar| bar.phases.iter().map(|figure| *figure as f64).sum::<f64>();
    let longest = panel.bars.iter().map(sum).fold(0.0, f64::max);
    let medium = canvas.medium();
    let labels = panel.bars.iter().map(|bar| width_of(&label(bar, quantity, medium), SMALL));
    let right = medium.width() - 24 - STUB - labels.max().unwrap_or(0);
    let axis = Axis::of_bars(longest, quantity.unit, left, right);
    let bottom = top + panel.bars.len() as i32 * ROW;
    for tick in axis.ticks() {
        let x = axis.place(tick);
        canvas.line(&[(x, top), (x, bottom + 4)], GRID, 1)?;
        canvas.text((x, bottom + 14), &axis.label(tick), Font::LABEL.centred())?;
    }
    for (at, bar) in panel.bars.iter().enumerate() {
        let tip = format!("{}: {}", bar.protocol, label(bar, quantity, Medium::Screen));
        let draw = || draw_bar(canvas, (left, top + at as i32 * ROW), quantity, &axis, bar);
        canvas.group(&bar.protocol, &tip, draw)?;
    }
    canvas.line(&[(left, top), (left, bottom + 4)], INK, 1)
}

fn draw_bar(
    canvas: &Canvas<'_>,
    (left, top): (i32, i32),
    quantity: &Quantity,
    axis: &Axis,
    bar: &Bar,
) -> Result<(), PlotError> {
    let (upper, lower) = (top + 4, top + ROW - 4);
    let middle = (upper + lower) / 2;
    canvas.text((left - 8, middle), &bar.name, Font::LABEL.right())?;
    let (mut sum, mut x) = (0.0, left);
    for phase in Phase::ALL {
        sum += bar.phases[phase.index()] as f64;
        let to = axis.place(sum);
        if to > x {
            canvas.paint((x, upper), (to, lower), style::PHASES[phase.index()])?;
        }
        x = to;
    }
    if !bar.unpriced.is_empty() {
        canvas.hatch((x, upper), (x + STUB, lower), FAINT)?;
        x += STUB;
    }
    canvas.text((x + 7, middle), &label(bar, quantity, canvas.medium()), Font::LABEL)
}
