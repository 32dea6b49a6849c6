//! Who departs from the protocol, and how often that passes.

use mpclab_kernels::gf128;
use mpclab_sim::PartyEnd;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::PartyId;

use super::super::*;
use super::{Half, Receives, TOY, Width, are_correlated, batches, extension, pair, two};
use crate::primitives::ot::Extension;

/// Flips bits of blocks of a corrupted party's message with this number in a scope.
#[derive(Clone, Copy)]
struct Flips(PartyId, &'static str, u32, &'static [usize]);

impl Adversary for Flips {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![self.0]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let Flips(from, scope, occurrence, blocks) = *self;
        if (message.from, message.scope, message.occurrence) != (from, scope, occurrence) {
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        blocks.iter().for_each(|block| body[block * Block::BYTES] ^= 1);
        Decision::Replace(body)
    }
}

const ONE: [(usize, Choices); 1] = [(200, Choices::Random)];

/// In how many of so many runs the other one notices; where it does not, transfers are right.
fn caught(flips: Flips, runs: u64) -> u64 {
    caught_by(extension(TOY, true), flips, runs)
}

fn caught_by(extension: Extension, flips: Flips, runs: u64) -> u64 {
    let (cheater, honest) = (flips.0, 1 - flips.0.index());
    let is_caught = |seed: &u64| {
        let (run, ends) = two(*seed, Some(Box::new(flips)), |ctx| batches(ctx, extension, &ONE));
        match &run.parties[honest].0 {
            PartyEnd::Output(_) => {
                let [Some((delta, sent)), Some((_, received))] = &ends else { panic!("both end") };
                let ((_, q), (x, t)) = (&sent[0], &received[0]);
                assert!(are_correlated(*delta, q, x, t), "seed {seed}");
                false
            }
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => *culprits == [cheater],
            end => panic!("{end:?}"),
        }
    };
    (0..runs).filter(is_caught).count() as u64
}

/// A wrong sum is noticed by who takes it: a tree's point is on its side with probability one half
/// for each level, and who passes has guessed where points are.
#[test]
fn wrong_trees_are_caught_unless_the_point_is_guessed() {
    const SENDER: PartyId = PartyId(0);
    // Trees of five levels: eleven blocks each.
    let of = |blocks| Flips(SENDER, "offline[0]", 0, blocks);
    let one = caught(of(&[0]), 200);
    assert!((70..=130).contains(&one), "{one} of 200, 100 expected");
    let other_side = caught(of(&[11 * 15 + 9]), 200);
    assert!((70..=130).contains(&other_side), "{other_side} of 200, 100 expected");
    let three_trees = caught(of(&[0, 13, 26]), 200);
    assert!((155..=193).contains(&three_trees), "{three_trees} of 200, 175 expected");
    let whole_path = caught(of(&[1, 2, 5, 6, 8]), 200);
    assert!((183..=200).contains(&whole_path), "{whole_path} of 200, 194 expected");
    // Both sides, the sum of all leaves, and the hash: nothing is left to guess.
    assert_eq!(caught(of(&[0, 1]), 60), 60);
    assert_eq!(caught(of(&[10]), 60), 60);
    assert_eq!(caught(Flips(SENDER, "offline[0]", 1, &[0]), 60), 60);
}

/// Another choice in a field of the transfers that an iteration starts from.
#[test]
fn a_receiver_is_bound_by_what_it_starts_from() {
    let flips = Flips(PartyId(1), "setup/silent", 0, &[0]);
    let eight = Extension { width: Width::Eight, ..extension(TOY, true) };
    let caught = caught_by(eight, flips, 40);
    assert!(caught >= 38, "{caught} of 40");
}

/// A sender that adds an error to a tree's leaf sum and to its answer, as if the point was the first.
async fn guesses(ctx: Ctx, set: Set) -> Result<Half, Abort> {
    let error = Block::from_u128(0xdead_beef << 77);
    let scope = ctx.scope("setup");
    let (of, with) = (pair(&scope), extension(set, true));
    let offline = ctx.scope("offline");
    if ctx.id() == PartyId(1) {
        let mut receiver = Receives::set_up(&scope, &of, with).await?;
        let half = receiver.random(&offline, 20).await?;
        return Ok((Block::ZERO, vec![(half.choices, half.t)]));
    }
    let soft = soft_spoken::Sender::set_up(&scope, &of, with, Block::ONES).await?;
    let silent = scope.scope("silent");
    let mut sender = Sender::start(&silent, (&of, Block::ONES), soft, (set, true)).await?;
    let (trees, pad, iteration) = sender.common.next(&set);
    let (levels, checked) = sender.kept[set.dimension..].split_at(set.levels());
    let differ = offline.recv::<Bits>(of.receiver, set.levels()).await?;
    let turned = levels.iter().zip(differ.iter()).map(|(q, is)| *q ^ Block::ONES.if_set(is));
    let pads = pads(Block::ONES, pad, &turned.collect::<Vec<_>>());
    let mut rows = vec![Block::ZERO; set.rows()];
    let own = (Block::ONES, &points::roots(&offline, &set)[..], &pads[..]);
    let mut told = points::plant((&set, trees), own, &mut rows);
    told[2 * set.depth] ^= error;
    offline.send(of.receiver, &Blocks(told));
    let asked = offline.recv::<Blocks>(of.receiver, 2).await?.0;
    let v = check::sum(asked[0], &rows) ^ check::packed(checked);
    let v = v ^ gf128::mul(asked[1], Block::ONES);
    let guess = gf128::mul(check::sum_at(asked[0], [0].into_iter()), error);
    offline.send(of.receiver, &check::digest(&of, iteration, v ^ guess).to_vec());
    Ok((error, Vec::new()))
}

/// The best that a sender can do who knows the coefficients: one of four points.
#[test]
fn a_sender_that_answers_for_a_guess_passes_as_often_as_it_is_right() {
    let set = Set { name: "flat", trees: 100, depth: 2, dimension: 40, before: None };
    let passes = |seed: &u64| {
        let (run, _) = two(*seed, None, |ctx| guesses(ctx, set));
        match &run.parties[1].0 {
            PartyEnd::Output(_) => true,
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => {
                assert_eq!(*culprits, [PartyId(0)]);
                false
            }
            end => panic!("{end:?}"),
        }
    };
    let passed = (0..160).filter(passes).count();
    assert!((20..=62).contains(&passed), "{passed} of 160, 40 expected");
}
