//! How likely a run is done by when: the empirical distribution of virtual time over repetitions.

use mpclab_sim::vocabulary::{Aggregate, MetricName};

use super::axis::Axis;
use super::canvas::{At, Canvas, INK, picture};
use super::data::{Data, Scale, Series, SeriesPoint};
use super::panels::{self, Entry, Sign, distinct_figures, legend, legend_height, titled};
use super::{Figure, MARK, PlotError, Scenario, marked, style};
use crate::units::Unit;

const TIME: MetricName = MetricName { phase: None, name: "time_ns", aggregate: Aggregate::Run };

/// Fewer repetitions make no distribution.
const LEAST_RUNS: usize = 5;

/// The times of one protocol, ascending.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Curve {
    index: usize,
    protocol: String,
    label: String,
    times_ns: Vec<u64>,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    distinct_figures(
        scenario,
        |point| curves(scenario, point),
        |points, curves, left_out| figure(scenario, points, curves, left_out),
    )
}

/// Nothing if all times are the same: a distribution of constants is a table's job.
fn curves(scenario: &Scenario<'_>, point: usize) -> Vec<Curve> {
    let curve = |protocol: &&str| {
        let group = scenario.correct(point, protocol)?;
        let mut times_ns: Vec<u64> = group.correct().filter_map(|r| r.metric(TIME)).collect();
        times_ns.sort_unstable();
        let (index, protocol) = (scenario.index(protocol), (*protocol).to_owned());
        let label = marked(group.first());
        (times_ns.len() >= LEAST_RUNS).then_some(Curve { index, protocol, label, times_ns })
    };
    let curves: Vec<Curve> = scenario.protocols.iter().filter_map(curve).collect();
    match curves.iter().any(|curve| curve.times_ns.first() != curve.times_ns.last()) {
        true => curves,
        false => Vec::new(),
    }
}

fn figure(
    scenario: &Scenario<'_>,
    points: &[usize],
    curves: &[Curve],
    left_out: &str,
) -> Result<Figure, PlotError> {
    let title = titled(scenario, "Distribution of time", points);
    let entry = |curve: &Curve| Entry {
        sign: Sign::Series(style::marker(curve.index), style::dash(curve.index)),
        colour: style::colour(curve.index),
        label: curve.label.clone(),
        series: Some(curve.protocol.clone()),
    };
    let entries: Vec<Entry> = curves.iter().map(entry).collect();
    let medium = scenario.medium;
    let top = 36 + legend_height(&entries, medium) + 24;
    let svg = picture(medium, top + medium.plot_height() + 52, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, curves)
    })?;
    let runs: Vec<usize> = curves.iter().map(|curve| curve.times_ns.len()).collect();
    let (least, most) = (runs.iter().min().copied(), runs.iter().max().copied());
    let runs = match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
        _ => least.unwrap_or(0).to_string(),
    };
    let mut caption = format!(
        "Share of the {runs} correct repetitions that are done by a time; the seed draws inputs and \
         latencies."
    );
    if curves.iter().any(|curve| curve.label.ends_with('*')) {
        caption += &format!(" {MARK}");
    }
    caption += left_out;
    let name = format!("{}-time-distribution", scenario.name());
    let (scenario, data) = (scenario.name().to_owned(), data(curves));
    Ok(Figure { scenario, name, title, caption, svg, data })
}

/// The corners of the staircase: time, and the share of runs that are done then.
fn steps(curve: &Curve) -> Vec<(f64, f64)> {
    let count = curve.times_ns.len() as f64;
    let step = |(at, time_ns): (usize, &u64)| {
        [(*time_ns as f64, at as f64 / count), (*time_ns as f64, (at + 1) as f64 / count)]
    };
    curve.times_ns.iter().enumerate().flat_map(step).collect()
}

fn data(curves: &[Curve]) -> Data {
    let scale = |name: &str, unit, log| Scale { name: name.to_owned(), unit, log, words: vec![] };
    let series = |curve: &Curve| Series {
        label: curve.label.clone(),
        points: steps(curve).into_iter().map(|(at, value)| SeriesPoint::exact(at, value)).collect(),
    };
    Data::Lines {
        level: scale("virtual time", Unit::Time, level(curves, 0, 1).log),
        upright: scale("share of runs", Unit::Share, false),
        series: curves.iter().map(series).collect(),
    }
}

fn level(curves: &[Curve], from: i32, to: i32) -> Axis {
    let ends = curves.iter().flat_map(|c| c.times_ns.first().into_iter().chain(c.times_ns.last()));
    let ends: Vec<f64> = ends.map(|time_ns| *time_ns as f64).collect();
    Axis::of_swept(&ends, Unit::Time, from, to)
}

fn draw(canvas: &Canvas<'_>, top: i32, curves: &[Curve]) -> Result<(), PlotError> {
    let plot = canvas.medium().plot_height();
    let upright = Axis::of_bars(1.0, Unit::Share, top + plot, top);
    let left = panels::upright(canvas, &upright, "share of runs that are done")?;
    let right = canvas.width() - 28;
    let level = level(curves, left, right);
    let ticks: Vec<(i32, String)> =
        level.ticks().into_iter().map(|tick| (level.place(tick), level.label(tick))).collect();
    let scale = if level.log { ", logarithmic" } else { "" };
    panels::level(canvas, top + plot, &ticks, &format!("virtual time{scale}"))?;
    canvas.line(&[(left, top), (left, top + plot), (right, top + plot)], INK, 1)?;
    for curve in curves {
        let colour = style::colour(curve.index);
        let mut points: Vec<At> =
            steps(curve).into_iter().map(|(x, y)| (level.place(x), upright.place(y))).collect();
        points.dedup();
        let median = curve.times_ns[curve.times_ns.len() / 2];
        let tip = format!("{}: half of the runs by {}", curve.label, Unit::Time.show(median));
        canvas.group(&curve.protocol, &tip, || {
            canvas.dashed(&points, colour, 2, style::dash(curve.index))?;
            let middle = (level.place(median as f64), upright.place(0.5));
            canvas.marker(middle, style::marker(curve.index), 5, colour)
        })?;
    }
    Ok(())
}
