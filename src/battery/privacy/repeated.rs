//! Is a pad used twice? Two messages under one pad add up to what they hide, whatever cipher made
//! the pad.
//!
//! What is hidden repeats itself where ciphers do not: all columns of an OT extension hide the same
//! choices, all rows of a gate the same labels. So blocks of two messages of one sender are added
//! up, place by place, and a sum that comes twice is no chance. Messages may have blocks of another
//! number for each thing that they hide, as columns of extensions for other numbers of transfers
//! have: then every second block of one stands beside every block of the other, and so on.
//!
//! Streams whose draws are recorded are looked at themselves: bits and numbers from one place are
//! independent in a recorded run, and the same pad in reality.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::observe::{Observation, Overheard};
use super::{Probe, Unit};

/// Name of the test.
pub(super) const NAME: &str = "pads that repeat";

/// Runs, and their set.
const RUNS: u32 = 4;
const SET: u32 = (1 << 8) + 192;
/// Messages of one sender, and blocks of each, that are looked at.
const MESSAGES: usize = 32;
const BLOCKS: usize = 512;
/// Blocks for one thing that is hidden, at most.
const STRIDES: usize = 4;
/// Bytes of a block, and the entropy that one has at least.
const BLOCK: usize = 16;
const ENTROPY: f64 = 100.0;
/// Ones of a block that may be a cipher's: others are counters, zeros, short numbers.
const ONES: std::ops::RangeInclusive<u32> = 32..=96;

/// Judges what coalitions are sent.
pub(super) fn tests(probe: &Probe<'_>, units: &[&Unit], block: u32) -> Vec<Test> {
    let run = |at: u32| probe.honest(block, SET, at);
    let runs: Result<Vec<_>, String> = (0..RUNS).into_par_iter().map(run).collect();
    let of = |unit: &Unit| {
        let outcome = match &runs {
            Ok(runs) => {
                let all = [compared(runs, &unit.coalition), read_twice(runs)];
                let all: Vec<Compared> = all.into_iter().flatten().collect();
                if all.is_empty() {
                    return None;
                }
                Outcome::Compared(all)
            }
            Err(why) => Outcome::Undecided(why.clone()),
        };
        let note = format!(
            "sees sums of {BLOCKS} blocks of {MESSAGES} messages of each sender that are equal, block \
             by block or with up to {STRIDES} blocks for one"
        );
        Some(Test { note, ..unit.test(NAME, "bytes", u64::from(RUNS), outcome) })
    };
    units.iter().copied().filter_map(of).collect()
}

/// Nothing if no two messages have blocks.
fn compared(runs: &[Observation], coalition: &[PartyId]) -> Option<Compared> {
    let (mut found, mut tried) = (Vec::new(), 0.0);
    for run in runs {
        let mut heard: BTreeMap<PartyId, Vec<(&Overheard, Vec<u128>)>> = BTreeMap::new();
        let from_others = run.messages.iter().filter(|message| {
            coalition.contains(&message.to) && !coalition.contains(&message.from)
        });
        for message in from_others {
            let blocks = blocks(message);
            let of = heard.entry(message.from).or_default();
            // What is told to all is one message.
            if blocks.len() > 1 && of.len() < MESSAGES && of.iter().all(|(_, b)| *b != blocks) {
                of.push((message, blocks));
            }
        }
        for all in heard.values() {
            for (at, (first, one)) in all.iter().enumerate() {
                for (second, other) in &all[at + 1..] {
                    tried += (one.len() * other.len()) as f64;
                    if repeats(one, other) {
                        let (from, a, b) = (first.from, &first.scope, &second.scope);
                        found.push(format!("{from} in {a} and in {b}"));
                    }
                }
            }
        }
    }
    let chance = tried * (STRIDES * STRIDES) as f64 * (-ENTROPY).exp2();
    (tried > 0.0).then(|| Compared {
        what: "sums of two messages".to_owned(),
        p_value: if found.is_empty() { 1.0 } else { chance.min(1.0) },
        detail: format!("{} times: {}", found.len(), found.first().map_or("", String::as_str)),
    })
}

/// Runs in which a stream gives two kinds of values in one place; nothing if there are none. It is no
/// statistic: whoever reads the stream so knows one of them by the other.
fn read_twice(runs: &[Observation]) -> Option<Compared> {
    let twice = runs.iter().filter(|run| run.record.is_read_twice).count();
    (twice > 0).then(|| Compared {
        what: "streams that are read twice".to_owned(),
        p_value: 0.0,
        detail: format!("values of two kinds come from one place of a stream in {twice} runs"),
    })
}

/// Blocks of what is no element of an algebra.
fn blocks(message: &Overheard) -> Vec<u128> {
    let opaque = message.fields.iter().filter(|field| field.algebra == Algebra::Bytes);
    let bytes = opaque.filter_map(|field| message.body.get(field.offset..)?.get(..field.bytes()));
    let blocks = bytes.flat_map(|bytes| bytes.as_chunks::<BLOCK>().0);
    blocks.take(BLOCKS).map(|block| u128::from_le_bytes(*block)).collect()
}

/// Whether two different places of two messages have the same sum, though blocks differ.
fn repeats(one: &[u128], other: &[u128]) -> bool {
    let strides = (1..=STRIDES).flat_map(|a| (1..=STRIDES).map(move |b| (a, b)));
    // Equal strides above one look at a part of what a stride of one looks at.
    strides.filter(|(a, b)| a != b || *a == 1).any(|(a, b)| {
        let pairs = one.iter().step_by(a).zip(other.iter().step_by(b));
        let is_drawn = |block: &u128| ONES.contains(&block.count_ones());
        let drawn = pairs.filter(|(one, other)| is_drawn(one) && is_drawn(other));
        let mut by_sum: BTreeMap<u128, (u128, u128)> = BTreeMap::new();
        drawn.filter(|(one, other)| one != other).any(|(one, other)| {
            let before = by_sum.insert(one ^ other, (*one, *other));
            before.is_some_and(|before| before.0 != *one && before.0 != *other)
        })
    })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn drawn(count: usize, seed: u64) -> Vec<u128> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        (0..count).map(|_| u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())).collect()
    }

    #[test]
    fn one_pad_under_two_messages_is_seen() {
        let (pad, choices) = (drawn(64, 1), drawn(2, 2));
        let under = |choice: u128| pad.iter().map(|pad| pad ^ choice).collect::<Vec<_>>();
        assert!(repeats(&under(choices[0]), &under(choices[1])));
        // Two blocks for each thing in one of them.
        let wide: Vec<u128> =
            pad.iter().zip(drawn(64, 3)).flat_map(|(pad, more)| [pad ^ choices[1], more]).collect();
        assert!(repeats(&under(choices[0]), &wide));
    }

    #[test]
    fn drawn_messages_and_messages_told_again_are_none() {
        let all = drawn(200, 4);
        assert!(!repeats(&all[..100], &all[100..]));
        assert!(!repeats(&all[..100], &all[..100]));
        assert!(!repeats(&all[..100], &[7; 100]));
        let counters: Vec<u128> = (0..100).collect();
        assert!(!repeats(&counters, &counters.iter().map(|at| at ^ 64).collect::<Vec<_>>()));
        // The same label twice in both.
        let (a, b) = ([all[0], all[0], all[1]], [all[2], all[2], all[3]]);
        assert!(!repeats(&a, &b));
    }
}
