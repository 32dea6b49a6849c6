//! Total time and bytes against each swept key: one line per protocol.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_sim::vocabulary::{Aggregate, MetricName};
use serde_json::Value;

use super::axis::Axis;
use super::canvas::{At, Canvas, INK, SMALL, fit, picture};
use super::data::{Data, Scale, Series, SeriesPoint};
use super::panels::{self, Entry, Sign, chosen, legend, legend_height};
use super::{Figure, MARK, PlotError, Scenario, marked, style};
use crate::distinct::alike;
use crate::record;
use crate::stats::{Point, Summary};
use crate::units::{Unit, quantity};

/// Most combinations of the other swept keys that one key is drawn for.
const MOST_COMBINATIONS: usize = 4;

/// A quantity on the upright axis.
struct Quantity {
    name: &'static str,
    title: &'static str,
    metric: MetricName,
    unit: Unit,
}

const TIME: Quantity = Quantity {
    name: "time",
    title: "Total time",
    metric: MetricName { phase: None, name: "time_ns", aggregate: Aggregate::Run },
    unit: Unit::Time,
};

const BYTES: Quantity = Quantity {
    name: "bytes",
    title: "Total bytes",
    metric: MetricName { phase: None, name: "bytes", aggregate: Aggregate::Sum },
    unit: Unit::Bytes,
};

/// One line: a protocol, and its figures by position among the swept values.
struct SweepLine {
    index: usize,
    protocol: String,
    label: String,
    values: Vec<(usize, Summary)>,
}

/// The level axis: a scale, or the places of words.
enum Level {
    Scale(Axis, Vec<f64>),
    Words,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    let mut keys: Vec<&String> = scenario.points.iter().flat_map(|p| p.sweep.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut figures = Vec::new();
    for key in keys {
        let combinations = combinations(scenario, key);
        let all: Vec<usize> = (0..combinations.len()).collect();
        let (shown, left_out) = chosen(&all, MOST_COMBINATIONS);
        for quantity in [TIME, BYTES] {
            for at in &shown {
                let (label, points) = &combinations[*at];
                figures.extend(figure(scenario, &quantity, key, label, points, &left_out)?);
            }
        }
    }
    Ok(figures)
}

/// The values of the other swept keys, each with the points that share them.
fn combinations(scenario: &Scenario<'_>, key: &str) -> Vec<(String, Vec<usize>)> {
    let label = |point: &Point| {
        let others: BTreeMap<&String, &Value> =
            point.sweep.iter().filter(|(path, _)| *path != key).collect();
        let label = others.iter().map(|(path, value)| format!("{path} = {}", record::label(value)));
        label.collect::<Vec<_>>().join(", ")
    };
    let labels: Vec<String> = scenario.points.iter().map(label).collect();
    alike(&labels).into_iter().map(|points| (labels[points[0]].clone(), points)).collect()
}

fn figure(
    scenario: &Scenario<'_>,
    shown: &Quantity,
    key: &str,
    others: &str,
    points: &[usize],
    left_out: &str,
) -> Result<Option<Figure>, PlotError> {
    let (values, places) = swept(scenario, key, points);
    let lines = lines(scenario, shown, points, &places);
    if values.len() < 2 || lines.is_empty() {
        return Ok(None);
    }
    let mut title = format!("{}{} against {key}", scenario.prefix, shown.title);
    if !others.is_empty() {
        title += &format!(" ({others})");
    }
    let entry = |line: &SweepLine| Entry {
        sign: Sign::Series(style::marker(line.index), style::dash(line.index)),
        colour: style::colour(line.index),
        label: line.label.clone(),
        series: Some(line.protocol.clone()),
    };
    let entries: Vec<Entry> = lines.iter().map(entry).collect();
    let medium = scenario.medium;
    let top = 36 + legend_height(&entries, medium) + 24;
    let svg = picture(medium, top + medium.plot_height() + 52, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, shown, key, &values, &lines)
    })?;
    let mut caption =
        "Median over the correct repetitions; bars from the smallest to the largest.".to_owned();
    if lines.iter().any(|line| line.label.ends_with('*')) {
        caption += &format!(" {MARK}");
    }
    if lines.iter().any(|line| line.values.len() < points.len()) {
        caption += " Points without a correct run are left out.";
    }
    caption += left_out;
    let name = format!("{}-{}-by-{key}", scenario.points[0].scenario, shown.name);
    let data = data(shown, key, &values, &lines);
    Ok(Some(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data }))
}

