use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_kernels::Block;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{Abort, PartyId, Phase};
use mpclab_sim::{Config, PartyEnd, Run, RunSeed, Simulation};

use super::consistency::Shown;
use super::*;
use crate::algebra::bits::Bits;
use crate::primitives::ot::{BaseOt, Extension, OtParams, Width};

fn boxed() -> Extension {
    let ot = OtParams { width: Width::One, base: BaseOt::Ideal, ..OtParams::DEFAULT };
    ot.malicious().expect("ideal transfers withstand everything")
}

/// What a party has in the end.
#[derive(Clone, Debug)]
struct Has {
    known: Bits,
    own: Vec<AuthBits>,
    shared: AuthBits,
    ands: [AuthBits; 3],
}

type All = BTreeMap<PartyId, Has>;

/// Prepares what is demanded; whoever is through has something.
fn prepared(
    preparation: &Preparation,
    seed: u64,
    adversary: Option<Box<dyn Adversary>>,
) -> (Run<Vec<i128>>, All) {
    let n = preparation.demand().own.len();
    let config = Config::new(Network::constant(n, 1), RunSeed::new(seed, 0));
    let has: Arc<Mutex<All>> = Arc::default();
    let mut simulation = Simulation::new(config);
    for ideal in preparation.ideals() {
        simulation = simulation.with_ideal(ideal);
    }
    if let Some(adversary) = adversary {
        simulation = simulation.with_adversary(adversary);
    }
    let demand = preparation.demand().clone();
    let run = simulation.run(|ctx| {
        let (has, preparation, demand) = (Arc::clone(&has), preparation.clone(), demand.clone());
        Box::pin(async move {
            let mut prepared = preparation.run(&ctx).await?;
            let known = prepared.take_known();
            let own = PartyId::all(n).map(|owner| prepared.take_own(&ctx, owner)).collect();
            let shared = prepared.take_shared(&ctx, demand.shared);
            let ands = prepared.triples.take(&ctx, demand.ands)?;
            assert!(prepared.triples.is_spent());
            has.lock().expect("no panics").insert(ctx.id(), Has { known, own, shared, ands });
            Ok(Vec::new())
        })
    });
    let has = std::mem::take(&mut *has.lock().expect("no panics"));
    (run, has)
}

/// The sum of all shares, if every share has a MAC under every other party's key.
fn opened(of: &[AuthBits]) -> Bits {
    let mut sum = Bits::zeros(of[0].len());
    for own in of {
        sum ^= own.bits();
        for other in of.iter().filter(|other| other.holder().me != own.holder().me) {
            let [macs, keys] = [own.macs(other.holder().me), other.keys(own.holder().me)];
            let delta = other.holder().delta;
            for ((mac, key), bit) in macs.iter().zip(&keys).zip(own.bits().iter()) {
                assert_eq!(*mac, *key ^ delta.if_set(bit));
            }
        }
    }
    sum
}

fn part(all: &All, of: impl Fn(&Has) -> AuthBits) -> Vec<AuthBits> {
    all.values().map(of).collect()
}

#[test]
fn bits_have_macs_ands_are_products_and_all_cost_what_is_declared() {
    for n in [2, 3, 4] {
        for (own, shared, ands) in [(3, 2, 40), (0, 0, 1), (1, 0, 0), (0, 200, 0)] {
            let demand = Demand { own: (0..n).map(|at| own * at).collect(), shared, ands };
            for ot in [Width::One, Width::Four] {
                let extension = Extension { width: ot, ..boxed() };
                let preparation = Preparation::new("test", demand.clone(), extension, 8);
                let (run, all) = prepared(&preparation, 1, None);
                assert!(run.is_complete(), "{:?}", run.parties);
                for (phase, cost) in
                    [Phase::Setup, Phase::Offline].into_iter().zip(preparation.cost())
                {
                    let sent = run.metrics.phase(phase).sent_bytes;
                    let rounds = u64::from(run.rounds.phase[phase.index()]);
                    let found = (sent, rounds);
                    assert_eq!(found, (cost.bytes, cost.rounds), "{n}, {demand:?}, {phase}");
                }
                let [x, y, z] =
                    [0, 1, 2].map(|at: usize| opened(&part(&all, |has| has.ands[at].clone())));
                assert_eq!(x.and(&y), z);
                assert_eq!(x.len(), ands);
                assert_eq!(opened(&part(&all, |has| has.shared.clone())).len(), shared);
                for owner in 0..n {
                    let of = part(&all, |has| has.own[owner].clone());
                    assert_eq!(of[owner].len(), own * owner);
                    assert_eq!(opened(&of), all[&PartyId::from(owner)].known);
                }
            }
        }
    }
}

