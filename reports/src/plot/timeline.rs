//! What each party does when: compute, and waits by whom they are for.

use mpclab_sim::trace::{NodeTrace, Trace, Woken};

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::Data;
use super::panels::{Entry, Sign, legend, legend_height};
use super::traced::{Phases, about, node_name};
use super::{Figure, Medium, PlotError};
use crate::table::Frame;
use crate::trace::TracedRun;
use crate::units::Unit;

/// More nodes make no picture that anybody can read.
const MOST_NODES: usize = 40;
/// Height of a node's lane, and of the bar in it, pixels.
const LANE: i32 = 46;
const BAR: i32 = 16;
/// Stretches closer than this are drawn as one, pixels.
const JOINED: i32 = 1;

pub(super) fn figure(run: &TracedRun, medium: Medium) -> Result<Option<Figure>, PlotError> {
    let trace = &run.trace;
    let is_busy = |node: &NodeTrace| !node.work.is_empty() || !node.idle.is_empty();
    let nodes: Vec<&NodeTrace> = trace.nodes.iter().filter(|node| is_busy(node)).collect();
    if nodes.is_empty() || nodes.len() > MOST_NODES {
        return Ok(None);
    }
    let phases = Phases::of(trace);
    let mut entries = phases.entries();
    let waits = "waits (for whom, if there is room)".to_owned();
    entries.push(Entry { sign: Sign::Line, colour: GRID, label: waits, series: None });
    let critical = "critical path".to_owned();
    entries.push(Entry { sign: Sign::Line, colour: INK, label: critical, series: None });
    let top = 36 + legend_height(&entries, medium) + 8;
    let height = LANE * nodes.len() as i32;
    let title = format!("{}: parties", about(run));
    let svg = picture(medium, top + height + 48, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, (top, height), trace, &nodes, &phases)
    })?;
    let caption = "Bars are compute, pale lines are waits. The dark line is the critical path: it \
                   goes from node to node with the messages that somebody waited for."
        .to_owned();
    let name = format!("{}-parties-over-time", run.key.scenario);
    let data = Data::Table(frame(trace, &nodes));
    Ok(Some(Figure { scenario: run.key.scenario.clone(), name, title, caption, svg, data }))
}

fn frame(trace: &Trace, nodes: &[&NodeTrace]) -> Frame {
    let mut frame = Frame::default();
    for node in nodes {
        let mut row = |what: &str, detail: &str, from_ns: u64, until_ns: u64| {
            frame.push(vec![
                ("node".to_owned(), node.node.0.into()),
                ("what".to_owned(), what.into()),
                ("detail".to_owned(), detail.into()),
                ("from_ns".to_owned(), from_ns.into()),
                ("until_ns".to_owned(), until_ns.into()),
            ]);
        };
        for work in &node.work {
            let scope = trace.scopes.get(work.scope as usize).map_or("", |s| s.folded.as_str());
            row("compute", scope, work.from_ns, work.until_ns);
        }
        for idle in &node.idle {
            row("wait", &awaited(trace, idle.ended_by), idle.from_ns, idle.until_ns);
        }
    }
    frame
}

/// What ended a wait, in a word.
fn awaited(trace: &Trace, ended_by: Woken) -> String {
    match ended_by {
        Woken::Message(at) => {
            let message = trace.messages.get(at as usize);
            message.map_or_else(String::new, |message| message.from.to_string())
        }
        Woken::Timer => "timer".to_owned(),
        Woken::Fault => "down".to_owned(),
    }
}

fn draw(
    canvas: &Canvas<'_>,
    (top, height): (i32, i32),
    trace: &Trace,
    nodes: &[&NodeTrace],
    phases: &Phases,
) -> Result<(), PlotError> {
    let names = nodes.iter().map(|node| width_of(&node_name(node), SMALL)).max().unwrap_or(0);
    let left = 24 + names.min(canvas.width() / 4);
    let right = canvas.width() - 28;
    let last = nodes.iter().map(|node| node.end_ns).max().unwrap_or(1);
    let axis = Axis::of_bars(last as f64, Unit::Time, left, right);
    for tick in axis.ticks() {
        let x = axis.place(tick);
        canvas.line(&[(x, top), (x, top + height)], GRID, 1)?;
        canvas.text((x, top + height + 14), &axis.label(tick), Font::LABEL.centred())?;
    }
    let middle = ((left + right) / 2, top + height + 36);
    canvas.text(middle, "virtual time", Font::LABEL.centred().coloured(FAINT))?;
    for (at, node) in nodes.iter().enumerate() {
        let y = top + LANE * at as i32 + LANE / 2;
        let name = fit(&node_name(node), left - 20, SMALL);
        canvas.text((left - 8, y), &name, Font::LABEL.right())?;
        waits(canvas, y, trace, node, &axis)?;
        work(canvas, y, node, &axis, phases)?;
        let end = axis.place(node.end_ns as f64);
        canvas.line(&[(end, y - BAR / 2), (end, y + BAR / 2)], INK, 2)?;
    }
    let lane = |node: mpclab_sim::vocabulary::PartyId| {
        let at = nodes.iter().position(|known| known.node == node)?;
        Some(top + LANE * at as i32 + LANE / 2)
    };
    for stretch in trace.critical_path() {
        let (from, to) = (axis.place(stretch.from_ns as f64), axis.place(stretch.until_ns as f64));
        let Some(y) = lane(stretch.node) else { continue };
        // A message goes down or up to its receiver in its last stretch, the propagation.
        let is_arrival = stretch.cause == mpclab_sim::trace::Cause::Propagation;
        let end = stretch.to.filter(|_| is_arrival).and_then(lane).unwrap_or(y);
        canvas.line(&[(from, y), (to, end)], INK, 1)?;
    }
    Ok(())
}

fn waits(
    canvas: &Canvas<'_>,
    y: i32,
    trace: &Trace,
    node: &NodeTrace,
    axis: &Axis,
) -> Result<(), PlotError> {
    let mut drawn = i32::MIN;
    for idle in &node.idle {
        let (from, to) = (axis.place(idle.from_ns as f64), axis.place(idle.until_ns as f64));
        if to <= drawn + JOINED {
            continue;
        }
        drawn = to;
        canvas.line(&[(from, y), (to, y)], GRID, 3)?;
        let text = awaited(trace, idle.ended_by);
        if width_of(&text, SMALL) + 8 <= to - from {
            let font = Font::LABEL.centred().coloured(FAINT);
            canvas.text(((from + to) / 2, y - 13), &text, font)?;
        }
    }
    Ok(())
}

fn work(
    canvas: &Canvas<'_>,
    y: i32,
    node: &NodeTrace,
    axis: &Axis,
    phases: &Phases,
) -> Result<(), PlotError> {
    // Neighbours of one phase as one bar: scopes change many times within a pixel.
    let mut bars: Vec<(i32, i32, usize)> = Vec::new();
    for work in &node.work {
        let (from, to) = (axis.place(work.from_ns as f64), axis.place(work.until_ns as f64));
        let phase = phases.index(work.scope);
        match bars.last_mut() {
            Some(last) if last.2 == phase && from <= last.1 + JOINED => last.1 = last.1.max(to),
            _ => bars.push((from, to, phase)),
        }
    }
    for (from, to, phase) in bars {
        let corners = ((from, y - BAR / 2), (to.max(from + 1), y + BAR / 2));
        canvas.paint(corners.0, corners.1, super::style::PHASES[phase])?;
    }
    Ok(())
}