fn data(shown: &Quantity, key: &str, values: &[Value], lines: &[SweepLine]) -> Data {
    let numbers = numbers(values);
    let level = Scale {
        name: key.to_owned(),
        unit: numbers.as_ref().map_or(Unit::Count, |(_, unit)| *unit),
        log: numbers.as_ref().is_some_and(|(n, unit)| Axis::of_swept(n, *unit, 0, 1).log),
        words: match numbers {
            Some(_) => Vec::new(),
            None => values.iter().map(record::label).collect(),
        },
    };
    let point = |(place, summary): &(usize, Summary)| SeriesPoint {
        at: numbers.as_ref().map_or(*place as f64, |(numbers, _)| numbers[*place]),
        value: summary.median as f64,
        low: summary.min as f64,
        high: summary.max as f64,
    };
    let series = |line: &SweepLine| Series {
        label: line.label.clone(),
        points: line.values.iter().map(point).collect(),
    };
    let log = upright(shown, lines, 0, 1).log;
    let upright = Scale { name: shown.title.to_lowercase(), unit: shown.unit, log, words: vec![] };
    Data::Lines { level, upright, series: lines.iter().map(series).collect() }
}

/// The distinct swept values, ascending if they are quantities, and the place of each point among
/// them.
fn swept(scenario: &Scenario<'_>, key: &str, points: &[usize]) -> (Vec<Value>, Vec<usize>) {
    let value = |point: &usize| scenario.points[*point].sweep.get(key).cloned().unwrap_or_default();
    let values = ascending(points.iter().map(value));
    let known: BTreeMap<String, usize> =
        values.iter().enumerate().map(|(at, value)| (value.to_string(), at)).collect();
    let place = |point: &usize| known.get(&value(point).to_string()).copied().unwrap_or(0);
    let places = points.iter().map(place).collect();
    (values, places)
}

/// Distinct values, ascending if they are quantities.
pub(super) fn ascending(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut known = BTreeSet::new();
    let mut values: Vec<Value> = values.filter(|value| known.insert(value.to_string())).collect();
    let number = |value: &Value| quantity(value).map_or(0.0, |(number, _)| number);
    values.sort_by(|a, b| number(a).total_cmp(&number(b)));
    values
}

fn lines(
    scenario: &Scenario<'_>,
    shown: &Quantity,
    points: &[usize],
    places: &[usize],
) -> Vec<SweepLine> {
    let line = |protocol: &&str| {
        let groups = points.iter().zip(places);
        let groups: Vec<_> = groups
            .filter_map(|(point, place)| Some((*place, scenario.correct(*point, protocol)?)))
            .collect();
        let label = marked(groups.first()?.1.first());
        let value = |(place, group): &(usize, &crate::stats::Group<'_>)| {
            Some((*place, group.metric(shown.metric)?))
        };
        let mut values: Vec<(usize, Summary)> = groups.iter().filter_map(value).collect();
        values.sort_by_key(|(place, _)| *place);
        let (index, protocol) = (scenario.index(protocol), (*protocol).to_owned());
        (!values.is_empty()).then_some(SweepLine { index, protocol, label, values })
    };
    scenario.protocols.iter().filter_map(line).collect()
}

