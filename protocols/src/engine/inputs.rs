//! Inputs: every input party shares what it brings. Where a value outside of its range would do
//! harm, it shares the value's bits instead, and they are checked before anything is computed.
//!
//! Comparisons, truncations and equality tests hide what they open behind masks that fit the
//! range; a corrupted party whose input is far outside could read another's from what is opened,
//! say from a product that is compared. So whatever feeds one of them, directly or through local
//! operations and products, is made of digits of `x - lo`, each of which opens `b * b - b` as
//! zero: only 0 and 1 do, in a field as in a ring modulo `2^k`. If the range is not all that these
//! bits can say, there are digits of `hi - x` too, and the two must meet. Values that come out of
//! a comparison or truncation of values in range are in range.

use std::ops::Range;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::oracle::{INPUT, INPUT_BITS, InputTap};
use super::value::Value;
use super::{Engine, PackedBits, Shares};
use crate::algebra::bits::Bits;
use crate::algebra::{Ring, slices};
use crate::mutants;
use crate::program::{InputDecl, Inputs, Operation, Program, Sharing};

/// How inputs are held to their ranges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputCheck {
    /// Inputs that feed comparisons, truncations or equality tests are shared as checked bits.
    #[default]
    Range,
    /// Everyone is trusted to stay within the declared ranges: semi-honest security only.
    None,
}

/// What every input node shares, and in which form.
pub(crate) struct InputPlan {
    owners: Vec<Owner>,
}

/// One vector of ring elements of one input node, and one of packed bits: its columns in order.
struct Owner {
    node: PartyId,
    columns: Vec<Column>,
    /// What it shares as packed bits: indices among the program's inputs, and which bits.
    packed: Vec<(usize, Range<usize>)>,
    len: usize,
    bits: usize,
}

/// One column of a program, as elements of its owner's vector.
struct Column {
    /// Index among the program's inputs.
    input: usize,
    elements: Range<usize>,
    digits: Option<Digits>,
}

/// Values as digits: those of `x - lo`, for all values one after the other, then, if `both`, those
/// of `hi - x`.
#[derive(Clone, Copy)]
struct Digits {
    lo: i128,
    hi: i128,
    bits: u32,
    both: bool,
}

impl Digits {
    fn of(decl: &InputDecl) -> Self {
        let width = decl.range.width();
        let bits = u128::BITS - width.leading_zeros();
        let both = width & width.wrapping_add(1) != 0;
        Digits { lo: decl.range.lo, hi: decl.range.hi, bits, both }
    }

    fn sides(self) -> usize {
        1 + usize::from(self.both)
    }

    /// Digits of one value side by side; the highest takes what is left, so that a value outside of
    /// the range has a digit that is no bit.
    fn cut<R: Ring>(self, distance: i128) -> impl Iterator<Item = R> {
        let top = self.bits.saturating_sub(1);
        (0..self.bits).map(move |at| match at {
            at if at == top => R::from_i128(distance >> at),
            at => R::from_i128((distance >> at) & 1),
        })
    }

    /// Values from the digits of `x - lo`.
    fn decode<R: Ring>(self, digits: &[R], len: usize) -> Vec<R> {
        let lo = R::from_i128(self.lo);
        if self.bits == 0 {
            return vec![lo; len];
        }
        let low = digits.get(..len * self.bits as usize).unwrap_or_default();
        slices::compose(low, self.bits).into_iter().map(|distance| distance + lo).collect()
    }

    fn encode<R: Ring>(self, values: &[i128]) -> Vec<R> {
        let low = values.iter().flat_map(|value| self.cut(value.wrapping_sub(self.lo)));
        let high = values.iter().filter(|_| self.both);
        low.chain(high.flat_map(|value| self.cut(self.hi.wrapping_sub(*value)))).collect()
    }
}

