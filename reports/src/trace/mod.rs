//! Traces of runs as files: for Perfetto, for Wireshark, and as a plain log of events.

mod filter;
mod lanes;
mod log;
mod pcap;
mod perfetto;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use mpclab_sim::trace::{NodeTrace, Trace};

pub use filter::{Filter, glob, is_empty};
pub use log::{LogError, TracedRun, is_log, read};

/// Form of a trace file; its name's ending tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Chrome trace events, which Perfetto opens: `.json`.
    Perfetto,
    /// A capture that Wireshark opens: `.pcapng`.
    Pcapng,
    /// A line of JSON for each event: `.jsonl`.
    Log,
}

impl Form {
    /// The form that a file's name asks for.
    #[must_use]
    pub fn of(path: &Path) -> Option<Form> {
        match path.extension()?.to_str()? {
            "json" => Some(Form::Perfetto),
            "pcapng" => Some(Form::Pcapng),
            "jsonl" => Some(Form::Log),
            _ => None,
        }
    }
}

/// Writes a trace.
///
/// # Errors
/// What the writer reports.
pub fn write(run: &TracedRun, form: Form, out: &mut impl Write) -> io::Result<()> {
    match form {
        Form::Perfetto => perfetto::write(run, out),
        Form::Pcapng => pcap::write(&run.trace, out),
        Form::Log => log::write(run, out),
    }
}

/// A node for a reader: `P3`, or the name of an ideal functionality.
struct NodeName<'a>(&'a NodeTrace);

impl fmt::Display for NodeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.ideal {
            Some(name) => write!(f, "{name} (ideal)"),
            None if self.0.is_corrupted => write!(f, "{} (corrupted)", self.0.node),
            None => write!(f, "{}", self.0.node),
        }
    }
}

/// The folded path of a scope; `/` is the root.
fn scope_name(trace: &Trace, scope: u32) -> &str {
    match trace.scopes.get(scope as usize).map(|scope| scope.folded.as_str()) {
        None | Some("") => "/",
        Some(name) => name,
    }
}

/// The path of a scope with its indices; `/` is the root.
fn scope_path(trace: &Trace, scope: u32) -> &str {
    match trace.scopes.get(scope as usize).map(|scope| scope.path.as_str()) {
        None | Some("") => "/",
        Some(path) => path,
    }
}
