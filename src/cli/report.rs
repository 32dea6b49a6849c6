use std::fs;
use std::path::{Path, PathBuf};

use mpclab_reports::export::{self, Format};
use mpclab_reports::html::{self, ReportInput};
use mpclab_reports::journal;
use mpclab_reports::plot;
use mpclab_reports::record::Record;
use mpclab_reports::table::{Comparison, ScopeTable};

use super::{Exit, ReportArgs, talk};

/// Texts that a report shows beside the records.
pub(super) struct Sources<'a> {
    pub(super) title: &'a str,
    pub(super) about: &'a str,
    pub(super) resolved: &'a str,
    pub(super) command: &'a str,
}

/// Writes the report of results that are on the disk.
pub(super) fn report(arguments: &ReportArgs) -> Exit {
    let mut records = Vec::new();
    let mut resolved = String::new();
    for path in &arguments.results {
        let file = if path.is_dir() { path.join("results.jsonl") } else { path.clone() };
        match journal::read_results(&file) {
            Ok(read) => records.extend(read),
            Err(error) => return talk::mistake(&error.to_string()),
        }
        // Results may have been moved without it; the report then has no scenario to show.
        resolved += &fs::read_to_string(file.with_file_name("resolved.yaml")).unwrap_or_default();
    }
    mpclab_reports::record::sort(&mut records);
    let first = &arguments.results[0];
    let folder = if first.is_dir() { first.clone() } else { parent(first) };
    let out = arguments.out.clone().unwrap_or(folder);
    let title = match records.first() {
        Some(record) => record.key.scenario.clone(),
        None => return talk::mistake("there are no records in these results"),
    };
    let about = about(&resolved);
    let paths: Vec<String> =
        arguments.results.iter().map(|path| path.display().to_string()).collect();
    let command = format!("mpclab report {}", paths.join(" "));
    let sources = Sources { title: &title, about: &about, resolved: &resolved, command: &command };
    if let Err(error) = write_report(&out, &records, &sources) {
        return talk::mistake(&error);
    }
    let exit = match tables(&records, arguments.format) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    };
    talk::say(&format!("report: {}", out.join("report.html").display()));
    exit
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The prose of a resolved scenario.
fn about(resolved: &str) -> String {
    let tree: Result<serde_yaml::Value, _> = serde_yaml::from_str(resolved);
    let about = tree.ok().and_then(|tree| Some(tree.get("about")?.as_str()?.to_owned()));
    about.unwrap_or_default()
}

/// The comparison, and what each scope cost.
pub(super) fn tables(records: &[Record], format: Format) -> Result<String, String> {
    let width = talk::width();
    let comparison = export::comparison(&Comparison::of(records), format, width);
    let mut text = comparison.map_err(|error| error.to_string())?;
    if matches!(format, Format::Table | Format::Markdown) {
        let scopes = export::scopes(&ScopeTable::of(records), format, width);
        text.push('\n');
        text += &scopes.map_err(|error| error.to_string())?;
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Writes `report.html`, the comparison in every format and all plots.
pub(super) fn write_report(
    out: &Path,
    records: &[Record],
    sources: &Sources<'_>,
) -> Result<(), String> {
    let input = ReportInput {
        title: sources.title,
        about: sources.about,
        records,
        resolved_yaml: sources.resolved,
        command: sources.command,
    };
    let page = html::render(&input).map_err(|error| error.to_string())?;
    let write = |path: PathBuf, text: &str| {
        journal::replace(&path, text.as_bytes()).map_err(|error| error.to_string())
    };
    let plots = out.join("plots");
    fs::create_dir_all(&plots).map_err(|error| format!("{}: {error}", plots.display()))?;
    write(out.join("report.html"), &page)?;
    let comparison = Comparison::of(records);
    for format in Format::ALL {
        let text = export::comparison(&comparison, format, 100).map_err(|e| e.to_string())?;
        write(out.join(format!("comparison.{}", format.extension())), &text)?;
    }
    for figure in plot::figures(records).map_err(|error| error.to_string())? {
        write(plots.join(format!("{}.svg", figure.name)), &figure.svg)?;
    }
    Ok(())
}
