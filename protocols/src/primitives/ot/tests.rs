use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Config, Ideal, PartyEnd, PartyFuture, Run, RunSeed, Simulation};

use super::extension::{Received, Sent};
use super::*;

/// What either end has of base transfers.
#[derive(Clone, Debug)]
enum Base {
    Sent(Vec<[Block; 2]>),
    Received(Vec<bool>, Vec<Block>),
}

pub(super) fn pair(ctx: &Ctx) -> Pair {
    Pair::new(ctx, "test", [PartyId(0), PartyId(1)])
}

/// What both ends have in the end, and the bytes that each has sent.
fn two<T: Send + 'static, F>(party: impl Fn(Ctx) -> F) -> (Vec<T>, Vec<u64>)
where
    F: Future<Output = Result<T, Abort>> + Send + 'static,
{
    let config = Config::new(Network::constant(2, 1), RunSeed::new(1, 0));
    let ends: Arc<Mutex<BTreeMap<PartyId, T>>> = Arc::default();
    let run: Run<Vec<i128>> = Simulation::new(config).run(|ctx| {
        let (id, ends, end) = (ctx.id(), Arc::clone(&ends), party(ctx));
        Box::pin(async move {
            let end = end.await?;
            ends.lock().expect("no panics").insert(id, end);
            Ok(Vec::new())
        })
    });
    assert!(run.is_complete(), "{:?}", run.parties);
    let bytes = run.metrics.parties.iter().map(|party| party.total().sent_bytes).collect();
    (std::mem::take(&mut *ends.lock().expect("no panics")).into_values().collect(), bytes)
}

#[test]
fn base_transfers_give_the_chosen_key_and_hide_the_other() {
    for base in [BaseOt::Endemic, BaseOt::Simplest] {
        let (ends, sent) = two(move |ctx| async move {
            let scope = ctx.scope("setup");
            let pair = pair(&scope);
            Ok(match ctx.id().0 {
                0 => Base::Sent(base.send(&scope, &pair, 16).await?),
                _ => {
                    let choices: Vec<bool> = (0..16).map(|at| at % 3 == 0).collect();
                    let keys = base.receive(&scope, &pair, &choices).await?;
                    Base::Received(choices, keys)
                }
            })
        });
        let [Base::Sent(pairs), Base::Received(choices, keys)] = &ends[..] else {
            panic!("both ends have keys")
        };
        for ((pair, choice), key) in pairs.iter().zip(choices).zip(keys) {
            assert_eq!(pair[usize::from(*choice)], *key);
            assert_ne!(pair[usize::from(!*choice)], *key);
        }
        assert_eq!(sent, base.bytes(16), "{base:?}");
    }
}

#[derive(Clone, Debug)]
enum End {
    Sent(Block, Vec<Sent>),
    Received(Vec<Received>),
}

/// Two batches: random choices, then chosen ones.
fn extended(extension: Extension, counts: [usize; 2]) -> (Vec<End>, Vec<u64>) {
    two(move |ctx| async move {
        let scope = ctx.scope("setup");
        let pair = pair(&scope);
        let batches = [0, 1].map(|at| ctx.scope(("offline", at)));
        Ok(match ctx.id().0 {
            0 => {
                let delta = Block::from_u128(0x1234_5678_9abc_def0_0fed_cba9_8765_4321);
                let mut sender = Sender::set_up(&scope, &pair, extension, delta).await?;
                let random = sender.extend(&batches[0], counts[0], Choices::Random).await?;
                let chosen = sender.extend(&batches[1], counts[1], Choices::Chosen).await?;
                End::Sent(delta, vec![random, chosen])
            }
            _ => {
                let mut receiver = Receiver::set_up(&scope, &pair, extension).await?;
                let random = receiver.random(&batches[0], counts[0]).await?;
                let choices = choices(counts[1]);
                End::Received(vec![random, receiver.chosen(&batches[1], &choices).await?])
            }
        })
    })
}

fn choices(len: usize) -> Bits {
    let mut bits = Bits::zeros(len);
    (0..len).for_each(|at| bits.set(at, at % 5 < 2));
    bits
}

#[test]
fn extended_transfers_are_correlated_and_cost_what_is_declared() {
    for width in Width::ALL {
        for is_malicious in [false, true] {
            let extension = Extension { base: BaseOt::Endemic, width, is_malicious, silent: None };
            let counts = [130, 9000];
            let (ends, bytes) = extended(extension, counts);
            let [End::Sent(delta, sent), End::Received(received)] = &ends[..] else {
                panic!("{extension:?}")
            };
            for ((sent, received), count) in sent.iter().zip(received).zip(counts) {
                assert_eq!([sent.q.len(), received.t.len(), received.choices.len()], [count; 3]);
                let all = sent.q.iter().zip(&received.t).zip(received.choices.iter());
                for ((q, t), x) in all {
                    assert_eq!(*t, *q ^ delta.if_set(x), "{extension:?}");
                }
                let both = pads(*delta, sent.first, &sent.q);
                let chosen = chosen_pads(received.first, &received.t);
                for ((both, chosen), x) in both.iter().zip(&chosen).zip(received.choices.iter()) {
                    assert_eq!(both[usize::from(x)], *chosen);
                    assert_ne!(both[usize::from(!x)], *chosen);
                }
            }
            assert_eq!(received[1].choices, choices(counts[1]));
            assert!((20..110).contains(&received[0].choices.count_ones()), "random choices");
            let declared = [
                extension.set_up_bytes(),
                extension.batch_bytes(counts[0], Choices::Random),
                extension.batch_bytes(counts[1], Choices::Chosen),
            ];
            let declared = [0, 1].map(|end| declared.iter().map(|bytes| bytes[end]).sum::<u64>());
            assert_eq!(bytes, declared, "{extension:?}");
        }
    }
}

