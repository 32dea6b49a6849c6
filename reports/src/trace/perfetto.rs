//! Chrome's trace event format, which Perfetto opens: nodes as processes; compute, waits and scopes
//! as nested slices; messages as flows from slice to slice; bytes in flight as counters.

use std::collections::BTreeMap;
use std::io::{self, Write};

use mpclab_sim::trace::{Trace, Woken};
use serde::Serialize;
use serde_json::{Value, json};

use super::lanes::Lanes;
use super::{NodeName, TracedRun, scope_name, scope_path};

/// Threads of a process: compute, waits, then a lane of scopes each.
const COMPUTE: usize = 0;
const WAITS: usize = 1;
const SCOPES: usize = 2;

#[derive(Serialize)]
struct Event<'a> {
    ph: &'static str,
    pid: u32,
    tid: usize,
    /// Microseconds.
    ts: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cat: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    /// A flow ends in the slice around it, not in the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'static str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    args: Value,
}

/// Nanoseconds as microseconds; exact below about a hundred days.
fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}

/// Writes events one by one; nothing is kept.
struct Events<'a, W> {
    out: &'a mut W,
    is_first: bool,
}

impl<W: Write> Events<'_, W> {
    fn put(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        serde_json::to_writer(&mut *self.out, event)?;
        Ok(())
    }

    fn name(&mut self, pid: u32, thread: Option<usize>, name: &str) -> io::Result<()> {
        let (tid, about) = (thread.unwrap_or(0), thread.map_or("process_name", |_| "thread_name"));
        self.put(&Event { name: about, args: json!({ "name": name }), ..blank("M", pid, tid, 0) })?;
        let order = match thread {
            Some(tid) => ("thread_sort_index", tid as u64),
            None => ("process_sort_index", u64::from(pid)),
        };
        let args = json!({ "sort_index": order.1 });
        self.put(&Event { name: order.0, args, ..blank("M", pid, tid, 0) })
    }

    fn slice(
        &mut self,
        (pid, tid): (u32, usize),
        (from_ns, until_ns): (u64, u64),
        name: &str,
        cat: &'static str,
        args: Value,
    ) -> io::Result<()> {
        let dur = Some(micros(until_ns - from_ns));
        self.put(&Event { dur, name, cat, args, ..blank("X", pid, tid, from_ns) })
    }
}

fn blank<'a>(ph: &'static str, pid: u32, tid: usize, at_ns: u64) -> Event<'a> {
    Event {
        ph,
        pid,
        tid,
        ts: micros(at_ns),
        dur: None,
        name: "",
        cat: "",
        id: None,
        bp: None,
        args: Value::Null,
    }
}

pub(super) fn write(run: &TracedRun, out: &mut impl Write) -> io::Result<()> {
    let trace = &run.trace;
    let about = json!({
        "scenario": run.key.scenario,
        "protocol": run.key.protocol,
        "cell": run.key.sweep_label(),
        "repetition": run.repetition,
    });
    write!(out, "{{\"displayTimeUnit\":\"ns\",\"otherData\":{about},\"traceEvents\":[")?;
    let mut events = Events { out, is_first: true };
    let lanes: Vec<Lanes> = trace.nodes.iter().map(|node| Lanes::of(trace, node)).collect();
    nodes(trace, &lanes, &mut events)?;
    messages(trace, &lanes, &mut events)?;
    in_flight(trace, &mut events)?;
    out.write_all(b"\n]}\n")
}

fn nodes<W: Write>(trace: &Trace, lanes: &[Lanes], events: &mut Events<'_, W>) -> io::Result<()> {
    for (node, lanes) in trace.nodes.iter().zip(lanes) {
        let pid = node.node.0;
        events.name(pid, None, &NodeName(node).to_string())?;
        events.name(pid, Some(COMPUTE), "compute")?;
        events.name(pid, Some(WAITS), "waits")?;
        let count = lanes.spans.iter().map(|(lane, _)| lane + 1).max().unwrap_or(0);
        for lane in 0..count {
            events.name(pid, Some(SCOPES + lane), "scopes")?;
        }
        for work in &node.work {
            let (name, times) = (scope_name(trace, work.scope), (work.from_ns, work.until_ns));
            events.slice((pid, COMPUTE), times, name, "compute", Value::Null)?;
        }
        for idle in &node.idle {
            let name = match idle.ended_by {
                Woken::Message(at) => trace
                    .messages
                    .get(at as usize)
                    .map_or_else(String::new, |message| format!("for {}", message.from)),
                Woken::Timer => "for a timer".to_owned(),
                Woken::Fault => "down".to_owned(),
            };
            let times = (idle.from_ns, idle.until_ns);
            events.slice((pid, WAITS), times, &name, "wait", Value::Null)?;
        }
        for (lane, span) in &lanes.spans {
            let path = scope_path(trace, span.scope);
            let name = path.rsplit('/').next().unwrap_or(path);
            let times = (span.from_ns, span.until_ns);
            let args = json!({ "path": path });
            events.slice((pid, SCOPES + lane), times, name, "scope", args)?;
        }
    }
    Ok(())
}

/// A flow for each message that arrived, where both ends lie in a slice.
fn messages<W: Write>(
    trace: &Trace,
    lanes: &[Lanes],
    events: &mut Events<'_, W>,
) -> io::Result<()> {
    for (at, message) in trace.messages.iter().enumerate() {
        let (Some(delivered_ns), false) = (message.delivered_ns, message.is_close) else {
            continue;
        };
        let lane = |node: u32, time_ns: u64| lanes.get(node as usize)?.at(message.scope, time_ns);
        let (from, to) = (message.from.0, message.to.0);
        let (Some(start), Some(end)) = (lane(from, message.sent_ns), lane(to, delivered_ns)) else {
            continue;
        };
        let common = |event: Event<'static>| Event { name: "message", cat: "message", ..event };
        let args = json!({
            "to": message.to,
            "payload_bytes": message.payload_bytes,
            "wire_bytes": message.wire_bytes,
            "propagation_us": micros(message.propagation_ns),
            "serialisation_us": micros(message.serialisation_ns),
        });
        let id = Some(at);
        events.put(&common(Event {
            id,
            args,
            ..blank("s", from, SCOPES + start, message.sent_ns)
        }))?;
        let finish = blank("f", to, SCOPES + end, delivered_ns);
        events.put(&common(Event { id, bp: Some("e"), ..finish }))?;
    }
    Ok(())
}

/// Wire bytes of each sender that have left and not arrived.
fn in_flight<W: Write>(trace: &Trace, events: &mut Events<'_, W>) -> io::Result<()> {
    let mut changes: BTreeMap<(u32, u64), i128> = BTreeMap::new();
    for message in trace.messages.iter().filter(|message| !message.is_close) {
        let (Some(departed_ns), Some(delivered_ns)) = (message.departed_ns, message.delivered_ns)
        else {
            continue;
        };
        let bytes = i128::from(message.wire_bytes);
        *changes.entry((message.from.0, departed_ns)).or_default() += bytes;
        *changes.entry((message.from.0, delivered_ns)).or_default() -= bytes;
    }
    let mut flying: BTreeMap<u32, i128> = BTreeMap::new();
    for ((pid, at_ns), change) in changes {
        let bytes = flying.entry(pid).or_default();
        *bytes += change;
        let args = json!({ "bytes": *bytes as u64 });
        events.put(&Event { name: "bytes in flight", args, ..blank("C", pid, 0, at_ns) })?;
    }
    Ok(())
}
