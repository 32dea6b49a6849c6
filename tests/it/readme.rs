//! What the README shows is what the program gives.

use std::fs;

use tempfile::TempDir;

use crate::support::{HOME, auction, expect, write};

fn readme() -> String {
    fs::read_to_string(format!("{HOME}/README.md")).unwrap()
}

/// The code block of this language between two markers.
fn block(text: &str, marker: &str, language: &str) -> String {
    let (start, end) = (format!("<!-- {marker} -->\n```{language}\n"), "\n```\n<!-- /");
    let rest = text.split_once(&start).unwrap().1;
    rest.split_once(end).unwrap().0.to_owned()
}

#[test]
fn its_table_and_its_plot_are_generated() {
    let folder = TempDir::new().unwrap();
    expect(&folder, 0, &["run", &auction(), "--out", "out"]);
    let table = fs::read_to_string(folder.path().join("out/comparison.txt")).unwrap();
    let shown = block(&readme(), "auction", "text");
    assert!(shown == table.trim_end(), "the README's table is old; now it reads\n{table}");
    let plot = fs::read(folder.path().join("out/plots/auction-time-by-phase.svg")).unwrap();
    let shown = fs::read(format!("{HOME}/docs/auction-time-by-phase.svg")).unwrap();
    assert!(plot == shown, "docs/auction-time-by-phase.svg is not what the scenario gives now");
}

#[test]
fn its_example_is_the_one_that_is_tested() {
    let example = fs::read_to_string(format!("{HOME}/examples/src/main.rs")).unwrap();
    let shown = block(&readme(), "example", "rust");
    assert!(shown == example.trim_end(), "the README shows an old examples/src/main.rs");
}

#[test]
fn its_scenario_runs() {
    let folder = TempDir::new().unwrap();
    let text = readme();
    let yaml = text.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let file = write(&folder, "readme.yaml", yaml);
    expect(&folder, 0, &["run", &file]);
}
