//! Division by a secret: normalisation, a linear first guess, Goldschmidt's iteration.
//!
//! After O. Catrina and A. Saxena, "Secure computation with fixed-point numbers", Financial
//! Cryptography 2010, section 3.4 (protocols Div, AppRcr, Norm). Programs have no bit
//! decomposition, so the divisor's magnitude is found by comparing it with all powers of two at
//! once.

use super::{Builder, ErrorBound, MAX_LEN, NodeId, ProgramError, Range, Rounding, Type};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// Fractional bits that a normalised numerator has beyond the quotient's.
const GUARD_BITS: u32 = 4;
/// `|1 - c (2.9142 - 2 c)|` for c in 1/2..=1 is largest at c = 1: 0.0858.
const FIRST_GUESS_ERROR: f64 = 0.0858;

/// What a division may assume, and how exact it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Fractional bits of the quotient, at most 60.
    pub frac: u32,
    /// Fractional bits of the divisor's reciprocal, 8 to 60.
    pub precision: u32,
    /// `|numerator / divisor|` never exceeds this, whatever the inputs, with 1 for a divisor of 0.
    /// A promise that interval arithmetic can't check; the interpreter reports where it is broken.
    pub max_quotient: u128,
    /// How every truncation is done; with [`Rounding::Floor`] all engines get one quotient, and
    /// the last one rounds to the nearest.
    pub rounding: Rounding,
}

/// A result and its distance from the real one: at most `absolute + relative * |result|`, whichever
/// way truncations are rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approximation {
    /// Fixed point with the fractional bits that were asked for.
    pub node: NodeId,
    /// Absolute part of the error.
    pub absolute: f64,
    /// Relative part of the error.
    pub relative: f64,
}

impl Approximation {
    /// The error of the output that it is, in proportion to the output itself.
    #[must_use]
    pub fn bound(&self, output: &str) -> ErrorBound {
        let Approximation { absolute, relative, .. } = *self;
        ErrorBound { output: output.into(), absolute, relative, of: output.into() }
    }
}

/// A divisor scaled to `2^(bits-1)..2^bits`.
struct Normalised {
    /// The scaled divisor.
    divisor: NodeId,
    /// The secret power of two that scales it.
    factor: NodeId,
    bits: u32,
}

struct Reciprocal {
    node: NodeId,
    relative: f64,
}

/// Refuses what the iterations do not support.
pub(super) fn check_precision(precision: u32, frac: u32) -> Result<()> {
    match (8..=60).contains(&precision) && frac <= 60 {
        true => Ok(()),
        false => Err(ProgramError::Precision { precision, frac }),
    }
}

/// `2^-bits`, exactly.
pub(crate) fn ulp(bits: u32) -> f64 {
    1.0 / (1u128 << bits.min(127)) as f64
}

impl Builder {
    /// `a / b` elementwise, for the raw integers of both: equal fractional bits cancel. Where `b`
    /// is 0 it counts as 1.
    ///
    /// Takes one comparison per bit of the divisor, all at once, and then about
    /// `log2(precision / 3.5) + 3` multiplications with truncation, one after the other.
    ///
    /// # Errors
    /// Lengths differ; a divisor that may be negative or is not exact; overflow.
    pub fn divide(&mut self, a: NodeId, b: NodeId, division: Division) -> Result<Approximation> {
        let Division { frac, precision, max_quotient, rounding } = division;
        check_precision(precision, frac)?;
        let normalised = self.normalise(b)?;
        let bits = normalised.bits;
        let scaled = self.mul(a, normalised.factor)?;
        // |a| factor = |a / b| b factor < max_quotient 2^bits.
        let most = i128::try_from(max_quotient).ok().and_then(|q| q.checked_mul(1 << bits));
        if let Some(most) = most {
            self.tighten(scaled, Range { lo: -most, hi: most }, u128::MAX);
        }
        self.rescale(scaled, bits)?;
        let guarded = frac + GUARD_BITS;
        let numerator = self.cut_to(scaled, guarded, rounding)?;
        let reciprocal = self.invert(normalised, precision, rounding)?;
        let product = self.mul(numerator, reciprocal.node)?;
        let (node, last) = self.finish_at(product, frac, rounding)?;
        // (N + dN) (1 + r) / d with 1 / d <= 2, and the last truncation.
        let relative = reciprocal.relative;
        let numerator_error = if bits > guarded { ulp(guarded) } else { 0.0 };
        let absolute = 2.0 * (1.0 + relative) * numerator_error + last;
        Ok(Approximation { node, absolute, relative })
    }

