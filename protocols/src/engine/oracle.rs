//! What the omniscient checker asks generic engines: programs over the engine's own arithmetic,
//! outputs that a coalition could have reached, and inputs that honest shares fix.

use mpclab_sim::vocabulary::PartyId;

use super::Plan;
use crate::algebra::bits::Bits;
use crate::algebra::{PrimeField, Ring, slices};
use crate::circuit::Layered;
use crate::oracle::{Effective, EffectiveInputs, Reach, States};
use crate::primitives::Prg;
use crate::program::evaluate::{Scalar, evaluate as evaluate_node};
use crate::program::{Existential, Inputs, Outputs, Program, Rounding, Sharing, existential};

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

/// Inputs that are tried one by one at most.
const TRIED: u64 = 100_000;
/// Random points at which a polynomial is looked at: two different ones of degree `d` agree at all
/// of them with probability at most `(d / p)^POINTS`.
const POINTS: usize = 4;

/// Whether the parties whose inputs are `None` could have reached these outputs.
///
/// With ring operations alone, any field element is an input, and the outputs are polynomials in
/// the unknown ones: solved where they are affine, exhausted where they are constant. Programs with
/// comparisons are searched over the declared ranges.
#[must_use]
pub fn reach<F: PrimeField>(
    program: &Program,
    known: &[Option<Inputs>],
    outputs: &Outputs,
) -> Reach {
    let unknown = Unknown::<F>::new(program, known);
    let Some(at_zero) = unknown.at(&vec![F::ZERO; unknown.len]) else {
        return match existential(program, known, &outputs.values(), TRIED) {
            Ok(Existential::Found(_)) => Reach::Reachable,
            Ok(Existential::None) => Reach::Unreachable,
            Ok(Existential::TooLarge) => {
                Reach::Undecided("the corrupted inputs have too many values to try".to_owned())
            }
            Err(error) => Reach::Undecided(error.to_string()),
        };
    };
    let target: Vec<F> = outputs.values().into_iter().map(F::from_i128).collect();
    if target.len() != at_zero.len() {
        return Reach::Unreachable;
    }
    let mut rng = Prg::new([0; 32], b"reach");
    let points: Vec<Vec<F>> = (0..POINTS).map(|_| rng.elements(unknown.len)).collect();
    // All at once, then one after the other with the rest at random.
    let zero = vec![F::ZERO; unknown.len];
    let all: Vec<usize> = (0..unknown.len).collect();
    let one_by_one = points.iter().flat_map(|point| all.iter().map(move |j| (point, vec![*j])));
    for (base, free) in std::iter::once((&zero, all.clone())).chain(one_by_one) {
        if unknown.solves(base, &free, &target, &points) {
            return Reach::Reachable;
        }
    }
    let is_constant = points.iter().all(|point| unknown.at(point).as_ref() == Some(&at_zero));
    if is_constant || unknown.is_affine(&zero, &all, &points) {
        return Reach::Unreachable;
    }
    Reach::Undecided("the outputs are no affine function of the corrupted inputs".to_owned())
}

/// A program as a function of the inputs that are not known.
struct Unknown<'a, F> {
    program: &'a Program,
    known: &'a [Option<Inputs>],
    len: usize,
    field: std::marker::PhantomData<fn() -> F>,
}

impl<'a, F: PrimeField> Unknown<'a, F> {
    fn new(program: &'a Program, known: &'a [Option<Inputs>]) -> Self {
        let is_unknown = |party: usize| known.get(party).is_none_or(Option::is_none);
        let unknown = program.inputs().iter().filter(|decl| is_unknown(decl.party));
        let len = unknown.map(|decl| decl.len).sum();
        Unknown { program, known, len, field: std::marker::PhantomData }
    }

    /// The outputs with these values for the unknown inputs.
    fn at(&self, values: &[F]) -> Option<Vec<F>> {
        let parties = self.program.inputs().iter().map(|decl| decl.party + 1).max().unwrap_or(0);
        let mut inputs: Vec<Inputs> = (0..parties)
            .map(|party| self.known.get(party).cloned().flatten().unwrap_or_default())
            .collect();
        let mut rest = values.iter();
        for decl in self.program.inputs() {
            if self.known.get(decl.party).is_none_or(Option::is_none) {
                let column = rest.by_ref().take(decl.len).map(|value| value.to_i128());
                inputs[decl.party].insert(&*decl.name, column.collect::<Vec<i128>>());
            }
        }
        evaluate(self.program, &inputs)
    }

    fn moved(&self, base: &[F], free: &[usize], by: &[F]) -> Option<Vec<F>> {
        let mut point = base.to_vec();
        free.iter().zip(by).for_each(|(j, by)| point[*j] = *by);
        self.at(&point)
    }

