//! A program as a circuit between a garbler and an evaluator that trust each other in nothing: who
//! brings which wires, and who learns which.
//!
//! Random bits of a program are sums of draws of both. What the garbler alone learns is masked by
//! bits of its own (Lindell and Pinkas, EUROCRYPT 2007). Sums of labels are free, so that both
//! take no gates. A value outside of its range is read as the lowest of it.

use std::sync::Arc;

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Ctx, work};

use super::{EVALUATOR, GARBLER};
use crate::algebra::bits::Bits;
use crate::circuit::{Gate, Interactive, Layered, Lowered, Optimise, lower_in_range};
use crate::engine::SharedBits;
use crate::mutants;
use crate::oracle::Kept;
use crate::primitives::garbling::{LOCAL, Streamed};
use crate::program::{Inputs, Outputs, Program};
use crate::protocol::{Job, Unsupported};

/// A job's circuit.
pub(crate) struct TwoParty {
    program: Arc<Program>,
    streamed: Arc<Streamed>,
    shared: SharedBits,
    /// Places of output bits that the garbler learns, and of those that nobody else does.
    told: Vec<usize>,
    private: Vec<usize>,
}

impl TwoParty {
    /// Of a job between two parties without clients.
    ///
    /// # Errors
    /// If there are clients, or the function is no program or too large.
    pub(crate) fn new(job: &Job) -> Result<Self, Unsupported> {
        let program = Arc::clone(job.program()?);
        let nodes = job.roles.input.iter().chain(&job.roles.output);
        if nodes.into_iter().any(|node| !job.roles.computes(*node)) {
            return Err(Unsupported::new(
                "a client's input would be shared between the two parties, of which a malicious one \
                 changes its share, and so it could say of outputs what it likes",
                "the two computing parties bring and learn all: parties: 2",
            ));
        }
        let Lowered { circuit, words } = lower_in_range(&program, Optimise::Size)
            .map_err(|why| Unsupported::new(why.to_string(), "a smaller function"))?;
        let streamed = Arc::new(Streamed::new(Arc::new(Layered::new(circuit, Interactive::And))));
        let shared = SharedBits::new(&program, &job.roles, &words);
        let told: Vec<usize> = shared.places_of(GARBLER).collect();
        let evaluators: Vec<usize> = shared.places_of(EVALUATOR).collect();
        let is_private = |place: &usize| evaluators.binary_search(place).is_err();
        let private = told.iter().copied().filter(is_private).collect();
        Ok(TwoParty { program, streamed, shared, told, private })
    }

    pub(crate) fn streamed(&self) -> &Arc<Streamed> {
        &self.streamed
    }

    /// ANDs of the circuit.
    pub(crate) fn ands(&self) -> usize {
        self.streamed.circuit().counts().ands as usize
    }

    /// Bits of the garbler's: its own, its draws, and masks of what it alone learns.
    pub(crate) fn garbler_bits(&self) -> usize {
        self.shared.bits_of(GARBLER) + self.shared.random_bits() + self.private.len()
    }

    /// Bits of the evaluator's: its own, and its draws.
    pub(crate) fn evaluator_bits(&self) -> usize {
        self.shared.bits_of(EVALUATOR) + self.shared.random_bits()
    }

    /// Output bits, as they are decoded.
    pub(crate) fn output_bits(&self) -> usize {
        self.shared.output_bits()
    }

    /// Places of the output bits that the garbler learns.
    pub(crate) fn told(&self) -> &[usize] {
        &self.told
    }

    /// The garbler's bits.
    pub(crate) fn garbler_input(&self, ctx: &Ctx, input: &Inputs) -> Result<Bits, Abort> {
        let mut bits = self.shared.encode(GARBLER, input)?;
        let (draws, masks) = (self.shared.random_bits(), self.private.len());
        let random = match draws > 0 && mutants::is("two-party/random-of-one") {
            true => Bits::zeros(draws),
            false => Bits::random(draws, &mut ctx.scope("random").rng()),
        };
        Kept::tap(ctx, "part of random bits", draws as u32, || random.clone());
        bits.append(&random);
        bits.append(&match masks > 0 && mutants::is("two-party/outputs-unmasked") {
            true => Bits::zeros(masks),
            false => Bits::random(masks, &mut ctx.scope("masks").rng()),
        });
        Ok(bits)
    }

