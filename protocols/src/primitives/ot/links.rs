//! Transfers between any two of `n` parties, in both directions.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use rand::Rng;

use super::{Blocks, Choices, Extension, KAPPA, Pair, Receiver, Sender, base};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::oracle::Kept;

/// Index of the scope of an ordered pair: who sends transfers, who receives them.
pub(crate) fn pair_index(n: usize, [sender, receiver]: [PartyId; 2]) -> usize {
    sender.index() * n + receiver.index()
}

/// Every ordered pair.
pub(crate) fn pairs(n: usize) -> impl Iterator<Item = [PartyId; 2]> {
    PartyId::all(n).flat_map(move |sender| {
        PartyId::all(n).filter(move |to| *to != sender).map(move |receiver| [sender, receiver])
    })
}

/// The part of an ideal functionality for the base transfers of all [`links`], whose set-up runs in
/// the scope `setup`: every ordered pair at once.
///
/// # Errors
/// What receiving messages may fail with.
pub(crate) async fn ideal(ctx: &Ctx, n: usize) -> Result<(), Abort> {
    let setup = ctx.scope("setup");
    let strands = pairs(n).map(|pair| {
        let scope = setup.scope(("ot", pair_index(n, pair))).scope("base");
        let [sender, receiver] = pair;
        // The sender of extended transfers receives base transfers.
        async move { base::ideal(&scope, [receiver, sender], KAPPA).await }
    });
    ctx.try_join_all(strands).await.map(|_| ())
}

/// Both directions of transfers with one peer.
pub(crate) struct Link {
    pub(crate) peer: PartyId,
    /// Where this party sends.
    pub(crate) to: Sender,
    /// Where this party receives.
    pub(crate) from: Receiver,
}

/// Base transfers with every other one of `n` parties, in ascending order; `delta` is the
/// correlation towards a peer, from the scope in which this party sends to it.
///
/// # Errors
/// `Cheating` if a peer's seeds are inconsistent; what receiving messages may fail with.
pub(crate) async fn links(
    setup: &Ctx,
    protocol: &str,
    n: usize,
    extension: Extension,
    delta: impl Fn(&Ctx, PartyId) -> Block,
) -> Result<Vec<Link>, Abort> {
    let own = setup.id();
    let strands = PartyId::all(n).filter(|peer| *peer != own).map(|peer| {
        let scope = |pair| setup.scope(("ot", pair_index(n, pair)));
        let [to, from] = [[own, peer], [peer, own]].map(|pair| (scope(pair), pair));
        let (strand, delta) = (setup.clone(), delta(&to.0, peer));
        async move {
            let [of, back] = [&to, &from].map(|(scope, pair)| Pair::new(scope, protocol, *pair));
            let (to, from) = strand
                .try_join(
                    Sender::set_up(&to.0, &of, extension, delta),
                    Receiver::set_up(&from.0, &back, extension),
                )
                .await?;
            Ok::<Link, Abort>(Link { peer, to, from })
        }
    });
    let strands: Vec<_> = strands.collect();
    setup.try_join_all(strands).await
}

/// The same with a random correlation towards each, among semi-honest parties; a mutant has none.
///
/// # Errors
/// What receiving messages may fail with.
pub(crate) async fn random(
    setup: &Ctx,
    protocol: &str,
    n: usize,
    extension: Extension,
    zero: &str,
) -> Result<Vec<Link>, Abort> {
    let delta = |scope: &Ctx, _| {
        let mut rng = scope.scope("delta").rng();
        let delta = Block::random(|bytes| rng.fill_bytes(bytes));
        let delta = if mutants::is(zero) { Block::ZERO } else { delta };
        Kept::tap(scope, "offset", KAPPA as u32, || Blocks(vec![delta]));
        delta
    };
    links(setup, protocol, n, extension, delta).await
}

/// Transfers with all peers at once: choices towards each, and so many chosen by each. `t` and `q`
/// of each peer in turn.
///
/// # Errors
/// `Cheating` if a peer uses several choices for one transfer; what receiving messages may fail
/// with.
pub(crate) async fn chosen<'a>(
    ctx: &Ctx,
    n: usize,
    links: &mut [Link],
    choices: impl Fn(PartyId) -> &'a Bits,
    counts: impl Fn(PartyId) -> usize,
) -> Result<[Vec<Vec<Block>>; 2], Abort> {
    let own = ctx.id();
    let scope = |pair| ctx.scope(("ot", pair_index(n, pair)));
    let (mut senders, mut receivers) = (Vec::new(), Vec::new());
    for Link { peer, to, from } in links {
        let [out, back] = [scope([own, *peer]), scope([*peer, own])];
        let (count, choices) = (counts(*peer), choices(*peer));
        senders.push(async move { to.extend(&out, count, Choices::Chosen).await });
        receivers.push(async move { from.chosen(&back, choices).await });
    }
    let both = ctx.try_join(ctx.try_join_all(senders), ctx.try_join_all(receivers));
    let (sent, received) = both.await?;
    let t = received.into_iter().map(|received| received.t).collect();
    Ok([t, sent.into_iter().map(|sent| sent.q).collect()])
}
