use std::sync::Arc;

use rand::Rng;
use rand::seq::SliceRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::mean_variance::{max_spread, spread};
use super::pairs::{Coalition, InputPair};
use super::sample::{bell, uniform};
use super::{Function, FunctionError, Task, Truncation};
use crate::program::{
    Builder, Decoding, Division, ErrorBound, Inputs, NodeId, ProgramError, Range, Rounding, Type,
    ulp,
};

/// Least-squares line through everyone's points.
pub struct LinearRegression;

/// Parameters of [`LinearRegression`]. The defaults keep every value within 60 bits for up to 100
/// points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRegressionParams {
    /// Width of a coordinate, bits with sign: 4 to 24.
    pub bits: u32,
    /// Fractional bits of a coordinate: 0 to `bits` - 1.
    pub frac: u32,
    /// Points per party, at least 1, and 2^24 of all parties at most.
    pub rows: usize,
    /// Fractional bits of slope and intercept: 1 to 30.
    pub output_frac: u32,
    /// Fractional bits of the secret reciprocal: 8 to 40.
    pub precision: u32,
    /// How fixed-point numbers are truncated.
    pub truncation: Truncation,
}

impl Default for LinearRegressionParams {
    fn default() -> Self {
        LinearRegressionParams {
            bits: 12,
            frac: 4,
            rows: 8,
            output_frac: 12,
            precision: 26,
            truncation: Truncation::Exact,
        }
    }
}

impl LinearRegressionParams {
    fn ty(&self) -> Type {
        match self.frac {
            0 => Type::Int { bits: self.bits },
            frac => Type::Fixed { bits: self.bits, frac },
        }
    }
}

impl Function for LinearRegression {
    const NAME: &'static str = "linear_regression";
    const ABOUT: &'static str = "least-squares slope and intercept of all points together";
    const IDEAL: &'static str = "Each input party brings `x` and `y`, `rows` fixed-point numbers \
        of `bits` bits with `frac` fractional ones; there are n points in all. With \
        A = n sum(xy) - sum(x) sum(y) and D = n sum(x^2) - sum(x)^2, everyone learns slope = A / D \
        and intercept = mean(y) - slope * mean(x), in fixed point with `output_frac` fractional \
        bits, within the stated error. If all x are equal, D = 0: the slope is then 0 and the \
        intercept the mean of y. A coordinate outside its width is refused.";
    type Params = LinearRegressionParams;

    fn build(params: &LinearRegressionParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 4..=24)?;
        allow("frac", params.frac, 0..=params.bits - 1)?;
        allow("output_frac", params.output_frac, 1..=30)?;
        allow("precision", params.precision, 8..=40)?;
        at_least(1, parties)?;
        let count = params.rows.saturating_mul(parties);
        if count < 2 {
            let (given, allowed) = (params.rows.to_string(), "2 points or more in all".to_owned());
            return Err(FunctionError::Parameter { name: "rows", given, allowed });
        }
        let mut builder = Builder::new();
        regress(&mut builder, params, parties)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Points near y = x / 2 + a quarter of the largest coordinate.
    fn generate(params: &LinearRegressionParams, _: usize, _: usize, rng: &mut dyn Rng) -> Inputs {
        let most = Range::signed(params.bits).hi;
        let noise = Range { lo: -(most / 8), hi: most / 8 };
        let x: Vec<i128> =
            (0..params.rows).map(|_| uniform(rng, Range { lo: -most, hi: most })).collect();
        let y = x.iter().map(|x| x / 2 + most / 4 + bell(rng, noise)).collect();
        Inputs::from([("x".to_owned(), x), ("y".to_owned(), y)])
    }

    /// The honest points in another order, and where there are three or more, three of them moved
    /// along what the line does not see. All sums stay, hence all that is computed of them,
    /// roundings included. One honest point alone is hidden on a horizontal line.
    fn equal_view_inputs(
        params: &LinearRegressionParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let range = Range::signed(params.bits);
        coalition.construct(rng, |rng| {
            let mut first: Vec<Vec<Point>> = coalition.draw(rng).iter().map(zip_points).collect();
            let mut cells = coalition.honest_cells(&first);
            cells.shuffle(rng);
            let mut second = first.clone();
            match cells[..] {
                [] => return None,
                [(party, at)] => {
                    let y = first[party][at].1;
                    first.iter_mut().flatten().for_each(|point| point.1 = y);
                    second.clone_from(&first);
                    second[party][at].0 = uniform(rng, range);
                }
                [_, _] => {}
                [a, b, c, ..] => {
                    let points = [a, b, c].map(|(party, at)| first[party][at]);
                    let moved = move_residuals(points, range, rng);
                    for (k, (party, at)) in [a, b, c].into_iter().enumerate() {
                        (first[party][at], second[party][at]) = moved[k];
                    }
                }
            }
            let second = coalition.shuffled(&second, rng);
            let inputs = |points: Vec<Vec<Point>>| points.into_iter().map(unzip_points).collect();
            Some([first, second].map(inputs))
        })
    }
}

/// All points, and what is summed over them.
struct Points {
    x: NodeId,
    y: NodeId,
    sum_x: NodeId,
    sum_y: NodeId,
    count: usize,
}