fn draw(
    canvas: &Canvas<'_>,
    top: i32,
    shown: &Quantity,
    key: &str,
    values: &[Value],
    lines: &[SweepLine],
) -> Result<(), PlotError> {
    let plot = canvas.medium().plot_height();
    let upright = upright(shown, lines, top + plot, top);
    let left = panels::upright(canvas, &upright, &shown.title.to_lowercase())?;
    let right = canvas.width() - 28;
    let level = level(values, left, right);
    let x = |place: usize| match &level {
        Level::Scale(axis, numbers) => axis.place(numbers[place]),
        Level::Words => {
            let width = (right - left) / values.len() as i32;
            left + width * place as i32 + width / 2
        }
    };
    draw_level(canvas, &level, values, key, top + plot, &x)?;
    canvas.line(&[(left, top), (left, top + plot), (right, top + plot)], INK, 1)?;
    let connected = matches!(level, Level::Scale(..));
    // Words have no order to connect: their markers stand beside each other instead.
    let spread = |at: usize| 16 * at as i32 - 8 * (lines.len() as i32 - 1);
    let offset = |at: usize| if connected { 0 } else { spread(at) };
    for (at, line) in lines.iter().enumerate() {
        canvas.group(&line.protocol, &line.label, || {
            draw_line(canvas, line, connected, &|place| x(place) + offset(at), &upright)
        })?;
    }
    for (at, line) in lines.iter().enumerate() {
        for (place, summary) in &line.values {
            let at_pixel = (x(*place) + offset(at), upright.place(summary.median as f64));
            let (marker, colour) = (style::marker(line.index), style::colour(line.index));
            // Later ones are smaller, so that markers in one place all show.
            let radius = 6 - at.min(2) as i32;
            let (value, of) = (shown.unit.show(summary.median), record::label(&values[*place]));
            let tip = format!("{}, {key} = {of}: {value}", line.label);
            let draw = || canvas.marker(at_pixel, marker, radius, colour);
            canvas.group(&line.protocol, &tip, draw)?;
        }
    }
    Ok(())
}

/// The upright axis for the figures and their intervals.
fn upright(shown: &Quantity, lines: &[SweepLine], from: i32, to: i32) -> Axis {
    let figures = lines.iter().flat_map(|line| &line.values);
    let figures: Vec<f64> =
        figures.flat_map(|(_, summary)| [summary.min as f64, summary.max as f64]).collect();
    Axis::of_figures(&figures, shown.unit, from, to)
}

/// The swept values as numbers in one unit, if they are such.
fn numbers(values: &[Value]) -> Option<(Vec<f64>, Unit)> {
    let parsed: Vec<(f64, Unit)> = values.iter().map(quantity).collect::<Option<_>>()?;
    let unit = parsed.first()?.1;
    let same = parsed.iter().all(|(_, other)| *other == unit);
    same.then(|| (parsed.into_iter().map(|(number, _)| number).collect(), unit))
}

fn level(values: &[Value], left: i32, right: i32) -> Level {
    match numbers(values) {
        Some((numbers, unit)) => Level::Scale(Axis::of_swept(&numbers, unit, left, right), numbers),
        None => Level::Words,
    }
}

/// Ticks at the swept values themselves, and the name of the key.
fn draw_level(
    canvas: &Canvas<'_>,
    level: &Level,
    values: &[Value],
    key: &str,
    bottom: i32,
    x: &impl Fn(usize) -> i32,
) -> Result<(), PlotError> {
    let label = |(place, value): (usize, &Value)| match level {
        Level::Scale(axis, numbers) => axis.label(numbers[place]),
        Level::Words => fit(&record::label(value), x(1) - x(0) - 12, SMALL),
    };
    let ticks: Vec<(i32, String)> =
        values.iter().enumerate().map(|(at, value)| (x(at), label((at, value)))).collect();
    let log = matches!(level, Level::Scale(Axis { log: true, .. }, _));
    let scale = if log { ", logarithmic" } else { "" };
    panels::level(canvas, bottom, &ticks, &format!("{key}{scale}"))
}

fn draw_line(
    canvas: &Canvas<'_>,
    line: &SweepLine,
    connected: bool,
    x: &impl Fn(usize) -> i32,
    upright: &Axis,
) -> Result<(), PlotError> {
    let colour = style::colour(line.index);
    let median = |(place, summary): &(usize, Summary)| -> At {
        (x(*place), upright.place(summary.median as f64))
    };
    let points: Vec<At> = line.values.iter().map(median).collect();
    // No line across a point that has no correct run.
    let neighbours = line.values.windows(2).zip(points.windows(2));
    for (_, ends) in neighbours.filter(|(pair, _)| connected && pair[0].0 + 1 == pair[1].0) {
        canvas.dashed(ends, colour, 2, style::dash(line.index))?;
    }
    for (at, (_, summary)) in points.iter().zip(&line.values) {
        let ends = (upright.place(summary.min as f64), upright.place(summary.max as f64));
        panels::whisker(canvas, at.0, ends, colour)?;
    }
    Ok(())
}
