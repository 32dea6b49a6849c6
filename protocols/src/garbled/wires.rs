//! Wires of a circuit that several parties garble: masked bits and labels.
//!
//! Each garbler has labels of its own, of which that of the masked bit 1 is that of 0 and its
//! offset. XOR is free; a NOT changes the mask alone, so that masked bit and labels stay; a public
//! bit is a mask.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Ctx, work};
use rand::Rng;

use crate::algebra::bits::{BIT, Bits};
use crate::circuit::{Circuit, Gate, Layered, Walk, WalkError};
use crate::primitives::auth::{AuthBits, Holder, PICK, TAG};
use crate::primitives::garbling::LOCAL;
use crate::primitives::{CHACHA_BYTE, Prg};

/// Memory of a gate of the plan, as `gmw` has it, bytes.
pub(super) const GATE_BYTES: u64 = 25;
/// ANDs that are worked on at a time.
pub(super) const CHUNK: usize = 256;
/// ANDs of a message.
pub(super) const TABLES: usize = 1 << 13;

/// A garbler's labels of the masked bit 0 of every wire, those of inputs and of so many ANDs being
/// drawn; `repeats` is how a mutant draws those of inputs, all alike.
pub(super) fn fresh_labels(ctx: &Ctx, circuit: &Circuit, ands: usize, repeats: bool) -> Vec<Block> {
    let inputs = circuit.input_wires() as usize;
    let mut fresh = vec![Block::ZERO; inputs + ands];
    work::did(CHACHA_BYTE, fresh.len() * Block::BYTES);
    ctx.rng().fill_bytes(Block::as_bytes_mut(&mut fresh));
    if repeats {
        let first = fresh.first().copied().unwrap_or_default();
        fresh[..inputs].fill(first);
    }
    let ands = fresh.split_off(inputs);
    zero_labels(circuit, fresh, &ands)
}

/// The same from labels of inputs and of ANDs.
fn zero_labels(circuit: &Circuit, inputs: Vec<Block>, ands: &[Block]) -> Vec<Block> {
    work::did(TAG, circuit.wires() as usize);
    let (mut ands, mut labels) = (ands.iter().copied(), inputs);
    labels.reserve(circuit.gates().len());
    for gate in circuit.gates() {
        let label = match *gate {
            Gate::Xor(a, b) => labels[a as usize] ^ labels[b as usize],
            Gate::Not(a) => labels[a as usize],
            Gate::Const(_) => Block::ZERO,
            Gate::And(..) => ands.next().unwrap_or_default(),
        };
        labels.push(label);
    }
    labels
}

/// The wires that ANDs read and make, in their order.
pub(super) fn and_wires(circuit: &Circuit) -> impl Iterator<Item = [u32; 3]> + '_ {
    let all = circuit.gates().iter().zip(circuit.input_wires()..);
    all.filter_map(|(gate, out)| match *gate {
        Gate::And(a, b) => Some([a, b, out]),
        _ => None,
    })
}

/// Masks of the wires of a circuit.
pub(super) struct Masks {
    /// Of what ANDs read, in their order.
    pub(super) left: AuthBits,
    /// The same of their other input.
    pub(super) right: AuthBits,
    /// Of what ANDs make.
    pub(super) ands: AuthBits,
    /// Of all output wires.
    pub(super) outputs: AuthBits,
}

/// Masks of all wires, from those of inputs and, for some ANDs at a time, of what they make.
///
/// # Errors
/// A bug if there are not as many of these as it takes.
pub(super) fn masks(
    layered: &Layered,
    inputs: AuthBits,
    mut fresh: impl FnMut(usize) -> AuthBits,
) -> Result<Masks, Abort> {
    let wrong = |why: WalkError| Abort::Bug(why.to_string());
    let (holder, each) = (inputs.holder(), inputs.holder().tags());
    let [mut left, mut right, mut ands] = [(); 3].map(|()| AuthBits::none(holder));
    let mut walk = Walk::new(layered, inputs, 1).map_err(wrong)?;
    loop {
        let layer = layered.layer(walk.layer());
        work::did(PICK, (layer.local.len() + 2 * layer.batch.len()) * each);
        work::did(TAG, layer.batch.len() * each);
        walk.local();
        if walk.is_last() {
            break;
        }
        let (a, b) = walk.operands();
        left.extend(&a);
        right.extend(&b);
        let mut made = fresh(layer.batch.len());
        if crate::mutants::is("bmr/mask-of-left") {
            made = a.clone();
        }
        ands.extend(&made);
        walk.place(made).map_err(wrong)?;
    }
    let outputs = walk.outputs();
    work::did(TAG, outputs.len() * each);
    Ok(Masks { left, right, ands, outputs })
}

/// Wires of the circuit in [`sample`].
pub(super) const LABELS: usize = 1 << 16;

