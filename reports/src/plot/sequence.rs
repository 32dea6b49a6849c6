//! Who sent what to whom, and when: a message sequence chart of a small run.

use mpclab_sim::trace::{Message, Trace};

use super::axis::Axis;
use super::canvas::{At, Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::Data;
use super::panels::{Entry, legend, legend_height};
use super::traced::{Phases, about, node_name};
use super::{Figure, Medium, PlotError, style};
use crate::table::Frame;
use crate::trace::TracedRun;
use crate::units::Unit;

/// More messages or nodes make no chart that anybody can read.
pub(super) const MOST_MESSAGES: usize = 150;
const MOST_NODES: usize = 10;
/// Height that a message takes, at least and at most, pixels.
const PER_MESSAGE: (usize, usize) = (7, 26);

pub(super) fn figure(run: &TracedRun, medium: Medium) -> Result<Option<Figure>, PlotError> {
    let trace = &run.trace;
    let mut messages: Vec<&Message> = trace.messages.iter().filter(|m| !m.is_close).collect();
    messages.sort_by_key(|message| (message.sent_ns, message.from, message.to));
    let is_small = messages.len() <= MOST_MESSAGES && trace.nodes.len() <= MOST_NODES;
    if messages.is_empty() || !is_small {
        return Ok(None);
    }
    let phases = Phases::of(trace);
    let entries: Vec<Entry> = phases.entries();
    let top = 36 + legend_height(&entries, medium) + 30;
    let per_message = (900 / messages.len()).clamp(PER_MESSAGE.0, PER_MESSAGE.1);
    let height = (messages.len() * per_message).clamp(160, 1100) as i32;
    let title = format!("{}: messages", about(run));
    let svg = picture(medium, top + height + 16, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, (top, height), trace, &messages, &phases)
    })?;
    let caption =
        "Each arrow leaves when its message is sent and ends when its last byte arrives; \
                   time runs downwards. A cross is a message that never arrived."
            .to_owned();
    let name = format!("{}-messages", run.key.scenario);
    let data = Data::Table(frame(trace, &messages));
    Ok(Some(Figure { scenario: run.key.scenario.clone(), name, title, caption, svg, data }))
}

fn frame(trace: &Trace, messages: &[&Message]) -> Frame {
    let mut frame = Frame::default();
    for message in messages {
        let scope = trace.scopes.get(message.scope as usize).map_or("", |s| s.path.as_str());
        frame.push(vec![
            ("from".to_owned(), message.from.0.into()),
            ("to".to_owned(), message.to.0.into()),
            ("scope".to_owned(), scope.into()),
            ("payload_bytes".to_owned(), message.payload_bytes.into()),
            ("sent_ns".to_owned(), message.sent_ns.into()),
            ("delivered_ns".to_owned(), message.delivered_ns.into()),
        ]);
    }
    frame
}

fn draw(
    canvas: &Canvas<'_>,
    (top, height): (i32, i32),
    trace: &Trace,
    messages: &[&Message],
    phases: &Phases,
) -> Result<(), PlotError> {
    let last = messages.iter().filter_map(|m| m.delivered_ns).max();
    let last = last.into_iter().chain(trace.nodes.iter().map(|node| node.end_ns)).max();
    let axis = Axis::of_bars(last.unwrap_or(1) as f64, Unit::Time, top, top + height);
    let labels = axis.ticks().iter().map(|tick| width_of(&axis.label(*tick), SMALL)).max();
    let left = 24 + labels.unwrap_or(0);
    let right = canvas.width() - 28;
    for tick in axis.ticks() {
        let y = axis.place(tick);
        canvas.line(&[(left, y), (right, y)], GRID, 1)?;
        canvas.text((left - 8, y), &axis.label(tick), Font::LABEL.right())?;
    }
    let gap = (right - left) / trace.nodes.len() as i32;
    let x = |node: usize| left + gap * node as i32 + gap / 2;
    for (at, node) in trace.nodes.iter().enumerate() {
        let name = fit(&node_name(node), gap - 4, SMALL);
        canvas.text((x(at), top - 12), &name, Font::LABEL.centred().bold())?;
        let end = axis.place(node.end_ns as f64);
        canvas.line(&[(x(at), top), (x(at), end)], FAINT, 1)?;
        canvas.line(&[(x(at) - 5, end), (x(at) + 5, end)], INK, 2)?;
    }
    for message in messages {
        let from = (x(message.from.index()), axis.place(message.sent_ns as f64));
        let scope = trace.scopes.get(message.scope as usize).map_or("", |s| s.path.as_str());
        let size = Unit::Bytes.show(message.payload_bytes);
        let tip = format!("{} to {}: {size} in {scope}", message.from, message.to);
        let paint = phases.paint(message.scope);
        canvas.group(scope, &tip, || match message.delivered_ns {
            Some(delivered_ns) => {
                let to = (x(message.to.index()), axis.place(delivered_ns as f64));
                arrow(canvas, from, to, paint)
            }
            None => {
                let middle = ((from.0 + x(message.to.index())) / 2, from.1);
                canvas.line(&[from, middle], paint.colour, 1)?;
                canvas.marker(middle, style::Marker::Cross, 4, paint.colour)
            }
        })?;
    }
    Ok(())
}

/// A line with a head of two strokes.
fn arrow(canvas: &Canvas<'_>, from: At, to: At, paint: style::Paint) -> Result<(), PlotError> {
    canvas.line(&[from, to], paint.colour, 1)?;
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    for side in [-1.0, 1.0] {
        let back = |along: f64, across: f64| (-7.0 * along + side * 3.0 * across).round() as i32;
        let end = (to.0 + back(ux, -uy), to.1 + back(uy, ux));
        canvas.line(&[to, end], paint.colour, 1)?;
    }
    Ok(())
}
