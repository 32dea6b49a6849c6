//! How many cells and runs a scenario may have: what multiplies is counted before it is made.

use serde_yaml::Value;

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::sweep::Dimension;

/// Largest number of repetitions.
pub(crate) const MAX_REPETITIONS: u64 = 1_000_000;

/// Largest number of cells: combinations of swept values x protocols x known attacks.
const MAX_CELLS: u64 = 100_000;

/// Largest number of runs: cells x repetitions.
const MAX_RUNS: u64 = 1_000_000;

/// The repetitions that a scenario asks for, as far as they can be read.
pub(crate) fn repetitions(tree: &Value) -> u64 {
    tree.get("repetitions").and_then(Value::as_u64).unwrap_or(1)
}

/// That a scenario has too many cells or runs, by its lists alone: nothing is made for that.
pub(crate) fn too_many(tree: &Value, dimensions: &[Dimension]) -> Option<Mistake> {
    let points = dimensions.iter().map(|dimension| dimension.values.len() as u64);
    let points = points.fold(1, u64::saturating_mul);
    let count = |value: &Value| value.as_sequence().map_or(1, Vec::len) as u64;
    let swept = dimensions.iter().find(|dimension| dimension.key == "protocols");
    // A swept list of protocols has as many as its longest value at most.
    let protocols = match swept {
        Some(dimension) => dimension.values.iter().map(count).max().unwrap_or(1),
        None => tree.get("protocols").map_or(1, count),
    };
    let of = format!("{points} combinations of swept values x {protocols} protocols");
    mistake(points.saturating_mul(protocols), repetitions(tree), &of)
}

/// That so many cells are too many, or their runs are.
pub(crate) fn too_many_runs(cells: u64, repetitions: u64) -> Option<Mistake> {
    mistake(cells, repetitions, "and more, known attacks included")
}

fn mistake(cells: u64, repetitions: u64, of: &str) -> Option<Mistake> {
    let runs = cells.saturating_mul(repetitions);
    // What is wrong with the number of repetitions itself is told where that is read.
    let (key, message, label) = if cells > MAX_CELLS {
        let message = format!("a scenario may have at most {MAX_CELLS} cells");
        ("protocols", message, format!("these are {cells}: {of}"))
    } else if runs > MAX_RUNS && repetitions <= MAX_REPETITIONS {
        let message = format!("a scenario may have at most {MAX_RUNS} runs");
        ("repetitions", message, format!("these are {runs}: {of} x {repetitions} repetitions"))
    } else {
        return None;
    };
    let mistake = Mistake::new(&KeyPath::root().key(key), message, label);
    Some(mistake.help("split the sweep over several scenario files"))
}
