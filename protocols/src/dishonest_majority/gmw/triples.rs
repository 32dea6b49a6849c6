//! Bit triples from OT extension.
//!
//! Asharov, Lindell, Schneider, Zohner, "More Efficient Oblivious Transfer and Extensions for Faster
//! Secure Computation", CCS 2013, for two parties: random transfers, whose messages
//! differ by `a` and whose choice is `b`, are shares of `a b` without a word more. Among `n` parties
//! a party has one `a` towards all and one `b` (Goldreich, Micali, Wigderson, STOC 1987, with
//! transfers for each ordered pair): its first transfer decides them, and the others are corrected by
//! chosen choices, `1 / 8` byte, and by a bit that turns the difference of two pads into `a`.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use super::{Published, Steps};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::primitives::ot::links::{self, Link, pair_index};
use crate::primitives::ot::{self, Choices, Extension, Receiver, Sender};

/// Triples that are made at a time: what their transfers take is held meanwhile.
const BATCH: usize = 1 << 20;

/// Sizes of batches.
fn batches(count: usize) -> impl Iterator<Item = usize> + Clone {
    (0..count).step_by(BATCH).map(move |start| BATCH.min(count - start))
}

/// The peer whose transfers decide a party's `a` and `b`: the first one.
fn first_of(party: PartyId) -> PartyId {
    PartyId(u32::from(party.0 == 0))
}

/// Payload of the set-up and of all triples, over all parties, bytes.
pub(super) fn bytes(extension: Extension, n: usize, count: usize) -> [u64; 2] {
    let all = (n * (n - 1)) as u64;
    // Each party receives from its first peer with random choices, from others with chosen ones.
    let firsts = n as u64;
    let of = |[sender, receiver]: [u64; 2]| sender + receiver;
    let mut offline = (all - firsts) * count.div_ceil(8) as u64;
    let [mut random, mut chosen] = [extension.bill(); 2];
    for count in batches(count) {
        offline += firsts * of(random.batch(count, Choices::Random).bytes);
        offline += (all - firsts) * of(chosen.batch(count, Choices::Chosen).bytes);
    }
    [all * of(extension.set_up_bytes()), offline]
}

/// Rounds of the set-up and of the triples.
pub(super) fn rounds(extension: Extension, n: usize, count: usize) -> [u64; 2] {
    let (mut rounds, mut waited) = (0, 0);
    let [mut random, mut chosen] = [extension.bill(); 2];
    for count in batches(count) {
        let first = random.batch(count, Choices::Random);
        rounds = rounds.max(waited + first.rounds);
        waited += first.waits;
        if n > 2 {
            // With all others at once, when choices are known.
            let others = chosen.batch(count, Choices::Chosen);
            rounds = rounds.max(waited + others.rounds);
            waited += others.waits;
        }
    }
    [extension.set_up_rounds(), rounds + u64::from(n > 2)]
}

/// What a reader of figures has to know.
pub(super) fn notes(extension: Extension, count: usize) -> Option<String> {
    extension.notes(batches(count).map(|count| (count, Choices::Random)))
}

/// Shares of `a_i b_j` of one pair, as bits, and what its sender has to correct.
#[derive(Clone, Debug, Default)]
struct Cross {
    /// Towards the peer as receiver: the pad of choice 0, and the difference of both.
    zero: Bits,
    difference: Bits,
    /// From the peer as sender: the chosen pad.
    chosen: Bits,
}

/// Makes so many triples: shares of all `a`, all `b`, all `c`.
pub(super) async fn make(
    ctx: &Ctx,
    roles: &Roles,
    extension: Extension,
    count: usize,
) -> Result<[Bits; 3], Abort> {
    let (n, own) = (roles.compute, ctx.id());
    let setup = ctx.scope("setup");
    let zero = "gmw/delta-zero";
    let mut links = links::random(&setup, Published::NAME, n, extension, zero).await?;
    let offline = ctx.scope("offline");
    let scopes = |pair| offline.scope(("ot", pair_index(n, pair)));
    let mut senders = Vec::with_capacity(links.len());
    let mut receivers = Vec::with_capacity(links.len());
    let mut peers = Vec::with_capacity(links.len());
    for Link { peer, to, from } in &mut links {
        senders.push((to, scopes([own, *peer])));
        receivers.push((from, scopes([*peer, own])));
        peers.push(*peer);
    }
    // The receiver's ends say all that they have to say at once; the sender's ends listen.
    let ((b, chosen), sent) = offline
        .try_join(receive(&offline, receivers, count), send(&offline, senders, count))
        .await?;
    let mut crosses: Vec<Cross> = sent
        .into_iter()
        .zip(chosen)
        .map(|([zero, difference], chosen)| Cross { zero, difference, chosen })
        .collect();
    let a = crosses.first().map(|cross| cross.difference.clone()).unwrap_or_default();
    correct(&offline, (n, &peers), &mut crosses, [&a, &b]).await?;
    let mut c = a.and(&b);
    for cross in &crosses {
        c ^= &cross.zero;
        c ^= &cross.chosen;
    }
    Ok([a, b, c])
}

