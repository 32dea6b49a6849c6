use rand::Rng;

use super::{PLACES, WORK};
use crate::algebra::{Ring, Z128};
use crate::engine::oracle::evaluate;
use crate::primitives::Prg;
use crate::program::domain::Domain;
use crate::program::{Inputs, Operation, Outputs, Program, Range};

/// The inputs that are not known, as points, and the outputs as a function of them.
pub(super) struct Space<'a> {
    program: &'a Program,
    /// Known inputs, and room for the others.
    inputs: Vec<Inputs>,
    unknown: Domain,
    /// Positions of the outputs that are known, with their values.
    target: Vec<(usize, i128)>,
    /// Whether one of them is not among those that inputs in range can give.
    is_beyond: bool,
}

impl<'a> Space<'a> {
    /// None if the outputs are not the program's.
    pub(super) fn new(
        program: &'a Program,
        known: &[Option<Inputs>],
        outputs: &Outputs,
    ) -> Option<Self> {
        let is_read = |input: usize| {
            let mut nodes = program.nodes().iter();
            nodes.any(|node| matches!(node.operation, Operation::Input(of) if of == input))
        };
        let is_unknown = |party: usize| known.get(party).is_none_or(Option::is_none);
        let decls = program.inputs().iter().enumerate();
        let unknown =
            Domain::of(decls.filter(|(at, d)| is_unknown(d.party) && is_read(*at)).map(|(_, d)| d));
        let parties = program.inputs().iter().map(|decl| decl.party + 1).max().unwrap_or(0);
        let mut inputs: Vec<Inputs> =
            (0..parties).map(|at| known.get(at).cloned().flatten().unwrap_or_default()).collect();
        let any = program.inputs().iter().filter(|decl| is_unknown(decl.party));
        Domain::of(any).reset(&mut inputs);
        let (mut target, mut start, mut is_beyond, mut columns) = (Vec::new(), 0, false, 0);
        for output in program.outputs() {
            let own = start..start + output.len;
            start = own.end;
            let Some(values) = outputs.integers(&output.name) else { continue };
            columns += 1;
            if values.len() != output.len {
                return None;
            }
            let range = program.node(output.node)?.range;
            is_beyond |= values.iter().any(|value| !range.contains(*value));
            target.extend(own.zip(values.iter().copied()));
        }
        let all_known = columns == outputs.iter().count();
        all_known.then_some(Space { program, inputs, unknown, target, is_beyond })
    }

    /// Whether no inputs in range can give the outputs, by their ranges alone. Roundings may leave
    /// them by a little, but there are none in what is asked.
    pub(super) fn is_beyond(&self) -> bool {
        self.is_beyond && self.evaluates()
    }

    /// Whether the program has ring operations alone.
    pub(super) fn evaluates(&self) -> bool {
        self.at(&self.lowest()).is_some()
    }

    /// Whether these are polynomials, not bits that are taken for what they are.
    pub(super) fn is_polynomial(&self) -> bool {
        !self.program.nodes().iter().any(|node| {
            matches!(
                node.operation,
                Operation::And(..)
                    | Operation::Xor(..)
                    | Operation::Gates { .. }
                    | Operation::LowBit(_)
            )
        })
    }

    /// Ring operations of one evaluation, roughly.
    pub(super) fn work(&self) -> u64 {
        self.program.nodes().iter().map(|node| node.len as u64).sum::<u64>().max(1)
    }

    pub(super) fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        self.unknown.ranges()
    }

    pub(super) fn lowest(&self) -> Vec<i128> {
        self.ranges().map(|range| range.lo).collect()
    }

    /// A point in range, and one anywhere.
    pub(super) fn random(&self, rng: &mut Prg) -> [Vec<i128>; 2] {
        let mut draw = || (u128::from(rng.next_u64()) << 64) | u128::from(rng.next_u64());
        let within = |range: Range, drawn: u128| match range.width().checked_add(1) {
            Some(values) => range.lo.wrapping_add((drawn % values).cast_signed()),
            None => drawn.cast_signed(),
        };
        let inside = self.ranges().map(|range| within(range, draw())).collect();
        let anywhere = self.ranges().map(|_| draw().cast_signed()).collect();
        [inside, anywhere]
    }

    /// The outputs at a point: of integers, as long as they do not overflow.
    pub(super) fn at(&self, point: &[i128]) -> Option<Vec<i128>> {
        let mut inputs = self.inputs.clone();
        self.unknown.set(&mut inputs, point);
        let outputs = evaluate::<Z128>(self.program, &inputs)?;
        self.target.iter().map(|(at, _)| Some(outputs.get(*at)?.to_i128())).collect()
    }

    pub(super) fn target(&self) -> impl Iterator<Item = i128> + '_ {
        self.target.iter().map(|(_, value)| *value)
    }

    /// Whether changing one input alone gives the outputs, beside others at random; and whether it
    /// is then in range.
    pub(super) fn one_by_one(&self) -> Option<bool> {
        if !self.evaluates() {
            return None;
        }
        // Each value takes three evaluations.
        let place = 3 * self.work().saturating_mul(self.ranges().count() as u64).max(1);
        let places = PLACES.min(WORK / place);
        let mut rng = Prg::new([0; 32], b"one by one");
        let target: Vec<i128> = self.target().collect();
        let mut best = None;
        for _ in 0..places {
            let [place, _] = self.random(&mut rng);
            for (at, range) in self.ranges().enumerate() {
                let Some(value) = self.solve_for(&place, at, &target) else { continue };
                if range.contains(value) {
                    return Some(true);
                }
                best = Some(false);
            }
        }
        best
    }

    /// The value of one input that gives the outputs, if they are affine in it.
    fn solve_for(&self, place: &[i128], at: usize, target: &[i128]) -> Option<i128> {
        let moved = |value| {
            let mut point = place.to_vec();
            point[at] = value;
            self.at(&point)
        };
        let [zero, one] = [moved(0)?, moved(1)?];
        let rows = zero.iter().zip(&one).zip(target);
        let mut slopes =
            rows.map(|((zero, one), wanted)| (one.wrapping_sub(*zero), *wanted, *zero));
        let (slope, wanted, zero) = slopes.find(|(slope, ..)| *slope != 0)?;
        let distance = wanted.checked_sub(zero)?;
        let value = distance.checked_div(slope).filter(|_| distance % slope == 0)?;
        (moved(value)? == target).then_some(value)
    }
}
