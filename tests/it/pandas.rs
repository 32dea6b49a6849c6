//! The notebook-style example in Python.

use std::process::Command;

use crate::support::{HOME, auction, expect, text};

/// Where this is set, a Python without pandas is a failure.
const REQUIRED: &str = "MPCLAB_REQUIRE_PANDAS";

/// Names another Python than the first on the path.
const PYTHON: &str = "MPCLAB_PYTHON";

#[test]
fn the_example_with_pandas_runs() {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let has_pandas = Command::new(&python).args(["-c", "import pandas"]).output();
    if !has_pandas.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os(REQUIRED).is_none(), "{python} has no pandas");
        eprintln!("skipped: {python} has no pandas");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    expect(&folder, 0, &["run", &auction(), "--out", "out"]);
    let example = format!("{HOME}/examples/pandas/auction.py");
    let output = Command::new(&python).arg(&example).arg(folder.path().join("out")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for expected in ["additive*", "shamir", "rep3", "18 runs", "online/"] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
}
