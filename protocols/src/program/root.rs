//! Square roots of a secret and their reciprocals: normalisation, a linear first guess, Newton's
//! iteration for the inverse square root.
//!
//! After M. Aliasgari, M. Blanton, Y. Zhang and A. Steele, "Secure computation on floating point
//! numbers", NDSS 2013 (protocol FLSqrt), with a first guess over two binades and comparisons with
//! all powers of four at once instead of a bit decomposition.

use super::division::check_precision;
use super::{Approximation, Builder, MAX_LEN, NodeId, ProgramError, Range, Rounding, ulp};

type Result<T, E = ProgramError> = std::result::Result<T, E>;

/// `|1 - (273/128 - 39/32 c) sqrt(c)|` for c in 1/4..=1 is largest at c = 7/12: 0.08598.
const FIRST_GUESS_ERROR: f64 = 0.086;

/// How exact a root has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// Fractional bits of the root, at most 60.
    pub frac: u32,
    /// Fractional bits within the iteration, 8 to 60.
    pub precision: u32,
    /// How every truncation is done; with [`Rounding::Floor`] all engines get one root, and the
    /// last one rounds to the nearest.
    pub rounding: Rounding,
}

/// A radicand a scaled by a secret power of four into `4^(halves-1)..4^halves`.
struct Normalised {
    radicand: NodeId,
    /// For each element, whether it is at least `4^i`, for i in `0..halves`.
    at_least: NodeId,
    len: usize,
    halves: u32,
}

/// `1 / sqrt(c)` for the normalised `c` in 1/4..=1, its relative error, and whether c was cut.
struct Inverse {
    c: NodeId,
    node: NodeId,
    relative: f64,
    is_cut: bool,
}

impl Builder {
    /// The square root of a raw integer, elementwise; of 0 it is 0.
    ///
    /// Takes one comparison per two bits of the radicand, all at once, and then two multiplications
    /// per step, of which there are about `log2(precision / 3.5)`, and three more.
    ///
    /// # Errors
    /// A radicand that may be negative or is not exact; overflow.
    pub fn square_root(&mut self, a: NodeId, root: Root) -> Result<Approximation> {
        let Root { frac, precision, rounding } = root;
        check_precision(precision, frac)?;
        let normalised = self.normalise_radicand(a)?;
        let halves = normalised.halves;
        // 2^(j+1) for a in 4^j..4^(j+1), and 0 for 0: sqrt(a) = sqrt(c) times that.
        let scale = self.by_size(&normalised, |i| if i == 0 { 2 } else { 1 << i })?;
        self.tighten(scale, Range { lo: 0, hi: 1 << halves }, u128::MAX);
        let Inverse { c, node, relative, is_cut } =
            self.inverse(normalised, precision, rounding)?;
        // sqrt(c) = c / sqrt(c), off by the inverse's error, one cut, and half a unit over
        // sqrt(1/4) for that of c.
        let error = relative + ulp(precision) * if is_cut { 2.0 } else { 1.0 };
        let product = self.mul(c, node)?;
        let normal = self.cut_to(product, precision, rounding)?;
        let (one, slack) = (1i128 << precision, 8);
        let range = Range { lo: one / 2 - slack, hi: one + slack };
        self.tighten(normal, range, units(2.0 * error, precision));
        let scaled = self.mul(normal, scale)?;
        let (node, absolute) = self.finish_at(scaled, frac, rounding)?;
        // sqrt(c) is at least 1/2.
        Ok(Approximation { node, absolute, relative: 2.0 * error })
    }

    /// One over the square root of a raw integer, elementwise; of 0 it is 0.
    ///
    /// # Errors
    /// As [`Builder::square_root`].
    pub fn inverse_square_root(&mut self, a: NodeId, root: Root) -> Result<Approximation> {
        let Root { frac, precision, rounding } = root;
        check_precision(precision, frac)?;
        let normalised = self.normalise_radicand(a)?;
        let halves = normalised.halves;
        // 2^(halves-1-j) for a in 4^j..4^(j+1), and 0 for 0.
        let most = 1i128 << (halves - 1);
        let scale = self.by_size(&normalised, |i| if i == 0 { most } else { -(most >> i) })?;
        self.tighten(scale, Range { lo: 0, hi: most }, u128::MAX);
        let Inverse { node, relative, is_cut, .. } =
            self.inverse(normalised, precision, rounding)?;
        let scaled = self.mul(node, scale)?;
        self.rescale(scaled, precision + halves)?;
        let (node, absolute) = self.finish_at(scaled, frac, rounding)?;
        let cut = if is_cut { 2.0 * ulp(precision) } else { 0.0 };
        Ok(Approximation { node, absolute, relative: (1.0 + relative) * (1.0 + cut) - 1.0 })
    }