impl InputPlan {
    /// The vectors of all input nodes that bring something, in order.
    pub(crate) fn new(program: &Program, roles: &Roles, check: InputCheck) -> Self {
        let owner = |node: &PartyId| Owner {
            node: *node,
            columns: Vec::new(),
            packed: Vec::new(),
            len: 0,
            bits: 0,
        };
        let mut owners: Vec<Owner> = roles.input.iter().map(owner).collect();
        let checked = match check {
            InputCheck::Range => bounded_inputs(program),
            InputCheck::None => vec![false; program.inputs().len()],
        };
        let sharing = program.input_sharing();
        for (input, decl) in program.inputs().iter().enumerate() {
            let Some(owner) = owners.get_mut(decl.party) else { continue };
            if sharing[input] == Sharing::Boolean {
                let bits = owner.bits..owner.bits + decl.len;
                owner.bits = bits.end;
                owner.packed.push((input, bits));
                continue;
            }
            let digits = checked[input].then(|| Digits::of(decl));
            let len = digits.map_or(decl.len, |d| decl.len * d.sides() * d.bits as usize);
            let elements = owner.len..owner.len + len;
            owner.len = elements.end;
            owner.columns.push(Column { input, elements, digits });
        }
        owners.retain(|owner| !owner.columns.is_empty() || !owner.packed.is_empty());
        InputPlan { owners }
    }

    /// Ring elements that each input node shares.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (PartyId, usize)> {
        let brings = self.owners.iter().filter(|owner| owner.len > 0);
        brings.map(|owner| (owner.node, owner.len))
    }

    /// Packed bits that each input node shares.
    pub(crate) fn bits(&self) -> impl Iterator<Item = (PartyId, usize)> {
        let brings = self.owners.iter().filter(|owner| owner.bits > 0);
        brings.map(|owner| (owner.node, owner.bits))
    }

    /// The columns of one input node, from the elements that it shared.
    pub(crate) fn columns<R: Ring>(
        &self,
        program: &Program,
        node: PartyId,
        elements: &[R],
    ) -> Inputs {
        let columns = self.owners.iter().filter(|owner| owner.node == node);
        let column = |part: &Column| {
            let decl = &program.inputs()[part.input];
            let own = elements.get(part.elements.clone()).unwrap_or_default();
            let values: Vec<R> = match part.digits {
                None => own.to_vec(),
                Some(digits) => digits.decode(own, decl.len),
            };
            (&*decl.name, values.into_iter().map(Ring::to_i128).collect::<Vec<i128>>())
        };
        columns.flat_map(|owner| &owner.columns).map(column).collect()
    }

    /// Digits that are checked: each is squared once.
    pub(crate) fn checked_digits(&self) -> usize {
        self.checked().map(|(column, _)| column.elements.len()).sum()
    }

    /// Values that are opened to see that they are zero.
    pub(crate) fn zeros(&self) -> usize {
        let meet = |(column, digits): (&Column, Digits)| match digits.both {
            true => column.elements.len() / (2 * digits.bits as usize),
            false => 0,
        };
        self.checked_digits() + self.checked().map(meet).sum::<usize>()
    }

    /// Bits below the modulus that the checks need: two sums of digits are added and must not wrap.
    pub(crate) fn needed_bits(&self) -> u32 {
        let bits = self.checked().map(|(_, digits)| digits.bits + u32::from(digits.both));
        bits.max().unwrap_or(0)
    }

    fn checked(&self) -> impl Iterator<Item = (&Column, Digits)> {
        let columns = self.owners.iter().flat_map(|owner| &owner.columns);
        columns.filter_map(|column| Some((column, column.digits?)))
    }
}

