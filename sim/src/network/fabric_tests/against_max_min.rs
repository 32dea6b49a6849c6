//! The fabric against the exact fluid, on small random networks.
//!
//! Two to four nodes, one to six flows of one to three messages each, staggered starts, random
//! uplinks, downlinks and links of 1 to 100 Mbit/s or none. The error of a message is that of its
//! time from departure to delivery, without the distance; the error of a run is that of its last
//! delivery. Measured over 2000 runs (11 466 messages) per row, and asserted below:
//!
//! | messages | distance | worst message | 98 of 100 | 90 of 100 | worst run |
//! |---|---|---|---|---|---|
//! | 256 KiB to 8 MiB | 0 | -28 % to +44 % | 5 % | 1.3 % | 1.5 % |
//! | 256 KiB to 8 MiB | 100 ms | -28 % to +74 % | 8.3 % | 1.6 % | 7.9 % |
//! | 16 KiB to 256 KiB | 0 | -35 % to +64 % | 8 % | 1.5 % | 5.2 % |
//! | 1 KiB to 16 KiB | 0 | -50 % to +184 % | 15 % | 0.1 % | 5.3 % |
//!
//! The worst are small messages that meet a large one: they wait for one or two of its chunks,
//! where the fluid lets them flow. Over a distance, a sender hears of a crowded downlink 100 ms
//! after it became one; the fluid knows at once.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::driver::{Message, Outcome, network_of, run};
use super::{MBIT, MS, max_min};
use crate::network::spec::Network;

const RUNS: u64 = 2000;
/// Bit/s; 0 is unlimited.
const SPEEDS: [u64; 7] = [0, MBIT, 3 * MBIT, 10 * MBIT, 10 * MBIT, 25 * MBIT, 100 * MBIT];

pub(super) struct Case {
    pub(super) network: Network,
    pub(super) messages: Vec<Message>,
}

pub(super) fn random_case(seed: u64, least: u64, doublings: u32, propagation_ns: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = rng.random_range(2..=4usize);
    let mut speeds = |count| -> Vec<u64> {
        (0..count).map(|_| SPEEDS[rng.random_range(0..SPEEDS.len())]).collect()
    };
    let (up, down, links) = (speeds(n), speeds(n), speeds(n * n));
    let limited: Vec<bool> = (0..n * n).map(|_| rng.random_range(0..3) == 0).collect();
    let link = |from, to| if limited[from * n + to] { links[from * n + to] } else { 0 };
    let network = network_of(&up, &down, link, propagation_ns);
    let mut pairs: Vec<(usize, usize)> =
        (0..n * n).map(|pair| (pair / n, pair % n)).filter(|(from, to)| from != to).collect();
    let mut messages = Vec::new();
    for _ in 0..rng.random_range(1..=pairs.len().min(6)) {
        let (from, to) = pairs.swap_remove(rng.random_range(0..pairs.len()));
        let mut at_ns = rng.random_range(0..3) * rng.random_range(0..400 * MS);
        for _ in 0..rng.random_range(1..=3) {
            let bytes = (least << rng.random_range(0..doublings)) + rng.random_range(0..least);
            messages.push(Message { at_ns, from, to, bytes, propagation_ns });
            at_ns += rng.random_range(0..200 * MS);
        }
    }
    Case { network, messages }
}

/// Relative errors, ascending, of messages and of runs.
fn errors(least: u64, doublings: u32, propagation_ns: u64) -> (Vec<f64>, Vec<f64>) {
    let (mut of_messages, mut of_runs) = (Vec::new(), Vec::new());
    for seed in 0..RUNS {
        let case = random_case(seed, least, doublings, propagation_ns);
        let exact = max_min::completions(&case.network, &case.messages);
        let outcome = run(case.network, &case.messages);
        let measured = outcome.delivered_ns.iter().map(|at_ns| (at_ns - propagation_ns) as f64);
        let (mut last_exact, mut last_measured) = (0.0f64, 0.0f64);
        for ((message, exact), measured) in case.messages.iter().zip(exact).zip(measured) {
            last_exact = last_exact.max(exact);
            last_measured = last_measured.max(measured);
            let start_ns = message.at_ns as f64;
            // Unlimited all the way: nothing to compare.
            if exact > start_ns + 1.0 {
                of_messages.push((measured - start_ns) / (exact - start_ns) - 1.0);
            }
        }
        if last_exact > 1.0 {
            of_runs.push(last_measured / last_exact - 1.0);
        }
    }
    of_messages.sort_by(f64::total_cmp);
    of_runs.sort_by(f64::total_cmp);
    (of_messages, of_runs)
}