    /// `a / b` elementwise for a divisor of either sign, and 0 where `b` is 0.
    ///
    /// Takes two comparisons and a multiplication before those of [`Builder::divide`].
    ///
    /// # Errors
    /// Lengths differ; a divisor that is not exact or always 0; overflow.
    pub fn divide_signed(
        &mut self,
        a: NodeId,
        b: NodeId,
        division: Division,
    ) -> Result<Approximation> {
        let (sign, magnitude) = self.sign_and_magnitude(b)?;
        let range = self.node(a)?.range;
        let most = i128::try_from(range.magnitude()).unwrap_or(i128::MAX);
        let numerator = self.mul(a, sign)?;
        self.tighten(numerator, Range { lo: -most, hi: most }, u128::MAX);
        self.divide(numerator, magnitude, division)
    }

    /// `unit / b` elementwise for the raw integers, of either sign, and 0 where `b` is 0; with so many
    /// fractional bits, and so many in the iteration. The public unit, from 1 on, is what stands for
    /// 1 in `b`.
    ///
    /// # Errors
    /// As [`Builder::divide_signed`].
    pub fn reciprocal(
        &mut self,
        b: NodeId,
        unit: u64,
        frac: u32,
        precision: u32,
        rounding: Rounding,
    ) -> Result<Approximation> {
        let (sign, magnitude) = self.sign_and_magnitude(b)?;
        let numerator = if unit == 1 { sign } else { self.scale(sign, unit.into())? };
        let division = Division { frac, precision, max_quotient: unit.into(), rounding };
        self.divide(numerator, magnitude, division)
    }

    /// -1, 0 or 1 elementwise.
    ///
    /// # Errors
    /// The values are too wide to be compared.
    pub fn sign(&mut self, a: NodeId) -> Result<NodeId> {
        let node = self.node(a)?;
        let zero = self.constant(vec![0; node.len], node.ty.frac())?;
        let is_positive = self.less(zero, a)?;
        let is_negative = self.less(a, zero)?;
        self.sub(is_positive, is_negative)
    }

    fn sign_and_magnitude(&mut self, b: NodeId) -> Result<(NodeId, NodeId)> {
        let range = self.node(b)?.range;
        let hi = i128::try_from(range.magnitude()).unwrap_or(i128::MAX);
        let sign = self.sign(b)?;
        let magnitude = self.mul(b, sign)?;
        self.tighten(magnitude, Range { lo: 0, hi }, u128::MAX);
        Ok((sign, magnitude))
    }

    /// Cuts a result to its fractional bits, and says how far that moves it: exact truncation goes
    /// to the nearest.
    pub(super) fn finish_at(
        &mut self,
        id: NodeId,
        frac: u32,
        rounding: Rounding,
    ) -> Result<(NodeId, f64)> {
        let has = self.node(id)?.ty.frac();
        if has <= frac {
            return Ok((self.cut_to(id, frac, rounding)?, 0.0));
        }
        if rounding == Rounding::Either {
            return Ok((self.cut_to(id, frac, rounding)?, ulp(frac)));
        }
        let centred = self.add_constant(id, 1 << (has - frac - 1))?;
        Ok((self.cut_to(centred, frac, rounding)?, ulp(frac + 1)))
    }

    /// Reads the raw integers of a node that nobody has read yet as fixed point.
    pub(super) fn rescale(&mut self, id: NodeId, frac: u32) -> Result<()> {
        let range = self.node(id)?.range;
        self.retype(id, Type::of(range, frac));
        Ok(())
    }

    /// Scales a divisor d into `2^(k-1)..2^k`, where k is the width of its largest value.
    ///
    /// With g_i = [d >= 2^i], the factor is `2^(k-1) - sum over i >= 1 of g_i 2^(k-1-i)`, that is
    /// `2^(k-1-j)` for d in `2^j..2^(j+1)`: local once the g_i are there.
    fn normalise(&mut self, b: NodeId) -> Result<Normalised> {
        let node = self.node(b)?;
        let (len, range) = (node.len, node.range);
        if range.lo < 0 || range.hi < 1 || node.error != 0 || range.hi >= 1 << 120 {
            return Err(ProgramError::Divisor { range });
        }
        let bits = range.bits() - 1;
        let compared = len.saturating_mul(bits as usize);
        if compared > MAX_LEN {
            return Err(ProgramError::Size { operation: "divide", len: compared });
        }
        let divisor = self.scale_to(b, 1, 0)?;
        let positions = u32::try_from(len).unwrap_or(u32::MAX);
        let powers: Vec<i128> = (0..bits).map(|i| 1 << i).collect();
        let at_least = self.at_least(divisor, &powers)?;

        let weight = |i: u32| if i == 0 { 0 } else { 1i128 << (bits - 1 - i) };
        let weights = (0..len).flat_map(|_| (0..bits).map(weight)).collect();
        let weighted = self.scale_each(at_least, weights)?;
        let excess = self.sum(weighted, len)?;
        let top = 1i128 << (bits - 1);
        self.tighten(excess, Range { lo: 0, hi: top - 1 }, u128::MAX);
        let factor = self.sub_from(top, excess)?;

        let nonzero = self.gather(at_least, (0..positions).map(|i| i * bits).collect())?;
        let zero = self.not(nonzero)?;
        let divisor = self.add(divisor, zero)?;
        let scaled = self.mul(divisor, factor)?;
        self.tighten(scaled, Range { lo: top, hi: 2 * top - 1 }, u128::MAX);
        Ok(Normalised { divisor: scaled, factor, bits })
    }