/// Which inputs feed a comparison, truncation or equality test, be it through local operations and
/// products.
pub(crate) fn bounded_inputs(program: &Program) -> Vec<bool> {
    let nodes = program.nodes();
    let mut feeds = vec![false; nodes.len()];
    let mut bounded = vec![false; program.inputs().len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        let masks = matches!(
            node.operation,
            Operation::Less(..) | Operation::Equal(..) | Operation::Truncate { .. }
        );
        match node.operation {
            Operation::Input(input) => bounded[input] |= feeds[at],
            // What comes out of a comparison or truncation is in range if its operands are.
            _ if masks || feeds[at] => {
                node.operation.operands().iter().for_each(|id| feeds[id.index()] = true);
            }
            _ => {}
        }
    }
    bounded
}

/// Shares all inputs at once, one message from each input node to each computing party, and checks
/// those that have to be.
pub(super) async fn share<E: Engine, P>(
    engine: &E,
    online: &Ctx,
    plan: &super::Plan<P>,
    input: &Inputs,
    stock: Option<E::Stock>,
) -> Result<Vec<Option<Value<E>>>, Abort> {
    let (program, roles, plan) = (&plan.program, &plan.job.roles, &plan.inputs);
    let scope = online.scope("input");
    // A party hands out its own values before it waits for those of others.
    let mut order: Vec<usize> = (0..plan.owners.len()).collect();
    order.sort_by_key(|at| plan.owners[*at].node != online.id());
    let mut vectors: Vec<Option<E::Shares>> = vec![None; plan.owners.len()];
    let mut packed: Vec<Option<E::Bits>> = vec![None; plan.owners.len()];
    let scope_of_bits = scope.scope("bits");
    for at in order {
        let owner = &plan.owners[at];
        if owner.len > 0 {
            let own = owner.node == online.id();
            let values = own.then(|| own_values(program, owner, input)).transpose()?;
            vectors[at] = engine.share(&scope, owner.node, values, owner.len).await?;
        }
        if owner.bits > 0 {
            let own = owner.node == online.id();
            let bits = own.then(|| own_bits(program, owner, input)).transpose()?;
            packed[at] = engine.share_bits(&scope_of_bits, owner.node, bits, owner.bits).await?;
        }
    }
    let none = || program.inputs().iter().map(|_| None).collect::<Vec<Option<Value<E>>>>();
    if !roles.computes(online.id()) {
        return Ok(none());
    }
    let column = |at: usize, column: &Column| match &vectors[at] {
        Some(vector) => vector.slice(column.elements.clone()),
        None => Shares::concat([]),
    };
    if let Some(stock) = stock {
        check(engine, online, plan, column, stock).await?;
    }
    let mut shared = none();
    for (at, owner) in plan.owners.iter().enumerate() {
        for part in &owner.columns {
            let len = program.inputs()[part.input].len;
            let mut shares = column(at, part);
            if let Some(digits) = part.digits {
                shares = value(engine, online, digits, &shares, len)?;
            }
            scope.tap(INPUT, || InputTap { input: part.input, shares: shares.clone() });
            shared[part.input] = Some(Value::Numbers(shares));
        }
        if let Some(bits) = &packed[at] {
            for (input, range) in &owner.packed {
                let shares = bits.slice(range.clone());
                scope.tap(INPUT_BITS, || InputTap { input: *input, shares: shares.clone() });
                shared[*input] = Some(Value::Bits(shares));
            }
        }
    }
    Ok(shared)
}

/// `lo` and the sum of the digits of `x - lo`.
fn value<E: Engine>(
    engine: &E,
    ctx: &Ctx,
    digits: Digits,
    shares: &E::Shares,
    len: usize,
) -> Result<E::Shares, Abort> {
    let lo = engine.constant(vec![E::Element::from_i128(digits.lo); len])?;
    if digits.bits == 0 {
        return Ok(lo);
    }
    let count = len * digits.bits as usize;
    ctx.charge(E::Element::MUL, E::Shares::PARTS * count as u64);
    Ok(lo.add(&shares.slice(0..count).compose(digits.bits)))
}

