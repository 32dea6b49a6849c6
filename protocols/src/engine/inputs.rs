//! Inputs: every input party shares what it brings. Where parties are not trusted to stay within
//! the declared ranges, they share digits instead, which are checked before anything is computed.
//!
//! A function is defined on its ranges. An input far outside reads others' from a sum of products
//! that is opened (a factor of 512 for each of them puts them side by side), and from comparisons,
//! whose masks fit the range. So every input is made of digits of `x - lo` that an engine sees to
//! be bits ([`Engine::share_digits`]), as `b * b = b` says in a field as in a ring modulo `2^k`.
//!
//! The weights of the digits are powers of two, but for the last, which takes what is left of the
//! range: their sums are `0..=hi - lo` and nothing else, whatever the bounds. Lipmaa, Asokan and
//! Niemi, "Secure Vickrey Auctions without Threshold Trust", FC 2002, section 4, with other
//! weights. One digit for each bit of the range is less than a comparison with either bound would
//! take, and needs neither masks nor a field.

use std::ops::Range;

use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use mpclab_sim::{Ctx, work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::oracle::{INPUT, INPUT_BITS, InputTap};
use super::value::Value;
use super::{Engine, PackedBits, Shares};
use crate::algebra::bits::{self, Bits};
use crate::algebra::{Ring, slices};
use crate::mutants;
use crate::program::{InputDecl, Inputs, Program, Range as Bounds, Sharing};

/// How inputs are held to their ranges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputCheck {
    /// Every input is shared as digits of its range that can be nothing but bits.
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

impl Owner {
    /// Whether its elements are digits: all are, or none.
    fn brings_digits(&self) -> bool {
        self.columns.iter().any(|column| column.digits.is_some())
    }
}

/// One column of a program, as elements of its owner's vector.
struct Column {
    /// Index among the program's inputs.
    input: usize,
    elements: Range<usize>,
    digits: Option<Digits>,
}

/// Values as digits of `x - lo`, those of one value after the other's. Digit `i` stands for `2^i`,
/// the highest for what is left of the range beside the others.
#[derive(Clone, Copy)]
struct Digits {
    range: Bounds,
    bits: u32,
    /// What the highest digit stands for less than its power of two.
    missing: u128,
}

impl Digits {
    fn of(decl: &InputDecl) -> Self {
        let width = decl.range.width();
        let bits = u128::BITS - width.leading_zeros();
        let all = u128::MAX.checked_shr(u128::BITS - bits).unwrap_or(0);
        let missing = match all - width {
            0 => 0,
            _ if mutants::is("inputs/top-weight") => 0,
            missing => missing,
        };
        Digits { range: decl.range, bits, missing }
    }

    /// Digits of one value side by side; one outside of the range has a digit that is no bit, which
    /// depends on the value.
    fn cut<R: Ring>(self, value: i128) -> impl Iterator<Item = R> {
        let distance = value.wrapping_sub(self.range.lo);
        let (top, inside) = (self.bits.saturating_sub(1), self.range.contains(value));
        let is_high = (distance.cast_unsigned() >> top) & 1 == 1;
        let low = distance.cast_unsigned().wrapping_add(if is_high { self.missing } else { 0 });
        // Outside, one digit stands for all that the lower ones leave; the highest may weigh too
        // little. Who is inside, as most are, does not pay for the division.
        let powers = if self.missing == 0 { self.bits } else { top };
        let rest = || distance.rem_euclid(i128::from(powers.max(1))) as u32;
        let rest = if inside { 0 } else { rest() };
        (0..self.bits).map(move |at| match inside {
            true => R::from_u128((low >> at) & 1),
            false if at < rest => R::from_i128((distance >> at) & 1),
            false if at == rest => R::from_i128(distance >> at),
            false => R::ZERO,
        })
    }

    /// Values from their digits.
    fn decode<R: Ring>(self, digits: &[R], len: usize) -> Vec<R> {
        let lo = R::from_i128(self.range.lo);
        let missing = R::from_u128(self.missing);
        match self.bits {
            0 => vec![lo; len],
            bits => {
                let sums = slices::compose(digits, bits).into_iter();
                let tops = digits.iter().skip(bits as usize - 1).step_by(bits as usize);
                sums.zip(tops).map(|(sum, top)| lo + sum - missing * *top).collect()
            }
        }
    }

    fn encode<R: Ring>(self, values: &[i128], digits: &mut Vec<R>) {
        work::did(bits::BIT, values.len() * self.bits as usize);
        // Value by value: what a nested iterator yields is not known to fit.
        values.iter().for_each(|value| digits.extend(self.cut::<R>(*value)));
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
        let sharing = program.input_sharing();
        for (input, decl) in program.inputs().iter().enumerate() {
            let Some(owner) = owners.get_mut(decl.party) else { continue };
            if sharing[input] == Sharing::Boolean {
                let bits = owner.bits..owner.bits + decl.len;
                owner.bits = bits.end;
                owner.packed.push((input, bits));
                continue;
            }
            let digits = (check == InputCheck::Range).then(|| Digits::of(decl));
            let len = digits.map_or(decl.len, |digits| decl.len * digits.bits as usize);
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

    /// Digits that have to be bits.
    pub(crate) fn checked_digits(&self) -> usize {
        let columns = self.owners.iter().flat_map(|owner| &owner.columns);
        columns.filter(|column| column.digits.is_some()).map(|column| column.elements.len()).sum()
    }
}

/// Shares all inputs at once, one message from each input node to each computing party, and checks
/// those that have to be.
pub(super) async fn share<E: Engine, P>(
    engine: &E,
    online: &Ctx,
    plan: &super::Plan<P>,
    input: &Inputs,
) -> Result<Vec<Option<Value<E>>>, Abort> {
    let (program, roles, plan) = (&plan.program, &plan.job.roles, &plan.inputs);
    let scope = online.scope("input");
    // A party hands out its own values before it waits for those of others.
    let all = 0..plan.owners.len();
    let (own, others): (Vec<usize>, Vec<usize>) =
        all.partition(|at| plan.owners[*at].node == online.id());
    let mut vectors: Vec<Option<E::Shares>> = vec![None; plan.owners.len()];
    let mut packed: Vec<Option<E::Bits>> = vec![None; plan.owners.len()];
    let scope_of_bits = scope.scope("bits");
    for at in own.into_iter().chain(others) {
        let owner = &plan.owners[at];
        if owner.len > 0 {
            let own = owner.node == online.id();
            let values = own.then(|| own_values(program, owner, input)).transpose()?;
            vectors[at] = match owner.brings_digits() {
                true => engine.share_digits(&scope, owner.node, values, owner.len).await?,
                false => engine.share(&scope, owner.node, values, owner.len).await?,
            };
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
    let mut shared = none();
    for (at, owner) in plan.owners.iter().enumerate() {
        for part in &owner.columns {
            let len = program.inputs()[part.input].len;
            // Who brings one column shares nothing else: it is not copied.
            let is_all = owner.columns.len() == 1;
            let shares = match (part.digits, &vectors[at]) {
                (Some(digits), Some(all)) if is_all => value(engine, digits, all, len)?,
                (Some(digits), _) => value(engine, digits, &column(&vectors, at, part), len)?,
                (None, _) => match vectors[at].take_if(|_| is_all) {
                    Some(vector) => vector,
                    None => column(&vectors, at, part),
                },
            };
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
    // What was brought is fixed, and nothing is computed on it before it is known to be in range.
    if plan.checked_digits() > 0 {
        let digits = plan.owners.iter().zip(&vectors).filter(|(owner, _)| owner.brings_digits());
        let digits: Vec<&E::Shares> = digits.filter_map(|(_, vector)| vector.as_ref()).collect();
        let ctx = online.scope("input_check");
        engine.check_digits(&ctx, &digits).await?;
    }
    Ok(shared)
}

/// One column of what an owner shared.
fn column<R: Ring, S: Shares<R>>(vectors: &[Option<S>], at: usize, column: &Column) -> S {
    match &vectors[at] {
        Some(vector) => vector.slice(column.elements.clone()),
        None => S::concat([]),
    }
}

/// `lo` and the sum of what the digits of `x - lo` stand for.
fn value<E: Engine>(
    engine: &E,
    digits: Digits,
    shares: &E::Shares,
    len: usize,
) -> Result<E::Shares, Abort> {
    let lo = engine.constant(vec![E::Element::from_i128(digits.range.lo); len])?;
    if digits.bits == 0 {
        return Ok(lo);
    }
    let values = lo.add(&shares.compose(digits.bits));
    if digits.missing == 0 {
        return Ok(values);
    }
    let tops: Vec<u32> = (1..=len as u32).map(|value| value * digits.bits - 1).collect();
    let missing = E::Element::from_u128(digits.missing);
    Ok(values.sub(&shares.gather(&tops).scale(missing)))
}

fn own_values<R: Ring>(program: &Program, owner: &Owner, input: &Inputs) -> Result<Vec<R>, Abort> {
    let mut values = Vec::with_capacity(owner.len);
    for part in &owner.columns {
        let decl = &program.inputs()[part.input];
        match (input.integers(&decl.name), part.digits) {
            (Some(column), Some(digits)) if column.len() == decl.len => {
                digits.encode(column, &mut values);
            }
            (Some(column), None) if column.len() == decl.len => {
                work::did(R::PLACE, column.len());
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
    use crate::program::{Builder, Decoding, Type};

    fn digits_of(range: Bounds) -> Digits {
        let ty = Type::of(range, 0);
        Digits::of(&InputDecl { name: "x".into(), party: 0, len: 1, ty, range })
    }

    /// Whether all digits are bits; they stand for the value in any case.
    fn passes<R: Ring>(range: Bounds, value: i128) -> bool {
        let of = digits_of(range);
        let mut digits: Vec<R> = Vec::new();
        of.encode(&[value], &mut digits);
        assert_eq!(digits.len(), of.bits as usize);
        assert_eq!(of.decode(&digits, 1), [R::from_i128(value)], "{value} in {range}");
        digits.iter().all(|digit| *digit * *digit == *digit)
    }

    #[test]
    fn digits_stand_for_every_value_and_are_bits_within_the_range_only() {
        for (lo, hi) in [(0, 1), (-8, 7), (0, 9), (-3, 100), (-200, -100), (1, 3), (0, 128)] {
            let range = Bounds { lo, hi };
            for value in lo - 300..=hi + 300 {
                assert_eq!(passes::<M61>(range, value), range.contains(value), "{value}, {range}");
                assert_eq!(passes::<Z64>(range, value), range.contains(value), "{value}, {range}");
            }
        }
        // All of the ring but one bit: 2^63 values.
        let wide = Bounds::signed(63);
        assert!([wide.lo, -1, 0, wide.hi].iter().all(|value| passes::<Z64>(wide, *value)));
        assert!(!passes::<Z64>(wide, wide.hi + 1));
    }

    /// What a cheater shares as bits is in range, whichever bits they are.
    #[test]
    fn all_bits_stand_for_values_in_range() {
        for (lo, hi) in [(0, 0), (0, 1), (-8, 7), (0, 9), (-3, 100), (-200, -100), (0, 128)] {
            let of = digits_of(Bounds { lo, hi });
            let mut seen = std::collections::BTreeSet::new();
            for bits in 0..1u128 << of.bits {
                let digits: Vec<M61> =
                    (0..of.bits).map(|at| M61::from_u128((bits >> at) & 1)).collect();
                seen.insert(of.decode(&digits, 1)[0].to_i128());
            }
            assert!(seen.into_iter().eq(lo..=hi), "{lo}..={hi}");
        }
    }

    /// Whether they are compared, multiplied or read by nobody.
    #[test]
    fn every_input_is_checked_unless_none_is() {
        let mut builder = Builder::new();
        let mut input =
            |name, bits| builder.input(name, 0, 2, Type::Int { bits }).expect("allowed");
        let (plain, compared) = (input("plain", 8), input("compared", 4));
        input("lost", 3);
        let square = builder.mul(plain, plain).expect("allowed");
        let less = builder.less(compared, square).expect("allowed");
        builder.output("less", less, Decoding::Integer).expect("allowed");
        let program = builder.finish().expect("it has outputs");
        let plan = |check| InputPlan::new(&program, &Roles::all(1), check);
        let elements = |plan: &InputPlan| plan.elements().map(|(_, len)| len).collect::<Vec<_>>();
        assert_eq!(elements(&plan(InputCheck::None)), [6]);
        assert_eq!(plan(InputCheck::None).checked_digits(), 0);
        assert_eq!(elements(&plan(InputCheck::Range)), [30]);
        assert_eq!(plan(InputCheck::Range).checked_digits(), 30);
    }
}
