//! The plain log: a line of JSON for each event, first what the run was, then scopes and nodes,
//! then what happened in order of time.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use mpclab_files::MAX_LINE_BYTES;
use mpclab_sim::trace::{Idle, Message, NodeTrace, Span, Trace, TracedScope, Work};
use mpclab_sim::vocabulary::PartyId;
use serde::{Deserialize, Serialize};

use crate::record::Key;

/// Version of the log's form.
const SCHEMA: u32 = 1;

/// A trace, and the run that it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedRun {
    /// What was run.
    pub key: Key,
    /// Which repetition, from 0.
    pub repetition: u32,
    /// What happened.
    pub trace: Trace,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum LogLine {
    /// The first line.
    Run { trace_schema: u32, key: Key, repetition: u32 },
    Scope {
        index: usize,
        #[serde(flatten)]
        scope: TracedScope,
    },
    Node {
        node: PartyId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ideal: Option<String>,
        is_corrupted: bool,
        end_ns: u64,
    },
    Open {
        node: PartyId,
        #[serde(flatten)]
        span: Span,
    },
    Work {
        node: PartyId,
        #[serde(flatten)]
        work: Work,
    },
    Idle {
        node: PartyId,
        #[serde(flatten)]
        idle: Idle,
    },
    Message {
        index: usize,
        #[serde(flatten)]
        message: Message,
    },
}

impl LogLine {
    fn time_ns(&self) -> u64 {
        match self {
            LogLine::Run { .. } | LogLine::Scope { .. } | LogLine::Node { .. } => 0,
            LogLine::Open { span, .. } => span.from_ns,
            LogLine::Work { work, .. } => work.from_ns,
            LogLine::Idle { idle, .. } => idle.from_ns,
            LogLine::Message { message, .. } => message.sent_ns,
        }
    }
}