fn points(
    builder: &mut Builder,
    params: &LinearRegressionParams,
    parties: usize,
) -> Result<Points, ProgramError> {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for party in 0..parties {
        x.push(builder.input("x", party, params.rows, params.ty())?);
        y.push(builder.input("y", party, params.rows, params.ty())?);
    }
    let (x, y) = (builder.concat(x)?, builder.concat(y)?);
    let (sum_x, sum_y) = (builder.sum(x, 1)?, builder.sum(y, 1)?);
    Ok(Points { x, y, sum_x, sum_y, count: params.rows * parties })
}

/// Slope and intercept with their errors.
///
/// Let |d slope| <= a + r |slope| be the division's error, and let every truncation be off by at
/// most one unit either way. The means are off by at most m = 2^-g + |mean| 2^-(precision + 1),
/// with g their fractional bits. Hence |d intercept| is at most
/// `m_y + |slope| m_x + (|mean x| + m_x) |d slope| + 2^-output_frac`.
fn regress(
    builder: &mut Builder,
    params: &LinearRegressionParams,
    parties: usize,
) -> Result<(), ProgramError> {
    let points = points(builder, params, parties)?;
    let Points { x, y, sum_x, sum_y, count } = points;
    let (frac, rounding) = (params.output_frac, params.truncation.into());
    let covariance = spread(builder, (x, y), (sum_x, sum_y), count)?;
    let variance = spread(builder, (x, x), (sum_x, sum_x), count)?;
    let division = Division {
        frac,
        precision: params.precision,
        max_quotient: max_slope(params, count),
        rounding,
    };
    let slope = builder.divide(covariance, variance, division)?;

    let mean_frac = frac + 8;
    let mean_x = mean(builder, sum_x, count, (params.precision, mean_frac), rounding)?;
    let mean_y = mean(builder, sum_y, count, (params.precision, mean_frac), rounding)?;
    let product = builder.mul(slope.node, mean_x)?;
    // Only the leading bits are opened: next to the slope, the whole product would tell the means
    // modulo its last bit, hence exactly.
    let mean_y = builder.cut_to(mean_y, frac + mean_frac, rounding)?;
    let intercept = builder.sub(mean_y, product)?;
    let intercept = builder.cut_to(intercept, frac, rounding)?;

    let decoding = Decoding::Fixed { frac };
    builder.output("slope", slope.node, decoding)?;
    builder.output("intercept", intercept, decoding)?;
    let (absolute, relative) = (slope.absolute, slope.relative);
    builder.error_bound(slope.bound("slope"));
    let largest = Range::signed(params.bits).magnitude() as f64 * ulp(params.frac);
    let mean_error = ulp(mean_frac) + largest * ulp(params.precision + 1);
    let reach = largest + mean_error;
    builder.error_bound(ErrorBound {
        output: "intercept".into(),
        absolute: mean_error + reach * absolute + ulp(frac),
        relative: mean_error + reach * relative,
        of: "slope".into(),
    });
    Ok(())
}

/// Bound on |slope|: by Cauchy-Schwarz the square root of the ratio of both spreads; the spread of
/// x is the sum of all squared differences, and if it is not 0, at least `count - 1` of them are
/// one unit or more.
fn max_slope(params: &LinearRegressionParams, count: usize) -> u128 {
    let range = Range::signed(params.bits);
    let most = max_spread(range, range, count).unwrap_or(i128::MAX).unsigned_abs();
    (most / (count as u128 - 1)).isqrt() + 1
}

/// `sum / count` with so many fractional bits: multiplied by a rounded public reciprocal whose
/// relative error is at most `2^-(precision + 1)`.
fn mean(
    builder: &mut Builder,
    sum: NodeId,
    count: usize,
    (precision, frac): (u32, u32),
    rounding: Rounding,
) -> Result<NodeId, ProgramError> {
    let count = count as i128;
    let scale = precision + Range::point(count).bits() - 1;
    let by = ((1i128 << scale) + count / 2) / count;
    let has = builder.node(sum)?.ty.frac();
    let scaled = builder.scale_to(sum, by, has + scale)?;
    builder.cut_to(scaled, frac, rounding)
}

/// Raw coordinates.
type Point = (i128, i128);

fn zip_points(inputs: &Inputs) -> Vec<Point> {
    let of = |name: &str| inputs.integers(name).unwrap_or_default().iter().copied();
    of("x").zip(of("y")).collect()
}

fn unzip_points(points: Vec<Point>) -> Inputs {
    let (x, y): (Vec<i128>, Vec<i128>) = points.into_iter().unzip();
    Inputs::from([("x".to_owned(), x), ("y".to_owned(), y)])
}

/// Three points before and after, at new x in arithmetic progression: a random multiple of
/// `(-1, 2, -1)` is added to y, which changes neither the sum of y nor that of x y.
fn move_residuals(points: [Point; 3], range: Range, rng: &mut dyn Rng) -> [(Point, Point); 3] {
    let step = uniform(rng, Range { lo: 1, hi: (range.hi - range.lo) / 2 });
    let start = uniform(rng, Range { lo: range.lo, hi: range.hi - 2 * step });
    let y = points.map(|point| point.1);
    let up = (y[0] - range.lo).min((range.hi - y[1]) / 2).min(y[2] - range.lo);
    let down = (range.hi - y[0]).min((y[1] - range.lo) / 2).min(range.hi - y[2]);
    let times = uniform(rng, Range { lo: -down, hi: up });
    let moved = [y[0] - times, y[1] + 2 * times, y[2] - times];
    std::array::from_fn(|k| {
        let x = start + k as i128 * step;
        ((x, y[k]), (x, moved[k]))
    })
}
