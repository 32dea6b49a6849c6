//! `gmw` with one step changed. All outputs are right: only views tell.

use mpclab_protocols::algebra::Bits;
use mpclab_protocols::gmw::{Gmw, Steps};
use mpclab_sim::Draw;
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::Registry;

/// Nothing is wrong.
pub(super) const NOTHING: usize = 0;
/// An input is the share of the last party.
pub(super) const UNMASKED: usize = 1;
/// All bits of an input are masked by one.
pub(super) const ONE_MASK: usize = 2;
/// The first mask is more often 0 than 1.
pub(super) const BIASED: usize = 3;
/// The last party's share of inputs is zero.
pub(super) const FEWER: usize = 4;
/// All triples are zero.
pub(super) const ZERO_TRIPLES: usize = 5;
/// All triples are one, shared anew for each.
pub(super) const SAME_TRIPLE: usize = 6;
/// Both factors of a triple are the same.
pub(super) const EQUAL_FACTORS: usize = 7;
/// The last party's shares are the triples, and those of others are zero.
pub(super) const BARE_TRIPLES: usize = 8;
/// The triples of the first layer serve all.
pub(super) const REUSED: usize = 9;
/// Everybody is told the outputs.
pub(super) const TOLD_TO_ALL: usize = 10;

/// Names by flaw.
pub(super) const NAMES: [&str; 11] = [
    "layers",
    "layers_unmasked",
    "layers_one_mask",
    "layers_biased",
    "layers_fewer",
    "layers_zero_triples",
    "layers_same_triple",
    "layers_equal_factors",
    "layers_bare_triples",
    "layers_reused",
    "layers_told_to_all",
];

struct Flawed<const FLAW: usize>;

/// The steps that nothing is changed in.
struct Sound;

impl Steps for Sound {
    const NAME: &'static str = NAMES[NOTHING];
}

pub(super) fn with_all(registry: Registry) -> Registry {
    registry
        .with::<Gmw<Flawed<NOTHING>>>()
        .with::<Gmw<Flawed<UNMASKED>>>()
        .with::<Gmw<Flawed<ONE_MASK>>>()
        .with::<Gmw<Flawed<BIASED>>>()
        .with::<Gmw<Flawed<FEWER>>>()
        .with::<Gmw<Flawed<ZERO_TRIPLES>>>()
        .with::<Gmw<Flawed<SAME_TRIPLE>>>()
        .with::<Gmw<Flawed<EQUAL_FACTORS>>>()
        .with::<Gmw<Flawed<BARE_TRIPLES>>>()
        .with::<Gmw<Flawed<REUSED>>>()
        .with::<Gmw<Flawed<TOLD_TO_ALL>>>()
}

fn repeated(bit: bool, count: usize) -> Bits {
    if bit { Bits::ones(count) } else { Bits::zeros(count) }
}

/// Shares that are these, and what is left for the last party.
fn with_rest(bits: &Bits, mut shares: Vec<Bits>) -> Vec<Bits> {
    let rest = shares.iter().fold(bits.clone(), |rest, share| rest.xor(share));
    shares.push(rest);
    shares
}

fn bare(bits: &Bits, n: usize) -> Vec<Bits> {
    with_rest(bits, vec![Bits::zeros(bits.len()); n - 1])
}

impl<const FLAW: usize> Steps for Flawed<FLAW> {
    const NAME: &'static str = NAMES[FLAW];

    fn triples(count: usize, rng: &mut impl Draw) -> [Bits; 3] {
        let [a, b, c] = Sound::triples(count, rng);
        match FLAW {
            ZERO_TRIPLES => [(); 3].map(|()| Bits::zeros(count)),
            SAME_TRIPLE => [&a, &b, &c].map(|bits| repeated(bits.get(0), count)),
            EQUAL_FACTORS => [a.clone(), a.clone(), a],
            _ => [a, b, c],
        }
    }

    fn split(bits: &Bits, n: usize, rng: &mut impl Draw) -> Vec<Bits> {
        let masks = |mask: &mut dyn FnMut() -> Bits| (1..n).map(|_| mask()).collect();
        match FLAW {
            UNMASKED => bare(bits, n),
            ONE_MASK => {
                let mut one = || repeated(Bits::random(1, rng).get(0), bits.len());
                with_rest(bits, masks(&mut one))
            }
            BIASED => {
                let mut shares = Sound::split(bits, n, rng);
                let rare = shares[0].and(&Bits::random(bits.len(), rng));
                let common = std::mem::replace(&mut shares[0], rare.clone());
                shares[n - 1] ^= &common.xor(&rare);
                shares
            }
            FEWER => {
                let mut shares = Sound::split(bits, n - 1, rng);
                shares.push(Bits::zeros(bits.len()));
                shares
            }
            _ => Sound::split(bits, n, rng),
        }
    }

    fn split_triples(triples: &Bits, n: usize, rng: &mut impl Draw) -> Vec<Bits> {
        match FLAW {
            BARE_TRIPLES => bare(triples, n),
            _ => Sound::split_triples(triples, n, rng),
        }
    }

    fn next_triple(taken: usize) -> usize {
        if FLAW == REUSED { 0 } else { taken }
    }

    fn learners(roles: &Roles, nodes: &[PartyId]) -> Vec<PartyId> {
        match FLAW {
            TOLD_TO_ALL => roles.computing().collect(),
            _ => Sound::learners(roles, nodes),
        }
    }
}