// ---- cheating receivers ----

/// Flips the lowest bit of a block of the receiver's message with this number in a scope.
struct Flips(&'static str, u32, usize);

impl Adversary for Flips {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![PartyId(1)]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let Flips(scope, occurrence, block) = *self;
        let is_it = message.scope == scope && message.occurrence == occurrence;
        if message.from != PartyId(1) || !is_it {
            return Decision::Pass;
        }
        let mut body = message.body.to_vec();
        body[block * Block::BYTES] ^= 1;
        Decision::Replace(body)
    }
}

/// How the sender of malicious transfers ends when a receiver cheats, over seeds.
fn ends(width: Width, flips: fn() -> Flips) -> Vec<bool> {
    let extension = Extension { base: BaseOt::Ideal, width, is_malicious: true, silent: None };
    let is_caught = |seed| {
        let config = Config::new(Network::constant(2, 1), RunSeed::new(seed, 0));
        let ideal = Ideal {
            name: base::IDEAL,
            start: Arc::new(|ctx: Ctx| -> PartyFuture<()> {
                let scope = ctx.scope("setup").scope("base");
                Box::pin(async move { base::ideal(&scope, [PartyId(1), PartyId(0)], KAPPA).await })
            }),
        };
        let simulation =
            Simulation::new(config).with_ideal(ideal).with_adversary(Box::new(flips()));
        let run: Run<Vec<i128>> = simulation.run(move |ctx| {
            Box::pin(async move {
                let scope = ctx.scope("setup");
                let (pair, batch) = (pair(&scope), ctx.scope("offline"));
                if ctx.id() == PartyId(0) {
                    let mut rng = ctx.scope("delta").rng();
                    let delta = Block::random(|bytes| rand::Rng::fill_bytes(&mut rng, bytes));
                    let mut sender = Sender::set_up(&scope, &pair, extension, delta).await?;
                    sender.extend(&batch, 300, Choices::Random).await?;
                } else {
                    let mut receiver = Receiver::set_up(&scope, &pair, extension).await?;
                    receiver.random(&batch, 300).await?;
                }
                Ok(Vec::new())
            })
        });
        match &run.parties[0].0 {
            PartyEnd::Output(_) => false,
            PartyEnd::Abort(Abort::Cheating { culprits, .. }) => *culprits == [PartyId(1)],
            end => panic!("{end:?}"),
        }
    };
    (0..40).map(is_caught).collect()
}

/// Another choice for one transfer in one field passes for one of `2^k` values of `delta`'s part.
#[test]
fn choices_that_differ_between_fields_are_caught_unless_delta_is_guessed() {
    for (width, least, most) in [(Width::One, 8, 32), (Width::Two, 20, 38), (Width::Eight, 38, 40)]
    {
        let caught = ends(width, || Flips("offline", 0, 0));
        let caught = caught.into_iter().filter(|is| *is).count();
        assert!((least..=most).contains(&caught), "{width:?}: {caught} of 40");
    }
}

#[test]
fn wrong_answers_are_always_caught() {
    for block in [0, 1, KAPPA] {
        // The hash of u meets some bit of delta that is one; that of a row is wrong itself.
        let flips = match block {
            0 => || Flips("offline", 1, 0),
            1 => || Flips("offline", 1, 1),
            _ => || Flips("offline", 1, KAPPA),
        };
        assert_eq!(ends(Width::Two, flips), [true; 40], "block {block}");
    }
}

/// A wrong sum of a tree's level passes if the sender chose the other one, and shows that bit.
#[test]
fn wrong_trees_are_caught_unless_nobody_looks_at_them() {
    let caught = ends(Width::Four, || Flips("setup/trees", 0, 0));
    let caught = caught.into_iter().filter(|is| *is).count();
    assert!((8..=32).contains(&caught), "{caught} of 40");
    // The hash of all leaves fits nothing else.
    assert_eq!(ends(Width::Four, || Flips("setup/trees", 1, 2 * KAPPA / 4)), [true; 40]);
}

#[test]
fn base_transfers_that_withstand_no_cheater_are_refused_where_one_may_be() {
    let simplest = OtParams { base: BaseOt::Simplest, ..OtParams::default() };
    assert!(simplest.malicious().is_err() && !simplest.semi_honest().is_malicious);
    assert!(OtParams::default().malicious().is_ok_and(|extension| extension.is_malicious));
}
