use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use mpclab_reports::record::Record;
use mpclab_reports::trace::{self, Filter, Form};
use mpclab_sim::vocabulary::PartyId;

use super::{Exit, talk};
use crate::registry::Registry;
use crate::runner::{KEPT, Prepared, trace_run};

/// What is traced, and where to.
#[derive(Args)]
pub(super) struct TraceArgs {
    /// Write the first repetition of each cell as a trace: FILE.json for Perfetto, FILE.pcapng for
    /// Wireshark, FILE.jsonl as a plain log; several cells get their numbers before the ending
    #[arg(long = "trace", value_name = "FILE", value_parser = trace_file)]
    pub(super) file: Option<PathBuf>,
    /// Trace these nodes and what they exchange with others
    #[arg(long = "trace-nodes", value_name = "ID", value_delimiter = ',', requires = "file")]
    nodes: Vec<u32>,
    /// Trace scopes with this path; `*` stands for any text, for example 'online/mul*'
    #[arg(long = "trace-scope", value_name = "PATTERN", requires = "file")]
    scope: Option<String>,
    /// Refuse to trace runs with more messages
    #[arg(
        long = "trace-messages",
        value_name = "N",
        default_value_t = 1_000_000,
        requires = "file"
    )]
    messages: usize,
}

fn trace_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match Form::of(&path) {
        Some(_) => Ok(path),
        None => Err("a trace's name ends in .json, .pcapng or .jsonl".to_owned()),
    }
}

/// Whether traces can be written, and whom they are to be of is there; before anything runs.
pub(super) fn check(
    prepared: &Prepared,
    arguments: &TraceArgs,
    results: &Path,
) -> Result<(), Exit> {
    let Some(file) = &arguments.file else { return Ok(()) };
    talk::check_target(file)?;
    let folder = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => mpclab_files::real(folder),
        _ => mpclab_files::real(Path::new(".")),
    };
    let is_kept = KEPT.iter().any(|name| file.file_name().is_some_and(|own| own == *name));
    if is_kept && folder(file) == mpclab_files::real(results) {
        let why = "`run` writes its records there; give the trace another name";
        return Err(talk::mistake(&format!("{}: {why}", file.display())));
    }
    let most = prepared.cells.iter().map(|cell| cell.cell.roles.nodes()).max().unwrap_or(0);
    match arguments.nodes.iter().find(|node| **node as usize >= most) {
        None => Ok(()),
        Some(node) => {
            let last = most.saturating_sub(1);
            let why = format!("--trace-nodes: there is no node {node}; there are 0 to {last}");
            Err(talk::mistake(&why))
        }
    }
}

/// Runs the first repetition of each cell once more and writes its trace.
pub(super) fn write(
    registry: &Registry,
    prepared: &Prepared,
    records: &[Record],
    arguments: &TraceArgs,
) -> Exit {
    let Some(file) = &arguments.file else { return Exit::Ok };
    let Some(form) = Form::of(file) else { return Exit::Ok };
    let filter = Filter {
        nodes: arguments.nodes.iter().map(|node| PartyId(*node)).collect(),
        scope: arguments.scope.clone(),
    };
    let firsts: Vec<&Record> = records.iter().filter(|record| record.repetition == 0).collect();
    let mut exit = Exit::Ok;
    let mut has_matched = firsts.is_empty();
    for record in &firsts {
        let Some(cell) = prepared.cell_of(record) else { continue };
        let numbers = (firsts.len() > 1).then_some((record.cell, record.protocol_index));
        let path = numbered(file, numbers);
        let mut run = match trace_run(registry, prepared, cell, 0, arguments.messages) {
            Ok(run) => run,
            Err(why) => {
                let name = crate::runner::run_name(record);
                exit = exit.max(talk::mistake(&format!("no trace of {name}: {why}")));
                continue;
            }
        };
        run.trace = filter.apply(run.trace);
        if trace::is_empty(&run.trace) && filter != Filter::default() {
            let name = crate::runner::run_name(record);
            talk::say(&format!("no trace of {name}: {}", unmatched(&run.trace)));
            continue;
        }
        has_matched = true;
        let written = File::create(&path).and_then(|file| {
            let mut out = BufWriter::new(file);
            trace::write(&run, form, &mut out)?;
            out.flush()
        });
        match written {
            Ok(()) => talk::say(&format!("trace: {}", path.display())),
            Err(error) => {
                return exit.max(talk::mistake(&format!("{}: {error}", path.display())));
            }
        }
    }
    if has_matched || exit != Exit::Ok {
        return exit;
    }
    talk::mistake("--trace-nodes and --trace-scope leave nothing of any run; no trace is written")
}

/// Scopes of a run that are named where a pattern matches none.
const NAMED: usize = 20;

/// That nothing is left, and what there would be.
fn unmatched(trace: &mpclab_sim::trace::Trace) -> String {
    let mut scopes: Vec<&str> = trace.scopes.iter().map(|scope| &scope.folded[..]).collect();
    scopes.retain(|scope| !scope.is_empty());
    scopes.sort_unstable();
    scopes.dedup();
    let more = if scopes.len() > NAMED { ", ..." } else { "" };
    scopes.truncate(NAMED);
    format!("the filters match nothing; its scopes are {}{more}", scopes.join(", "))
}

/// `trace.json`, or `trace-2-0.json` for the first protocol of the third cell.
fn numbered(file: &Path, numbers: Option<(u32, u32)>) -> PathBuf {
    let Some((cell, protocol)) = numbers else { return file.to_owned() };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let ending = file.extension().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}-{cell}-{protocol}.{ending}"))
}
