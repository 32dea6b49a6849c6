use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::AtomicBool;

use assert_cmd::Command;
use mpclab::battery::{self, Options};
use mpclab::reports::battery::{Battery, Family};
use mpclab::reports::journal;
use mpclab::reports::record::Record;
use mpclab::runner::{Prepared, prepare};
use mpclab::{Registry, scenarios};
use tempfile::TempDir;

/// The project's folder.
pub(crate) const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// The smoke scenario of the main job.
pub(crate) fn auction() -> String {
    format!("{HOME}/scenarios/smoke/auction.yaml")
}

/// The command `mpclab`, in a folder of its own.
pub(crate) fn mpclab(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mpclab"));
    command.current_dir(folder.path()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Runs the command `mpclab` with these arguments and holds its exit code.
pub(crate) fn expect(folder: &TempDir, code: i32, arguments: &[&str]) -> Output {
    let output = mpclab(folder).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    output
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Writes a file into a folder; returns its path.
pub(crate) fn write(folder: &TempDir, name: &str, contents: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A scenario of a small sum among three parties.
pub(crate) fn sum(protocols: &str, more: &str) -> String {
    format!(
        "about: A small sum.\nfunction: {{ name: sum }}\nparties: 3\nprotocols: {protocols}\n\
         network: ideal\ncompute: none\n{more}"
    )
}

/// All files of a folder and below, with their contents, except wall-clock figures.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "timings.jsonl" {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// The bytes of `results.jsonl`.
pub(crate) fn results(out: &Path) -> String {
    fs::read_to_string(out.join("results.jsonl")).unwrap()
}

/// Lines without their checksums, as whoever changes records on purpose makes them.
pub(crate) fn unsealed(lines: &str) -> String {
    let line = |line: &str| line.split_once(",\"checksum\":").unwrap().0.to_owned() + "}\n";
    lines.lines().map(line).collect()
}

/// The records of a folder.
pub(crate) fn records(out: &Path) -> Vec<Record> {
    journal::read_results(&out.join("results.jsonl")).unwrap()
}

/// A scenario's text, ready to run.
pub(crate) fn prepared(registry: &Registry, scenario: &str) -> Prepared {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "scenario.yaml", scenario);
    scenarios::plan(Path::new(&file), &[], registry)
        .and_then(|plan| prepare(plan, registry))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// The battery of some families against a scenario's protocols: so many cases of the single-fault
/// sweep and of the search.
pub(crate) fn battered(
    registry: &Registry,
    scenario: &str,
    families: &[Family],
    (sweep_cases, search_cases): (usize, usize),
) -> Battery {
    let prepared = prepared(registry, scenario);
    let interrupted = &AtomicBool::new(false);
    let options =
        Options { sweep_cases, search_cases, families, interrupted, until_violated: false };
    let battery = battery::run(registry, &prepared, &options, &|_, _| ()).battery;
    battery.check().expect("a battery that does not contradict itself");
    battery
}
