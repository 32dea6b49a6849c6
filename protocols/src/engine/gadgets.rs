//! Circuits inside comparisons and truncations, the same for all engines.

use mpclab_sim::vocabulary::Abort;

use crate::circuit::{Bit, Builder, Interactive, Layered, Optimise};

/// A circuit over whether each position of an addition makes a carry and whether it passes one, or
/// over bits. No XOR of it meets two ones, so shares over any field may add instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gadget {
    /// The carry out of so many positions.
    Carry { bits: u32 },
    /// The carries out of the `low` lowest of so many positions, and out of all.
    Carries { bits: u32, low: u32 },
    /// Whether so many bits are all one.
    All { bits: u32 },
}

impl Gadget {
    /// The circuit. The word of what makes carries comes before that of what passes them.
    pub(crate) fn circuit(self) -> Result<Layered, Abort> {
        let mut builder = Builder::new(Optimise::Depth);
        let out = match self {
            Gadget::All { bits } => {
                let bits = builder.input("bits", bits);
                vec![builder.all(&bits)]
            }
            Gadget::Carry { bits } => {
                let [generate, propagate] = pairs(&mut builder, bits);
                vec![builder.carry_out(&generate, &propagate, false).0]
            }
            Gadget::Carries { bits, low } => {
                let [generate, propagate] = pairs(&mut builder, bits);
                let low = low as usize;
                let (carry, _) = builder.carry_out(&generate[..low], &propagate[..low], false);
                let (made, passes) = builder.carry_out(&generate[low..], &propagate[low..], true);
                let passed = builder.and(passes, carry);
                vec![carry, builder.xor(made, passed)]
            }
        };
        builder.output("out", &out);
        let circuit = builder.build().map_err(|why| Abort::Bug(why.to_string()))?;
        Ok(Layered::new(circuit, Interactive::And))
    }
}

fn pairs(builder: &mut Builder, bits: u32) -> [Vec<Bit>; 2] {
    ["generate", "propagate"].map(|name| builder.input(name, bits))
}
