//! Cost over several results, the oldest first: one line for each protocol and sweep point.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_sim::vocabulary::{Aggregate, MetricName, Phase};

use super::axis::Axis;
use super::canvas::{At, Canvas, INK, SMALL, fit, picture};
use super::data::{Data, Scale, Series, SeriesPoint};
use super::panels::{self, Entry, Sign, chosen, legend, legend_height};
use super::{Figure, Medium, PlotError, number, style};
use crate::compare::Case;
use crate::stats::Summary;
use crate::units::Unit;

/// Most lines that one figure has.
const MOST_LINES: usize = 12;

/// One set of results, and what it is called.
pub type Dated<'a> = (String, &'a [Case]);

/// One line: figures by position among the results, each with the settings it was measured in.
struct HistoryLine {
    label: String,
    values: Vec<(usize, Summary, String)>,
}

/// Total time, bytes and rounds of each scenario over results, the oldest first. A line is broken
/// where what runs has changed.
///
/// # Errors
/// [`PlotError`] if the backend refuses to draw.
pub fn history(results: &[Dated<'_>], medium: Medium) -> Result<Vec<Figure>, PlotError> {
    let cases = results.iter().flat_map(|(_, cases)| *cases);
    let scenarios: BTreeSet<&str> = cases.map(|case| case.key.scenario.as_str()).collect();
    let shown = [
        ("time", "Total time", "time_ns", Aggregate::Run, Unit::Time),
        ("bytes", "Total bytes", "bytes", Aggregate::Sum, Unit::Bytes),
        ("rounds", "Rounds", "rounds", Aggregate::Run, Unit::Count),
    ];
    let mut figures = Vec::new();
    for scenario in scenarios {
        for (name, title, metric, aggregate, unit) in shown {
            let metric = MetricName { phase: None, name: metric, aggregate };
            let lines = lines(results, scenario, metric);
            figures.extend(figure(results, (scenario, name, title), unit, &lines, medium)?);
        }
    }
    number(&mut figures);
    Ok(figures)
}

fn lines(results: &[Dated<'_>], scenario: &str, metric: MetricName) -> Vec<HistoryLine> {
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let own = |case: &&Case| case.key.scenario == scenario;
    for case in results.iter().flat_map(|(_, cases)| *cases).filter(own) {
        ids.entry(case.key.id()).or_insert_with(|| {
            let sweep = case.key.sweep_label();
            let point = if sweep.is_empty() { String::new() } else { format!(", {sweep}") };
            let mark = if case.unpriced_setup { "*" } else { "" };
            format!("{}{mark}{point}", case.key.protocol)
        });
    }
    // The first of equal ones counts.
    let by_id = |(_, cases): &Dated<'_>| -> BTreeMap<String, usize> {
        let own = cases.iter().enumerate().rev().filter(|(_, case)| own(case));
        own.map(|(at, case)| (case.key.id(), at)).collect()
    };
    let known: Vec<BTreeMap<String, usize>> = results.iter().map(by_id).collect();
    let line = |(id, label): (String, String)| {
        let value = |(at, (_, cases)): (usize, &Dated<'_>)| {
            let case = &cases[*known[at].get(&id)?];
            // Where the rest has no price, online alone is what compares.
            let phase = case.unpriced_setup.then_some(Phase::Online);
            let name = MetricName { phase, ..metric }.to_string();
            let summary = Summary::of(case.correct(&name))?;
            Some((at, summary, format!("{} {}", case.model, case.fingerprint)))
        };
        let values: Vec<_> = results.iter().enumerate().filter_map(value).collect();
        (!values.is_empty()).then_some(HistoryLine { label, values })
    };
    ids.into_iter().filter_map(line).collect()
}

fn figure(
    results: &[Dated<'_>],
    (scenario, name, title): (&str, &str, &str),
    unit: Unit,
    lines: &[HistoryLine],
    medium: Medium,
) -> Result<Option<Figure>, PlotError> {
    if results.len() < 2 || lines.is_empty() {
        return Ok(None);
    }
    let all: Vec<usize> = (0..lines.len()).collect();
    let (shown, left_out) = chosen(&all, MOST_LINES);
    let shown: Vec<&HistoryLine> = shown.iter().map(|at| &lines[*at]).collect();
    let title = format!("{scenario}: {} over {} results", title.to_lowercase(), results.len());
    let entry = |(at, line): (usize, &&HistoryLine)| Entry {
        sign: Sign::Series(style::marker(at), style::dash(at)),
        colour: style::colour(at),
        label: line.label.clone(),
        series: Some(line.label.clone()),
    };
    let entries: Vec<Entry> = shown.iter().enumerate().map(entry).collect();
    let top = 36 + legend_height(&entries, medium) + 24;
    let svg = picture(medium, top + medium.plot_height() + 52, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, results, unit, name, &shown)
    })?;
    let mut caption =
        "Median over the correct repetitions; bars from the smallest to the largest; a \
                       line is broken where what runs has changed."
            .to_owned();
    if shown.iter().any(|line| line.label.contains('*')) {
        caption += " * online alone: the setup is not priced.";
    }
    caption += &left_out.replace("sweep points", "lines");
    let data = data(results, unit, name, &shown);
    let (name, scenario) = (format!("history-{scenario}-{name}"), scenario.to_owned());
    Ok(Some(Figure { scenario, name, title, caption, svg, data }))
}