#[test]
fn local_operations_keep_macs() {
    let demand = Demand { own: vec![0; 3], shared: 70, ands: 0 };
    let (_, all) = prepared(&Preparation::new("test", demand, boxed(), 8), 1, None);
    let public: Bits = (0..70).map(|at| at % 3 == 1).collect();
    let shared = part(&all, |has| has.shared.clone());
    let clear = opened(&shared);
    let each = |change: &dyn Fn(&AuthBits) -> AuthBits| -> Bits {
        opened(&shared.iter().map(change).collect::<Vec<_>>())
    };
    assert_eq!(each(&|bits| bits.times(&public)), clear.and(&public));
    for party in PartyId::all(3) {
        let added = each(&|bits| {
            let mut bits = bits.clone();
            bits.add_to(party, &public);
            bits
        });
        assert_eq!(added, clear.xor(&public));
    }
    let places = [3, 3, 69, 0];
    assert_eq!(each(&|bits| bits.gather(&places)), clear.gather(&places));
    use crate::circuit::BitSharing;
    let walked = each(&|bits| {
        let mut all = bits.empty(4);
        all.push_slice(bits, 5, 3);
        all.push_not(1, 2);
        all.push_constant(true, 2);
        all.push_constant(false, 1);
        all.push_xor(0, 3, 2, None);
        all
    });
    let bit = |at| clear.get(at);
    let [five, six, seven] = [bit(5), bit(6), bit(7)];
    let expected = [five, six, seven, !six, !seven, true, true, false, five == six, six == seven];
    assert_eq!(walked, expected.into_iter().collect());
}

// ---- buckets ----

/// Wang, Ranellucci, Katz, CCS 2017 (two parties), table 4: fewest ANDs for buckets of 3, 4 and 5
/// at sigma = 40.
#[test]
fn buckets_are_as_large_as_published() {
    for (ands, size) in [(280_000, 3), (3_100, 4), (320, 5)] {
        let [batch] = Batch::of(ands, 40)[..] else { panic!("one batch") };
        assert_eq!((batch.size, batch.buckets), (size, ands));
        // Half as many would leak more.
        let [half] = Batch::of(ands / 2, 40)[..] else { panic!("one batch") };
        assert!(half.size > size || half.buckets > ands / 2, "{half:?}");
    }
    for ands in [1, 2, 7, 100, 6_400, 1 << 20] {
        for sigma in [1, 8, 40, 80] {
            let batches = Batch::of(ands, sigma);
            assert_eq!(batches.iter().map(|batch| batch.used).sum::<usize>(), ands);
            let leaks: f64 = batches.iter().map(|batch| batch.leaks()).sum();
            assert!(leaks <= 0.5f64.powi(sigma as i32), "{ands}, {sigma}: {batches:?}");
        }
    }
    // A single AND is a sum of sigma leaky ones; many are made in batches.
    assert_eq!(Batch::of(1, 40)[0].leaky(), 40);
    assert_eq!(Batch::of((1 << 20) + 1, 40).len(), 3);
}

#[test]
fn permutations_are_uniform() {
    use rand::SeedableRng;
    let mut rng = rand_chacha::ChaCha12Rng::seed_from_u64(1);
    let mut counts = BTreeMap::new();
    for _ in 0..24_000 {
        *counts.entry(buckets::permutation(4, &mut rng)).or_insert(0u32) += 1;
    }
    // Six standard deviations around 1000.
    assert_eq!(counts.len(), 24);
    assert!(counts.values().all(|count| (815..=1185).contains(count)), "{counts:?}");
}

// ---- cheaters ----

