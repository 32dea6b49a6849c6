//! Soundness curves: how often cheating went unnoticed, against what the theorem allows.

use super::axis::Axis;
use super::canvas::{At, Canvas, INK, SMALL, fit, picture};
use super::data::{Data, Scale, Series, SeriesPoint};
use super::panels::{Entry, Sign, legend, legend_height, level, upright, whisker};
use super::style::{self, Marker};
use super::{Figure, Medium, PlotError, number};
use crate::battery::{Battery, SoundnessCurve, SoundnessPoint, parameter};
use crate::units::{Unit, confidence};

/// Half the width of the stroke that marks a bound.
const STROKE: i32 = 14;

/// Label of the line that the measured points are held against.
const BOUND: &str = "the theorem's bound";

/// What a point shows, each with its own shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A frequency that does not contradict the bound.
    Measured,
    /// No attempt succeeded: there is no frequency to draw on a logarithmic scale.
    Unseen,
    /// Even the lower limit is above the bound.
    Above,
}

impl Shape {
    const ALL: [Shape; 3] = [Shape::Measured, Shape::Unseen, Shape::Above];

    fn of(point: &SoundnessPoint) -> Self {
        match point {
            point if point.exceeds() => Shape::Above,
            point if point.successes == 0 => Shape::Unseen,
            _ => Shape::Measured,
        }
    }

    fn entry(self) -> Entry {
        let (marker, index, label) = match self {
            Shape::Measured => (Marker::Circle, 0, "measured, with its interval"),
            Shape::Unseen => (Marker::Down, 0, "no success: upper limit"),
            Shape::Above => (Marker::Cross, 1, "above the bound"),
        };
        let colour = style::colour(index);
        let (sign, label) = (Sign::Interval(marker), label.to_owned());
        Entry { sign, colour, label, series: None }
    }
}

/// One figure for each soundness curve that has points.
///
/// # Errors
/// [`PlotError`] if the backend refuses to draw.
pub fn soundness(battery: &Battery, medium: Medium) -> Result<Vec<Figure>, PlotError> {
    let curves =
        battery.soundness.iter().filter_map(|curve| figure(battery, curve, medium).transpose());
    let mut figures = curves.collect::<Result<Vec<Figure>, PlotError>>()?;
    number(&mut figures);
    Ok(figures)
}

fn figure(
    battery: &Battery,
    curve: &SoundnessCurve,
    medium: Medium,
) -> Result<Option<Figure>, PlotError> {
    let drawable = |point: &&SoundnessPoint| {
        let figures = [point.value, point.lower, point.upper, point.bound];
        figures.iter().all(|figure| figure.is_finite())
    };
    let mut points: Vec<&SoundnessPoint> = curve.points.iter().filter(drawable).collect();
    points.sort_by(|a, b| a.value.total_cmp(&b.value));
    if points.is_empty() {
        return Ok(None);
    }
    let occurs = |shape: &Shape| points.iter().any(|point| Shape::of(point) == *shape);
    let mut entries: Vec<Entry> = Shape::ALL.into_iter().filter(occurs).map(Shape::entry).collect();
    let label = BOUND.to_owned();
    entries.push(Entry { sign: Sign::Line, colour: INK, label, series: None });
    let title = format!("{}: {}", curve.protocol, curve.event);
    let top = 36 + legend_height(&entries, medium) + 24;
    let svg = picture(medium, top + medium.plot_height() + 52, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, &curve.parameter, &points)
    })?;
    let caption = format!(
        "How often this happened, by {}. Bars: Clopper-Pearson intervals, confidence {}. Bound: {}.",
        curve.strategy,
        confidence(curve.confidence),
        curve.source
    );
    let name = format!("{}-soundness-{}", battery.scenario, curve.protocol);
    let data = data(curve, &points);
    let scenario = battery.scenario.clone();
    Ok(Some(Figure { scenario, name, title, caption, svg, data }))
}

fn data(curve: &SoundnessCurve, points: &[&SoundnessPoint]) -> Data {
    let measured = |point: &&SoundnessPoint| SeriesPoint {
        at: point.value,
        value: point.frequency(),
        low: point.lower,
        high: point.upper,
    };
    let bound = |point: &&SoundnessPoint| SeriesPoint::exact(point.value, point.bound);
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let series = [
        Series { label: "measured".to_owned(), points: points.iter().map(measured).collect() },
        Series { label: BOUND.to_owned(), points: points.iter().map(bound).collect() },
    ];
    let scale = |name: &str, unit, log| Scale { name: name.to_owned(), unit, log, words: vec![] };
    Data::Lines {
        level: scale(&curve.parameter, Unit::Count, Axis::of_swept(&values, Unit::Count, 0, 1).log),
        upright: scale("probability", Unit::Probability, true),
        series: series.to_vec(),
    }
}

fn draw(
    canvas: &Canvas<'_>,
    top: i32,
    name: &str,
    points: &[&SoundnessPoint],
) -> Result<(), PlotError> {
    let figures: Vec<f64> = points
        .iter()
        .flat_map(|point| [point.lower, point.frequency(), point.upper, point.bound])
        .collect();
    let bottom = top + canvas.medium().plot_height();
    let axis = Axis::of_probabilities(&figures, bottom, top);
    let (left, right) = (upright(canvas, &axis, "probability")?, canvas.width() - 28);
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let places = Axis::of_swept(&values, Unit::Count, left, right);
    let ticks: Vec<(i32, String)> =
        points.iter().map(|point| (places.place(point.value), label(canvas, point))).collect();
    let scale = if places.log { ", logarithmic" } else { "" };
    level(canvas, bottom, &ticks, &format!("{name}{scale}"))?;
    canvas.line(&[(left, top), (left, bottom), (right, bottom)], INK, 1)?;
    let bound =
        |point: &&SoundnessPoint| -> At { (places.place(point.value), axis.place(point.bound)) };
    let bounds: Vec<At> = points.iter().map(bound).collect();
    for ends in bounds.windows(2) {
        canvas.line(ends, INK, 1)?;
    }
    for (x, y) in bounds {
        canvas.line(&[((x - STROKE).max(left), y), ((x + STROKE).min(right), y)], INK, 2)?;
    }
    for point in points {
        draw_point(canvas, point, places.place(point.value), &axis)?;
    }
    Ok(())
}

/// A tick's label, short enough not to leave the picture.
fn label(canvas: &Canvas<'_>, point: &SoundnessPoint) -> String {
    fit(&parameter(point), canvas.width() / 6, SMALL)
}

fn draw_point(
    canvas: &Canvas<'_>,
    point: &SoundnessPoint,
    x: i32,
    axis: &Axis,
) -> Result<(), PlotError> {
    let shape = Shape::of(point);
    let Entry { sign, colour, .. } = shape.entry();
    whisker(canvas, x, (axis.place(point.lower), axis.place(point.upper)), colour)?;
    let middle = if shape == Shape::Unseen { point.upper } else { point.frequency() };
    match sign {
        Sign::Interval(marker) => canvas.marker((x, axis.place(middle)), marker, 5, colour),
        Sign::Series(..) | Sign::Line | Sign::Area(_) | Sign::Hatched => Ok(()),
    }
}
