//! `+ - * /` and fixed point.

use mpclab_protocols::program::{Builder, Division, NodeId, Range, Root, Rounding};
use rhai::{Dynamic, INT};

use super::operand::{Number, Operand};
use super::state::{Outcome, Secret, State, refuse};

/// Most fractional bits of a value.
pub(super) const MAX_FRAC: u32 = 48;

/// Fractional bits of a quotient of two integers, and of the root of one.
const QUOTIENT_FRAC: u32 = 16;

/// Fractional bits of a root's iteration, if its result has no more: what is twice as wide still
/// fits behind a mask.
const ROOT_PRECISION: u32 = 32;

impl State {
    pub(super) fn add(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.add(a, b);
        self.made(made)
    }

    pub(super) fn sub(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.sub(a, b);
        self.made(made)
    }

    pub(super) fn neg(&mut self, a: Secret) -> Outcome<Secret> {
        let made = self.builder.scale(a.0, -1);
        self.made(made)
    }

    /// Fixed point keeps the larger number of fractional bits of the two.
    pub(super) fn mul(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = match (self.operand(a)?, self.operand(b)?) {
            (Operand::Secret(a), Operand::Public(by))
            | (Operand::Public(by), Operand::Secret(a)) => {
                return self.scale(a, &by);
            }
            (Operand::Secret(a), Operand::Secret(b)) => (a, b),
            (a @ Operand::Public(_), b) => (self.with_frac(a, 0)?, self.with_frac(b, 0)?),
        };
        let frac = self.frac(a)?.max(self.frac(b)?);
        let (a, b) = self.stretched(a, b)?;
        let product = self.builder.mul(a, b);
        let product = self.made(product)?.0;
        self.cut(product, frac)
    }

    fn scale(&mut self, a: NodeId, by: &[Number]) -> Outcome<Secret> {
        let frac = self.frac(a)?;
        let is_whole = by.iter().all(|number| number.as_float().fract() == 0.0);
        let by_frac = if is_whole { 0 } else { frac };
        let factors: Outcome<Vec<i128>> = by.iter().map(|number| number.raw(by_frac)).collect();
        self.scale_raw(a, &factors?, frac + by_frac, frac)
    }

    /// Raw products with public factors, read with `wide` fractional bits and cut to `frac`.
    fn scale_raw(&mut self, a: NodeId, by: &[i128], wide: u32, frac: u32) -> Outcome<Secret> {
        let product = match by {
            [by] => self.builder.scale_to(a, *by, wide),
            _ => {
                let a = if self.len(a)? == 1 { self.repeated(a, by.len())? } else { a };
                let each = self.builder.scale_each(a, by.to_vec());
                let each = self.made(each)?.0;
                self.builder.scale_to(each, 1, wide)
            }
        };
        let product = self.made(product)?.0;
        self.cut(product, frac)
    }

    /// Drops fractional bits, as the script says.
    pub(super) fn cut(&mut self, a: NodeId, frac: u32) -> Outcome<Secret> {
        if self.frac(a)? <= frac {
            return Ok(Secret(a));
        }
        let node = self.node(a)?;
        if node.ty.frac() - frac >= node.range.bits() {
            return refuse("a product with nothing left before the bits that are cut off");
        }
        let made = self.builder.cut_to(a, frac, self.rounding);
        self.made(made)
    }

    /// `truncation("exact" or "probabilistic")`: how fractional bits are dropped from here on.
    pub(super) fn truncation(&mut self, how: &str) -> Outcome<()> {
        self.rounding = match how {
            "exact" => Rounding::Floor,
            "probabilistic" => Rounding::Either,
            _ => return refuse("truncation is \"exact\" or \"probabilistic\""),
        };
        Ok(())
    }

    /// A fixed-point quotient.
    pub(super) fn div(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = match (self.operand(a)?, self.operand(b)?) {
            (Operand::Secret(a), Operand::Public(by)) => return self.div_public(a, &by),
            (a, b) => (a, b),
        };
        let mut frac = 0;
        for operand in [&a, &b] {
            if let Operand::Secret(id) = operand {
                frac = frac.max(self.frac(*id)?);
            }
        }
        let (a, b) = (self.with_frac(a, frac)?, self.with_frac(b, frac)?);
        let (a, b) = self.stretched(a, b)?;
        let frac = if frac == 0 { QUOTIENT_FRAC } else { frac };
        let smallest = least_magnitude(self.node(b)?.range).max(1);
        let largest = self.node(a)?.range.magnitude().div_ceil(smallest).max(1);
        self.divide(a, b, frac, largest)
    }

