//! What the omniscient checker asks generic engines: programs over the engine's own arithmetic, and
//! inputs that honest shares fix.

use mpclab_sim::vocabulary::PartyId;

use super::Plan;
use crate::algebra::bits::Bits;
use crate::algebra::{Ring, slices};
use crate::oracle::{Effective, EffectiveInputs, States};
use crate::program::{Inputs, Operation, Outputs, Program, Sharing};

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
    columns(plan, states, |owner, input, honest| {
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
    columns(plan, states, |owner, input, honest| {
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
fn columns<P>(
    plan: &Plan<P>,
    states: &States<'_>,
    column: impl Fn(PartyId, usize, usize) -> Result<Option<Vec<i128>>, String>,
) -> EffectiveInputs {
    let Plan { job, program, .. } = plan;
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

/// A program in a ring, for any inputs; `None` if it has more than ring operations.
#[must_use]
pub fn evaluate<R: Ring>(program: &Program, inputs: &[Inputs]) -> Option<Vec<R>> {
    let mut nodes: Vec<Vec<R>> = Vec::with_capacity(program.nodes().len());
    let ring = |values: &[i128]| values.iter().map(|v| R::from_i128(*v)).collect::<Vec<R>>();
    for node in program.nodes() {
        let of = |id: &crate::program::NodeId| &nodes[id.index()];
        let value = match &node.operation {
            Operation::Input(index) => {
                let decl = &program.inputs()[*index];
                let column = inputs.get(decl.party)?.integers(&decl.name)?;
                (column.len() == decl.len).then(|| ring(column))?
            }
            Operation::Const(values) => ring(values),
            Operation::Add(a, b) => slices::add(of(a), of(b)),
            Operation::Sub(a, b) => slices::sub(of(a), of(b)),
            Operation::Mul(a, b) => slices::mul(of(a), of(b)),
            Operation::Scale { a, by } => {
                let by = R::from_i128(*by);
                of(a).iter().map(|x| *x * by).collect()
            }
            Operation::ScaleEach { a, by } => slices::mul(of(a), &ring(by)),
            Operation::Sum { a, groups } => {
                slices::sum_groups(of(a), of(a).len() / (*groups).max(1))
            }
            Operation::Dot { a, b, groups } => {
                let products = slices::mul(of(a), of(b));
                slices::sum_groups(&products, products.len() / (*groups).max(1))
            }
            Operation::Gather { a, indices } => slices::gather(of(a), indices),
            Operation::Concat(parts) => parts.iter().flat_map(|part| of(part).clone()).collect(),
            // Packed bits, as numbers: inputs that are shared so are bits.
            Operation::And(a, b) => slices::mul(of(a), of(b)),
            Operation::Xor(a, b) => {
                let both = slices::mul(of(a), of(b));
                slices::sub(&slices::add(of(a), of(b)), &slices::add(&both, &both))
            }
            Operation::Not(a) => of(a).iter().map(|x| R::ONE - *x).collect(),
            Operation::Gates { circuit, a } => {
                let bits = of(a).iter().map(|bit| *bit == R::ONE).collect();
                circuit.evaluate(bits, 1).ok()?.to_elements()
            }
            Operation::Inject(a) => of(a).clone(),
            Operation::LowBit(a) => of(a).iter().map(|x| R::from_u128(x.to_u128() & 1)).collect(),
            Operation::RandomBits
            | Operation::Select { .. }
            | Operation::Less(..)
            | Operation::Equal(..)
            | Operation::Truncate { .. } => return None,
        };
        nodes.push(value);
    }
    let outputs = program.outputs().iter();
    Some(outputs.flat_map(|output| nodes[output.node.index()].clone()).collect())
}

/// The same with centred representatives, as engines hand out outputs.
#[must_use]
pub fn evaluate_centred<R: Ring>(program: &Program, inputs: &[Inputs]) -> Option<Outputs> {
    let raw: Vec<i128> = evaluate::<R>(program, inputs)?.into_iter().map(Ring::to_i128).collect();
    Some(program.to_outputs(&raw))
}
