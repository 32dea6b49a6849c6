//! Exact privacy where messages are affine in unrevealed randomness.
//!
//! The protocol is a black box that turns the values of all random draws into the coalition's view,
//! for two honest inputs that leave the coalition's inputs and outputs the same. While the draws
//! that the coalition knows are held fixed, two reductions keep all that the view tells:
//!
//! 1. Draws on which every element depends affinely, with coefficients `A` that depend on nothing:
//!    what they mask is uniform, and only `L view` with `L A = 0` can leak. Go on with `L view`.
//! 2. Elements that are affine in all draws that are left: a functional of them that no draw moves
//!    has to be equal for both inputs. The others are uniform and independent; hold them at random
//!    values, solve for as many draws, and go on with the rest of the view.
//!
//! At last the rest is equal for both inputs at equal values of the remaining draws, or no draw
//! remains and it is not, or neither is left to try.
//!
//! Every comparison is made at random points; if view elements are polynomials of the stated degree
//! in the draws, a false one passes with probability at most degree / (p - 1) each time (Schwartz,
//! 1980; Zippel, 1979). Where coefficients depend on values that were held, they may degenerate for
//! a few of these, and the finding is statistical.
//!
//! Draws from fewer values than the field has are held as if the coalition knew them. If nothing
//! leaks even so, privacy does not rest on them. What leaks then is measured with them drawn anew:
//! they may hide it, but no better than an interval as long as they make it allows (`short`). The
//! same is asked of functionals that depend on draws in no affine way.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use self::round::{Equal, Outcome, Round, uniform};
use super::prime::Prime;

pub use self::short::{Ring, short_element};

mod round;
mod short;
#[cfg(test)]
mod tests;

/// Findings are wrong with probability at most two to the minus this.
pub const ERROR_BITS: f64 = 64.0;

/// Points per comparison that are still affordable.
const MOST_POINTS: f64 = 512.0;

/// Choices of the values that are held, as many as are affordable.
const MOST_ROUNDS: u32 = 64;

/// A black box and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The field of draws and view elements.
    pub field: Prime,
    /// The number of draws, all uniform in the field but the narrow ones.
    pub draws: usize,
    /// Draws from fewer values than the field has: 0, 1 and so on; how many.
    pub narrow: &'a [(usize, u128)],
    /// Draws that the coalition knows, its own above all.
    pub revealed: &'a [usize],
    /// Bound on the total degree of view elements as polynomials in the draws.
    pub degree: u64,
    /// Where random points come from.
    pub seed: u64,
}

/// What the views for two honest inputs have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// They have the same distribution, whatever the coalition knows.
    Perfect {
        /// Dimensions of the view that randomness masks.
        rank: usize,
        /// Functionals of the view that it does not mask; they are equal for both inputs.
        relations: usize,
        /// log2 of a bound on the probability that this finding is wrong.
        log2_error: f64,
    },
    /// They have the same distribution but for a few values of what the coalition knows.
    Statistical {
        /// log2 of a bound on the statistical distance.
        log2_distance: f64,
        /// log2 of a bound on the probability that this finding is wrong.
        log2_error: f64,
    },
    /// A functional of the view tells the inputs apart, given what the coalition knows.
    Leaks {
        /// View elements and their coefficients.
        relation: Vec<(usize, u128)>,
        /// Its value for each of the inputs; `None` where it varies with the randomness.
        values: [Option<u128>; 2],
    },
    /// A functional of the view tells the inputs apart now and then: it differs by a shift, and what
    /// masks it has too few values.
    Short {
        /// View elements and their coefficients.
        relation: Vec<(usize, u128)>,
        /// By how much a multiple of it differs.
        shift: u128,
        /// How many values the interval has in which that multiple is.
        width: u128,
        /// log2 of a lower bound on the statistical distance.
        log2_distance: f64,
    },
    /// The method decides nothing here.
    Inconclusive {
        /// Why.
        why: String,
    },
}

