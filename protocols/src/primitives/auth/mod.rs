//! Authenticated bits: shares that nobody can open wrongly, and ANDs of them, among `n` parties of
//! whom all but one may be malicious.
//!
//! Nielsen, Nordholt, Orlandi, Burra, "A New Approach to Practical Active-Secure Two-Party
//! Computation", CRYPTO 2012 (TinyOT), among `n` parties and with the leaky ANDs of Wang,
//! Ranellucci, Katz, "Global-Scale Secure Multiparty Computation", CCS 2017.
//!
//! Each party `i` has one global key `delta_i`. A bit `x` that party `i` holds has, towards every
//! other party `k`, a MAC `M_k = K_k + x delta_k`, of which `i` has `M_k` and `k` has `K_k`
//! ([`AuthBits`]). A *shared* bit is the sum of bits that all parties hold so; all linear
//! operations are local.
//!
//! | what | where | paper |
//! |---|---|---|
//! | bits with MACs, from malicious OT extension | [`Session`] | WRK 2017, `Pi_aShare` |
//! | leaky ANDs (LaAND, HaAND) | `leaky` | WRK 2017, `Pi_HaAND`, `Pi_LaAND` |
//! | ANDs by buckets (aAND) | [`Batch`] | WRK 2017, `Pi_aAND` |
//! | all of a program's, with their cost | [`Preparation`] | |
//! | opening at once, or now with a check for later | [`open`], [`Ledger`] | |
//! | coins | `toss` | Blum 1981 |
//!
//! An engine works out a [`Preparation`] when it compiles a job, and gets a [`Prepared`] of it:
//! shared bits that single parties know, to mask inputs with; others that nobody knows; and ANDs.
//! What it opens later by a [`Ledger`] is checked when it says so, before anything is opened that
//! is no mask.
//!
//! Where this differs from the paper, in each case for less: a HaAND sends one bit to each other
//! party, since the other is the hash of its key; that all verifiers of a party's bits have the
//! same bits is checked by one sum over GF(2^128) with random coefficients in place of 2 sigma
//! random subsets, as the rows of OT extension are (Keller, Orsini, Scholl, CRYPTO 2015); leaky
//! ANDs are checked by one such sum; between two parties there is nobody else to be consistent
//! with, and both checks are left out.
//!
//! A leaky AND lets a cheater guess a bit of an honest party's share of `x`, and abort if the guess
//! is wrong. What OT extension lets it guess of a global key is worth as little: `c` bits with
//! probability `2^-c` ([`super::ot`]).

pub(crate) mod attacks;
mod bits;
mod buckets;
mod coins;
mod consistency;
mod engine;
mod leaky;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod opening;
mod preparation;
mod session;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Op, PartyId};

use super::Prg;
use super::ot::many_blocks;
use crate::algebra::bits::Bits;
use crate::algebra::{Pool, repeated};

pub use bits::{AuthBits, Holder};
pub use buckets::Batch;
pub use engine::{
    ASSUMES, assumes, effective_inputs, masked_inputs, masks, no_clients, ops, places, soundness,
    wire_bytes,
};
pub(crate) use engine::{outputs, to_others};
pub use opening::{Ledger, open, opening_bytes, receive, send};
pub use preparation::{Demand, Preparation, Prepared, Triples};
pub(crate) use session::Faces;
pub use session::{Session, ideal};

/// Price of a MAC or key that is moved or added.
pub const TAG: Op = op("auth.tag", "block", |calls, units| {
    let [mut a, mut b] = [(); 2].map(|()| Pool::of(many_blocks(units)));
    repeated(calls, units * Block::BYTES, || -> Vec<Block> {
        a.take(units).iter().zip(b.take(units)).map(|(a, b)| *a ^ *b).collect()
    });
});
/// Price of a MAC or key of a bit that stands anywhere.
pub const PICK: Op = op("auth.pick", "block", |calls, units| {
    /// Bits with MACs and keys between three parties, more than caches hold: those of all leaky ANDs
    /// are.
    static MANY: LazyLock<AuthBits> = LazyLock::new(|| {
        let holder = Holder { me: PartyId(0), n: 3, delta: Block::ONES };
        let column = vec![Block::ONES; 1 << 17];
        let columns = [&column[..]; 2];
        AuthBits::new(holder, Bits::zeros(column.len()), &columns, &columns)
    });
    let bits = units.div_ceil(MANY.holder().tags());
    let places = buckets::permutation(MANY.len(), &mut Prg::new([7; 32], b"calibrate"));
    let mut places = Pool::of(places);
    repeated(calls, units * Block::BYTES, || MANY.gather(places.take(bits)));
});
/// Price of a place of a random permutation.
pub const SHUFFLE: Op = op("auth.shuffle", "place", |calls, units| {
    let mut stream = Prg::new([7; 32], b"calibrate");
    repeated(calls, 4 * units, || buckets::permutation(units, &mut stream));
});

const fn op(key: &'static str, unit: &'static str, work: fn(u64, usize)) -> Op {
    Op { key, unit, parallel: true, work: Some(work) }
}

/// Every priced operation of this module that is no other primitive's.
pub const OPS: [Op; 3] = [TAG, PICK, SHUFFLE];
