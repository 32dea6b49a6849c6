//! Input recovery: the evaluator is told the seeds of all circuits if it knows `Delta`, and nothing
//! if it does not; the garbler can't tell which.
//!
//! Wang, Malozemoff, Katz, "Faster Secure Two-Party Computation in the Single-Execution Setting",
//! EUROCRYPT 2017, in the place of Lindell's second computation (CRYPTO 2013). In a group of prime
//! order, written additively:
//! 1. The evaluator draws `w` and `r` and sends `H = w G` and `G' = r G`.
//! 2. Of each circuit the garbler sends `C = s G + t H`, where `s` and `t` follow from the seed.
//! 3. The evaluator sends `H' = w G'`, or `H' = w G' + O(Delta)` if it knows `Delta`; `O` is a
//!    random oracle. Either looks random to the garbler: the decisional Diffie-Hellman problem is
//!    hard.
//! 4. The garbler reveals all values of outputs, and sends each seed under a key that follows from
//!    `D = s G' + t (H' - O(Delta))`. If `H' - O(Delta) = w G'`, then `D = r C`; otherwise `D` is
//!    uniform, whatever `C` is.
//! 5. In circuits that are checked the evaluator knows `s`, `t` and the seed, and checks that too.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;

use crate::garbled::replica::stream;
use crate::mutants;
use crate::primitives::group::{Point, Scalar, random_scalar};
use crate::primitives::hash;

/// The evaluator's secrets.
pub(super) struct Trapdoor {
    w: Scalar,
    r: Scalar,
}

impl Trapdoor {
    pub(super) fn random(ctx: &Ctx) -> Self {
        let mut rng = ctx.rng();
        Trapdoor { w: random_scalar(&mut rng), r: random_scalar(&mut rng) }
    }

    /// `H` and `G'`.
    pub(super) fn bases(&self) -> [Point; 2] {
        [Point::base(&self.w), Point::base(&self.r)]
    }

    /// `H'`, with `Delta` if it is known.
    pub(super) fn ask(&self, bases: &[Point; 2], domain: &[u8], delta: Option<Block>) -> Point {
        let plain = bases[1].times(&self.w);
        // As much work either way.
        let known = plain + oracle(domain, delta.unwrap_or_default());
        match delta.is_some() && !mutants::is("cut-and-choose/recovery-skipped") {
            true => known,
            false => plain,
        }
    }

    /// The key of a circuit's seed, if `Delta` was known.
    pub(super) fn key(&self, domain: &[u8], replica: usize, commitment: &Point) -> Block {
        derived(domain, replica, &commitment.times(&self.r))
    }
}

/// `s` and `t` of a circuit.
pub(super) struct Opening {
    s: Scalar,
    t: Scalar,
}

impl Opening {
    pub(super) fn stretch(ctx: &Ctx, seed: Block, domain: &[u8]) -> Self {
        let mut stream = stream(ctx, seed, domain, "commitment");
        Opening { s: random_scalar(&mut stream), t: random_scalar(&mut stream) }
    }

    /// `C`.
    pub(super) fn commitment(&self, [h, _]: &[Point; 2]) -> Point {
        Point::base(&self.s) + h.times(&self.t)
    }

    /// The key of the circuit's seed, from `H' - O(Delta)`.
    pub(super) fn key(
        &self,
        domain: &[u8],
        replica: usize,
        bases: &[Point; 2],
        asked: &Point,
    ) -> Block {
        derived(domain, replica, &(bases[1].times(&self.s) + asked.times(&self.t)))
    }
}

/// `O(Delta)`.
pub(super) fn oracle(domain: &[u8], delta: Block) -> Point {
    Point::hash("mpclab input recovery v1", domain, &[&delta.to_bytes()])
}

fn derived(domain: &[u8], replica: usize, shared: &Point) -> Block {
    let mut key = [0; Block::BYTES];
    let parts: [&[u8]; 2] = [&(replica as u64).to_le_bytes(), &shared.to_bytes()];
    hash::expand("mpclab recovery key v1", domain, &parts, &mut key);
    Block::from_bytes(key)
}