/// Shares of so many ANDs among `n` parties, of what they read and make, and of which wires these
/// are: to be timed.
pub(super) fn sample(n: usize, ands: usize) -> ([AuthBits; 3], Vec<[u32; 3]>) {
    let holder = Holder { me: PartyId(0), n, delta: Block::ZERO };
    let zeros = vec![Block::ZERO; ands];
    let zeros = vec![&zeros[..]; n - 1];
    let bits = [(); 3].map(|()| AuthBits::new(holder, Bits::zeros(ands), &zeros, &zeros));
    let mut stream = Prg::new([7; 32], b"calibrate");
    let mut wire = || stream.next_u32() % LABELS as u32;
    (bits, (0..ands).map(|_| [wire(), wire(), wire()]).collect())
}

/// Masked bits of all wires so far, and the label of each that each garbler has for it.
pub(super) struct Wires {
    masked: Vec<bool>,
    /// Wire after wire, garbler after garbler.
    labels: Vec<Block>,
    garblers: usize,
}

impl Wires {
    /// Input wires of a circuit, with labels of each garbler.
    pub(super) fn new(circuit: &Circuit, inputs: &Bits, of_garblers: &[Vec<Block>]) -> Self {
        let all = circuit.wires() as usize;
        work::did(LOCAL, inputs.len() * of_garblers.len());
        Wires::of(inputs, of_garblers, all - inputs.len())
    }

    /// These, with room for so many more.
    pub(super) fn of(inputs: &Bits, of_garblers: &[Vec<Block>], more: usize) -> Self {
        let (all, garblers) = (inputs.len() + more, of_garblers.len());
        let labels = Vec::with_capacity(all * garblers);
        let mut wires = Wires { masked: Vec::with_capacity(all), labels, garblers };
        for (wire, masked) in inputs.iter().enumerate() {
            wires.push(masked, |_, garbler| of_garblers[garbler][wire]);
        }
        wires
    }

    /// Forgets all wires but so many, to be timed again.
    pub(super) fn truncate(&mut self, wires: usize) {
        self.masked.truncate(wires);
        self.labels.truncate(wires * self.garblers);
    }

    /// Labels of a wire, garbler after garbler.
    pub(super) fn labels(&self, wire: u32) -> &[Block] {
        &self.labels[wire as usize * self.garblers..][..self.garblers]
    }

    /// The masked bit of a wire.
    pub(super) fn is(&self, wire: u32) -> bool {
        self.masked[wire as usize]
    }

    /// The next wire.
    pub(super) fn push(&mut self, masked: bool, label: impl Fn(&Self, usize) -> Block) {
        self.masked.push(masked);
        for garbler in 0..self.garblers {
            let label = label(self, garbler);
            self.labels.push(label);
        }
    }

    /// Labels that one garbler has for some wires.
    pub(super) fn of_garbler(&self, garbler: usize, wires: &[u32]) -> Vec<Block> {
        work::did(LOCAL, wires.len());
        wires.iter().map(|wire| self.labels(*wire)[garbler]).collect()
    }

    /// Masked bits of some wires.
    pub(super) fn masked(&self, wires: &[u32]) -> Bits {
        work::did(BIT, wires.len());
        wires.iter().map(|wire| self.is(*wire)).collect()
    }

    /// Masked bits of all wires.
    pub(super) fn all(&self) -> Bits {
        self.masked.iter().copied().collect()
    }

    /// Goes through the circuit. `ands` makes the wires of some ANDs, of which it gets what they
    /// read and the number of the first.
    pub(super) fn walk<E>(
        &mut self,
        layered: &Layered,
        mut ands: impl FnMut(&mut Self, &[[u32; 2]], usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut done = 0;
        for layer in layered.layers() {
            work::did(LOCAL, layer.local.len() * self.garblers);
            for gate in layered.gates(layer.local) {
                match *gate {
                    Gate::Xor(a, b) => {
                        let masked = self.is(a) ^ self.is(b);
                        self.push(masked, |wires, at| wires.labels(a)[at] ^ wires.labels(b)[at]);
                    }
                    Gate::Not(a) => self.push(self.is(a), |wires, at| wires.labels(a)[at]),
                    Gate::Const(_) | Gate::And(..) => self.push(false, |_, _| Block::ZERO),
                }
            }
            for batch in layered.gates(layer.batch).chunks(CHUNK) {
                let operands = batch.iter().map(|gate| match *gate {
                    Gate::And(a, b) | Gate::Xor(a, b) => [a, b],
                    Gate::Not(_) | Gate::Const(_) => [0; 2],
                });
                ands(self, &operands.collect::<Vec<[u32; 2]>>(), done)?;
                done += batch.len();
            }
        }
        Ok(())
    }
}
