//! Soundness curves: how often cheating went unnoticed, against what the theorem allows.

use super::axis::Axis;
use super::canvas::{At, Canvas, INK, SMALL, WIDTH, fit, picture};
use super::panels::{Entry, Sign, legend, legend_height, level, upright, whisker};
use super::style::{self, Marker};
use super::{Figure, PlotError, number};
use crate::battery::{Battery, SoundnessCurve, SoundnessPoint, parameter};
use crate::units::{Unit, confidence};

/// Height of the area in which points are drawn.
const PLOT: i32 = 300;

/// Half the width of the stroke that marks a bound.
const STROKE: i32 = 14;

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
        Entry { sign: Sign::Interval(marker), colour, label: label.to_owned() }
    }
}

/// One figure for each soundness curve that has points.
///
/// # Errors
/// [`PlotError`] if the backend refuses to draw.
pub fn soundness(battery: &Battery) -> Result<Vec<Figure>, PlotError> {
    let curves = battery.soundness.iter().filter_map(|curve| figure(battery, curve).transpose());
    let mut figures = curves.collect::<Result<Vec<Figure>, PlotError>>()?;
    number(&mut figures);
    Ok(figures)
}

fn figure(battery: &Battery, curve: &SoundnessCurve) -> Result<Option<Figure>, PlotError> {
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
    entries.push(Entry { sign: Sign::Line, colour: INK, label: "the theorem's bound".to_owned() });
    let title = format!("{}: {}", curve.protocol, curve.event);
    let top = 36 + legend_height(&entries) + 24;
    let svg = picture(top + PLOT + 52, &title, |canvas| {
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
    Ok(Some(Figure { name, title, caption, svg }))
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
    let axis = Axis::of_probabilities(&figures, top + PLOT, top);
    let (left, right) = (upright(canvas, &axis, "probability")?, WIDTH - 28);
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let places = Axis::of_swept(&values, Unit::Count, left, right);
    let ticks: Vec<(i32, String)> =
        points.iter().map(|point| (places.place(point.value), label(point))).collect();
    let scale = if places.log { ", logarithmic" } else { "" };
    level(canvas, top + PLOT, &ticks, &format!("{name}{scale}"))?;
    canvas.line(&[(left, top), (left, top + PLOT), (right, top + PLOT)], INK, 1)?;
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
fn label(point: &SoundnessPoint) -> String {
    fit(&parameter(point), WIDTH / 6, SMALL)
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
        Sign::Series(_) | Sign::Line | Sign::Area | Sign::Hatched => Ok(()),
    }
}
