//! What the protocol does with bits, step by step.

use mpclab_sim::Draw;
use mpclab_sim::vocabulary::{PartyId, Roles};

use super::share;
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::primitives::Prg;

/// The steps in which bits are masked, combined and shown. Each is as the papers have it unless it
/// is written anew: a variant differs in one of them, and so does a flaw that tests have to notice.
pub trait Steps: Send + Sync + 'static {
    /// Name of the protocol that these steps make.
    const NAME: &'static str;

    /// Random triples, of whom the third is the product of the others.
    fn triples(count: usize, rng: &mut impl Draw) -> [Bits; 3] {
        let (mut a, mut b) = (Bits::random(count, rng), Bits::random(count, rng));
        if mutants::is("gmw/a-zero") {
            a = Bits::zeros(count);
        } else if mutants::is("gmw/a-repeats") {
            a = a.gather(&vec![0; count]);
        } else if mutants::is("gmw/b-is-a") {
            b.clone_from(&a);
        } else if mutants::is("gmw/a-biased") {
            a = a.and(&Bits::random(count, rng));
        } else if mutants::is("gmw/chained") {
            (1..count).for_each(|at| a.set(at, b.get(at - 1)));
        } else if mutants::is("gmw/seed-short") {
            let mut key = [0; 32];
            rng.fill_bytes(&mut key[..1]);
            let mut stream = Prg::new(key, b"");
            [a, b] = [(); 2].map(|()| stream.bits(count));
        }
        let c = a.and(&b);
        [a, b, c]
    }

    /// XOR shares of an input, one for each of `n` parties.
    fn split(bits: &Bits, n: usize, rng: &mut impl Draw) -> Vec<Bits> {
        share::split_as(bits, n, rng, ["gmw/inputs-unmasked", "gmw/inputs-masked-alike"])
    }

    /// XOR shares of triples, one for each of `n` parties.
    fn split_triples(triples: &Bits, n: usize, rng: &mut impl Draw) -> Vec<Bits> {
        share::split_as(triples, n, rng, ["gmw/triples-unmasked", "gmw/triples-masked-alike"])
    }

    /// The triple that comes next when so many are gone.
    fn next_triple(taken: usize) -> usize {
        if mutants::is("gmw/triples-reused") { 0 } else { taken }
    }

    /// Whether a party's share is the one that public bits are added to.
    fn leads(party: PartyId) -> bool {
        party == PartyId(0)
    }

    /// A share of `c + d b + e a + d e`.
    fn product([a, b, mut c]: [Bits; 3], [d, e]: [Bits; 2], leads: bool) -> Bits {
        c ^= &d.and(&b);
        c ^= &e.and(&a);
        if leads {
            c ^= &d.and(&e);
        }
        c
    }

    /// Who is told the shares of the outputs that these output nodes learn.
    fn learners(roles: &Roles, nodes: &[PartyId]) -> Vec<PartyId> {
        if mutants::is("gmw/output-told") { roles.computing().collect() } else { nodes.to_vec() }
    }
}

/// All steps as they are published.
pub struct Published;

impl Steps for Published {
    const NAME: &'static str = "gmw";
}
