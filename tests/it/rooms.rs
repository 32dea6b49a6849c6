//! Who may know whom: the manifests are held against the table in docs/architecture.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::HOME;

type Star = BTreeMap<String, BTreeSet<String>>;

/// Names between backticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// From the page: crates by name, with the crates of the house that each may know.
fn stated() -> Star {
    let page = fs::read_to_string(format!("{HOME}/docs/architecture.md")).unwrap();
    let (_, rest) = page.split_once("<!-- rooms -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /rooms -->").unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (names(cells[2]).pop_first().unwrap(), names(cells[3]))
    };
    table.lines().skip(2).map(row).collect()
}

/// From the manifests: the same, with dependencies of tests and builds.
fn real() -> Star {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(HOME).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let package = |package: &Value| {
        let own = list(&package["dependencies"]).into_iter().filter(|one| one["path"].is_string());
        (name(package), own.map(|one| name(&one)).collect())
    };
    list(&metadata["packages"]).iter().map(package).collect()
}

#[test]
fn know_each_other_as_the_page_says() {
    assert_eq!(real(), stated());
}

#[test]
fn sides_of_the_star_never_meet() {
    let star = stated();
    let with_files: BTreeSet<String> = ["mpclab-files", "mpclab-sim"].map(str::to_owned).into();
    let with_kernels: BTreeSet<String> = ["mpclab-kernels", "mpclab-sim"].map(str::to_owned).into();
    assert_eq!(star["mpclab-protocols"], with_kernels);
    for side in ["mpclab-scenarios", "mpclab-reports"] {
        assert_eq!(star[side], with_files, "{side}");
    }
    for leaf in ["sim", "evidence", "files", "kernels"] {
        assert!(star[&format!("mpclab-{leaf}")].is_empty(), "{leaf}");
    }
}

/// Lines of code below a folder that open files themselves, by file; tests are left out.
fn readers(folder: &str) -> BTreeSet<(String, String)> {
    const READS: [&str; 4] = ["fs::read(", "fs::read_to_string(", "File::open(", "fs::read_dir("];
    let (mut found, mut folders) = (BTreeSet::new(), vec![Path::new(HOME).join(folder)]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(HOME).unwrap().to_str().unwrap().to_owned();
            let is_test = name.contains("tests") || !(name.ends_with(".rs") || entry.is_dir());
            match (is_test, entry.is_dir()) {
                (true, _) => {}
                (false, true) => folders.push(entry),
                (false, false) => {
                    let text = fs::read_to_string(&entry).unwrap();
                    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                    let reads = text.lines().filter(|line| READS.iter().any(|r| line.contains(r)));
                    found.extend(reads.map(|line| (name.clone(), line.trim().to_owned())));
                }
            }
        }
    }
    found
}

#[test]
fn files_are_read_within_bounds_by_one_room() {
    let all: BTreeSet<(String, String)> =
        ["src", "scenarios/src", "reports/src", "protocols/src", "evidence/src", "sim/src"]
            .into_iter()
            .flat_map(readers)
            .collect();
    assert_eq!(all, BTreeSet::new());
    // The control: where files are read, they are found.
    assert!(readers("files/src").iter().any(|(file, _)| file == "files/src/read.rs"));
}