    /// `divide(a, b, frac, most)`: the script promises that no quotient is larger than `most`.
    pub(super) fn div_within(
        &mut self,
        (a, b): (Dynamic, Dynamic),
        frac: INT,
        most: INT,
    ) -> Outcome<Secret> {
        let frac = frac_of(frac)?;
        let Some(most) = u128::try_from(most).ok().filter(|most| *most > 0) else {
            return refuse("the largest quotient must be at least 1");
        };
        let (a, b) = self.aligned(a, b)?;
        let (least, width) = (least_magnitude(self.node(a)?.range), self.node(b)?.range.bits());
        if most.checked_shl(width).is_some_and(|bound| bound < least) {
            return refuse("no quotient is as small as the largest that is promised");
        }
        self.divide(a, b, frac, most)
    }

    fn divide(&mut self, a: NodeId, b: NodeId, frac: u32, most: u128) -> Outcome<Secret> {
        // As many comparisons as the divisor has bits, for each element.
        let bits = self.node(b)?.range.bits() as usize;
        self.need_room(self.len(b)?.saturating_mul(bits * 4))?;
        let precision = (frac + 4).clamp(8, 60);
        let division = Division { frac, precision, max_quotient: most, rounding: self.rounding };
        let quotient = match self.node(b)?.range.lo {
            0.. => self.builder.divide(a, b, division),
            _ => self.builder.divide_signed(a, b, division),
        };
        self.made(quotient.map(|quotient| quotient.node))
    }

    /// `1 / x`.
    pub(super) fn reciprocal(&mut self, a: Secret) -> Outcome<Secret> {
        self.div(Dynamic::from_int(1), Dynamic::from(a))
    }

    /// -1, 0 or 1.
    pub(super) fn sign(&mut self, a: Secret) -> Outcome<Secret> {
        let made = self.builder.sign(a.0);
        self.made(made)
    }

    /// A square root in fixed point.
    pub(super) fn sqrt(&mut self, a: Secret) -> Outcome<Secret> {
        let has = self.frac(a.0)?;
        // sqrt(raw / 2^(2 k)) = sqrt(raw) / 2^k
        let even = if has % 2 == 0 {
            a.0
        } else {
            let made = self.builder.scale_to(a.0, 2, has + 1);
            self.made(made)?.0
        };
        let half = has.div_ceil(2);
        let frac = if has == 0 { QUOTIENT_FRAC } else { has };
        let bits = self.node(even)?.range.bits();
        self.need_room(self.len(even)?.saturating_mul(bits as usize * 2))?;
        let within = frac - half;
        // Half the radicand's bits are before the root's point.
        let precision = (within + bits.div_ceil(2) + 3).clamp(8, ROOT_PRECISION.max(within + 4));
        let root = Root { frac: within, precision, rounding: self.rounding };
        let made = self.builder.square_root(even, root);
        let root = self.made(made.map(|root| root.node))?.0;
        let made = self.builder.scale_to(root, 1, frac);
        self.made(made)
    }

    fn div_public(&mut self, a: NodeId, by: &[Number]) -> Outcome<Secret> {
        if by.iter().any(|number| number.as_float() == 0.0) {
            return refuse("division by zero");
        }
        let has = self.frac(a)?;
        let frac = if has == 0 { QUOTIENT_FRAC } else { has };
        if let [Number::Int(by)] = by
            && *by > 0
            && by.count_ones() == 1
            && has + by.trailing_zeros() <= frac
        {
            // Only the reading changes, or it is exact.
            let shift = frac - has - by.trailing_zeros();
            let made = self.builder.scale_to(a, 1 << shift, frac);
            return self.made(made);
        }
        let extra = frac + 8;
        let inverse = |number: &Number| Number::Float(1.0 / number.as_float()).raw(extra);
        let factors: Outcome<Vec<i128>> = by.iter().map(inverse).collect();
        self.scale_raw(a, &factors?, has + extra, frac)
    }

