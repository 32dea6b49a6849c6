use std::path::{Path, PathBuf};

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
        let prepared =
            mpclab_scenarios::plan(file, &[], registry).and_then(|plan| prepare(plan, registry));
        exit = exit.max(match prepared {
            Ok(prepared) => {
                let runs = prepared.cells.len() as u64 * u64::from(prepared.plan.repetitions);
                let line = format!(
                    "{}: ok, {} cells, {runs} runs\n",
                    file.display(),
                    prepared.cells.len()
                );
                talk::print(&line)
            }
            Err(mistakes) => talk::diagnostics(&mistakes),
        });
    }
    if files.is_empty() && exit == Exit::Ok {
        return talk::mistake("no scenario file there");
    }
    exit
}

/// A file, or all scenario files of a folder and below: YAML that names a function.
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