    fn normalise_radicand(&mut self, a: NodeId) -> Result<Normalised> {
        let node = self.node(a)?;
        let (len, range) = (node.len, node.range);
        if range.lo < 0 || range.hi < 1 || node.error != 0 || range.hi >= 1 << 118 {
            return Err(ProgramError::Radicand { range });
        }
        let halves = (range.bits() - 1).div_ceil(2);
        let compared = len.saturating_mul(halves as usize);
        if compared > MAX_LEN {
            return Err(ProgramError::Size { operation: "square_root", len: compared });
        }
        let radicand = self.scale_to(a, 1, 0)?;
        let powers: Vec<i128> = (0..halves).map(|i| 1 << (2 * i)).collect();
        let at_least = self.at_least(radicand, &powers)?;
        let mut normalised = Normalised { radicand, at_least, len, halves };

        // With g_i = [a >= 4^i], the factor is 4^(halves-1-j) for a in 4^j..4^(j+1).
        let top = 1i128 << (2 * (halves - 1));
        let excess =
            self.by_size(&normalised, |i| if i == 0 { 0 } else { 3 * (top >> (2 * i)) })?;
        self.tighten(excess, Range { lo: 0, hi: top - 1 }, u128::MAX);
        let factor = self.sub_from(top, excess)?;
        // 0 counts as 1 here.
        let first = |at: u32| at * halves;
        let positions = u32::try_from(len).unwrap_or(u32::MAX);
        let nonzero = self.gather(at_least, (0..positions).map(first).collect())?;
        let zero = self.not(nonzero)?;
        let positive = self.add(radicand, zero)?;
        normalised.radicand = self.mul(positive, factor)?;
        self.tighten(normalised.radicand, Range { lo: top, hi: 4 * top - 1 }, u128::MAX);
        Ok(normalised)
    }

    /// For each element the sum of the weights of the powers of four that it reaches.
    fn by_size(&mut self, of: &Normalised, weight: impl Fn(u32) -> i128) -> Result<NodeId> {
        let weights: Vec<i128> = (0..of.halves).map(weight).collect();
        let weighted = self.scale_each(of.at_least, weights.repeat(of.len))?;
        self.sum(weighted, of.len)
    }

    fn inverse(
        &mut self,
        normalised: Normalised,
        precision: u32,
        rounding: Rounding,
    ) -> Result<Inverse> {
        let Normalised { radicand, halves, .. } = normalised;
        self.rescale(radicand, 2 * halves)?;
        let is_cut = 2 * halves > precision;
        let c = self.cut_to(radicand, precision, rounding)?;
        let one = 1i128 << precision;
        // 273/128 - 39/32 c
        let steep = self.scale_to(c, 39, precision + 5)?;
        let guess = self.sub_from((273 * one) >> 2, steep)?;
        let mut y = self.cut_to(guess, precision, rounding)?;
        let range = Range { lo: one * 9 / 10, hi: 2 * one + 8 };
        let (steps, relative) = accuracy(precision);
        for _ in 0..steps {
            self.tighten(y, range, u128::MAX);
            // y (3 - c y^2) / 2, as (3 y - (c y) y^2) / 2.
            let (linear, square) = (self.mul(c, y)?, self.mul(y, y)?);
            let linear = self.cut_to(linear, precision, rounding)?;
            let square = self.cut_to(square, precision, rounding)?;
            let cubic = self.mul(linear, square)?;
            let three = self.scale_to(y, 3 * one, 2 * precision)?;
            let twice = self.sub(three, cubic)?;
            self.rescale(twice, 2 * precision + 1)?;
            y = self.cut_to(twice, precision, rounding)?;
        }
        // Computed and interpreted ones are each so far from their 1 / sqrt(c) <= 2, and where both
        // cut c differently these differ by 4 units at most.
        let apart = 4.0 * relative + if is_cut { 5.0 * ulp(precision) } else { 0.0 };
        self.tighten(y, range, units(apart, precision));
        Ok(Inverse { c, node: y, relative, is_cut })
    }
}

/// So many units of the precision, rounded up.
fn units(value: f64, precision: u32) -> u128 {
    (value / ulp(precision)).ceil() as u128 + 1
}

/// Number of iterations, and a bound on the relative error of `1 / sqrt(c)`.
///
/// Let u be one unit of the precision; every truncation is off by at most u, either way. From
/// `y = (1 + e) / sqrt(c)` a step leads to `1 - 3/2 e^2 - 1/2 e^3`, relatively. With c y < 1.09 and
/// y^2 < 4.2, the cuts of both and of the product move the step by less than 4 u, and sqrt(c) <= 1
/// makes that the relative error, too.
fn accuracy(precision: u32) -> (u32, f64) {
    let u = ulp(precision);
    let (mut error, mut steps) = (FIRST_GUESS_ERROR + u, 0);
    while error > 6.0 * u {
        error = 1.5 * error * error + 0.5 * error * error * error + 4.0 * u;
        steps += 1;
    }
    (steps, error)
}