    /// `x >> k`: the floor of `x / 2^k` for integers.
    pub(super) fn shift_right(&mut self, a: Secret, by: INT) -> Outcome<Secret> {
        if self.frac(a.0)? > 0 {
            return refuse("`>>` is for integers; `/` divides fixed point");
        }
        let by = shift(by)?;
        let made = self.builder.truncate(a.0, by, Rounding::Floor);
        self.made(made)
    }

    /// `x << k`: `x 2^k`.
    pub(super) fn shift_left(&mut self, a: Secret, by: INT) -> Outcome<Secret> {
        let by = shift(by)?;
        let made = self.builder.scale(a.0, 1 << by);
        self.made(made)
    }

    /// The same values as fixed point with so many fractional bits.
    pub(super) fn with_fraction(&mut self, a: Dynamic, frac: INT) -> Outcome<Secret> {
        let frac = frac_of(frac)?;
        match self.operand(a)? {
            Operand::Secret(id) if self.frac(id)? > frac => self.cut(id, frac),
            other => self.with_frac(other, frac).map(Secret),
        }
    }

    /// The largest integers that are not larger.
    pub(super) fn floor(&mut self, a: Secret) -> Outcome<Secret> {
        if self.frac(a.0)? == 0 {
            return Ok(a);
        }
        let made = self.builder.cut_to(a.0, 0, Rounding::Floor);
        self.made(made)
    }

    pub(super) fn abs(&mut self, a: Secret) -> Outcome<Secret> {
        let is_negative = self.less(Dynamic::from(a), Dynamic::from(0 as INT))?;
        let negated = self.neg(a)?;
        let made = self.builder.select(is_negative.0, negated.0, a.0);
        self.made(made)
    }

    pub(super) fn sum(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.node_of(a)?;
        let made = self.builder.sum(a, 1);
        self.made(made)
    }

    /// Fixed point is cut once, after the sum.
    pub(super) fn dot(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        match (self.operand(a)?, self.operand(b)?) {
            (Operand::Secret(a), Operand::Secret(b)) => {
                let frac = self.frac(a)?.max(self.frac(b)?);
                let made = self.builder.dot(a, b, 1);
                let made = self.made(made)?.0;
                self.cut(made, frac)
            }
            (Operand::Secret(a), Operand::Public(by))
            | (Operand::Public(by), Operand::Secret(a)) => {
                let frac = self.frac(a)?;
                let raw: Outcome<Vec<i128>> = by.iter().map(|number| number.raw(frac)).collect();
                let each = self.builder.scale_each(a, raw?);
                let each = self.made(each)?.0;
                let sum = self.builder.sum(each, 1);
                let sum = self.made(sum)?.0;
                let wide = self.builder.scale_to(sum, 1, 2 * frac);
                let wide = self.made(wide)?.0;
                self.cut(wide, frac)
            }
            _ => refuse("`dot` needs a secret on one side"),
        }
    }

    /// The product of all elements.
    pub(super) fn product(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.node_of(a)?;
        if self.frac(a)? > 0 {
            return refuse("`product` is for integers and bits");
        }
        let mut factors = Vec::new();
        for at in 0..self.len(a)? as u32 {
            let one = self.builder.gather(a, vec![at]);
            factors.push(self.made(one)?.0);
        }
        let made = Builder::product(&mut self.builder, factors);
        self.made(made)
    }
}

/// Smallest absolute value.
fn least_magnitude(range: Range) -> u128 {
    if range.contains(0) { 0 } else { range.lo.unsigned_abs().min(range.hi.unsigned_abs()) }
}

/// By how many bits a value is shifted.
fn shift(by: INT) -> Outcome<u32> {
    match u32::try_from(by) {
        Ok(by) if by < 126 => Ok(by),
        _ => refuse("a shift by 0 to 125"),
    }
}

/// A number of fractional bits.
pub(super) fn frac_of(frac: INT) -> Outcome<u32> {
    match u32::try_from(frac) {
        Ok(frac) if frac <= MAX_FRAC => Ok(frac),
        _ => refuse(format!("fractional bits may be 0 to {MAX_FRAC}")),
    }
}