    /// For each element one bit per threshold: whether it is as large.
    pub(super) fn at_least(&mut self, a: NodeId, thresholds: &[i128]) -> Result<NodeId> {
        let len = self.node(a)?.len;
        let positions = u32::try_from(len).unwrap_or(u32::MAX);
        let each = |i: u32| std::iter::repeat_n(i, thresholds.len());
        let repeated = self.gather(a, (0..positions).flat_map(each).collect())?;
        let bounds = thresholds.iter().map(|threshold| threshold - 1).collect::<Vec<_>>();
        let bounds = self.constant(bounds.repeat(len), 0)?;
        self.less(bounds, repeated)
    }

    /// `1 / (d / 2^bits)` for a normalised divisor d.
    fn invert(
        &mut self,
        normalised: Normalised,
        precision: u32,
        rounding: Rounding,
    ) -> Result<Reciprocal> {
        let Normalised { divisor, bits, .. } = normalised;
        self.rescale(divisor, bits)?;
        let one = 1i128 << precision;
        let cut = |builder: &mut Builder, id| builder.cut_to(id, precision, rounding);
        let c = cut(self, divisor)?;
        let twice = self.scale(c, 2)?;
        let guess = self.sub_from(one * 29142 / 10000, twice)?;
        let product = self.mul(c, guess)?;
        let product = cut(self, product)?;
        // c (2.9142 - 2 c) lies in 0.9142..=1.0616 for c in 1/2..=1; a few units for roundings.
        let near_one = Range { lo: one * 9142 / 10000 - 4, hi: one * 10617 / 10000 + 4 };
        self.tighten(product, near_one, u128::MAX);

        let (mut y, mut x) = (guess, self.sub_from(one, product)?);
        let (steps, relative) = accuracy(precision, bits > precision);
        for step in 1..=steps {
            let correction = self.mul(y, x)?;
            let correction = cut(self, correction)?;
            y = self.add(y, correction)?;
            if step < steps {
                let square = self.mul(x, x)?;
                x = cut(self, square)?;
            }
        }
        Ok(Reciprocal { node: y, relative })
    }
}

/// Number of iterations, and a bound on the relative error of the reciprocal of c = d / 2^bits.
///
/// Let u be one unit of the precision; every truncation is off by at most u, either way. The guess
/// is y_0 = a - 2 c with a within u of 2.9142, and x_0 = 1 - c y_0 up to u, so |x_0| <= X. Exact
/// iteration from there gives `y_0 / (1 - x_0) (1 - x_0^(2^steps))`, and `y_0 / (1 - x_0)` is
/// within u / 0.914 of 1 / c, relatively. Truncations add `dx' <= 2 |x| dx + dx^2 + u` to x, and
/// `dy' <= dy (1 + |x|) + |y| dx + u` to y, with |y| < 2.2. Cutting c itself costs 2 u.
fn accuracy(precision: u32, cuts_divisor: bool) -> (u32, f64) {
    let u = ulp(precision);
    let (mut x, mut dx, mut dy, mut steps) = (FIRST_GUESS_ERROR + 3.0 * u, 0.0, 0.0, 0);
    while x > u {
        dy = dy * (1.0 + x + dx) + 2.2 * dx + u;
        dx = 2.0 * x * dx + dx * dx + u;
        x *= x;
        steps += 1;
    }
    let iteration = u / (0.914 - 2.0 * u) * (1.0 + x) + x + dy;
    let divisor = if cuts_divisor { 2.0 * u } else { 0.0 };
    (steps, (1.0 + iteration) * (1.0 + divisor) - 1.0)
}
