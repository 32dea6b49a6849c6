//! Circuits that comparisons and truncations run on the bits of two addends.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;

use crate::circuit::{Bit, Builder, CircuitError, Interactive, Layered, Optimise};
use crate::engine::cost::Flow;
use crate::program::{BatchKind, Program};

use super::bits::layer;

/// What is computed of two addends `y` and `z` of `bits` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gadget {
    /// The top bit of `y + z`.
    Sign { bits: u32 },
    /// Whether `y = z`.
    Equal { bits: u32 },
    /// The carry of `y + z` out of the `low` lowest bits, and out of all.
    Carries { bits: u32, low: u32 },
}

impl Gadget {
    /// What a batch runs; none if it looks into no numbers.
    pub(super) fn of(kind: BatchKind) -> Option<Self> {
        match kind {
            BatchKind::Less { bits } => Some(Gadget::Sign { bits }),
            BatchKind::Equal { bits } => Some(Gadget::Equal { bits }),
            BatchKind::Truncate { bits, shift, .. } => Some(Gadget::Carries { bits, low: shift }),
            _ => None,
        }
    }

    /// The circuit: words `y` and `z` go in.
    pub(super) fn circuit(self) -> Result<Layered, CircuitError> {
        let (Gadget::Sign { bits } | Gadget::Equal { bits } | Gadget::Carries { bits, .. }) = self;
        let mut builder = Builder::new(Optimise::Depth);
        let [y, z] = ["y", "z"].map(|name| builder.input(name, bits));
        let out: Vec<Bit> = match self {
            Gadget::Equal { .. } => vec![builder.equal(&y, &z)],
            Gadget::Sign { .. } => {
                let low = y.len() - 1;
                let (generate, propagate) = builder.half_add(&y[..low], &z[..low]);
                let carry = builder.carry_out(&generate, &propagate, false).0;
                let top = builder.xor(y[low], z[low]);
                vec![builder.xor(top, carry)]
            }
            Gadget::Carries { low, .. } => {
                let low = low as usize;
                let (generate, propagate) = builder.half_add(&y, &z);
                let (carry, _) = builder.carry_out(&generate[..low], &propagate[..low], false);
                let (made, passes) = builder.carry_out(&generate[low..], &propagate[low..], true);
                let passed = builder.and(passes, carry);
                vec![carry, builder.xor(made, passed)]
            }
        };
        builder.output("out", &out);
        Ok(Layered::new(builder.build()?, Interactive::And))
    }
}

/// The circuits of a program's batches.
pub(super) struct Gadgets(BTreeMap<Gadget, Arc<Layered>>);

impl Gadgets {
    pub(super) fn of(program: &Program) -> Result<Self, Abort> {
        let mut circuits = BTreeMap::new();
        for gadget in program.schedule().batches.iter().filter_map(|batch| Gadget::of(batch.kind)) {
            if !circuits.contains_key(&gadget) {
                let circuit = gadget.circuit().map_err(|why| Abort::Bug(why.to_string()))?;
                circuits.insert(gadget, Arc::new(circuit));
            }
        }
        Ok(Gadgets(circuits))
    }

    pub(super) fn get(&self, gadget: Gadget) -> Result<&Arc<Layered>, Abort> {
        let missing = || Abort::Bug(format!("{gadget:?} is in no batch"));
        self.0.get(&gadget).ok_or_else(missing)
    }
}

/// A layer of ANDs after the other, for so many instances side by side.
pub(super) fn cost(circuit: &Layered, instances: usize) -> Flow {
    let layers = circuit.batches().map(|gates| layer(gates * instances));
    layers.fold(Flow::default(), Flow::then)
}
