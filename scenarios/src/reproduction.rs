//! A scenario file of one cell alone.

use serde_yaml::Value;

use crate::adversary::{self, AdversaryChoice};
use crate::path::{self, KeyPath};
use crate::plan::{Cell, Plan};
use crate::sweep;
use crate::yaml;

/// Writes a scenario file that runs one cell of a plan against another adversary, for example the
/// least one that still breaks a guarantee.
///
/// Nothing is swept or expected in it; its seed is the plan's, so its first `repetitions` runs have
/// the inputs and the randomness of those of the plan. It refers to no other file, unless the plan
/// sweeps over CSV files.
#[must_use]
pub fn reproduction(
    plan: &Plan,
    cell: &Cell,
    adversary: &AdversaryChoice,
    repetitions: u32,
) -> String {
    let root = KeyPath::root();
    // The plan wrote this itself.
    let mut tree = yaml::parse(&plan.resolved).unwrap_or_default();
    for dimension in sweep::dimensions(&tree).unwrap_or_default() {
        let pick = position(plan, cell, &dimension.key);
        if let Some(pick) = pick {
            put(&mut tree, &dimension.path, dimension.values[pick].clone());
        }
    }
    let protocols = root.key("protocols");
    let protocol = path::get(&tree, &protocols.index(cell.protocol_index)).cloned();
    put(&mut tree, &protocols, Value::Sequence(protocol.into_iter().collect()));
    let label = protocols.index(0).key("label");
    put(&mut tree, &label, Value::from(cell.protocol.label.clone()));
    put(&mut tree, &root.key("adversary"), adversary::value(adversary));
    put(&mut tree, &root.key("repetitions"), Value::from(repetitions));
    if let Some(top) = tree.as_mapping_mut() {
        top.remove("sweep");
        top.remove("expect");
        top.remove("attack");
    }
    serde_yaml::to_string(&tree).unwrap_or_default()
}

/// Which of the values of a swept key a cell has, from 0; a plan has cells for all of them, in
/// order.
fn position(plan: &Plan, cell: &Cell, key: &str) -> Option<usize> {
    fn value<'a>(cell: &'a Cell, key: &str) -> Option<&'a serde_json::Value> {
        cell.sweep.iter().find(|(swept, _)| swept == key).map(|(_, value)| value)
    }
    let mut known = Vec::new();
    for value in plan.cells.iter().filter_map(|cell| value(cell, key)) {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    let wanted = value(cell, key)?;
    known.iter().position(|value| *value == wanted)
}

/// Puts a value where the plan's file has a place for it.
fn put(tree: &mut Value, at: &KeyPath, value: Value) {
    let done = path::set(tree, at, value);
    debug_assert!(done.is_ok(), "{at} can be set");
}