/// Party 1 flips bits of what it sends in some scopes: those of the elements that `which` says.
struct Flips {
    scope: &'static str,
    /// Number of the message among those in this scope.
    number: usize,
    bits: Vec<usize>,
    seen: usize,
}

impl Adversary for Flips {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![PartyId(1)]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        if message.from != PartyId(1) || message.scope != self.scope {
            return Decision::Pass;
        }
        self.seen += 1;
        if self.seen != self.number + 1 {
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        self.bits.iter().for_each(|bit| body[bit / 8] ^= 1 << (bit % 8));
        Decision::Replace(body)
    }
}

/// How party 0 ends when party 1 flips bits.
fn disturbed(
    n: usize,
    seed: u64,
    scope: &'static str,
    bits: Vec<usize>,
) -> (PartyEnd<Vec<i128>>, All) {
    let demand = Demand { own: vec![1; n], shared: 3, ands: 4 };
    let preparation = Preparation::new("test", demand, boxed(), 4);
    let flips = Flips { scope, number: 0, bits, seen: 0 };
    let (run, all) = prepared(&preparation, seed, Some(Box::new(flips)));
    let end = run.parties.into_iter().next().expect("party 0").0;
    (end, all)
}

fn blamed(end: &PartyEnd<Vec<i128>>) -> Option<&[PartyId]> {
    match end {
        PartyEnd::Abort(Abort::Cheating { culprits, .. }) => Some(culprits),
        PartyEnd::Abort(Abort::CheckFailed { .. }) => Some(&[]),
        _ => None,
    }
}

/// Whatever is said wrongly is caught, and honest parties are not blamed.
#[test]
fn every_check_catches_what_it_is_for() {
    let p1 = [PartyId(1)];
    for (n, scope, culprits) in [
        (3, "offline/batch[0]/bits/bits/sum", &p1[..]),
        (3, "offline/batch[0]/bits/bits/echo", &[]),
        (3, "offline/batch[0]/bits/keys/commit", &[]),
        (3, "offline/batch[0]/bits/keys/show", &p1),
        (3, "offline/batch[0]/bits/keys/open", &[]),
        (2, "offline/batch[0]/leaky/difference", &[]),
        (2, "offline/batch[0]/leaky/check/sum/open", &p1),
        (2, "offline/batch[0]/buckets/coins/open", &p1),
        (2, "offline/batch[0]/buckets/differences", &p1),
        (2, "offline/batch[0]/masks", &p1),
    ] {
        let (end, _) = disturbed(n, 1, scope, vec![0]);
        assert_eq!(blamed(&end), Some(culprits), "{scope}: {end:?}");
    }
}

/// A flipped bit of a leaky AND is a guess: it passes where the honest share of `x` is zero, and
/// the AND is right then. Of `t` guesses all pass with probability `2^-t`.
#[test]
fn guesses_in_leaky_ands_pass_half_of_the_time_each_and_do_no_harm_then() {
    let runs = 160;
    for guesses in [1, 2, 3] {
        let passed = (0..runs).filter(|seed| {
            let bits = (0..guesses).collect();
            let (end, all) = disturbed(2, *seed, "offline/batch[0]/leaky/exchange", bits);
            let passes = matches!(end, PartyEnd::Output(_));
            if passes {
                let [x, y, z] =
                    [0, 1, 2].map(|at: usize| opened(&part(&all, |has| has.ands[at].clone())));
                assert_eq!(x.and(&y), z);
            } else {
                assert_eq!(blamed(&end), Some(&[][..]));
            }
            passes
        });
        let (passed, expected) = (passed.count() as f64, runs as f64 / f64::from(1 << guesses));
        // Five standard deviations.
        let spread = 5.0 * (expected * (1.0 - expected / runs as f64)).sqrt();
        assert!((passed - expected).abs() < spread, "{guesses}: {passed} of {runs}");
    }
}