pub(super) fn write(run: &TracedRun, out: &mut impl Write) -> io::Result<()> {
    let trace = &run.trace;
    let first =
        LogLine::Run { trace_schema: SCHEMA, key: run.key.clone(), repetition: run.repetition };
    let mut lines = vec![first];
    let scopes = trace.scopes.iter().cloned().enumerate();
    lines.extend(scopes.map(|(index, scope)| LogLine::Scope { index, scope }));
    for node in &trace.nodes {
        let NodeTrace { node, ideal, is_corrupted, end_ns, .. } = node.clone();
        lines.push(LogLine::Node { node, ideal, is_corrupted, end_ns });
    }
    let mut events = Vec::new();
    for NodeTrace { node, work, idle, spans, .. } in &trace.nodes {
        let node = *node;
        events.extend(spans.iter().map(|span| LogLine::Open { node, span: *span }));
        events.extend(work.iter().map(|work| LogLine::Work { node, work: *work }));
        events.extend(idle.iter().map(|idle| LogLine::Idle { node, idle: *idle }));
    }
    let messages = trace.messages.iter().cloned().enumerate();
    events.extend(messages.map(|(index, message)| LogLine::Message { index, message }));
    events.sort_by_key(LogLine::time_ns);
    for line in lines.iter().chain(&events) {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is not of a log.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

/// Whether a file that begins like this is a log.
#[must_use]
pub fn is_log(start: &[u8]) -> bool {
    start.starts_with(b"{\"event\":\"run\"")
}

/// Reads a log back.
///
/// # Errors
/// [`LogError`] names the line.
pub fn read(mut input: impl BufRead) -> Result<TracedRun, LogError> {
    let mut run: Option<TracedRun> = None;
    // Messages are known by their indices, which are not in order of time.
    let mut messages: BTreeMap<usize, Message> = BTreeMap::new();
    for number in 1.. {
        let mut line = Vec::new();
        (&mut input).take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        let wrong = |why: String| LogError::Line { line: number, why };
        if line.len() as u64 > MAX_LINE_BYTES {
            return Err(wrong(format!("longer than {MAX_LINE_BYTES} bytes")));
        }
        let line: LogLine =
            serde_json::from_slice(&line).map_err(|error| wrong(error.to_string()))?;
        match (line, &mut run) {
            (LogLine::Run { trace_schema: SCHEMA, key, repetition }, None) => {
                run = Some(TracedRun { key, repetition, trace: Trace::default() });
            }
            (LogLine::Run { trace_schema, .. }, None) => {
                return Err(wrong(format!(
                    "schema {trace_schema}, but this version reads {SCHEMA}"
                )));
            }
            (LogLine::Message { index, message }, Some(_)) => {
                if messages.insert(index, message).is_some() {
                    return Err(wrong(format!("message {index} is there twice")));
                }
            }
            (line, Some(run)) => add(line, &mut run.trace).map_err(wrong)?,
            (_, None) => return Err(wrong("the first line does not say what was run".to_owned())),
        }
    }
    let mut run = run.ok_or(LogError::Line { line: 1, why: "the log is empty".to_owned() })?;
    if messages.last_key_value().is_some_and(|(last, _)| *last >= messages.len()) {
        return Err(LogError::Line { line: 1, why: "a message is missing".to_owned() });
    }
    run.trace.messages = messages.into_values().collect();
    run.trace.nodes.iter_mut().for_each(|node| node.spans.sort_by_key(|span| span.from_ns));
    Ok(run)
}

fn add(line: LogLine, trace: &mut Trace) -> Result<(), String> {
    match line {
        LogLine::Run { .. } => return Err("a second run".to_owned()),
        LogLine::Message { .. } => {} // kept apart until all are there
        LogLine::Scope { index, scope } if index == trace.scopes.len() => trace.scopes.push(scope),
        LogLine::Scope { index, .. } => return Err(format!("scope {index} is out of order")),
        LogLine::Node { node, ideal, is_corrupted, end_ns } => {
            let (work, idle, spans) = Default::default();
            trace.nodes.push(NodeTrace { node, ideal, is_corrupted, end_ns, work, idle, spans });
        }
        LogLine::Open { node, span } => node_of(trace, node)?.spans.push(span),
        LogLine::Work { node, work } => node_of(trace, node)?.work.push(work),
        LogLine::Idle { node, idle } => node_of(trace, node)?.idle.push(idle),
    }
    Ok(())
}

fn node_of(trace: &mut Trace, node: PartyId) -> Result<&mut NodeTrace, String> {
    let known = trace.nodes.get_mut(node.index()).filter(|known| known.node == node);
    known.ok_or_else(|| format!("{node} is not among the nodes"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RUN: &str = r#"{"event":"run","trace_schema":1,"repetition":0,"key":{"scenario":"s","protocol":"p","function":"f"}}"#;

    fn why(lines: &[&str]) -> String {
        read(lines.join("\n").as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_log_that_lacks_or_repeats_messages_is_refused_at_no_cost() {
        let message = |index: u64| {
            let times = r#""sent_ns":0,"propagation_ns":0,"serialisation_ns":0"#;
            let bytes = r#""payload_bytes":1,"wire_bytes":1"#;
            let ends = r#""from":0,"to":1,"scope":0"#;
            format!(r#"{{"event":"message","index":{index},{ends},{bytes},{times}}}"#)
        };
        assert_eq!(read([RUN, &message(0)].join("\n").as_bytes()).unwrap().trace.messages.len(), 1);
        // Nothing is laid out for messages that are only counted.
        let far = message(1 << 40);
        assert_eq!(why(&[RUN, &far]), "line 1: a message is missing");
        assert_eq!(
            why(&[RUN, &far, &far]),
            format!("line 3: message {} is there twice", 1u64 << 40)
        );
        assert_eq!(why(&[RUN, RUN]), "line 2: a second run");
        assert_eq!(why(&[&far]), "line 1: the first line does not say what was run");
    }
}
