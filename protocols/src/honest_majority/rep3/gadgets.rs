use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;

use super::bits::layer;
use crate::circuit::Layered;
use crate::engine::cost::Flow;
use crate::engine::gadgets::Gadget;
use crate::program::{BatchKind, Program};

/// What a batch runs on the bits of two addends; none if it looks into no numbers.
pub(super) fn gadget_of(kind: BatchKind) -> Option<Gadget> {
    match kind {
        BatchKind::Less { bits } => Some(Gadget::Carry { bits: bits - 1 }),
        BatchKind::Equal { bits } => Some(Gadget::All { bits }),
        BatchKind::Truncate { bits, shift, .. } => Some(Gadget::Carries { bits, low: shift }),
        _ => None,
    }
}

/// The circuits of a program's batches.
pub(super) struct Gadgets(BTreeMap<Gadget, Arc<Layered>>);

impl Gadgets {
    pub(super) fn of(program: &Program) -> Result<Self, Abort> {
        let mut circuits = BTreeMap::new();
        for gadget in program.schedule().batches.iter().filter_map(|batch| gadget_of(batch.kind)) {
            if let Entry::Vacant(place) = circuits.entry(gadget) {
                place.insert(Arc::new(gadget.circuit()?));
            }
        }
        Ok(Gadgets(circuits))
    }

    pub(super) fn get(&self, gadget: Gadget) -> Result<&Arc<Layered>, Abort> {
        self.0.get(&gadget).ok_or_else(|| Abort::Bug(format!("{gadget:?} is in no batch")))
    }
}

/// A layer of ANDs after the other, for so many instances side by side.
pub(super) fn cost(circuit: &Layered, instances: usize) -> Flow {
    let layers = circuit.batches().map(|gates| layer(gates * instances));
    layers.fold(Flow::default(), Flow::then)
}