/// Bounds on relative errors.
struct Bounds {
    worst: (f64, f64),
    of_98: f64,
    of_90: f64,
    run: f64,
}

fn assert_within(least: u64, doublings: u32, propagation_ns: u64, bounds: &Bounds) {
    let (messages, runs) = errors(least, doublings, propagation_ns);
    let at = |share: f64| messages[((messages.len() - 1) as f64 * share) as usize];
    let shares = [0.0, 0.01, 0.05, 0.95, 0.99, 1.0].map(|share| (share, at(share)));
    let (first, last) = (runs[0], runs[runs.len() - 1]);
    let seen = format!("quantiles of messages {shares:.4?}, runs {first:.4} to {last:.4}");
    assert!(at(0.0) >= bounds.worst.0 && at(1.0) <= bounds.worst.1, "{seen}");
    assert!(at(0.01) >= -bounds.of_98 && at(0.99) <= bounds.of_98, "{seen}");
    assert!(at(0.05) >= -bounds.of_90 && at(0.95) <= bounds.of_90, "{seen}");
    assert!(first >= -bounds.run && last <= bounds.run, "{seen}");
}

#[test]
fn large_messages_are_within_their_bounds() {
    let bounds = Bounds { worst: (-0.29, 0.45), of_98: 0.05, of_90: 0.013, run: 0.015 };
    assert_within(256 << 10, 6, 1, &bounds);
}

#[test]
fn distance_adds_little_error() {
    let bounds = Bounds { worst: (-0.29, 0.74), of_98: 0.083, of_90: 0.016, run: 0.079 };
    assert_within(256 << 10, 6, 100 * MS, &bounds);
}

#[test]
fn medium_messages_are_within_their_bounds() {
    let bounds = Bounds { worst: (-0.35, 0.64), of_98: 0.08, of_90: 0.015, run: 0.052 };
    assert_within(16 << 10, 5, 1, &bounds);
}

#[test]
fn small_messages_are_within_their_bounds() {
    let bounds = Bounds { worst: (-0.501, 1.84), of_98: 0.15, of_90: 0.001, run: 0.053 };
    assert_within(1 << 10, 5, 1, &bounds);
}

/// No set of messages that shares a capacity passes it faster than it can be passed: what departed
/// at `s` or later and was delivered by `t` fits into `t - s`. In particular, nothing is banked.
#[test]
fn no_capacity_is_exceeded() {
    for seed in 0..500 {
        let Case { network, messages } = random_case(seed, 3000, 8, 1);
        let outcome = run(network.clone(), &messages);
        assert_eq!(outcome.order.len(), messages.len(), "seed {seed}: each is delivered once");
        for node in 0..network.nodes() {
            let sent = |message: &Message| message.from == node;
            let received = |message: &Message| message.to == node;
            fits(seed, network.uplink_bps[node], &messages, &outcome, sent);
            fits(seed, network.downlink_bps[node], &messages, &outcome, received);
        }
    }
}

fn fits(
    seed: u64,
    bps: Option<u64>,
    messages: &[Message],
    outcome: &Outcome,
    passes: impl Fn(&Message) -> bool,
) {
    let Some(bps) = bps else { return };
    let passing = || messages.iter().zip(&outcome.delivered_ns).filter(|it| passes(it.0));
    for (first, _) in passing() {
        for (_, end_ns) in passing() {
            let inside = passing().filter(|it| it.0.at_ns >= first.at_ns && it.1 <= end_ns);
            let bytes: u64 = inside.map(|it| it.0.bytes).sum();
            let work = u128::from(end_ns.saturating_sub(first.at_ns)) * u128::from(bps);
            let why = format!("seed {seed}: {bytes} B from {} to {end_ns} ns", first.at_ns);
            assert!(u128::from(bytes) * 8_000_000_000 <= work, "{why}");
        }
    }
}
