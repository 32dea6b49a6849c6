use std::path::{Path, PathBuf};

use mpclab_scenarios::Diagnostic;

use super::{CheckArgs, Exit, talk};
use crate::registry::Registry;
use crate::runner::prepare;

/// Validates files without running them.
pub(super) fn check(registry: &Registry, arguments: &CheckArgs) -> Exit {
    let mut exit = Exit::Ok;
    let mut files = Vec::new();
    for path in &arguments.paths {
        if let Err(error) = collect(path, &mut files) {
            exit = exit.max(talk::mistake(&format!("{}: {error}", path.display())));
        }
    }
    for file in &files {
        exit = exit.max(match checked(registry, file) {
            Ok(what) => talk::print(&format!("{}: ok, {what}\n", file.display())),
            Err(mistakes) => talk::diagnostics(&mistakes),
        });
    }
    if files.is_empty() && exit == Exit::Ok {
        return talk::mistake("no scenario file there");
    }
    exit
}

/// What a file holds.
fn checked(registry: &Registry, file: &Path) -> Result<String, Vec<Diagnostic>> {
    // Deployments say against whom, scenarios by whom.
    let is_deployment = std::fs::read_to_string(file)
        .is_ok_and(|text| text.lines().any(|line| line.starts_with("threat:")));
    if is_deployment {
        mpclab_scenarios::deployment(file, &[], registry)?;
        return Ok("a deployment".to_owned());
    }
    let plan = mpclab_scenarios::plan(file, &[], registry)?;
    let prepared = prepare(plan, registry)?;
    let cells = prepared.cells.len();
    let runs = cells as u64 * u64::from(prepared.plan.repetitions);
    Ok(format!("{cells} cells, {runs} runs"))
}

/// A file, or all scenario and deployment files of a folder and below: YAML that names a function.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, files)?;
        } else if entry.extension().is_some_and(|ending| ending == "yaml")
            && std::fs::read_to_string(&entry)?.lines().any(|line| line.starts_with("function:"))
        {
            files.push(entry);
        }
    }
    Ok(())
}
