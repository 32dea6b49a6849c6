//! Known attacks of all protocols, as values of a swept key.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::adversary::{AdversaryChoice, Strategy};
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::Cell;
use crate::resolve::adversary::KNOWN_ATTACKS;

/// The swept key that they count as.
const STRATEGY: &str = "adversary.strategy";

/// One cell for each protocol and adversary; `first` is the index of the first.
///
/// Known attacks of several protocols are like a swept key: cells of the same attack follow each
/// other, attacks come in the order in which protocols name them first.
pub(crate) fn with_adversaries(
    found: Vec<(Cell, Vec<AdversaryChoice>)>,
    is_expanded: bool,
    first: usize,
) -> Vec<Cell> {
    let mut cells = Vec::new();
    if is_expanded {
        let mut strategies: Vec<&Strategy> = Vec::new();
        for choice in found.iter().flat_map(|(_, choices)| choices) {
            if !strategies.contains(&&choice.strategy) {
                strategies.push(&choice.strategy);
            }
        }
        for strategy in strategies {
            for (cell, choices) in &found {
                let choice = choices.iter().find(|choice| choice.strategy == *strategy);
                let Some(choice) = choice else { continue };
                let mut cell = Cell { adversary: Some(choice.clone()), ..cell.clone() };
                if let Strategy::Attack(name) = strategy {
                    set(&mut cell.sweep, name);
                }
                cells.push(cell);
            }
        }
    } else {
        let only = |(cell, choices): (Cell, Vec<_>)| {
            let adversary = choices.into_iter().next();
            Cell { adversary, ..cell }
        };
        cells.extend(found.into_iter().map(only));
    }
    for (offset, cell) in cells.iter_mut().enumerate() {
        cell.index = first + offset;
    }
    cells
}

fn set(sweep: &mut Vec<(String, Value)>, attack: &str) {
    match sweep.iter_mut().find(|(key, _)| key == STRATEGY) {
        Some((_, value)) => *value = attack.into(),
        None => sweep.push((STRATEGY.to_owned(), attack.into())),
    }
}

/// Replaces what stands for all attacks among swept values by the attacks themselves.
pub(crate) fn expand_values(sweep: &mut Vec<(String, Vec<Value>)>, cells: &[Cell]) {
    let attacks = cells.iter().flat_map(|cell| &cell.sweep).filter(|(key, _)| key == STRATEGY);
    for (_, attack) in attacks {
        match sweep.iter_mut().find(|(key, _)| key == STRATEGY) {
            Some((_, values)) if values.contains(attack) => {}
            Some((_, values)) => values.push(attack.clone()),
            None => sweep.push((STRATEGY.to_owned(), vec![attack.clone()])),
        }
    }
    for (_, values) in sweep.iter_mut().filter(|(key, _)| key == STRATEGY) {
        values.retain(|value| value != KNOWN_ATTACKS);
    }
}

/// An attack that is swept by its name and as one of all: two cells would be the same.
pub(crate) fn repeated(cells: &[Cell]) -> Option<Mistake> {
    let mut known = BTreeSet::new();
    let attack = cells.iter().find_map(|cell| match &cell.adversary.as_ref()?.strategy {
        Strategy::Attack(name) => {
            let sweep: Vec<_> =
                cell.sweep.iter().map(|(key, value)| format!("{key}={value}")).collect();
            (!known.insert((sweep, &cell.protocol.label))).then_some(name)
        }
        _ => None,
    })?;
    let at = KeyPath::root().key("sweep").key(STRATEGY);
    let message = format!("`{attack}` is swept twice");
    let label = format!("`{KNOWN_ATTACKS}` has it, too");
    Some(Mistake::new(&at, message, label))
}