/// Opens what must be zero, and blames the owner of what is not.
async fn check<E: Engine>(
    engine: &E,
    online: &Ctx,
    plan: &InputPlan,
    column: impl Fn(usize, &Column) -> E::Shares,
    mut stock: E::Stock,
) -> Result<(), Abort> {
    if plan.checked_digits() > 0 && !mutants::is("inputs/range-unchecked") {
        let ctx = online.scope("input_check");
        let (mut digits, mut meets) = (Vec::new(), Vec::new());
        let (mut digit_owners, mut meet_owners) = (Vec::new(), Vec::new());
        for (at, owner) in plan.owners.iter().enumerate() {
            for (part, of) in owner.columns.iter().filter_map(|part| Some((part, part.digits?))) {
                let shares = column(at, part);
                digit_owners.extend(std::iter::repeat_n(owner.node, shares.len()));
                if of.both && !mutants::is("inputs/one-sided") {
                    let meet = meet(engine, of, &shares)?;
                    meet_owners.extend(std::iter::repeat_n(owner.node, meet.len()));
                    meets.push(meet);
                }
                digits.push(shares);
            }
        }
        // 1. b * b - b of every digit b, and what is left between the two sums of digits.
        let digits: E::Shares = Shares::concat(&digits);
        let squares = engine.mul(&ctx, &mut stock, &digits, &digits).await?;
        let zeros = Shares::concat([&squares.sub(&digits), &Shares::concat(&meets)]);
        // 2. Only what is known to be opened rightly may accuse anybody, or let anybody go on.
        let opened = engine.open_verified(&ctx, &zeros).await?;
        let owners = digit_owners.into_iter().chain(meet_owners);
        let mut culprits: Vec<PartyId> = owners
            .zip(opened)
            .filter_map(|(owner, zero)| (zero != E::Element::ZERO).then_some(owner))
            .collect();
        culprits.sort_unstable();
        culprits.dedup();
        if !mutants::is("inputs/range-unheeded") && !culprits.is_empty() {
            return Err(ctx.cheating(culprits, "range check of inputs"));
        }
    }
    if E::is_spent(&stock) || mutants::is("inputs/range-unchecked") {
        return Ok(());
    }
    Err(Abort::Bug("the check of inputs leaves correlated randomness over".to_owned()))
}

/// `(x - lo) + (hi - x) - (hi - lo)` from the digits of the first two.
fn meet<E: Engine>(engine: &E, of: Digits, shares: &E::Shares) -> Result<E::Shares, Abort> {
    let sums = shares.compose(of.bits);
    let (low, high) = (sums.slice(0..sums.len() / 2), sums.slice(sums.len() / 2..sums.len()));
    let width = E::Element::from_i128(of.hi) - E::Element::from_i128(of.lo);
    Ok(low.add(&high).sub(&engine.constant(vec![width; low.len()])?))
}

fn own_values<R: Ring>(program: &Program, owner: &Owner, input: &Inputs) -> Result<Vec<R>, Abort> {
    let mut values = Vec::with_capacity(owner.len);
    for part in &owner.columns {
        let decl = &program.inputs()[part.input];
        match (input.integers(&decl.name), part.digits) {
            (Some(column), Some(digits)) if column.len() == decl.len => {
                values.extend(digits.encode::<R>(column));
            }
            (Some(column), None) if column.len() == decl.len => {
                values.extend(column.iter().map(|value| R::from_i128(*value)));
            }
            _ => return Err(Abort::Bug(format!("column {} was not handed in", decl.name))),
        }
    }
    Ok(values)
}