/// The soundness curve: how often a cheater that guesses in as many leaky ANDs as is best fills a
/// bucket, and passes. Guesses are chosen before the permutation, and the bound is nearly met.
#[test]
fn a_bucket_is_filled_with_guesses_as_often_as_the_bound_says() {
    use rand::SeedableRng;
    let mut rng = rand_chacha::ChaCha12Rng::seed_from_u64(2);
    for (buckets, size) in [(4, 2), (8, 2), (16, 2), (4, 3), (8, 3)] {
        let batch = Batch { used: buckets, buckets, size };
        let guesses = 2 * size;
        let trials = 20_000;
        let filled = (0..trials).filter(|_| {
            let places = buckets::permutation(batch.leaky(), &mut rng);
            places.chunks(size).any(|bucket| bucket.iter().all(|at| (*at as usize) < guesses))
        });
        let rate = filled.count() as f64 / f64::from(trials);
        let succeeds = rate * 0.5f64.powi(guesses as i32);
        let bound = batch.leaks();
        assert!(
            succeeds <= bound * 1.1 && succeeds >= bound * 0.6,
            "{batch:?}: {succeeds} {bound}"
        );
    }
}

/// With one key towards each of two honest parties a cheater passes the check of keys in one of
/// `2^sigma` runs: here it runs honest code but for the keys.
#[test]
fn two_global_keys_are_caught_but_for_one_run_in_two_to_the_sigma() {
    let caught = |sigma: u32, seed: u64| {
        let config = Config::new(Network::constant(3, 1), RunSeed::new(seed, 0));
        let extension = boxed();
        let preparation = Preparation::new(
            "test",
            Demand { own: vec![1; 3], ..Demand::default() },
            extension,
            sigma,
        );
        let mut simulation = Simulation::new(config);
        for ideal in preparation.ideals() {
            simulation = simulation.with_ideal(ideal);
        }
        let run: Run<Vec<i128>> = simulation.run(move |ctx| {
            Box::pin(async move {
                let setup = ctx.scope("setup");
                let keys = |peer| match (ctx.id(), peer) {
                    (PartyId(1), PartyId(2)) => Block::ONES,
                    _ => Block::from_u128(u128::from(ctx.id().0) + 5),
                };
                let me = (3, keys(PartyId(0)));
                let session = Session::with_keys(&setup, "test", me, extension, sigma, keys);
                let mut session = session.await?;
                session.authenticate(&ctx.scope("offline"), 3).await?;
                Ok(Vec::new())
            })
        });
        matches!(run.parties[0].0, PartyEnd::Abort(Abort::CheckFailed { .. }))
    };
    for (sigma, least, most) in [(1, 8, 32), (2, 19, 40), (8, 38, 40)] {
        let caught = (0..40).filter(|seed| caught(sigma, *seed)).count();
        assert!((least..=most).contains(&caught), "{sigma}: {caught} of 40");
    }
}

/// Who shows another bit than it holds would have an honest party open the sum of keys for it: next
/// to the MACs of all others that is the honest party's global key. It is stopped before.
#[test]
fn a_bit_that_is_not_held_is_not_shown() {
    let config = Config::new(Network::constant(3, 1), RunSeed::new(1, 0));
    let preparation =
        Preparation::new("test", Demand { own: vec![1; 3], ..Demand::default() }, boxed(), 8);
    let mut simulation = Simulation::new(config);
    for ideal in preparation.ideals() {
        simulation = simulation.with_ideal(ideal);
    }
    let run: Run<Vec<i128>> = simulation.run(|ctx| {
        Box::pin(async move {
            let setup = ctx.scope("setup");
            let mut session = Session::set_up(&setup, "test", 3, boxed(), 8).await?;
            let offline = ctx.scope("offline");
            let bits = session.authenticate(&offline, 4).await?;
            let mut shows = Shown::of(&bits);
            if ctx.id() == PartyId(2) {
                shows.bits ^= &Bits::from_iter([false, true, false, false]);
            }
            session.compare_keys(&offline.scope("again"), &bits, shows).await?;
            Ok(Vec::new())
        })
    });
    for honest in &run.parties[..2] {
        let PartyEnd::Abort(Abort::Cheating { culprits, step }) = &honest.0 else {
            panic!("{:?}", honest.0);
        };
        assert_eq!(culprits, &[PartyId(2)]);
        assert!(step.starts_with("3b"), "{step}");
    }
}
