//! What the omniscient checker asks generic engines: programs over the engine's own arithmetic, and
//! inputs that honest shares fix.

use mpclab_sim::vocabulary::PartyId;

use super::Plan;
use crate::algebra::Ring;
use crate::algebra::bits::Bits;
use crate::circuit::Layered;
use crate::oracle::{Effective, EffectiveInputs, States};
use crate::program::evaluate::{Scalar, evaluate as evaluate_node};
use crate::program::{Inputs, Outputs, Program, Rounding, Sharing};
use crate::protocol::Job;

/// Label of what each computing party taps of each shared input.
pub const INPUT: &str = "input";

/// Label of the same of an input that is shared as packed bits.
pub(crate) const INPUT_BITS: &str = "input bits";

/// A party's share of one input of a program, before anything is computed on it.
pub struct InputTap<S> {
    /// Index among the program's inputs.
    pub input: usize,
    /// The share.
    pub shares: S,
}

/// The inputs of corrupted nodes; `extract` gets an owner and the shares that honest computing
/// parties hold of one of its columns, and says what they fix: values, a contradiction, or nothing.
pub fn effective_inputs<S: 'static, R: Ring, P>(
    plan: &Plan<P>,
    states: &States<'_>,
    extract: impl Fn(PartyId, &[(PartyId, &S)]) -> Result<Option<Vec<R>>, String>,
) -> EffectiveInputs {
    columns(&plan.job, &plan.program, states, &|owner, input, honest| {
        let shares = tapped(states, INPUT, input);
        let fixed = if shares.len() < honest { None } else { extract(owner, &shares)? };
        Ok(fixed.map(|values| values.into_iter().map(Ring::to_i128).collect()))
    })
}

/// The same for an engine that shares some inputs as packed bits.
pub(crate) fn effective_inputs_and_bits<S: 'static, B: 'static, R: Ring, P>(
    plan: &Plan<P>,
    states: &States<'_>,
    extract: impl Fn(PartyId, &[(PartyId, &S)]) -> Result<Option<Vec<R>>, String>,
    extract_bits: impl Fn(PartyId, &[(PartyId, &B)]) -> Result<Option<Bits>, String>,
) -> EffectiveInputs {
    let sharing = plan.program.input_sharing();
    columns(&plan.job, &plan.program, states, &|owner, input, honest| {
        if sharing[input] == Sharing::Boolean {
            let shares = tapped(states, INPUT_BITS, input);
            let fixed = if shares.len() < honest { None } else { extract_bits(owner, &shares)? };
            return Ok(fixed.map(|bits| bits.iter().map(i128::from).collect()));
        }
        let shares = tapped(states, INPUT, input);
        let fixed = if shares.len() < honest { None } else { extract(owner, &shares)? };
        Ok(fixed.map(|values| values.into_iter().map(Ring::to_i128).collect()))
    })
}

/// What honest computing parties tapped of one input.
fn tapped<'a, S: 'static>(
    states: &States<'a>,
    label: &'static str,
    input: usize,
) -> Vec<(PartyId, &'a S)> {
    let taps = states.tapped::<InputTap<S>>(label).filter(|(_, tap)| tap.input == input);
    taps.map(|(id, tap)| (id, &tap.shares)).collect()
}

/// The inputs of corrupted nodes, column by column; `column` gets the owner, the input, and how
/// many honest parties compute.
fn columns(
    job: &Job,
    program: &Program,
    states: &States<'_>,
    column: &dyn Fn(PartyId, usize, usize) -> Result<Option<Vec<i128>>, String>,
) -> EffectiveInputs {
    let honest = job.roles.computing().filter(|party| !states.corrupted.contains(party)).count();
    let mut inputs = EffectiveInputs::default();
    for (party, owner) in job.roles.input.iter().enumerate() {
        if !states.corrupted.contains(owner) {
            continue;
        }
        let mut brought = Effective::Input(Inputs::new());
        for (index, decl) in program.inputs().iter().enumerate() {
            if decl.party != party {
                continue;
            }
            brought = add_column(brought, &decl.name, column(*owner, index, honest));
        }
        inputs.insert(*owner, brought);
    }
    inputs
}

/// One column more; what is unknown or contradicts itself stays so.
fn add_column(
    brought: Effective,
    name: &str,
    values: Result<Option<Vec<i128>>, String>,
) -> Effective {
    match (brought, values) {
        (Effective::Undefined(why), _) | (_, Err(why)) => Effective::Undefined(why),
        (Effective::Input(mut inputs), Ok(Some(values))) => {
            inputs.insert(name.to_owned(), values);
            Effective::Input(inputs)
        }
        _ => Effective::Unknown,
    }
}

/// Elements of a ring: no order, hence no comparisons, and nothing drawn.
#[derive(Clone, Copy)]
struct InRing<R>(R);

impl<R: Ring> Scalar for InRing<R> {
    fn public(value: i128) -> Self {
        InRing(R::from_i128(value))
    }

    fn plus(self, other: Self) -> Self {
        InRing(self.0 + other.0)
    }

    fn minus(self, other: Self) -> Self {
        InRing(self.0 - other.0)
    }

    fn times(self, other: Self) -> Self {
        InRing(self.0 * other.0)
    }

    /// Of packed bits as numbers: inputs that are shared so are bits.
    fn xor(self, other: Self) -> Self {
        let both = self.0 * other.0;
        InRing(self.0 + other.0 - both - both)
    }

    fn low_bit(self) -> Self {
        InRing(R::from_u128(self.0.to_u128() & 1))
    }

    fn gates(circuit: &Layered, bits: Vec<Self>) -> Option<Vec<Self>> {
        let bits = bits.iter().map(|bit| bit.0 == R::ONE).collect();
        let results: Vec<R> = circuit.evaluate(bits, 1).ok()?.to_elements();
        Some(results.into_iter().map(InRing).collect())
    }

    fn choose(self, _: Self, _: Self) -> Option<Self> {
        None
    }

    fn less(self, _: Self) -> Option<Self> {
        None
    }

    fn equal(self, _: Self) -> Option<Self> {
        None
    }

    fn truncate(self, _: u32, _: Rounding) -> Option<Self> {
        None
    }

    fn random() -> Option<Self> {
        None
    }
}

/// A program in a ring, for any inputs; `None` if it has more than ring operations.
#[must_use]
pub fn evaluate<R: Ring>(program: &Program, inputs: &[Inputs]) -> Option<Vec<R>> {
    let mut nodes: Vec<Vec<InRing<R>>> = Vec::with_capacity(program.nodes().len());
    let input = |index: usize| {
        let decl = program.inputs().get(index)?;
        let column = inputs.get(decl.party)?.integers(&decl.name)?;
        let ring = || column.iter().map(|value| InRing::public(*value)).collect();
        (column.len() == decl.len).then(ring)
    };
    for node in program.nodes() {
        let value = evaluate_node(node, &nodes, input)?;
        nodes.push(value);
    }
    let outputs = program.outputs().iter().flat_map(|output| &nodes[output.node.index()]);
    Some(outputs.map(|element| element.0).collect())
}

/// The same with centred representatives, as engines hand out outputs.
#[must_use]
pub fn evaluate_centred<R: Ring>(program: &Program, inputs: &[Inputs]) -> Option<Outputs> {
    let raw: Vec<i128> = evaluate::<R>(program, inputs)?.into_iter().map(Ring::to_i128).collect();
    Some(program.to_outputs(&raw))
}