/// Receives transfers from every peer, with one choice for all of them: that of the first peer's.
async fn receive(
    offline: &Ctx,
    receivers: Vec<(&mut Receiver, Ctx)>,
    count: usize,
) -> Result<(Bits, Vec<Bits>), Abort> {
    let mut receivers = receivers.into_iter();
    let Some((first, scope)) = receivers.next() else { return Ok(Default::default()) };
    let mut others: Vec<(&mut Receiver, Ctx)> = receivers.collect();
    let mut b = Bits::default();
    let mut chosen = vec![Bits::default(); 1 + others.len()];
    for count in batches(count) {
        let received = first.random(&scope, count).await?;
        let choices = &received.choices;
        let strands = others.iter_mut().map(|(receiver, scope)| receiver.chosen(scope, choices));
        let strands: Vec<_> = strands.collect();
        let all = offline.try_join_all(strands).await?;
        for (chosen, received) in chosen.iter_mut().zip([&received].into_iter().chain(&all)) {
            let mut pads = ot::chosen_pads(received.first, &received.t);
            if mutants::is("gmw/pads-unhashed") {
                pads.clone_from(&received.t);
            }
            chosen.append(&ot::lowest(pads.iter().copied()));
        }
        b.append(choices);
    }
    Ok((b, chosen))
}

/// Sends transfers to every peer: the pads of choice 0, and how both differ.
async fn send(
    offline: &Ctx,
    senders: Vec<(&mut Sender, Ctx)>,
    count: usize,
) -> Result<Vec<[Bits; 2]>, Abort> {
    let strands = senders.into_iter().map(|(sender, scope)| async move {
        let choices = match first_of(sender.receiver()) == scope.id() {
            true => Choices::Random,
            false => Choices::Chosen,
        };
        let [mut zero, mut difference] = [Bits::default(), Bits::default()];
        for count in batches(count) {
            let batch = sender.extend(&scope, count, choices).await?;
            let mut pads = ot::pads(sender.delta(), batch.first, &batch.q);
            if mutants::is("gmw/pads-unhashed") {
                let delta = sender.delta();
                pads = batch.q.iter().map(|q| [*q, *q ^ delta]).collect();
            }
            zero.append(&ot::lowest(pads.iter().map(|[zero, _]| *zero)));
            difference.append(&ot::lowest(pads.iter().map(|[zero, one]| *zero ^ *one)));
        }
        Ok::<[Bits; 2], Abort>([zero, difference])
    });
    let strands: Vec<_> = strands.collect();
    offline.try_join_all(strands).await
}

/// Turns differences of pads into the `a` of the first peer's: each sender tells what to add, and
/// each receiver adds it where its choice is 1.
async fn correct(
    offline: &Ctx,
    (n, peers): (usize, &[PartyId]),
    crosses: &mut [Cross],
    [a, b]: [&Bits; 2],
) -> Result<(), Abort> {
    let own = offline.id();
    let scope = |pair| offline.scope(("correction", pair_index(n, pair)));
    for (peer, cross) in peers.iter().zip(crosses.iter()).skip(1) {
        let scope = scope([own, *peer]);
        scope.send(*peer, &cross.difference.xor(a));
        if mutants::is("gmw/difference-told") {
            scope.scope("difference").send(*peer, &cross.difference);
        }
    }
    for (peer, cross) in peers.iter().zip(crosses).filter(|(peer, _)| first_of(**peer) != own) {
        let told = scope([*peer, own]).recv::<Bits>(*peer, a.len()).await?;
        cross.chosen ^= &told.and(b);
    }
    Ok(())
}