/// The low bits of values: a share of a bit can't say more.
fn own_bits(program: &Program, owner: &Owner, input: &Inputs) -> Result<Bits, Abort> {
    let mut bits = Bits::default();
    for (column, _) in &owner.packed {
        let decl = &program.inputs()[*column];
        match input.integers(&decl.name) {
            Some(column) if column.len() == decl.len => {
                bits.append(&column.iter().map(|value| value & 1 == 1).collect());
            }
            _ => return Err(Abort::Bug(format!("column {} was not handed in", decl.name))),
        }
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::{M61, Z64};
    use crate::program::{Builder, Decoding, ProgramError, Range as Interval, Rounding, Type};

    /// Whether all digits are bits and, if there are two sums of them, whether these meet.
    fn passes<R: Ring>(range: Interval, value: i128) -> bool {
        let decl = InputDecl { name: "x".into(), party: 0, len: 1, ty: Type::of(range, 0), range };
        let of = Digits::of(&decl);
        let digits: Vec<R> = of.encode(&[value]);
        assert_eq!(digits.len(), of.sides() * of.bits as usize);
        let (low, high) = digits.split_at(of.bits as usize);
        let compose = |digits| slices::sum(&slices::compose::<R>(digits, of.bits));
        assert_eq!(R::from_i128(of.lo) + compose(low), R::from_i128(value), "{value} in {range}");
        let meet = compose(low) + compose(high) == R::from_i128(of.hi) - R::from_i128(of.lo);
        digits.iter().all(|digit| *digit * *digit == *digit) && (meet || !of.both)
    }

    #[test]
    fn digits_stand_for_every_value_and_are_bits_within_the_range_only() {
        for (lo, hi, sides) in [(0, 1, 1), (-8, 7, 1), (0, 9, 2), (-3, 100, 2), (-200, -100, 2)] {
            let range = Interval { lo, hi };
            for value in lo - 300..=hi + 300 {
                assert_eq!(passes::<M61>(range, value), range.contains(value), "{value}, {range}");
                assert_eq!(passes::<Z64>(range, value), range.contains(value), "{value}, {range}");
            }
            let decl =
                InputDecl { name: "x".into(), party: 0, len: 1, ty: Type::of(range, 0), range };
            assert_eq!(Digits::of(&decl).sides(), sides, "{range}");
        }
        // All of the ring but one bit: 2^63 values.
        let wide = Interval::signed(63);
        assert!([wide.lo, -1, 0, wide.hi].iter().all(|value| passes::<Z64>(wide, *value)));
        assert!(!passes::<Z64>(wide, wide.hi + 1));
    }

    /// Through local operations and products, but not through what a comparison makes of it.
    #[test]
    fn inputs_that_feed_comparisons_are_found_and_no_others() {
        let mut builder = Builder::new();
        let mut input = |name| builder.input(name, 0, 2, Type::Int { bits: 8 }).expect("allowed");
        let [plain, compared, factor, other, cut, lost] =
            ["plain", "compared", "factor", "other", "cut", "lost"].map(&mut input);
        let mut build = || {
            let sum = builder.gather(compared, vec![1, 0])?;
            let product = builder.mul(factor, other)?;
            let less = builder.less(sum, product)?;
            let floor = builder.truncate(cut, 3, Rounding::Floor)?;
            let after = builder.mul(less, plain)?;
            let equal = builder.equal(lost, lost)?;
            builder.output("after", after, Decoding::Integer)?;
            builder.output("floor", floor, Decoding::Integer)?;
            Ok::<_, ProgramError>(equal)
        };
        build().expect("allowed");
        let program = builder.finish().expect("it has outputs");
        // What no output needs is not computed, so that nothing is opened that it could spoil.
        assert_eq!(bounded_inputs(&program), [false, true, true, true, true, false]);
        let plan = |check| InputPlan::new(&program, &Roles::all(1), check);
        let elements = |plan: &InputPlan| plan.elements().map(|(_, len)| len).collect::<Vec<_>>();
        assert_eq!(elements(&plan(InputCheck::None)), [12]);
        assert_eq!(elements(&plan(InputCheck::Range)), [4 + 4 * 16]);
        assert_eq!(
            (plan(InputCheck::Range).checked_digits(), plan(InputCheck::Range).zeros()),
            (64, 64)
        );
        assert_eq!(plan(InputCheck::Range).needed_bits(), 8);
    }
}
