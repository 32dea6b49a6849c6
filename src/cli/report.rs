use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use mpclab_files::{Folder, Links, ReadError};
use mpclab_reports::export::{self, Format};
use mpclab_reports::html::{self, ReportInput};
use mpclab_reports::journal;
use mpclab_reports::plot;
use mpclab_reports::ranking::Ranking;
use mpclab_reports::record::Record;
use mpclab_reports::table::{Comparison, ScopeTable};
use mpclab_reports::trace::{self, LogError, TracedRun};

use super::{Exit, ReportArgs, figures, talk};

/// Starts the line of `resolved.yaml` that tells how to get the results again.
const COMMAND: &str = "# command: ";

/// That line.
pub(super) fn command_line(command: &str) -> String {
    format!("{COMMAND}{}\n", mpclab_files::one_line(command))
}

/// The scenario that results come from, as `resolved.yaml` tells it.
pub(super) struct Source {
    scenario: String,
    resolved: String,
    about: String,
    command: String,
}

impl Source {
    pub(super) fn of(scenario: &str, resolved: String) -> Self {
        let about = mpclab_scenarios::about(&resolved);
        let command = resolved.lines().find_map(|line| line.strip_prefix(COMMAND));
        let command = command.unwrap_or_default().to_owned();
        let (scenario, about) = (scenario.to_owned(), about.unwrap_or_default());
        Source { scenario, about, command, resolved }
    }

    fn shown(&self) -> html::Source<'_> {
        html::Source {
            scenario: &self.scenario,
            about: &self.about,
            resolved_yaml: &self.resolved,
            command: &self.command,
        }
    }
}

/// Writes the report of results that are on the disk.
pub(super) fn report(arguments: &ReportArgs) -> Exit {
    let mut records = Vec::new();
    let mut sources = Vec::new();
    let mut traces = Vec::new();
    let mut known = BTreeSet::new();
    for path in &arguments.results {
        let file = if path.is_dir() { path.join("results.jsonl") } else { path.clone() };
        // Named twice, it is read once.
        if !known.insert(mpclab_files::real(&file)) {
            continue;
        }
        match trace_log(path) {
            Ok(None) => {}
            Ok(Some(run)) => {
                traces.push(run);
                continue;
            }
            Err(error) => return talk::mistake(&format!("{}: {error}", path.display())),
        }
        let read = match journal::read_results(&file) {
            Ok(read) => read,
            Err(error) => return talk::mistake(&error.to_string()),
        };
        let resolved = match resolved_beside(&file) {
            Ok(resolved) => resolved,
            Err(why) => return talk::mistake(&why),
        };
        let scenario = read.first().map_or("", |record| record.key.scenario.as_str());
        sources.push(Source::of(scenario, resolved));
        records.extend(read);
    }
    if records.is_empty() {
        return talk::mistake("there are no records in these results");
    }
    mpclab_reports::record::sort(&mut records);
    if let Some(record) = mpclab_reports::record::contradiction(&records) {
        let (id, repetition) = (record.key.id(), record.repetition);
        return talk::mistake(&format!(
            "{id}, repetition {repetition}, is there twice, with different contents"
        ));
    }
    let first = &arguments.results[0];
    let folder = if first.is_dir() { first.clone() } else { parent(first) };
    let out = arguments.out.clone().unwrap_or(folder);
    // Held until all is written.
    let _folder = match Folder::lock(&out) {
        Ok(folder) => folder,
        Err(error) => return talk::mistake(&error.to_string()),
    };
    if let Err(error) = write_report(&out, &records, &sources, &traces) {
        return talk::mistake(&error);
    }
    let exit = match tables(&records, arguments.format) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    };
    talk::say(&format!("report: {}", out.join("report.html").display()));
    exit
}

/// The scenario beside results; it may have been left behind, and then the report has none to show.
fn resolved_beside(results: &Path) -> Result<String, String> {
    let file = results.with_file_name("resolved.yaml");
    match mpclab_files::read_text(&file, mpclab_scenarios::MAX_YAML_BYTES, Links::Refuse) {
        Ok(text) => Ok(text),
        Err(ReadError::Absent) => Ok(String::new()),
        Err(why) => Err(format!("{}: {why}", file.display())),
    }
}

/// Largest log of a trace that is read, bytes.
const MAX_LOG_BYTES: u64 = 4 << 30;

/// The trace in a file that is the log of one.
fn trace_log(path: &Path) -> Result<Option<TracedRun>, LogError> {
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        return Ok(None);
    }
    // What cannot be read is no log; it is told as results.
    let Ok(file) = mpclab_files::open(path, MAX_LOG_BYTES, Links::Follow) else { return Ok(None) };
    let mut file = BufReader::new(std::io::Read::take(file, MAX_LOG_BYTES));
    if !trace::is_log(file.fill_buf()?) {
        return Ok(None);
    }
    trace::read(file).map(Some)
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The comparison, the ranking where protocols can be ranked, and what each scope cost.
pub(super) fn tables(records: &[Record], format: Format) -> Result<String, String> {
    let width = talk::width();
    let comparison = export::comparison(&Comparison::of(records), format, width);
    let mut text = comparison.map_err(|error| error.to_string())?;
    if matches!(format, Format::Table | Format::Markdown) {
        let ranking = Ranking::of(records);
        if ranking.compares() {
            text.push('\n');
            text += &export::ranking(&ranking, format, width).map_err(|error| error.to_string())?;
        }
        let scopes = export::scopes(&ScopeTable::of(records), format, width);
        text.push('\n');
        text += &scopes.map_err(|error| error.to_string())?;
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Writes `report.html`, the comparison in every format, all runs as tables and all plots: what
/// they say follows from records and sources alone.
pub(super) fn write_report(
    out: &Path,
    records: &[Record],
    sources: &[Source],
    traces: &[TracedRun],
) -> Result<(), String> {
    let mut scenarios: Vec<&str> = Vec::new();
    for record in records {
        if !scenarios.contains(&record.key.scenario.as_str()) {
            scenarios.push(&record.key.scenario);
        }
    }
    let sources: Vec<html::Source<'_>> = sources.iter().map(Source::shown).collect();
    let input = ReportInput { title: &scenarios.join(", "), records, sources: &sources, traces };
    let page = html::render(&input).map_err(|error| error.to_string())?;
    let write = |path: PathBuf, text: &str| {
        journal::replace(&path, text.as_bytes()).map_err(|error| error.to_string())
    };
    write(out.join("report.html"), &page)?;
    let (comparison, ranking) = (Comparison::of(records), Ranking::of(records));
    for format in Format::ALL {
        let text = export::comparison(&comparison, format, 100).map_err(|e| e.to_string())?;
        write(out.join(format!("comparison.{}", format.extension())), &text)?;
        let text = export::ranking(&ranking, format, 100).map_err(|e| e.to_string())?;
        write(out.join(format!("ranking.{}", format.extension())), &text)?;
    }
    for (name, text) in export::results_csv(records).map_err(|error| error.to_string())? {
        write(out.join(format!("{name}.csv")), &text)?;
    }
    #[cfg(feature = "parquet")]
    for (name, bytes) in export::results_parquet(records).map_err(|error| error.to_string())? {
        let path = out.join(format!("{name}.parquet"));
        journal::replace(&path, &bytes).map_err(|error| error.to_string())?;
    }
    figures::write(out, |medium| plot::figures(records, traces, medium))
}