/// Decides whether a view that depends on a class (0 or 1: which honest input) and on draws has the
/// same distribution in both classes.
///
/// The black box may be called a few thousand times; what it fails with makes the answer
/// inconclusive.
pub fn decide<V>(question: &Question<'_>, view: V) -> Finding
where
    V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
{
    explore(question, &view).unwrap_or_else(|why| Finding::Inconclusive { why })
}

fn explore<V>(question: &Question<'_>, view: &V) -> Result<Finding, String>
where
    V: Fn(usize, &[u128]) -> Result<Vec<u128>, String>,
{
    let narrow = question.narrow.iter().map(|(draw, _)| draw);
    let mut named = question.revealed.iter().chain(narrow);
    if let Some(draw) = named.find(|draw| **draw >= question.draws) {
        return Err(format!("draw {draw} is named, but there are {}", question.draws));
    }
    let mut rng = ChaCha20Rng::seed_from_u64(question.seed);
    // Not at zeros: a key of zero lets pass what any other stops.
    let somewhere: Vec<u128> =
        (0..question.draws).map(|_| uniform(question.field, &mut rng)).collect();
    let width = view(0, &somewhere)?.len();
    let budget = Budget::of(question, width)?;
    let mut first: Option<Equal> = None;
    let mut is_uniform = true;
    for rounds in 1..=MOST_ROUNDS {
        let round = ChaCha20Rng::seed_from_u64(rng.next_u64());
        let equal = match Round::new(question, view, width, budget.points, round).reduce()? {
            Outcome::Equal(equal) => equal,
            Outcome::Leaks { relation, values } => return Ok(Finding::Leaks { relation, values }),
            Outcome::Short { relation, shift, width, log2_distance } => {
                return Ok(Finding::Short { relation, shift, width, log2_distance });
            }
        };
        let known = first.get_or_insert_with(|| equal.clone());
        is_uniform &= known.coefficients == equal.coefficients;
        known.couplings = known.couplings.max(equal.couplings);
        known.stages = known.stages.max(equal.stages);
        // Without values that are held at random, one round has seen all.
        let holds = !question.revealed.is_empty() || !question.narrow.is_empty();
        let is_single = !holds && known.couplings == 0;
        let per_round = budget.bits_per_round(known, is_uniform);
        let log2_unlike = -f64::from(rounds - 1) * per_round.max(0.0);
        if !is_single && log2_unlike > -ERROR_BITS - 1.0 {
            continue;
        }
        let log2_compared = budget.log2_error + f64::from(rounds).log2();
        let log2_error =
            if is_single { log2_compared } else { log2_compared.max(log2_unlike) + 1.0 };
        return Ok(match is_uniform {
            true => {
                Finding::Perfect { rank: known.rank, relations: width - known.rank, log2_error }
            }
            false => Finding::Statistical { log2_distance: -per_round, log2_error },
        });
    }
    Err("the field is too small for the degree of what is compared".to_owned())
}

/// How many points a comparison takes, and what they leave to chance.
struct Budget {
    log2_field: f64,
    degree: f64,
    draws: f64,
    points: usize,
    /// log2 of the probability that a comparison of one round errs.
    log2_error: f64,
}

impl Budget {
    fn of(question: &Question<'_>, width: usize) -> Result<Self, String> {
        let (degree, draws) = (question.degree.max(1) as f64, question.draws as f64);
        let per_point = ((question.field.modulus() - 1) as f64 / degree).log2();
        // Each stage removes a draw and compares every entry of two Jacobians, and all rows.
        let comparisons = 2.0 * (draws + 1.0) * (draws + 1.0) * (width as f64 + 1.0);
        let points = ((ERROR_BITS + 10.0 + comparisons.log2()) / per_point).ceil() + 1.0;
        if per_point <= 0.0 || points > MOST_POINTS {
            return Err(format!(
                "a field of {} is too small for polynomials of degree {degree}",
                question.field.modulus()
            ));
        }
        let log2_error = comparisons.log2() - (points - 1.0) * per_point;
        let log2_field = ((question.field.modulus() - 1) as f64).log2();
        Ok(Budget { log2_field, degree, draws, points: points as usize, log2_error })
    }

    /// The bits of certainty that each further round adds over the values held at random.
    fn bits_per_round(&self, equal: &Equal, is_uniform: bool) -> f64 {
        // Substituting draws that were solved for by constant coefficients multiplies degrees.
        let constant = self.degree.log2() * (equal.couplings + 1) as f64;
        // Solving by coefficients that are polynomials themselves costs a determinant each time.
        let solved = |log2: f64, _| 2.0 * log2 + (self.draws + 2.0).log2();
        let varying = (0..equal.stages).fold(self.degree.log2(), solved);
        self.log2_field - if is_uniform { constant } else { varying }
    }
}