fn data(results: &[Dated<'_>], unit: Unit, name: &str, lines: &[&HistoryLine]) -> Data {
    let words = results.iter().map(|(label, _)| label.clone()).collect();
    let point = |(place, summary, _): &(usize, Summary, String)| SeriesPoint {
        at: *place as f64,
        value: summary.median as f64,
        low: summary.min as f64,
        high: summary.max as f64,
    };
    let series = |line: &&HistoryLine| Series {
        label: line.label.clone(),
        points: line.values.iter().map(point).collect(),
    };
    let log = upright(lines, unit, 0, 1).log;
    Data::Lines {
        level: Scale { name: "results".to_owned(), unit: Unit::Count, log: false, words },
        upright: Scale { name: name.to_owned(), unit, log, words: Vec::new() },
        series: lines.iter().map(series).collect(),
    }
}

/// The axis for the figures and their intervals.
fn upright(lines: &[&HistoryLine], unit: Unit, from: i32, to: i32) -> Axis {
    let summaries = lines.iter().flat_map(|line| &line.values).map(|(_, summary, _)| summary);
    let extremes: Vec<f64> =
        summaries.flat_map(|summary| [summary.min as f64, summary.max as f64]).collect();
    Axis::of_figures(&extremes, unit, from, to)
}

fn draw(
    canvas: &Canvas<'_>,
    top: i32,
    results: &[Dated<'_>],
    unit: Unit,
    name: &str,
    lines: &[&HistoryLine],
) -> Result<(), PlotError> {
    let plot = canvas.medium().plot_height();
    let upright = upright(lines, unit, top + plot, top);
    let left = panels::upright(canvas, &upright, name)?;
    let right = canvas.width() - 28;
    let width = (right - left) / results.len() as i32;
    let x = |place: usize| left + width * place as i32 + width / 2;
    let tick = |(at, (label, _)): (usize, &Dated<'_>)| (x(at), fit(label, width - 8, SMALL));
    let ticks: Vec<(i32, String)> = results.iter().enumerate().map(tick).collect();
    panels::level(canvas, top + plot, &ticks, "results, the oldest first")?;
    canvas.line(&[(left, top), (left, top + plot), (right, top + plot)], INK, 1)?;
    for (at, line) in lines.iter().enumerate() {
        let colour = style::colour(at);
        let place = |(place, summary, _): &(usize, Summary, String)| -> At {
            (x(*place), upright.place(summary.median as f64))
        };
        for pair in line.values.windows(2) {
            let is_next = pair[0].0 + 1 == pair[1].0;
            if is_next && pair[0].2 == pair[1].2 {
                let ends = [place(&pair[0]), place(&pair[1])];
                let (from, to) = (&results[pair[0].0].0, &results[pair[1].0].0);
                let tip = format!("{}, {from} to {to}", line.label);
                let draw = || canvas.dashed(&ends, colour, 2, style::dash(at));
                canvas.group(&line.label, &tip, draw)?;
            }
        }
        for value in &line.values {
            let ends = (upright.place(value.1.min as f64), upright.place(value.1.max as f64));
            panels::whisker(canvas, x(value.0), ends, colour)?;
            let radius = 6 - at.min(3) as i32;
            canvas.marker(place(value), style::marker(at), radius, colour)?;
        }
    }
    Ok(())
}