    /// The evaluator's bits.
    pub(crate) fn evaluator_input(&self, ctx: &Ctx, input: &Inputs) -> Result<Bits, Abort> {
        let mut bits = self.shared.encode(EVALUATOR, input)?;
        bits.append(&Bits::random(self.shared.random_bits(), &mut ctx.scope("random").rng()));
        Ok(bits)
    }

    /// The input that a party's bits stand for; its draws and masks come behind it.
    pub(crate) fn decode(&self, node: PartyId, bits: &Bits) -> Inputs {
        self.shared.decode(node, bits)
    }

    /// Labels of the circuit's inputs, zero or active ones, from those of the parties' bits.
    pub(crate) fn inputs(&self, garbler: &[Block], evaluator: &[Block]) -> Vec<Block> {
        let draws = self.shared.random_bits();
        let (mine, theirs) = (self.shared.bits_of(GARBLER), self.shared.bits_of(EVALUATOR));
        let mut labels = Vec::with_capacity(mine + theirs + draws);
        for (owner, place) in self.shared.columns() {
            labels.extend_from_slice(&if owner == GARBLER { garbler } else { evaluator }[place]);
        }
        work::did(LOCAL, draws);
        let both = garbler[mine..mine + draws].iter().zip(&evaluator[theirs..theirs + draws]);
        labels.extend(both.map(|(mine, theirs)| *mine ^ *theirs));
        labels
    }

    /// Labels of output bits, from those of the circuit's outputs and of the garbler's bits.
    pub(crate) fn masked(&self, mut outputs: Vec<Block>, garbler: &[Block]) -> Vec<Block> {
        outputs.truncate(self.output_bits());
        work::did(LOCAL, self.private.len());
        let masks = &garbler[self.shared.bits_of(GARBLER) + self.shared.random_bits()..];
        self.private.iter().zip(masks).for_each(|(place, mask)| outputs[*place] ^= *mask);
        outputs
    }

    /// Output bits in the clear, as they are decoded, from both parties' bits.
    pub(crate) fn in_clear(&self, garbler: &Bits, evaluator: &Bits) -> Option<Bits> {
        let label = |bit: bool| Block::from_u128(u128::from(bit));
        let [garbler, evaluator] =
            [garbler, evaluator].map(|bits| bits.iter().map(label).collect());
        let (garbler, evaluator): (Vec<Block>, Vec<Block>) = (garbler, evaluator);
        let inputs: Bits = self.inputs(&garbler, &evaluator).iter().map(|bit| bit.lsb()).collect();
        let outputs = self.streamed.circuit().evaluate(&inputs, 1).ok()?;
        let outputs = outputs.iter().map(label).collect();
        Some(self.masked(outputs, &garbler).iter().map(|bit| bit.lsb()).collect())
    }

    /// The left operand of the first AND, from the circuit's inputs; zero if there is no AND. Of
    /// permute bits it is a permute bit, as these add up like bits.
    pub(crate) fn left_of_first(&self, mut wires: Vec<bool>) -> bool {
        for gate in self.streamed.circuit().gates() {
            let wire = match *gate {
                Gate::And(left, _) => return wires[left as usize],
                Gate::Xor(left, right) => wires[left as usize] ^ wires[right as usize],
                Gate::Not(operand) => !wires[operand as usize],
                Gate::Const(bit) => bit,
            };
            wires.push(wire);
        }
        false
    }

    /// What a party learns from the bits at its places; the garbler takes its masks off.
    pub(crate) fn outputs(&self, node: PartyId, mut bits: Bits, garbler: Option<&Bits>) -> Outputs {
        if let Some(garbler) = garbler {
            let first = self.shared.bits_of(GARBLER) + self.shared.random_bits();
            for (at, place) in self.private.iter().enumerate() {
                if let Ok(own) = self.told.binary_search(place) {
                    bits.set(own, bits.get(own) ^ garbler.get(first + at));
                }
            }
        }
        self.shared.outputs_of(&self.program, node, &bits)
    }

    /// The bits at a party's places, of all.
    pub(crate) fn of(&self, node: PartyId, all: &Bits) -> Bits {
        self.shared.places_of(node).map(|place| all.get(place)).collect()
    }

    /// The function on any inputs that the words can hold.
    pub(crate) fn evaluate(&self, inputs: &[Inputs]) -> Option<Outputs> {
        self.shared.evaluate(&self.program, self.streamed.circuit(), inputs)
    }
}
