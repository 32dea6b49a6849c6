//! Throughput against latency of a deployment under load.

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, INK, picture};
use super::data::{Data, Scale, Series, SeriesPoint};
use super::panels::{self, Entry, Sign, legend, legend_height};
use super::{Figure, Medium, PlotError, number, style};
use crate::advice::{Advice, Choice, LoadPoint};
use crate::units::Unit;

/// Options that are drawn at most.
const MOST: usize = 7;

/// A line: its name, and points of throughput per second and latency.
struct LoadLine {
    label: String,
    points: Vec<(f64, f64)>,
}

/// Marks across the plot: the expected load, and the deadline.
struct Marks {
    per_second: Option<f64>,
    deadline_ns: Option<f64>,
}

/// Median and high percentiles of the recommended option, and the 95th percentile of all options.
///
/// # Errors
/// [`PlotError`] if the backend refuses to draw.
pub fn load(advice: &Advice, medium: Medium) -> Result<Vec<Figure>, PlotError> {
    let marks = Marks {
        per_second: advice.offered.as_ref().map(|offered| offered.per_second),
        deadline_ns: advice.deadline.map(|deadline| deadline.within_ns as f64),
    };
    let caption = "By the model of load, from light load to beyond saturation; the upright line is \
                   the expected load, the level line the deadline.";
    let mut figures = Vec::new();
    if let Some((best, load)) = advice.best().and_then(|best| Some((best, best.load.as_ref()?))) {
        let line = |label: &str, of: fn(&LoadPoint) -> u64| LoadLine {
            label: label.to_owned(),
            points: load.curve.iter().map(|p| (p.done_per_second, of(p) as f64)).collect(),
        };
        let lines = [
            line("median", |point| point.median_ns),
            line("95th percentile", |point| point.p95_ns),
            line("99th percentile", |point| point.p99_ns),
        ];
        let title = format!("Latency against throughput: {}", best.label);
        figures.push(figure("load", title, caption, &lines, &marks, medium)?);
    }
    let choices = advice.options.iter().map(|choice| (choice, ""));
    let choices: Vec<(&Choice, &str)> =
        choices.chain(advice.unpriced.iter().map(|choice| (choice, "*"))).take(MOST).collect();
    let line = |(choice, mark): &(&Choice, &str)| {
        let curve = &choice.load.as_ref()?.curve;
        let points = curve.iter().map(|p| (p.done_per_second, p.p95_ns as f64)).collect();
        Some(LoadLine { label: format!("{}{mark}", choice.label), points })
    };
    let lines: Vec<LoadLine> = choices.iter().filter_map(line).collect();
    if lines.len() > 1 {
        let title = "95th percentile of latency against throughput".to_owned();
        let caption = format!("{caption} {}", super::MARK);
        figures.push(figure("load-by-protocol", title, &caption, &lines, &marks, medium)?);
    }
    number(&mut figures);
    Ok(figures)
}

fn figure(
    name: &str,
    title: String,
    caption: &str,
    lines: &[LoadLine],
    marks: &Marks,
    medium: Medium,
) -> Result<Figure, PlotError> {
    let entry = |(at, line): (usize, &LoadLine)| Entry {
        sign: Sign::Series(style::marker(at), style::dash(at)),
        colour: style::colour(at),
        label: line.label.clone(),
        series: Some(line.label.clone()),
    };
    let entries: Vec<Entry> = lines.iter().enumerate().map(entry).collect();
    let top = 36 + legend_height(&entries, medium) + 24;
    let svg = picture(medium, top + medium.plot_height() + 52, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, lines, marks)
    })?;
    let (name, caption) = (name.to_owned(), caption.to_owned());
    Ok(Figure { scenario: String::new(), name, title, caption, svg, data: data(lines) })
}

fn data(lines: &[LoadLine]) -> Data {
    let scale = |name: &str, unit| Scale { name: name.to_owned(), unit, log: false, words: vec![] };
    let point = |(rate, ns): &(f64, f64)| SeriesPoint::exact(*rate, *ns);
    let series = |line: &LoadLine| Series {
        label: line.label.clone(),
        points: line.points.iter().map(point).collect(),
    };
    Data::Lines {
        level: scale("requests done per second", Unit::Count),
        upright: scale("latency", Unit::Time),
        series: lines.iter().map(series).collect(),
    }
}

fn draw(canvas: &Canvas<'_>, top: i32, lines: &[LoadLine], marks: &Marks) -> Result<(), PlotError> {
    let plot = canvas.medium().plot_height();
    let points = || lines.iter().flat_map(|line| &line.points);
    let times: Vec<f64> = points().map(|(_, ns)| *ns).chain(marks.deadline_ns).collect();
    let upright = Axis::of_figures(&times, Unit::Time, top + plot, top);
    let left = panels::upright(canvas, &upright, "latency")?;
    let right = canvas.width() - 28;
    let fastest = points().map(|(rate, _)| *rate).fold(0.0, f64::max);
    // A mark far beyond what is reached would squeeze all lines to the left.
    let mark = marks.per_second.filter(|mark| *mark <= 1.3 * fastest);
    let level = Axis::of_rates(fastest.max(mark.unwrap_or(0.0)), left, right);
    let ticks: Vec<(i32, String)> =
        level.ticks().iter().map(|tick| (level.place(*tick), level.label(*tick))).collect();
    panels::level(canvas, top + plot, &ticks, "requests done per second")?;
    canvas.line(&[(left, top), (left, top + plot), (right, top + plot)], INK, 1)?;
    if let Some(mark) = mark {
        let x = level.place(mark);
        canvas.line(&[(x, top), (x, top + plot)], FAINT, 1)?;
        canvas.text((x + 4, top + 8), "expected", Font::LABEL.coloured(FAINT))?;
    }
    if let Some(deadline) = marks.deadline_ns {
        let y = upright.place(deadline);
        canvas.line(&[(left, y), (right, y)], FAINT, 1)?;
        canvas.text((right - 4, y - 8), "deadline", Font::LABEL.coloured(FAINT).right())?;
    }
    for (at, line) in lines.iter().enumerate() {
        let (colour, marker) = (style::colour(at), style::marker(at));
        let place = |(rate, ns): &(f64, f64)| (level.place(*rate), upright.place(*ns));
        let places: Vec<_> = line.points.iter().map(place).collect();
        canvas.dashed(&places, colour, 2, style::dash(at))?;
        for place in places {
            canvas.marker(place, marker, 5, colour)?;
        }
    }
    Ok(())
}