    /// Output at the base with the free values zero, and what each free value adds.
    fn columns(&self, base: &[F], free: &[usize]) -> Option<(Vec<F>, Vec<Vec<F>>)> {
        let zero = self.moved(base, free, &vec![F::ZERO; free.len()])?;
        let columns = (0..free.len()).map(|at| {
            let mut unit = vec![F::ZERO; free.len()];
            unit[at] = F::ONE;
            Some(slices::sub(&self.moved(base, free, &unit)?, &zero))
        });
        let columns: Option<Vec<Vec<F>>> = columns.collect();
        Some((zero, columns?))
    }

    fn is_affine(&self, base: &[F], free: &[usize], points: &[Vec<F>]) -> bool {
        let Some((zero, columns)) = self.columns(base, free) else { return false };
        points.iter().all(|point| {
            let values: Vec<F> = free.iter().map(|j| point[*j]).collect();
            let mut expected = zero.clone();
            for (column, value) in columns.iter().zip(&values) {
                let part: Vec<F> = column.iter().map(|x| *x * *value).collect();
                slices::add_assign(&mut expected, &part);
            }
            self.moved(base, free, &values).as_ref() == Some(&expected)
        })
    }

    /// Whether some free values reach the target from this base, where that is a linear system.
    fn solves(&self, base: &[F], free: &[usize], target: &[F], points: &[Vec<F>]) -> bool {
        let Some((zero, columns)) = self.columns(base, free) else { return false };
        self.is_affine(base, free, points) && spans(columns, slices::sub(target, &zero))
    }
}

/// Whether a vector is a linear combination of columns: Gaussian elimination.
fn spans<F: PrimeField>(columns: Vec<Vec<F>>, mut target: Vec<F>) -> bool {
    let mut left: Vec<Vec<F>> = columns;
    for row in 0..target.len() {
        let Some(at) = left.iter().position(|column| column[row] != F::ZERO) else {
            if target[row] != F::ZERO {
                return false;
            }
            continue;
        };
        let pivot = left.swap_remove(at);
        let Some(inverse) = pivot[row].inv() else { return false };
        let clear = |vector: &mut Vec<F>| {
            let factor = vector[row] * inverse;
            let part: Vec<F> = pivot.iter().map(|x| *x * factor).collect();
            slices::sub_assign(vector, &part);
        };
        left.iter_mut().for_each(clear);
        let mut rest = target;
        clear(&mut rest);
        target = rest;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::M61;
    use crate::functions::{Function, Sum, SumParams, Task};
    use crate::program::{Builder, Decoding, NodeId, Type};

    fn inputs(value: i128) -> Option<Inputs> {
        Some(Inputs::from([("x".to_owned(), vec![value])]))
    }

    fn product(parties: usize) -> Program {
        let mut builder = Builder::new();
        let x: Vec<NodeId> = (0..parties)
            .map(|party| builder.input("x", party, 1, Type::Int { bits: 8 }).expect("fits"))
            .collect();
        let product =
            x[1..].iter().fold(x[0], |product, x| builder.mul(product, *x).expect("fits"));
        builder.output("product", product, Decoding::Integer).expect("fits");
        builder.finish().expect("it has an output")
    }

    #[test]
    fn a_coalition_reaches_products_unless_an_honest_factor_is_zero() {
        let program = product(3);
        let reach =
            |known: &[Option<Inputs>], y| reach::<M61>(&program, known, &program.to_outputs(&[y]));
        assert_eq!(reach(&[inputs(3), inputs(5), None], 1), Reach::Reachable, "divide");
        assert_eq!(reach(&[inputs(3), inputs(0), None], 1), Reach::Unreachable);
        assert_eq!(reach(&[inputs(3), inputs(0), None], 0), Reach::Reachable);
        assert_eq!(reach(&[inputs(3), None, None], 77), Reach::Reachable);
        assert_eq!(reach(&[inputs(0), None, None], 77), Reach::Unreachable);
        assert_eq!(reach(&[inputs(2), inputs(3), inputs(4)], 24), Reach::Reachable);
        assert_eq!(reach(&[inputs(2), inputs(3), inputs(4)], 25), Reach::Unreachable);
    }

    #[test]
    fn every_sum_is_reachable() {
        let Ok(Task::Program(program)) = Sum::build(&SumParams::default(), 3) else {
            panic!("sum is a program")
        };
        let name = program.inputs()[0].name.to_string();
        let known = |value: i128| {
            let len = program.inputs()[0].len;
            Some(Inputs::from([(name.clone(), vec![value; len])]))
        };
        let outputs = vec![-12; program.outputs().iter().map(|output| output.len).sum()];
        let outputs = program.to_outputs(&outputs);
        assert_eq!(reach::<M61>(&program, &[known(1), None, known(2)], &outputs), Reach::Reachable);
    }
}
